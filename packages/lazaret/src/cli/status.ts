/** `lazaret status [run]`, `lazaret stop <run>`, `lazaret batches`, `lazaret findings`. */
import { sql } from 'kysely';
import { renderText, type Parameters, type Place } from '@lazaret/faults';
import { catalogue, type Application } from '../main.ts';
import { countBatches, countFindings, summarise, type FindingCount } from '../engine/summary.ts';
import { megabytesPerHour, throughputByDay } from '../engine/throughput.ts';
import type { BatchStatus, Counters, Reason, RunStatus } from '../store/tables.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Execute } from './command.ts';
import { summaryExtra } from './run-command.ts';

export interface StatusInput {
  readonly run?: string;
  /** Throughput over all runs of the project, instead of the runs. */
  readonly by?: 'day';
  readonly project: string;
}

/** A run in a list. */
export interface RunDocument {
  readonly run: string;
  readonly pipeline: string;
  readonly status: RunStatus;
  readonly site: string;
  readonly startedBy: string;
  readonly createdAt: string;
  readonly elapsedSeconds: number;
  /** The run whose items these are, for releases and replays. */
  readonly parent: string | null;
  readonly items: Counters & { readonly received: number; readonly pending: number };
}

const NO_ITEMS = { delivered: 0, held: 0, rejected: 0, skipped: 0, duplicate: 0 };

/** Runs listed at most; the newest come first. */
const MAX_RUNS = 50;
const MAX_DAYS = 366;

export const status: Execute<StatusInput> = async (application, input) => {
  const { engine, store } = application;
  if (input.run !== undefined) {
    const run = await engine.find(input.run);
    const pipeline = engine.pipelineOf(run.pipeline);
    const summary = await summarise(store.db, catalogue, run, pipeline);
    const events = await store.db
      .selectFrom('lazaret.run_event')
      .select(['at', 'from_status as from', 'to_status as to', 'caused_by as causedBy', 'reason'])
      .where('run', '=', run.id)
      .orderBy('id')
      .execute();
    return {
      document: { ...summary, history: events },
      extra: await summaryExtra(application, run),
      exit: EXIT.complete,
    };
  }
  if (input.by === 'day') {
    const days = await throughputByDay(store.db, input.project, MAX_DAYS);
    return { document: days, extra: { by: 'day' }, exit: EXIT.complete };
  }
  const rows = await store.db
    .selectFrom('lazaret.run as r')
    .leftJoin('lazaret.run as p', 'p.id', 'r.parent')
    .select([
      'r.short as run',
      'r.pipeline',
      'r.status',
      'r.site',
      'r.started_by as startedBy',
      'r.created_at as createdAt',
      'r.elapsed_ms as elapsedMs',
      'r.next_item as nextItem',
      'r.counters',
      'p.short as parent',
    ])
    .where('r.project', '=', input.project)
    .orderBy('r.created_at', 'desc')
    .limit(MAX_RUNS)
    .execute();
  const document: RunDocument[] = rows.map(
    ({ elapsedMs, nextItem, createdAt, counters, ...row }) => {
      const settled = Object.values(counters).reduce((sum, count) => sum + count, 0);
      return {
        ...row,
        createdAt: createdAt.toISOString(),
        elapsedSeconds: Math.round(elapsedMs / 100) / 10,
        items: {
          received: nextItem - 1,
          ...NO_ITEMS,
          ...counters,
          pending: nextItem - 1 - settled,
        },
      };
    },
  );
  return { document, exit: EXIT.complete };
};

export interface StopInput {
  readonly run: string;
  readonly user: string;
}

export const stop: Execute<StopInput> = async ({ engine }, input) => {
  const run = await engine.stop(input.run, input.user);
  return { document: { run: run.short, status: run.status }, exit: EXIT.complete };
};

export interface BatchesInput {
  readonly run?: string;
  readonly status?: string;
  readonly hasError: boolean;
  readonly project: string;
}

export interface BatchDocument {
  readonly run: string;
  readonly batch: string;
  readonly stage: string;
  readonly ordinal: number;
  readonly status: BatchStatus;
  readonly hasError: boolean;
  readonly attempt: number;
  readonly items: number;
  readonly bytes: number;
  readonly elapsedSeconds: number | null;
  readonly megabytesPerHour: number | null;
  readonly reason: Reason | null;
  readonly qa: unknown;
}

const MAX_ROWS = 1_000;

