/**
 * A place to prove the engine in: a store of either kind, an engine with the lines pipeline, and
 * ways to make runs and to compare what became of them. Each run has a project of its own, so that
 * one test's receipts are no repeats for another.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BASE_CODES,
  createCatalogue,
  createSystemClock,
  type Catalogue,
  type Clock,
  type LogEvent,
} from '@lazaret/faults';
import { sql } from 'kysely';
import { engineCodes } from '../src/engine/codes.ts';
import { createEngine, type Engine } from '../src/engine/engine.ts';
import type { AnyPipeline } from '../src/engine/pipeline.ts';
import type { Progress } from '../src/engine/run-context.ts';
import { entries as identityCodes } from '../src/identity/codes.ts';
import { loadOrCreateProjectKey } from '../src/identity/keys.ts';
import { createKeptLog } from '../src/log/kept-log.ts';
import { createLog } from '../src/log/log.ts';
import { entries as sinkCodes } from '../src/sinks/codes.ts';
import { storeCodes } from '../src/store/codes.ts';
import { fromMultirange } from '../src/store/item-set.ts';
import { cacheFolder } from '../src/store/new-cluster.ts';
import { openStore, type Db, type Store } from '../src/store/open.ts';
import type { RunRow } from '../src/store/runs.ts';
import type { LinesConfiguration } from './lines-pipeline/line.ts';
import { pipeline as lines } from './lines-pipeline/pipeline.ts';

export const catalogue = catalogueOf([lines]);

function catalogueOf(pipelines: readonly Pick<AnyPipeline, 'codes'>[]): Catalogue {
  return createCatalogue(
    BASE_CODES,
    storeCodes.entries,
    engineCodes.entries,
    identityCodes,
    sinkCodes,
    ...new Set(pipelines.map(({ codes }) => codes)),
  );
}

/** Loops are this many times as long with LAZARET_LONG=1. */
export const LONG = process.env['LAZARET_LONG'] === '1' ? 10 : 1;

export interface BenchOptions {
  /** Null: PGlite in the folder. */
  readonly url: string | null;
  readonly folder: string;
  readonly clock?: Clock;
  readonly workers?: number;
  readonly pipelines?: readonly AnyPipeline[];
  /** Given the store that was opened; what it gives is what the engine works on. */
  readonly wrap?: (store: Store) => Store;
}

export interface Bench {
  readonly store: Store;
  readonly db: Db;
  readonly engine: Engine;
  readonly folder: string;
  readonly events: LogEvent[];
  close(): Promise<void>;
}

export function makeFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'lazaret-bench-'));
}

export async function openBench(options: BenchOptions): Promise<Bench> {
  const { pipelines = [lines] } = options;
  const catalogue = catalogueOf(pipelines);
  const clock = options.clock ?? createSystemClock();
  const store = await openStore({
    dataFolder: path.join(options.folder, 'data'),
    databaseUrl: options.url ?? undefined,
    cacheFolder: cacheFolder(process.env),
    command: 'bench',
    now: () => new Date(clock.now()),
  });
  const events: LogEvent[] = [];
  const kept = createKeptLog();
  const log = createLog({
    catalogue,
    now: () => clock.now(),
    format: 'json',
    timeZone: 'UTC',
    product: 'lazaret/test',
    commit: 'test',
    level: 'fatal',
    write: () => undefined,
    keep(event) {
      events.push(event);
      kept.keep(event);
    },
  });
  const engine = await createEngine({
    env: {},
    store: options.wrap?.(store) ?? store,
    pipelines,
    catalogue,
    clock,
    log,
    keptLog: kept,
    version: '0.0.0-test',
    staging: path.join(options.folder, 'staging'),
    workers: options.workers ?? 2,
    loadKey: async (project, expectedKeyId) => {
      const { key } = await loadOrCreateProjectKey({
        folder: path.join(options.folder, 'config'),
        project,
        ...(expectedKeyId === null ? {} : { expectedKeyId }),
        random: randomBytes,
        now: () => new Date(clock.now()),
      });
      return key;
    },
  });
  return {
    store,
    db: store.db,
    engine,
    folder: options.folder,
    events,
    async close() {
      await engine.close();
      await store.close();
    },
  };
}

export interface LinesRun {
  readonly run: RunRow;
  readonly out: string;
}

