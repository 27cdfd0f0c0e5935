/** Forms of one subject that depend on each other, in one run and in several, in every order. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { unpackVisits } from '../../src/pipelines/forms/history/kept-visit.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { openWorkbench, quietSession, type Workbench } from '../imaging/workbench.ts';
import { STUDY } from './visit-bench.ts';

const [uds] = STUDY.modules;

/** Each form has the rules of the first one over its own visits, and waits for what it requires. */
const MODULES = {
  UDS: [],
  NP: ['UDS'],
  CSF: ['NP', 'UDS'],
} as const satisfies Record<string, readonly string[]>;

type Module = keyof typeof MODULES;

const FORMS: readonly Module[] = ['UDS', 'NP', 'CSF'];

const study = {
  keys: {},
  modules: FORMS.map((name) => ({
    ...{ name, files: [`${name}*`], requires: [...MODULES[name]] },
    ...{ schema: { ...uds?.schema, title: name }, rules: uds?.rules, codes: uds?.codes },
  })),
};

const HEADER = 'adcid,ptid,visitnum,visitdate,age,weight,height';

const visit = (ptid: string, number: number, age: number, weight = 70): string =>
  `1,${ptid},${number},202${number}-01-10,${age},${weight},170`;

/** What each participant has sent in, form by form. */
const ROWS: Readonly<Record<Module, readonly string[]>> = {
  UDS: [
    ...[visit('SOUND', 1, 70), visit('SOUND', 2, 71)],
    visit('REJECTED', 1, 111),
    visit('REVIEW', 1, 70, 301),
    ...[visit('YOUNGER', 1, 70), visit('YOUNGER', 2, 69)],
    ...[visit('LATER', 1, 70), visit('LATER', 2, 71)],
    visit('ALONE', 1, 70),
  ],
  NP: [
    ...[visit('SOUND', 1, 70), visit('SOUND', 2, 71)],
    visit('REJECTED', 1, 70),
    visit('REVIEW', 1, 70),
    ...[visit('YOUNGER', 1, 70), visit('YOUNGER', 2, 71)],
    visit('LATER', 2, 71),
    visit('MISSING', 1, 70),
  ],
  CSF: [
    ...[visit('SOUND', 1, 70), visit('SOUND', 2, 71)],
    visit('REJECTED', 1, 70),
    visit('REVIEW', 1, 70, 301),
    visit('YOUNGER', 2, 71),
    ...[visit('LATER', 1, 70), visit('LATER', 2, 71)],
    visit('MISSING', 1, 70),
    visit('ALONE', 1, 111),
  ],
};

/** How each visit stands in the end, whatever came first; what is not there was rejected. */
const SETTLED = [
  ...['CSF LATER 1 held', 'CSF LATER 2 delivered', 'CSF MISSING 1 held', 'CSF REJECTED 1 held'],
  ...['CSF REVIEW 1 held', 'CSF SOUND 1 delivered', 'CSF SOUND 2 delivered', 'CSF YOUNGER 2 held'],
  ...['NP LATER 2 delivered', 'NP MISSING 1 held', 'NP REJECTED 1 held', 'NP REVIEW 1 delivered'],
  ...['NP SOUND 1 delivered', 'NP SOUND 2 delivered'],
  ...['NP YOUNGER 1 delivered', 'NP YOUNGER 2 held'],
  ...['UDS ALONE 1 delivered', 'UDS LATER 1 delivered', 'UDS LATER 2 delivered'],
  ...['UDS REVIEW 1 held', 'UDS SOUND 1 delivered', 'UDS SOUND 2 delivered'],
  'UDS YOUNGER 1 delivered',
];

let bench: Workbench;

beforeAll(async () => {
  bench = await openWorkbench();
  mkdirSync(bench.source);
  for (const form of FORMS) {
    writeFileSync(fileOf(form), `${[HEADER, ...ROWS[form]].join('\n')}\n`);
  }
}, 60_000);
afterAll(() => bench.close());

const fileOf = (form: Module): string => join(bench.source, `${form}.csv`);