export const batches: Execute<BatchesInput> = async (application, input) => {
  const { engine, store } = application;
  const run = await latestOr(application, input.run, input.project);
  if (run === null) return { document: [], exit: EXIT.complete };
  const stages = engine.pipelineOf(run.pipeline).stages.map(({ name }) => name);
  let select = store.db
    .selectFrom('lazaret.batch')
    .select([
      'id',
      'stage',
      'ordinal',
      'status',
      'has_error as hasError',
      'attempt',
      'items',
      'bytes',
      'reason',
      'qa',
      'started_at',
      'finished_at',
    ])
    .where('run', '=', run.id);
  if (input.status !== undefined) select = select.where('status', '=', input.status as 'done');
  if (input.hasError) select = select.where('has_error', '=', true);
  const rows = await select.orderBy('stage').orderBy('ordinal').limit(MAX_ROWS).execute();
  const document: BatchDocument[] = rows.map(
    ({ id, stage, started_at, finished_at, reason, qa, ...row }) => ({
      run: run.short,
      batch: id,
      ...row,
      stage: stages[stage] ?? String(stage),
      elapsedSeconds:
        started_at === null || finished_at === null
          ? null
          : (finished_at.getTime() - started_at.getTime()) / 1_000,
      megabytesPerHour: rateOf(qa),
      reason,
      qa,
    }),
  );
  return {
    document,
    extra: { counts: await countBatches(store.db, run.id) },
    exit: EXIT.complete,
  };
};

/** From what the batch itself says of its size and time. */
function rateOf(qa: unknown): number | null {
  const { SizeBytes, ElapsedTime } = (qa ?? {}) as Partial<Record<string, unknown>>;
  if (typeof SizeBytes !== 'number' || typeof ElapsedTime !== 'number') return null;
  return megabytesPerHour(SizeBytes, ElapsedTime);
}

export interface FindingsInput {
  readonly run?: string;
  readonly code?: string;
  readonly project: string;
}

export interface FindingsDocument {
  readonly run: string | null;
  readonly counts: readonly FindingCount[];
  /** In full; of one code and batch at most a thousand, while the counts are exact. */
  readonly findings: readonly {
    readonly item: string | null;
    readonly stage: string;
    readonly step: string;
    readonly code: string;
    readonly id: string;
    readonly name: string;
    readonly type: 'error' | 'alert' | 'warning';
    readonly parameters: Parameters;
    readonly place: Place;
    readonly message: string;
    readonly action: string;
    readonly at: string;
  }[];
  /** Batches that ended in error: their items are held, with the fault's code. */
  readonly faults: readonly { readonly batch: string; readonly reason: Reason | null }[];
}

export const findings: Execute<FindingsInput> = async (application, input) => {
  const { store } = application;
  const run = await latestOr(application, input.run, input.project);
  if (run === null)
    return { document: { run: null, counts: [], findings: [], faults: [] }, exit: EXIT.complete };
  let select = store.db
    .selectFrom('lazaret.published_finding')
    .select(['item', 'stage', 'step', 'code', 'code_id as id', 'type', 'parameters', 'place', 'at'])
    .where('run', '=', run.id);
  const code = input.code === undefined ? null : codeName(input.code);
  if (code !== null) select = select.where('code', '=', code);
  const rows = await select.orderBy('item').orderBy('at').limit(MAX_ROWS).execute();
  const counts = await countFindings(store.db, catalogue, run.id);
  const faults = await store.db
    .selectFrom('lazaret.batch')
    .select(['id', 'stage', 'reason'])
    .where('run', '=', run.id)
    .where('status', '=', 'error')
    .execute();
  const document: FindingsDocument = {
    run: run.short,
    counts: code === null ? counts : counts.filter(({ name }) => name === code),
    findings: rows.map(({ item, at, ...row }) => {
      const entry = catalogue.entryOf(row);
      return {
        ...row,
        name: entry.name,
        item: item === null ? null : `${run.short}/${item}`,
        message: renderText(entry, row.parameters, row.place, 'operator'),
        action: entry.action,
        at: at.toISOString(),
      };
    }),
    faults: faults.map(({ id, reason }) => ({ batch: id, reason })),
  };
  return { document, exit: EXIT.complete };
};

/** The run that was named, or the newest one of the project. @throws RunNotFound */
export async function latestOr(
  { engine, store }: Application,
  name: string | undefined,
  project: string,
): Promise<Awaited<ReturnType<Application['engine']['find']>> | null> {
  if (name !== undefined) return engine.find(name);
  const { rows } = await sql<{ id: string }>`
    select id from lazaret.run where project = ${project}
    order by created_at desc limit 1`.execute(store.db);
  const [latest] = rows;
  return latest === undefined ? null : engine.find(latest.id);
}

/** The name for code of what a person typed as id or name. @throws CodeUnknown */
export function codeName(text: string): string {
  const found = catalogue.find(text);
  if (found.found) return found.entry.name;
  throw unknownCode(text, found.nearest);
}

export function unknownCode(text: string, nearest: { readonly id: string } | null): Error {
  return cliCodes.fault('CodeUnknown', {
    code: text.slice(0, 40),
    nearest:
      nearest === null ? 'All codes are in the operations guide.' : `The nearest is ${nearest.id}.`,
  });
}
