/**
 * Subjects' ids and codes of drugs, looked up in whole runs: from the embedded table, and from
 * services over real HTTP that fail in every way. No row is lost, and none goes on unidentified.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFault } from '@lazaret/faults';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startFakeDrugs, type FakeDrugs } from '../../../../fixtures/drugs/server.ts';
import {
  IDENTIFIER_TROUBLES,
  startFakeIdentifiers,
  type FakeIdentifiers,
} from '../../../../fixtures/identifiers/server.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { DecisionDocument } from '../../src/cli/held-decisions.ts';
import type { IdentifiersLoadDocument, IdentifiersLoadInput } from '../../src/cli/identifiers.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { documentAs, openWorkbench, quietSession, type Workbench } from '../imaging/workbench.ts';
import { fatesOf, type Fate } from './visit-bench.ts';

const TOKEN = 'a-token-for-tests-0815';

/** What may stand in no log, no message and no table that is not sealed. */
const CLEAR = /PAT-\d|NACC00\d{4}|a-token-for-tests/;

const KNOWN = new Map([
  ['17|PAT-1', 'NACC001001'],
  ['17|PAT-2', 'NACC001002'],
  ['18|PAT-1', 'NACC001003'],
]);

const DRUGS = new Map([
  ['197361', { status: 'Active', from: '042005', to: '' }],
  ['105260', { status: 'Obsolete', from: '032010', to: '122019' }],
] as const);

/** Fast: what takes minutes in a study takes a fraction of a second here. */
const FAST = {
  timeoutMs: 250,
  attempts: 2,
  backoffMs: 5,
  maxBackoffMs: 40,
  pauseAfter: 1,
  pauseMs: 80,
};

const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    adcid: { type: 'integer' },
    ptid: { type: 'string' },
    visitnum: { type: 'integer' },
    visitdate: { type: 'string' },
    drug: { type: 'integer' },
    naccid: { type: 'string' },
  },
};

const HEADER = 'adcid,ptid,visitnum,visitdate,drug';

