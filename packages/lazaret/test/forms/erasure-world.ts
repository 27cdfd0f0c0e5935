/**
 * A small study in which everything happens to everybody: visits are delivered, rejected, held,
 * cleared, sent twice, corrected and recalled, over three runs. One of its participants, Sara, is
 * to be forgotten; there is the same world without her, too, to compare with. Her rows come last in
 * each file, so that all others stand on the same lines in both.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { ShownAlert } from '../../src/cli/alerts.ts';
import { openArrival, openFinding } from '../../src/engine/stage-rows.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import type { Application } from '../../src/main.ts';
import { openDetail } from '../../src/pipelines/forms/alerts/alert-detail.ts';
import { openPath } from '../../src/pipelines/forms/documents/file-table.ts';
import { unpackFound } from '../../src/pipelines/forms/documents/found-kinds.ts';
import { unpackVisits } from '../../src/pipelines/forms/history/kept-visit.ts';
import { openBucket } from '../../src/pipelines/forms/identifiers/table.ts';
import { dumpTables, filesBelow } from '../imaging/workbench.ts';
import { openCommandLine, type CommandLine } from './command-line.ts';

const COLUMNS = ['adcid', 'ptid', 'visitnum', 'visitdate', 'age', 'weight', 'height', 'note'];

const SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['adcid', 'ptid'],
  properties: {
    adcid: { type: 'integer' },
    ptid: { type: 'string' },
    visitnum: { type: 'string' },
    visitdate: { type: 'string' },
    age: { type: 'integer' },
    weight: { type: 'number' },
    height: { type: 'number' },
    note: { type: 'string' },
    naccid: { type: 'string' },
  },
};

const RULES = {
  age: { type: 'integer', nullable: true, max: 110 },
  weight: { type: 'float', nullable: true, max: 300 },
  height: {
    type: 'float',
    nullable: true,
    compare_with: {
      ...{ comparator: '<=', base: 'height', op: 'abs', adjustment: 2 },
      ...{ previous_record: true, ignore_empty: true },
    },
  },
};

const CODES = {
  age: { max: { code: 'UDS-AGE', type: 'error', message: 'Nobody is older than 110.' } },
  weight: { max: { code: 'UDS-WEIGHT', type: 'alert', message: 'A weight above 300 kg?' } },
  height: { compare_with: { code: 'UDS-HEIGHT', type: 'alert', message: 'Another height?' } },
};

/** A participant, and what nobody but them has in a cell. */
export interface Person {
  readonly centre: number;
  readonly ptid: string;
  readonly id: string;
  /** The beginning of every note. */
  readonly mark: string;
  /** Why an alert about them was cleared. */
  readonly reason: string;
  /** In a column of numbers; values that are nobody else's. */
  readonly weight: number;
  readonly height: number;
}

export const TOM: Person = {
  ...{
    centre: 17,
    ptid: 'PTOM',
    id: 'NACC700001',
    mark: 'tomtom',
    reason: 'weighed twice, says Mr Tom',
    weight: 71.125,
  },
  height: 170.375,
};
export const UMA: Person = {
  ...{
    centre: 18,
    ptid: 'PUMA',
    id: 'NACC700002',
    mark: 'umauma',
    reason: 'weighed twice, says Mrs Uma',
    weight: 72.125,
  },
  height: 171.375,
};
/** She withdraws. */
export const SARA: Person = {
  ...{
    centre: 17,
    ptid: 'PSARA',
    id: 'NACC900001',
    mark: 'kanareksara',
    reason: 'weighed twice, says kanarekmother',
    weight: 79.0625,
  },
  height: 166.8125,
};

/** Whatever says who somebody is, or what was known of them. */
export function tokensOf({ ptid, id, mark, weight, height }: Person): readonly string[] {
  return [ptid, id, mark, String(weight), String(height)];
}

export interface World {
  readonly line: CommandLine;
  readonly people: readonly Person[];
  readonly runs: readonly RunSummary[];
  /** Takes in a file of these rows. */
  send(rows: readonly (readonly (string | number)[])[], name?: string): Promise<RunSummary>;
  close(): Promise<void>;
}

type Cells = readonly [
  visit: string,
  date: string,
  age: string | number,
  weight: number,
  height: number,
];

function rowOf({ centre, ptid, mark }: Person, [visit, date, age, weight, height]: Cells) {
  return [centre, ptid, visit, date, age, weight, height, `${mark} at visit ${visit}`];
}

/** The rows of one person, file by file. */
export function rowsOf(person: Person): readonly (readonly (string | number)[])[][] {
  const { weight, height } = person;
  const first = rowOf(person, ['1', '2021-01-10', 60, weight, height]);
  return [
    [
      first,
      // Of no type; older than anybody; another height than at the visit before.
      rowOf(person, ['7', '2027-01-10', `${person.mark}-old`, weight, height]),
      rowOf(person, ['6', '2026-01-10', 130, weight, height]),
      rowOf(person, ['8', '2028-01-10', 66, weight, height + 30]),
    ],
    [first, rowOf(person, ['3', '2023-01-10', 62, weight + 300, height])],
    // A correction of the first visit, beside which the third one does not pass any more.
    [rowOf(person, ['1', '2021-01-10', 60, weight, height + 60])],
  ];
}