async function send(project: string, forms: readonly Module[]): Promise<void> {
  const summary = await bench.run({
    ...{ pipeline: 'forms', location: JSON.stringify(forms.map(fileOf)) },
    ...{ project, settings: { study }, out: join(bench.folder, 'outs', project) },
  });
  expect(summary).toMatchObject({ status: 'complete', items: { pending: 0 } });
  await expectProof(summary.run);
}

async function expectProof(run: string): Promise<void> {
  const { engine, store } = bench.application;
  expect(holds(await proveLedger(store.db, (await engine.find(run)).id))).toBe(true);
}

/** What waited for another form goes through again. */
async function replay(project: string): Promise<void> {
  await COMMANDS['held decide'](
    bench.application,
    {
      ...{ kind: 'replay', selection: { project }, reason: null, user: 'tester', dryRun: false },
      ...{ allowedOnly: false, strict: false, maxPauseSeconds: 1 },
    },
    quietSession(),
  );
}

/** The latest version of each visit, without those that hold no more. */
async function standingsOf(project: string): Promise<string[]> {
  const { engine, store } = bench.application;
  const key = await engine.keyOf(project);
  const { rows } = await sql<{ payload: Uint8Array }>`
    select payload from lazaret_forms.published_segment where project = ${project}
    order by id`.execute(store.db);
  const latest = new Map(
    rows
      .flatMap(({ payload }) => unpackVisits(key, Uint8Array.from(payload)))
      .map(({ module, subject, visit: number, standing }) => [
        `${module} ${subject.split('|')[1]} ${number}`,
        standing,
      ]),
  );
  return [...latest].map((entry) => entry.join(' ')).toSorted();
}

/** Each visit that was delivered, once for each time. */
function deliveredOf(project: string): string[] {
  const folder = join(bench.folder, 'outs', project, 'default', 'Forms');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => {
      const [module] = name.split('_');
      const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');
      return lines.map((line) => {
        const { ptid, visitnum } = JSON.parse(line) as Readonly<Record<string, string>>;
        return `${module} ${ptid} ${visitnum} delivered`;
      });
    })
    .toSorted();
}

/** All orders of some forms. */
function ordersOf(forms: readonly Module[]): Module[][] {
  if (forms.length === 0) return [[]];
  return forms.flatMap((first) =>
    ordersOf(forms.filter((form) => form !== first)).map((rest) => [first, ...rest]),
  );
}

const DELIVERED = SETTLED.filter((line) => line.endsWith('delivered'));
const ORDERS = ordersOf(FORMS).map((order) => [order.join(' ')] as const);
const formsOf = (order: string): Module[] => order.split(' ') as Module[];

describe('forms that require each other', () => {
  it.each(ORDERS)(
    'are judged in one run as they depend, in the order %s of files',
    async (order) => {
      const project = `one-${order.replaceAll(' ', '-')}`;
      await send(project, formsOf(order));
      expect(await standingsOf(project)).toEqual(SETTLED);
      expect(deliveredOf(project)).toEqual(DELIVERED);
    },
  );

  it.each(ORDERS)(
    'come to the same in a run each, in the order %s, once replayed',
    async (order) => {
      const project = `each-${order.replaceAll(' ', '-')}`;
      for (const form of formsOf(order)) await send(project, [form]);
      await replay(project);
      expect(await standingsOf(project)).toEqual(SETTLED);
      expect(deliveredOf(project)).toEqual(DELIVERED);
    },
  );

  it.each([
    [['UDS', 'CSF'], ['NP']],
    [['NP'], ['CSF', 'UDS']],
    [['NP', 'CSF'], ['UDS']],
  ] as const)('come to the same in two runs, %j and then %j', async (first, second) => {
    const project = `two-${first.join('-')}`;
    await send(project, first);
    await send(project, second);
    await replay(project);
    expect(await standingsOf(project)).toEqual(SETTLED);
    expect(deliveredOf(project)).toEqual(DELIVERED);
  });
});
