/** Queries over runs: their making, their transitions, their signs of life. */
import { sql, type Selectable, type Transaction } from 'kysely';
import type { Db } from './open.ts';
import type { Counters, FinalDisposition, Reason, RunStatus, RunTable, Tables } from './tables.ts';

export type Trx = Transaction<Tables>;
export type RunRow = Selectable<RunTable>;

export const FINAL_STATUSES: readonly RunStatus[] = ['interrupted', 'complete', 'failed'];

/** Makes sure that the project and the site of a run exist. */
export async function ensureSite(
  db: Db | Trx,
  project: string,
  site: string,
  now: Date,
): Promise<void> {
  await db
    .insertInto('lazaret.project')
    .values({ name: project, key_id: null, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await db
    .insertInto('lazaret.site')
    .values({ project, name: site, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The id of the key that the project's pseudonyms were made with; null before the first run. */
export async function projectKeyId(db: Db, project: string): Promise<string | null> {
  const row = await db
    .selectFrom('lazaret.project')
    .select('key_id')
    .where('name', '=', project)
    .executeTakeFirst();
  return row?.key_id ?? null;
}

/** Records the project's key id, for good: a project that has one keeps it. */
export async function recordKeyId(db: Db, project: string, keyId: string): Promise<void> {
  await db
    .updateTable('lazaret.project')
    .set({ key_id: keyId })
    .where('name', '=', project)
    .where('key_id', 'is', null)
    .execute();
}

/** Finds a run by its short form or its id; null where there is none. */
export async function findRun(db: Db | Trx, name: string): Promise<RunRow | null> {
  const byId = /^[0-9a-f]{8}-/.test(name);
  const row = await db
    .selectFrom('lazaret.run')
    .selectAll()
    .where(byId ? 'id' : 'short', '=', name)
    .executeTakeFirst();
  return row ?? null;
}

export async function lockRun(trx: Trx, id: string): Promise<RunRow> {
  return trx
    .selectFrom('lazaret.run')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export interface Transition {
  readonly to: RunStatus;
  readonly from: readonly RunStatus[];
  readonly causedBy: string;
  readonly reason?: Reason | null;
  readonly at: Date;
}

/**
 * Takes a run from one status to another, and keeps why. False when the run is in none of the
 * statuses to come from: somebody else was faster, and nothing was changed.
 */
export async function transition(db: Db | Trx, run: string, step: Transition): Promise<boolean> {
  const reason =
    step.reason === undefined || step.reason === null ? null : JSON.stringify(step.reason);
  const final = FINAL_STATUSES.includes(step.to);
  const moved = await sql<{ was: RunStatus }>`
    with before as (
      select id, status from lazaret.run where id = ${run} for update
    ), moved as (
      update lazaret.run r set status = ${step.to}, reason = ${reason}::jsonb,
        finished_at = ${final ? step.at : null}
      from before b where r.id = b.id and b.status = any(${[...step.from]}::text[])
      returning b.status as was
    )
    insert into lazaret.run_event (run, at, from_status, to_status, caused_by, reason)
    select ${run}, ${step.at}, moved.was, ${step.to}, ${step.causedBy}, ${reason}::jsonb from moved
    returning from_status as was`.execute(db);
  return moved.rows.length > 0;
}

/** A sign of life, and the answer to "am I to stop?". Adds the time at work. */
export async function beat(
  db: Db,
  run: string,
  owner: string,
  now: Date,
  workedMs: number,
): Promise<RunStatus | null> {
  const row = await db
    .updateTable('lazaret.run')
    .set((eb) => ({
      heartbeat_at: now,
      elapsed_ms: eb('elapsed_ms', '+', Math.round(workedMs)),
    }))
    .where('id', '=', run)
    .where('owner', '=', owner)
    .returning('status')
    .executeTakeFirst();
  return row?.status ?? null;
}

/** Adds to the counters that people watch. The ledger does not read them; it checks them. */
export function addCounters(
  counters: Counters,
  more: ReadonlyMap<FinalDisposition, number>,
): Counters {
  const sum: Counters = { ...counters };
  for (const [disposition, count] of more) sum[disposition] = (sum[disposition] ?? 0) + count;
  return sum;
}

/**
 * Unfinished runs whose process is gone: no sign of life for a while, or no living owner at all
 * (`everyOwner`, where the caller holds the embedded store and so knows that nobody else works).
 */
export async function findAbandoned(
  db: Db,
  input: { readonly before: Date; readonly everyOwner: boolean; readonly except: string },
): Promise<RunRow[]> {
  return db
    .selectFrom('lazaret.run')
    .selectAll()
    .where('status', 'in', ['new', 'running', 'paused', 'stop-requested'])
    .where((eb) =>
      input.everyOwner
        ? eb.or([eb('owner', 'is', null), eb('owner', '!=', input.except)])
        : eb.or([eb('heartbeat_at', 'is', null), eb('heartbeat_at', '<', input.before)]),
    )
    .execute();
}

/** Who asked a run to stop, as its latest transition has it. */
export async function askedToStopBy(db: Db, run: string): Promise<string> {
  const row = await db
    .selectFrom('lazaret.run_event')
    .select('caused_by')
    .where('run', '=', run)
    .where('to_status', '=', 'stop-requested')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return row?.caused_by ?? 'somebody';
}
