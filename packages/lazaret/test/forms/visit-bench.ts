/** Visits of an invented study, sent in file by file, and what became of each. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { RunInput } from '../../src/cli/run.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { openWorkbench, type Workbench } from '../imaging/workbench.ts';

/** A column that only files have whose rows have notes; the study knows it where it says so. */
const NOTE = 'note';

/** The columns of the invented form, in the order of its files. */
const COLUMNS = [
  ...(['adcid', 'ptid', 'visitnum', 'visitdate', 'age', 'weight', 'height', NOTE] as const),
];

export type Row = Readonly<Partial<Record<(typeof COLUMNS)[number], string | number>>>;

const SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['adcid', 'ptid'],
  properties: {
    adcid: { type: 'integer' },
    ptid: { type: 'string', maxLength: 10 },
    visitnum: { type: 'string' },
    visitdate: { type: 'string' },
    age: { type: 'integer' },
    weight: { type: 'number' },
    height: { type: 'number' },
  },
};

/** An error, an alert, and two rules that look at earlier visits: an error and an alert. */
const RULES = {
  ptid: { type: 'string' },
  age: {
    type: 'integer',
    nullable: true,
    max: 110,
    compare_with: {
      comparator: '>=',
      base: 'age',
      previous_record: true,
      ignore_empty: true,
    },
  },
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
  age: { max: { code: 'UDS-1', type: 'error' }, compare_with: { code: 'UDS-2', type: 'error' } },
  weight: { max: { code: 'UDS-3', type: 'alert', message: 'A weight above 300 kg?' } },
  height: { compare_with: { code: 'UDS-4', type: 'alert' } },
};

export const STUDY = {
  modules: [{ name: 'UDS', schema: SCHEMA, rules: RULES, codes: CODES }],
  keys: {},
};

/** What became of a record: its disposition, and the codes of what was found. */
export interface Fate {
  readonly disposition: string;
  readonly codes: readonly string[];
}

/** How the pipeline is set up; absent: with the study above. */
interface Settings {
  readonly study?: unknown;
  readonly module?: string;
}

export interface VisitBench {
  readonly workbench: Workbench;
  /** Writes a file of these rows, and gives what a run over it is told. */
  prepare(rows: readonly Row[], settings?: Settings, given?: Partial<RunInput>): Partial<RunInput>;
  /** Takes in one file of these rows; gives the summary and the fate of each row, in their order. */
  send(
    rows: readonly Row[],
    settings?: Settings,
    given?: Partial<RunInput>,
  ): Promise<{ readonly summary: RunSummary; readonly fates: readonly Fate[] }>;
  /** Lines of all deliveries, parsed. */
  delivered(): readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

/** @param given a folder that outlives the bench; absent: one that goes with it */
export async function openVisitBench(databaseUrl?: string, given?: string): Promise<VisitBench> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'lazaret-visits-'));
  const workbench = await openWorkbench({
    folder,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  });
  mkdirSync(workbench.source, { recursive: true });
  const source = mkdtempSync(join(workbench.source, 'sent-'));
  let files = 0;
  const prepare: VisitBench['prepare'] = (rows, settings = {}, more = {}) => {
    files += 1;
    const path = join(source, `uds-${files}.csv`);
    const columns = COLUMNS.filter((name) => name !== NOTE || rows.some((row) => NOTE in row));
    const lines = rows.map((row) => columns.map((name) => row[name] ?? '').join(','));
    writeFileSync(path, `${[columns.join(','), ...lines].join('\n')}\n`);
    return {
      ...{ pipeline: 'forms', location: JSON.stringify([path]) },
      ...{ settings: { study: STUDY, ...settings }, ...more },
    };
  };
  return {
    workbench,
    prepare,
    async send(rows, settings, more) {
      const summary = await workbench.run(prepare(rows, settings, more));
      return { summary, fates: await fatesOf(workbench, summary.run, rows.length) };
    },
    delivered() {
      const forms = join(workbench.out, 'default', 'Forms');
      return readdirSync(forms)
        .filter((name) => name.endsWith('.ndjson'))
        .flatMap((name) => readFileSync(join(forms, name), 'utf8').trimEnd().split('\n'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async close() {
      await workbench.close();
      if (given === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A record that nothing is told of was delivered. */
export async function fatesOf(
  { application }: Workbench,
  short: string,
  count: number,
): Promise<readonly Fate[]> {
  const run = await application.engine.find(short);
  const { db } = application.store;
  const stopped = await sql<{ no: number; disposition: string }>`
    select no, disposition from lazaret.published_item where run = ${run.id}`.execute(db);
  const found = await sql<{ item: number; code: string; own: string | null }>`
    select item, code, parameters->>'ruleCode' as own
    from lazaret.published_finding where run = ${run.id} and item is not null
    order by item`.execute(db);
  return Array.from({ length: count }, (_, index) => {
    const no = index + 1;
    const disposition = stopped.rows.find((row) => Number(row.no) === no)?.disposition;
    const codes = found.rows
      .filter(({ item }) => Number(item) === no)
      .map(({ code, own }) => own ?? code)
      .toSorted();
    return { disposition: disposition ?? 'delivered', codes };
  });
}
