import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { writeFormsData, type FormsData } from './forms-data.ts';
import { renderFormsReport, type FormsReport } from './forms-report.ts';
import { clearScratch } from './imaging-peers.ts';
import { describeMachine } from './machine.ts';
import { CommandFailed, measureRow, runMeasured, type Row } from './measure.ts';
import { ratiosOf } from './report.ts';

const USAGE = `Usage: node bench/index.ts forms [options]
  --rows N       rows to make (1,000,000)
  --bad-every N  one row in so many has a mistake (100; 1: all of them)
  --repeat N     runs of each row of the table (3 of short ones, 1 of long ones)
  --only WORDS   rows to measure, by words of their names, separated by commas
  --json         one JSON document
`;

const BIN = fileURLToPath(new URL('../packages/lazaret/bin/lazaret.js', import.meta.url));
const THREADS = fileURLToPath(new URL('forms-threads.ts', import.meta.url));
const PEERS = fileURLToPath(new URL('peers', import.meta.url));

interface Options {
  readonly rows: number;
  readonly badEvery: number;
  readonly repeat: number | undefined;
  readonly only: readonly string[];
  readonly json: boolean;
}

/** Measures the checks of forms and their peers on one file, and prints one table. */
export async function benchForms(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n${USAGE}`);
    return 2;
  }
  const root = mkdtempSync(join(tmpdir(), 'lazaret-bench-'));
  try {
    const report = await measureAll(root, options);
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : renderFormsReport(report));
    return 0;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The options, or what is wrong with them. */
function readOptions(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rows: { type: 'string', default: '1000000' },
        'bad-every': { type: 'string', default: '100' },
        repeat: { type: 'string' },
        only: { type: 'string', default: '' },
        json: { type: 'boolean', default: false },
      },
    });
    const [rows, badEvery] = [Number(values.rows), Number(values['bad-every'])];
    const repeat = values.repeat === undefined ? undefined : Number(values.repeat);
    for (const [name, number] of Object.entries({ rows, 'bad-every': badEvery, repeat })) {
      if (number !== undefined && !(Number.isSafeInteger(number) && number > 0)) {
        return `--${name} must be a whole number above 0.`;
      }
    }
    const only = values.only.split(',').filter((word) => word !== '');
    return { rows, badEvery, repeat, only, json: values.json };
  } catch (error) {
    // parseArgs says what it does not know in a sentence of its own.
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

async function measureAll(root: string, options: Options): Promise<FormsReport> {
  const machine = describeMachine();
  say(`making ${options.rows} rows …`);
  const data = writeFormsData(join(root, 'data'), options.rows, options.badEvery);
  const place: Place = { data, root, repeat: options.repeat };
  const threads = String(machine.cores);
  const rows: Row[] = [];
  const row = async (name: string, measure: (name: string) => Promise<Row>): Promise<void> => {
    if (options.only.length > 0 && !options.only.some((word) => name.includes(word))) return;
    say(`${name} …`);
    rows.push(await measure(name));
  };
  await row('csv-parse + ajv', (name) =>
    measurePeer(place, name, 'csv-parse-ajv.mjs', [data.csv, data.schema]),
  );
  await row('duckdb read_csv', (name) => measurePeer(place, name, 'duckdb.mjs', [data.csv]));
  await row(`lazaret file-validator, ${threads} threads`, (name) =>
    measureNode(place, name, () => [THREADS, data.csv, data.schema, threads]),
  );
  await row('lazaret run forms, file-validator', (name) =>
    measureNode(place, name, (scratch) => [
      ...runArguments(data, scratch),
      ...['--only', 'file-validator'],
    ]),
  );
  await row('lazaret run forms, all checks', (name) =>
    measureNode(place, name, (scratch) => runArguments(data, scratch), loadIdentifiers),
  );
  const starts: Row[] = [];
  if (options.only.length === 0 || options.only.some((word) => 'lazaret start'.includes(word))) {
    say('lazaret start …');
    starts.push(await measureStart(place, 'first start'));
  }
  return { bench: 'forms', machine, data, rows, starts, ratios: ratiosOf(rows) };
}

interface Place {
  readonly data: FormsData;
  readonly root: string;
  readonly repeat: number | undefined;
}

function runArguments(data: FormsData, scratch: string): string[] {
  const places = ['--out', join(scratch, 'out'), '--data', join(scratch, 'data')];
  return [BIN, 'run', 'forms', data.csv, '--study', data.study, '--json', ...places];
}

function environment(scratch: string): Readonly<Record<string, string>> {
  return { LAZARET_CONFIG_DIR: join(scratch, 'keys') };
}

/** What stands in the store before the clock starts: the ids of all subjects, a third as many as rows. */
function loadIdentifiers({ data }: Place, scratch: string): void {
  const settings = { forms: { identifiers: { mode: 'embedded' } } };
  writeFileSync(join(scratch, 'lazaret.config.json'), JSON.stringify(settings));
  const args = [BIN, 'identifiers', 'load', data.identifiers, '--data', join(scratch, 'data')];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: scratch,
    env: { ...process.env, ...environment(scratch) },
    encoding: 'utf8',
  });
  if (status !== 0) throw new CommandFailed(`identifiers load ended with ${status}: ${stderr}`);
}

async function measureNode(
  place: Place,
  name: string,
  args: (scratch: string) => readonly string[],
  before: (place: Place, scratch: string) => void = () => undefined,
): Promise<Row> {
  const { data, root, repeat } = place;
  const scratch = join(root, 'scratch');
  try {
    return await measureRow(name, repeat, async () => {
      clearScratch(scratch);
      before(place, scratch);
      const sample = await runMeasured({
        program: process.execPath,
        args: args(scratch),
        env: environment(scratch),
        cwd: scratch,
      });
      assertAllTaken(sample.output, data);
      return sample;
    });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { name, missing: error.message };
  }
}

/** A run that takes in less has done less, and must not count as a fast one. */
function assertAllTaken(output: string, data: FormsData): void {
  const { items } = JSON.parse(output) as { items: Readonly<Record<string, number>> };
  const { received = 0, rejected = 0 } = items;
  const isRight = received === data.rows && rejected > 0 && rejected <= data.bad;
  if (!isRight) throw new CommandFailed(`it said ${JSON.stringify(items)}`);
}

/** One row, which is all start-up: the memory that an idle store takes. */
async function measureStart(place: Place, name: string): Promise<Row> {
  const small = writeFormsData(join(place.root, 'one'), 1, 1);
  return measureNode({ ...place, data: small }, name, (scratch) => runArguments(small, scratch));
}

async function measurePeer(
  { repeat }: Place,
  name: string,
  script: string,
  args: readonly string[],
): Promise<Row> {
  const problem = installPeers();
  if (problem !== null) return { name, missing: problem };
  return measureRow(name, repeat, () =>
    runMeasured({ program: process.execPath, args: [join(PEERS, script), ...args] }),
  );
}

/** The peers are not among the project's packages: they are large, and nothing else needs them. */
function installPeers(): string | null {
  if (existsSync(join(PEERS, 'node_modules', 'csv-parse'))) return null;
  say('installing the peers …');
  const { status } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: PEERS,
  });
  return status === 0 ? null : 'the peers could not be installed (npm install in bench/peers)';
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