/** Makes a run over lines; they are written to a file of their own. */
export async function createLinesRun(
  bench: Bench,
  service: string,
  content: readonly string[],
  options: Partial<LinesConfiguration> & { readonly project?: string } = {},
): Promise<LinesRun> {
  const name = randomUUID();
  const file = path.join(bench.folder, `${name}.txt`);
  const out = path.join(bench.folder, `out-${name}`);
  await mkdir(out);
  await writeFile(file, content.map((line) => `${line}\n`).join(''));
  const { project = `p-${name}`, ...given } = options;
  const run = await bench.engine.create({
    pipeline: 'lines',
    configuration: {
      service,
      out,
      chunk: 10,
      slowMs: 0,
      policy: 'one',
      ...given,
    } satisfies LinesConfiguration,
    location: file,
    project,
    site: 'site',
    user: 'tester',
  });
  return { run, out };
}

export const silent: Progress = {
  arrived: () => undefined,
  allArrived: () => undefined,
  advanced: () => undefined,
  status: () => undefined,
};

export function work(
  bench: Bench,
  run: RunRow,
  options: {
    readonly controller?: AbortController;
    readonly maxPauseMs?: number;
    readonly progress?: Partial<Progress>;
  } = {},
): Promise<RunRow> {
  return bench.engine.work(run, {
    progress: { ...silent, ...options.progress },
    controller: options.controller ?? new AbortController(),
    maxPauseMs: options.maxPauseMs ?? 10_000,
  });
}

/** All that a run arrived at, without what differs from run to run by nature. */
export interface Outcome {
  readonly dispositions: Readonly<Record<number, string>>;
  readonly items: readonly unknown[];
  readonly findings: readonly unknown[];
  readonly tally: readonly unknown[];
  readonly deliveries: readonly unknown[];
  readonly files: Readonly<Record<string, string>>;
}

export async function outcomeOf(db: Db, { run, out }: LinesRun): Promise<Outcome> {
  const dispositions: Record<number, string> = {};
  const outcomes = await db
    .selectFrom('lazaret.published_outcome')
    .select(['disposition', 'refs'])
    .where('run', '=', run.id)
    .execute();
  for (const { disposition, refs } of outcomes) {
    for (const item of fromMultirange(refs)) {
      dispositions[item] = [dispositions[item], disposition].filter(Boolean).join('+');
    }
  }
  const items = await db
    .selectFrom('lazaret.published_item')
    .select(['no', 'disposition', 'code', 'stage', 'step', 'digest', 'facts', 'same_as_no'])
    .where('run', '=', run.id)
    .orderBy('no')
    .execute();
  const findings = await db
    .selectFrom('lazaret.published_finding')
    .select(['item', 'stage', 'step', 'code', 'type', 'place', 'fingerprint'])
    .where('run', '=', run.id)
    .orderBy('item')
    .orderBy('code')
    .execute();
  const { rows: tally } = await sql`
    select step, code, field, sum(count)::bigint as count from lazaret.published_tally
    where run = ${run.id} group by 1, 2, 3 order by 1, 2, 3`.execute(db);
  const deliveries = await db
    .selectFrom('lazaret.published_delivery')
    .select(['sink', 'key', 'digest', 'bytes', 'refs'])
    .where('run', '=', run.id)
    .orderBy('key')
    .execute();
  return { dispositions, items, findings, tally, deliveries, files: await filesBelow(out) };
}

async function filesBelow(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of names.filter((name) => name.isFile())) {
    const full = path.join(entry.parentPath, entry.name);
    files[path.relative(folder, full)] = await readFile(full, 'utf8');
  }
  return files;
}

/** Counts of the dispositions, by name. */
export function countDispositions(outcome: Outcome): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of Object.values(outcome.dispositions)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** What attempts may have left lying about: files in staging, and intents that nobody settled. */
export async function leftovers(bench: Bench, run: RunRow): Promise<readonly string[]> {
  const staged = await readdir(path.join(bench.folder, 'staging'), { recursive: true }).catch(
    () => [],
  );
  const open = await bench.db
    .selectFrom('lazaret.intent')
    .select('key')
    .where('run', '=', run.id)
    .where('state', '=', 'open')
    .execute();
  return [...staged.filter((name) => name.startsWith(run.id)), ...open.map(({ key }) => key)];
}

export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}