/** @param people the last one has the last rows of each file */
export async function openWorld(people: readonly Person[]): Promise<World> {
  const line = await openCommandLine();
  const { folder } = line.home;
  const write = (name: string, content: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(content));
  write('UDS.json', SCHEMA);
  write('rules.json', RULES);
  write('codes.json', CODES);
  write('lazaret.config.json', { forms: { identifiers: { mode: 'embedded' } } });
  const table = people.map(({ centre, ptid, id }) => `${centre},${ptid},${id}`);
  writeFileSync(join(folder, 'ids.csv'), `${['adcid,ptid,naccid', ...table].join('\n')}\n`);
  await line.ask('identifiers', 'load', 'ids.csv');
  let files = 0;
  const send: World['send'] = (rows, name) => {
    files += 1;
    const file = name ?? `visits-${files}.csv`;
    const text = [COLUMNS, ...rows].map((row) => row.join(',')).join('\n');
    writeFileSync(join(folder, file), `${text}\n`);
    const rules = ['--rules', 'rules.json', '--codes', 'codes.json'];
    return line.ask('run', 'forms', file, '--schema', 'UDS.json', ...rules, '--out', 'out');
  };
  const runs: RunSummary[] = [];
  for (let file = 0; file < 3; file += 1) {
    runs.push(await send(people.flatMap((person) => rowsOf(person)[file] ?? [])));
    if (file === 1) await clearWeights(line, people);
  }
  return { line, people, runs, send, close: () => line.close() };
}

/** Each alone, with a reason of their own. */
async function clearWeights(line: CommandLine, people: readonly Person[]): Promise<void> {
  for (const { reason, ptid } of people) {
    const alerts = await line.ask<ShownAlert[]>('alerts', 'list', '--each', '--code', 'UDS-WEIGHT');
    for (const { alert } of alerts) {
      const { revealed } = await line.ask<{ revealed?: { subject: string } }>(
        ...['alerts', 'show', alert, '--reveal'],
      );
      if (revealed?.subject.endsWith(`|${ptid}`) !== true) continue;
      const user = ['--user', 'ana@example.org'];
      await line.ask('alerts', 'clear', alert, '--reason', reason, ...user);
    }
  }
}

/**
 * Everything that the store has sealed, opened, and all else as it is: what somebody would find who
 * had the project's key and looked everywhere.
 */
export async function everythingKept(application: Application): Promise<string> {
  const { db } = application.store;
  const key = await application.engine.keyOf('default');
  const opened: string[] = [];
  const open = async (
    table: string,
    column: string,
    read: (sealed: Uint8Array) => unknown,
  ): Promise<void> => {
    const { rows } = await sql<{ sealed: Uint8Array }>`
      select ${sql.ref(column)} as sealed from ${sql.table(table)}
      where ${sql.ref(column)} is not null`.execute(db);
    for (const { sealed } of rows) opened.push(JSON.stringify(read(Uint8Array.from(sealed))));
  };
  await open('lazaret.item', 'arrival', (sealed) => openArrival(key, sealed));
  await open('lazaret.finding', 'sealed', (sealed) => openFinding(key, sealed));
  await open('lazaret.run', 'source', (sealed) => key.unsealJson(sealed, 'run-source'));
  await open('lazaret.run', 'checkpoint', (sealed) => key.unsealJson(sealed, 'checkpoint'));
  await open('lazaret_forms.segment', 'payload', (sealed) => unpackVisits(key, sealed));
  await open('lazaret_forms.evaluation', 'detail', (sealed) => openDetail(key, sealed));
  await open('lazaret_forms.file', 'path', (sealed) => openPath(key, sealed));
  await open('lazaret_forms.identifier_bucket', 'payload', (sealed) => [
    ...openBucket(key, sealed),
  ]);
  await open('lazaret_forms.found', 'payload', (sealed) => {
    const { kinds, abouts } = unpackFound(key, sealed);
    return [kinds, ...abouts];
  });
  const parcels = await sql<{ n: number }>`
    select count(*)::int as n from lazaret.parcel where payload is not null`.execute(db);
  if (parcels.rows[0]?.n !== 0) throw new Error('Something is on its way.');
  const tables = await dumpTables(application);
  return [...opened, ...[...tables.values()].map((bytes) => bytes.toString('latin1'))].join('\n');
}

/** Files below the output whose text has one of these in it. */
export function filesWith({ line }: World, tokens: readonly string[]): string[] {
  return [...filesBelow(join(line.home.folder, 'out'))]
    .filter(([path, bytes]) =>
      tokens.some((token) => bytes.includes(token) || path.includes(token)),
    )
    .map(([path]) => path);
}