let folder: string;
let bench: Workbench;
let ids: FakeIdentifiers;
let drugs: FakeDrugs;
let files = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-identifiers-'));
  mkdirSync(join(folder, 'source'));
  ids = await startFakeIdentifiers(KNOWN);
  drugs = await startFakeDrugs(DRUGS);
  bench = await openWorkbench({ folder, env: { IDS_TOKEN: TOKEN } });
}, 60_000);
afterEach(() => {
  ids.behave('well');
  ids.accept(TOKEN);
  drugs.behave('well');
});
afterAll(async () => {
  await bench.close();
  await ids.close();
  await drugs.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Sent {
  readonly summary: RunSummary;
  readonly fates: readonly Fate[];
  readonly out: string;
  readonly project: string;
}

async function send(
  project: string,
  lines: readonly string[],
  lookUps: Readonly<Record<string, unknown>>,
  more: {
    readonly rules?: unknown;
    readonly site?: string;
    readonly maxPauseSeconds?: number;
  } = {},
): Promise<Sent> {
  files += 1;
  const path = join(folder, 'source', `file-${files}.csv`);
  writeFileSync(path, `${[HEADER, ...lines].join('\n')}\n`);
  const { rules, site = 'default', maxPauseSeconds = 0.3 } = more;
  const module = { name: 'UDS', schema: SCHEMA, ...(rules === undefined ? {} : { rules }) };
  const out = join(folder, 'outs', project);
  const summary = await bench.run({
    ...{ pipeline: 'forms', location: JSON.stringify([path]), out, project, site },
    settings: { study: { modules: [module], keys: {} }, lookUps, site },
    maxPauseSeconds,
  });
  expect(await ledgerHolds(summary.run)).toBe(true);
  return { summary, fates: await fatesOf(bench, summary.run, lines.length), out, project };
}

const service = (more: Readonly<Record<string, unknown>> = {}) => ({
  identifiers: {
    ...{ mode: 'http', url: `${ids.url}/identifiers`, contact: 'ids@example.org' },
    ...{ tokenEnv: 'IDS_TOKEN', ...FAST, ...more },
  },
});

async function load(
  project: string,
  text: string,
  more: Partial<IdentifiersLoadInput> = {},
): Promise<IdentifiersLoadDocument> {
  const file = join(folder, 'table.csv');
  writeFileSync(file, text);
  const input = {
    ...{ file, project, replace: false, acceptChanges: false, dryRun: false },
    ...{ site: 'default', user: 'tester', ...more },
  };
  return documentAs(await COMMANDS['identifiers load'](bench.application, input, quietSession()));
}

async function ledgerHolds(short: string): Promise<boolean> {
  const { id } = await bench.application.engine.find(short);
  return holds(await proveLedger(bench.application.store.db, id));
}

async function resume({ summary }: Sent): Promise<RunSummary> {
  const input = { run: summary.run, strict: false, maxPauseSeconds: 5 };
  return documentAs(await COMMANDS.resume(bench.application, input, quietSession()));
}

async function replay({ summary, project }: Sent): Promise<RunSummary | undefined> {
  const input = {
    ...{ kind: 'replay' as const, selection: { project, run: summary.run } },
    ...{ reason: 'the service is well again', user: 'tester', dryRun: false, strict: false },
    maxPauseSeconds: 5,
  };
  const outcome = await COMMANDS['held decide'](bench.application, input, quietSession());
  const document = documentAs<DecisionDocument>(outcome);
  return document.dryRun ? undefined : document.runs[0];
}

/** Who was delivered as whom, in the order of the participants. */
function delivered(out: string): string[] {
  const forms = join(out, 'default', 'Forms');
  return readdirSync(forms)
    .flatMap((name) => readFileSync(join(forms, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .map(({ adcid, ptid, naccid }) => `${String(adcid)} ${String(ptid)} ${String(naccid)}`)
    .toSorted();
}

async function messagesOf({ summary }: Sent): Promise<string[]> {
  const { id } = await bench.application.engine.find(summary.run);
  const { rows } = await sql<{ code: string; place: { column?: string; line?: number } }>`
    select code, place from lazaret.published_finding where run = ${id} order by item`.execute(
    bench.application.store.db,
  );
  return rows.map(({ code, place }) => `${code} line ${place.line} ${place.column}`);
}

const TABLE = 'adcid,ptid,naccid\n17,PAT-1,NACC001001\n17,PAT-2,NACC001002\n18,PAT-1,NACC001003\n';
const THREE = ['17,PAT-1,1,2026-01-10,', '017,00PAT-2,1,2026-01-11,', '18,PAT-1,1,2026-01-12,'];
const IDENTIFIED = ['17 00PAT-2 NACC001002', '17 PAT-1 NACC001001', '18 PAT-1 NACC001003'];

describe('with the embedded table', () => {
  const EMBEDDED = { identifiers: { mode: 'embedded' } };

  it('records get the ids of their subjects, and strangers are told with what to do', async () => {
    await load('embedded', TABLE);
    const sent = await send(
      'embedded',
      [
        ...THREE,
        '17,PAT-9,1,2026-01-10,',
        '23,PAT-1,1,2026-01-10,',
        '17,PAT 7,1,2026-01-10,',
        ',,1,,',
      ],
      EMBEDDED,
    );
    expect(delivered(sent.out)).toEqual(IDENTIFIED);
    expect(sent.fates.slice(3)).toEqual([
      { disposition: 'rejected', codes: ['ParticipantUnknown'] },
      { disposition: 'rejected', codes: ['CentreUnknown'] },
      { disposition: 'rejected', codes: ['ParticipantIdUnusable'] },
      { disposition: 'rejected', codes: ['CentreIdUnusable', 'ParticipantIdUnusable'] },
    ]);
    expect((await messagesOf(sent)).slice(0, 3)).toEqual([
      'ParticipantUnknown line 5 ptid',
      'CentreUnknown line 6 adcid',
      'ParticipantIdUnusable line 7 ptid',
    ]);
    expect(bench.log.join('\n')).not.toMatch(CLEAR);
    const { rows } = await sql<{ parameters: unknown }>`
      select parameters from lazaret.published_finding`.execute(bench.application.store.db);
    expect(JSON.stringify(rows)).not.toMatch(CLEAR);
  });

  it.each([
    [
      'csv',
      'adcid,ptid,visitnum,naccid\n17,PAT-1,1,NACC001001\n17,PAT-2,1,NACC001001\n',
      { line: 3, column: 'naccid' },
    ],
    [
      'json',
      `[{"adcid":17,"ptid":"PAT-1","visitnum":1,"naccid":"NACC001001"},
        {"adcid":17,"ptid":"PAT-2","visitnum":1,"naccid":"NACC001001"}]`,
      { line: 2, pointer: '/1/naccid' },
    ],
  ])('records of %s that name another subject are rejected', async (kind, text, at) => {
    const project = `differs-${kind}`;
    await load(project, TABLE);
    const path = join(folder, 'source', `differs.${kind}`);
    writeFileSync(path, text);
    const summary = await bench.run({
      ...{ pipeline: 'forms', location: JSON.stringify([path]), project },
      settings: {
        study: { modules: [{ name: 'UDS', schema: SCHEMA }], keys: {} },
        lookUps: EMBEDDED,
      },
    });
    expect(await fatesOf(bench, summary.run, 2)).toEqual([
      { disposition: 'delivered', codes: [] },
      { disposition: 'rejected', codes: ['SubjectIdDiffers'] },
    ]);
    const { id } = await bench.application.engine.find(summary.run);
    const { rows } = await sql<{ place: unknown }>`
      select place from lazaret.published_finding where run = ${id}`.execute(
      bench.application.store.db,
    );
    const offset = text.search(/"?NACC001001"?[^N]*$/);
    expect(rows).toEqual([{ place: { item: 2, record: 2, offset, ...at } }]);
  });

  it.each([
    ['adcid,ptdi,visitnum', ['IncorrectColumnName']],
    ['adcid,visitnum,drug', ['MissingHeader']],
    ['visitnum,drug,visitdate', ['MissingHeader']],
    ['ADCID,PTID,visitnum', []],
  ])('a file with the columns %s is told which one is needed', async (header, codes) => {
    const project = `columns-${header.length}-${codes.length}`;
    await load(project, TABLE);
    const path = join(folder, 'source', `${project}.csv`);
    writeFileSync(path, `${header}\n17,1,1\n`);
    const summary = await bench.run({
      ...{ pipeline: 'forms', location: JSON.stringify([path]), project },
      settings: {
        study: {
          ...{ modules: [{ name: 'UDS', schema: SCHEMA }], keys: {} },
          checks: ['identifier-lookup'],
        },
        lookUps: EMBEDDED,
      },
    });
    expect(summary.items).toMatchObject({ received: 1, rejected: 1 });
    const { id } = await bench.application.engine.find(summary.run);
    const { rows } = await sql<{ code: string; step: string }>`
      select code, step from lazaret.published_finding
      where run = ${id} and item is null`.execute(bench.application.store.db);
    expect(new Set(rows.map(({ step }) => step))).toEqual(
      new Set(rows.length === 0 ? [] : ['identifier-lookup']),
    );
    expect(rows.map(({ code }) => code)).toEqual(expect.arrayContaining([...codes]));
  });

  it('nobody is rejected because no table is loaded: the records wait for it', async () => {
    const sent = await send('unloaded', THREE, EMBEDDED);
    expect(sent.fates.map(({ disposition }) => disposition)).toEqual(['held', 'held', 'held']);
    expect(sent.summary).toMatchObject({ status: 'complete', batches: { error: 1 } });
    expect(JSON.stringify(sent.summary)).toContain('IdentifierTableMissing');
    await load('unloaded', TABLE);
    expect(await replay(sent)).toMatchObject({ status: 'complete', items: { delivered: 3 } });
    expect(delivered(sent.out)).toEqual(IDENTIFIED);
  });

  it('a participant who was enrolled since is known when the file comes again', async () => {
    await load('enrolled', 'adcid,ptid,naccid\n17,PAT-1,NACC001001\n18,PAT-1,NACC001003\n');
    const first = await send('enrolled', THREE, EMBEDDED);
    expect(first.fates.map(({ disposition }) => disposition)).toEqual([
      ...['delivered', 'rejected', 'delivered'],
    ]);
    await load('enrolled', TABLE);
    const second = await send('enrolled', THREE, EMBEDDED);
    expect(second.fates.map(({ disposition }) => disposition)).toEqual([
      ...['duplicate', 'delivered', 'duplicate'],
    ]);
  });

  it('a held record that is sent again passes a schema that knows no column more', async () => {
    await load('again', TABLE);
    const schema = { ...SCHEMA, properties: { ...SCHEMA.properties, naccid: false } };
    const rules = { drug: { type: 'integer', nullable: true, max: 5 } };
    const codes = { drug: { max: { code: 'D-1', type: 'alert', message: 'Large.' } } };
    const path = join(folder, 'source', 'again.csv');
    writeFileSync(path, `${HEADER}\n17,PAT-1,1,2026-01-10,7\n`);
    const summary = await bench.run({
      ...{ pipeline: 'forms', location: JSON.stringify([path]), project: 'again' },
      settings: {
        study: { modules: [{ name: 'UDS', schema, rules, codes }], keys: {} },
        lookUps: EMBEDDED,
      },
    });
    expect(summary.items.held).toBe(1);
    const child = await replay({ summary, fates: [], out: '', project: 'again' });
    expect(child).toMatchObject({ status: 'complete', items: { received: 1, rejected: 0 } });
  });
});

describe('loading a table', () => {
  it('says what it does, and does nothing when it is only tried', async () => {
    expect(await load('loads', TABLE, { dryRun: true })).toMatchObject({
      ...{ participants: 3, centres: 2, added: 3, unchanged: 0, removed: 0, total: 3 },
      dryRun: true,
    });
    expect(await load('loads', TABLE)).toMatchObject({ added: 3, total: 3 });
    expect(await load('loads', TABLE)).toMatchObject({ added: 0, unchanged: 3, total: 3 });
    const one = 'adcid,ptid,naccid\n17,PAT-3,NACC001004\n17,PAT-1,NACC001001\n';
    expect(await load('loads', one)).toMatchObject({
      added: 1,
      unchanged: 1,
      removed: 0,
      total: 4,
    });
    expect(await load('loads', one, { replace: true })).toMatchObject({ removed: 2, total: 2 });
  });

  it('gives nobody another id unless that is accepted', async () => {
    await load('changes', TABLE);
    const other = TABLE.replace('NACC001002', 'NACC001099');
    expect(await load('changes', other, { dryRun: true })).toMatchObject({
      changed: { count: 1, lines: [3] },
    });
    const fault: unknown = await load('changes', other).catch((error: unknown) => error);
    if (!isFault(fault)) throw new Error('The change was taken.');
    expect(fault).toMatchObject({
      code: 'IdentifierTableChanges',
      parameters: { changes: 1, lines: '3' },
    });
    expect(await load('changes', TABLE)).toMatchObject({ unchanged: 3 });
    expect(await load('changes', other, { acceptChanges: true })).toMatchObject({
      changed: { count: 1 },
    });
    expect(await load('changes', other)).toMatchObject({ unchanged: 3 });
  });

  it('refuses a file that is not there', async () => {
    const missing = load('missing', TABLE, { file: join(folder, 'nowhere.csv') });
    await expect(missing).rejects.toMatchObject({ code: 'IdentifierTableUnusable' });
  });

  it('keeps participants and ids sealed', async () => {
    await load('sealed', TABLE);
    const { rows } = await sql<{ payload: Uint8Array }>`
      select payload from lazaret_forms.identifier_bucket where project = 'sealed'`.execute(
      bench.application.store.db,
    );
    expect(rows.length).toBeGreaterThan(1);
    const bytes = Buffer.concat(rows.map(({ payload }) => payload)).toString('latin1');
    expect(bytes).not.toMatch(CLEAR);
  });
});

/** What the service does while the run is paused, and after which its batch goes on. */
const PAUSES = [
  ...(['hangs', 'breaks-off', 'throttles-seconds', 'throttles-date'] as const),
  ...(['is-unavailable', 'fails', 'redirects'] as const),
];
/** What it answers and cannot be used, so that records are held. */
const HOLDS = [
  ...(['refuses-request', 'sends-html', 'sends-cut-json'] as const),
  ...IDENTIFIER_TROUBLES,
];

describe('with a service', () => {
  it('records get the ids of their subjects, asked about once each and with the token', async () => {
    const before = ids.questions.length;
    const sent = await send(
      'asked',
      [...THREE, '17,PAT-1,2,2026-02-10,', '17,PAT-9,1,,'],
      service(),
    );
    expect(delivered(sent.out)).toEqual([...IDENTIFIED, '17 PAT-1 NACC001001'].toSorted());
    expect(sent.fates.at(-1)).toEqual({ disposition: 'rejected', codes: ['ParticipantUnknown'] });
    const asked = ids.questions.slice(before);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.map(({ adcid, ptid }) => `${adcid} ${ptid}`).toSorted()).toEqual([
      ...['17 PAT-1', '17 PAT-2', '17 PAT-9', '18 PAT-1'],
    ]);
  });

  it('is asked in requests of a bounded length', async () => {
    const before = ids.questions.length;
    await send('bounded', THREE, service({ atOnce: 2 }));
    expect(ids.questions.slice(before).map((asked) => asked.length)).toEqual([2, 1]);
  });

  it.for([...PAUSES, ...HOLDS])('that %s loses no row', async (how) => {
    ids.behave(how);
    const sent = await send(`trouble-${how}`, THREE, service());
    const { status, reason, items } = sent.summary;
    expect(items).toMatchObject({ received: 3, delivered: 0, rejected: 0 });
    expect(bench.log.join('\n')).not.toMatch(CLEAR);
    ids.behave('well');
    const isHeld = HOLDS.some((one) => one === how);
    if (isHeld) expect({ status, held: items.held }).toEqual({ status: 'complete', held: 3 });
    else expect({ status, pending: items.pending }).toEqual({ status: 'interrupted', pending: 3 });
    const code = how === 'redirects' ? 'AnswerRedirects' : 'DependencyPausedTooLong';
    if (!isHeld) expect(reason?.code).toBe(code);
    const after = isHeld ? await replay(sent) : await resume(sent);
    expect(after).toMatchObject({ status: 'complete', items: { delivered: 3 } });
    expect(delivered(sent.out)).toEqual(IDENTIFIED);
  });

  it('that refuses the token stops the run, and is asked again with the right one', async () => {
    ids.accept('another');
    const sent = await send('token', THREE, service());
    expect(sent.summary).toMatchObject({
      ...{ status: 'interrupted', reason: { code: 'CredentialRefused' }, items: { pending: 3 } },
    });
    ids.accept(TOKEN);
    expect(await resume(sent)).toMatchObject({ status: 'complete', items: { delivered: 3 } });
  });

  it('that is down for a while is waited for, and the batch goes on by itself', async () => {
    let failures = 0;
    ids.behave(() => {
      failures += 1;
      return failures <= 4 ? 'is-unavailable' : 'well';
    });
    const sent = await send('a-while', THREE, service(), { maxPauseSeconds: 10 });
    expect(sent.summary).toMatchObject({ status: 'complete', items: { delivered: 3 } });
    const { id } = await bench.application.engine.find(sent.summary.run);
    const { rows } = await sql`select 1 from lazaret.run_event
      where run = ${id} and to_status = 'paused'`.execute(bench.application.store.db);
    expect(rows.length).toBeGreaterThan(0);
  });

  it('that asks to wait by Retry-After is asked no earlier', async () => {
    const times: number[] = [];
    ids.behave(() => {
      times.push(performance.now());
      return times.length === 1 ? 'throttles-seconds' : 'well';
    });
    const sent = await send('waits', THREE, service({ maxBackoffMs: 5_000 }), {
      maxPauseSeconds: 10,
    });
    expect(sent.summary.status).toBe('complete');
    expect(Math.max(...times) - (times[0] ?? 0)).toBeGreaterThan(980);
  });
});

describe('codes of drugs', () => {
  const asked = (more: Readonly<Record<string, unknown>> = {}) => ({
    drugs: {
      ...{ mode: 'http', url: `${drugs.url}/REST`, contact: 'rx@example.org' },
      ...{ ...FAST, ...more },
    },
  });
  const NOW = {
    drug: { type: 'integer', nullable: true, function: { name: 'check_rxcui', args: {} } },
  };
  const ON_VISIT = {
    drug: {
      ...{ type: 'integer', nullable: true },
      function: { name: 'check_rxcui', args: { target_date_field: 'visitdate' } },
    },
  };
  const LINES = [
    '17,PAT-1,1,2026-01-10,197361',
    '17,PAT-2,1,2026-01-10,105260',
    '17,PAT-3,1,2015-01-10,105260',
    '17,PAT-4,1,2026-01-10,999',
    '17,PAT-5,1,2026-01-10,0',
    '17,PAT-6,1,2026-01-10,',
  ];
  const dispositions = ({ fates }: Sent) =>
    fates.map(({ disposition }) => (disposition === 'delivered' ? 'sound' : disposition));

  it('have to be active now, or in the month of the date that a rule names', async () => {
    const now = await send('drugs-now', LINES, asked(), { rules: NOW });
    expect(dispositions(now)).toEqual([
      'sound',
      'rejected',
      'rejected',
      'rejected',
      'sound',
      'sound',
    ]);
    const then = await send('drugs-then', LINES, asked(), { rules: ON_VISIT });
    expect(dispositions(then)).toEqual([
      'sound',
      'rejected',
      'sound',
      'rejected',
      'sound',
      'sound',
    ]);
  });

  it('are asked about once, and again when the answer is old', async () => {
    const { db } = bench.application.store;
    await sql`delete from lazaret_forms.drug_answer`.execute(db);
    const before = drugs.questions.length;
    await send('drugs-once', LINES, asked(), { rules: NOW });
    expect(drugs.questions.slice(before).toSorted()).toEqual(['105260', '197361', '999']);
    await send('drugs-twice', LINES, asked(), { rules: NOW });
    expect(drugs.questions.length - before).toBe(3);
    await sql`update lazaret_forms.drug_answer set asked_at = asked_at - interval '31 days'
      where code = '999'`.execute(db);
    await send('drugs-again', LINES, asked(), { rules: NOW });
    expect(drugs.questions.slice(before + 3)).toEqual(['999']);
  });

  it('are forgotten beyond the limit, the oldest first', async () => {
    const { db } = bench.application.store;
    await sql`insert into lazaret_forms.drug_answer (service, code, status, asked_at)
      select ${`${drugs.url}/REST`}, (500000 + n)::text, 'active', now() - interval '1 day'
      from generate_series(1, 150) n`.execute(db);
    await sql`delete from lazaret_forms.drug_answer where code = '999'`.execute(db);
    await send('drugs-many', LINES, asked({ cacheCodes: 100 }), { rules: NOW });
    const { rows } = await sql<{ code: string }>`
      select code from lazaret_forms.drug_answer`.execute(db);
    expect(rows).toHaveLength(100);
    expect(rows.map(({ code }) => code)).toEqual(expect.arrayContaining(['197361', '999']));
  });

  it.for([
    'is-unavailable',
    'hangs',
    'no-status',
    'odd-status',
    'odd-month',
    'for-another',
  ] as const)('lose no row when their service %s', async (how) => {
    await sql`delete from lazaret_forms.drug_answer`.execute(bench.application.store.db);
    drugs.behave(how);
    const sent = await send(`drugs-${how}`, LINES, asked(), { rules: NOW });
    expect(sent.summary.items).toMatchObject({ received: 6, delivered: 0, rejected: 0 });
    drugs.behave('well');
    const paused = how === 'is-unavailable' || how === 'hangs';
    const after = paused ? await resume(sent) : await replay(sent);
    expect(after).toMatchObject({ status: 'complete', items: { delivered: 3, rejected: 3 } });
  });

  it('are looked up beside the subjects, in one run', async () => {
    const lookUps = { ...service(), ...asked() };
    const sent = await send('both', LINES.slice(0, 2), lookUps, { rules: NOW });
    expect(sent.fates).toMatchObject([{ disposition: 'delivered' }, { disposition: 'rejected' }]);
    expect(delivered(sent.out)).toEqual(['17 PAT-1 NACC001001']);
  });
});

describe('numbers of centres', () => {
  const rule = (own: boolean) => ({
    adcid: { type: 'integer', function: { name: 'check_adcid', args: { own } } },
  });
  const centres = [{ adcid: 17, site: 'demo-u', name: 'Demo University' }, { adcid: 18 }];

  it('have to be the sender’s own, or of any centre of the study', async () => {
    const lines = ['17,PAT-1,1,,', '18,PAT-1,1,,', '23,PAT-1,1,,'];
    const own = await send('own', lines, { centres }, { rules: rule(true), site: 'demo-u' });
    expect(own.fates.map(({ disposition }) => disposition)).toEqual([
      ...['delivered', 'rejected', 'rejected'],
    ]);
    const any = await send('any', lines, { centres }, { rules: rule(false) });
    expect(any.fates.map(({ disposition }) => disposition)).toEqual([
      ...['delivered', 'delivered', 'rejected'],
    ]);
  });

  it('are refused at the start where nobody says which is whose', async () => {
    const sending = send('nobody', ['17,PAT-1,1,,'], { centres }, { rules: rule(true) });
    await expect(sending).rejects.toMatchObject({ code: 'LookUpNotConfigured' });
  });
});
