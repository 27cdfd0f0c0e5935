/** Queries over batches: claiming, what they consist of, and what follows from them. */
import { sql, type Selectable } from 'kysely';
import type { Db } from './open.ts';
import type { Trx } from './runs.ts';
import type { BatchTable } from './tables.ts';

export type BatchRow = Selectable<BatchTable>;

/** A run whose process is silent for so long is taken for dead. */
export const SILENCE_MS = 30_000;

/** Any constants of our own; they have to be the same in every process. */
const CUT_LOCK = 5_207_915;
const TURN_LOCK = 5_207_916;

/**
 * Claims a batch for a new attempt. `stale`: it is not waiting for this one. `busy`: another run is
 * at work on the same cut, or on one of its rivals, and what it delivers has to be known before
 * anything is made here.
 *
 * Two workers with the same job cannot both get it, and an older attempt can no longer publish.
 * A process that the run was taken from gets none either: it would let it fall.
 */
export async function claimBatch(
  db: Db,
  batch: string,
  expectedAttempt: number,
  owner: string,
  now: Date,
  rivalsOf: (stage: number, cut: string) => readonly string[] | null = () => null,
): Promise<BatchRow | 'stale' | 'busy'> {
  return db.transaction().execute(async (trx) => {
    if (await isCutAtWork(trx, batch, now, rivalsOf)) return 'busy';
    return (await claimFree(trx, batch, expectedAttempt, owner, now)) ?? 'stale';
  });
}

/**
 * Whether another run that lives works on the cut of this batch, or on a rival of it. Claims of one
 * cut wait here for each other; where cuts have rivals, so do all of the pipeline in the project.
 */
async function isCutAtWork(
  trx: Trx,
  batch: string,
  now: Date,
  rivalsOf: (stage: number, cut: string) => readonly string[] | null,
): Promise<boolean> {
  const own = await trx
    .selectFrom('lazaret.batch as b')
    .innerJoin('lazaret.run as r', 'r.id', 'b.run')
    .select(['b.run', 'b.stage', 'b.cut', 'r.project', 'r.pipeline'])
    .where('b.id', '=', batch)
    .executeTakeFirst();
  if (own === undefined || own.cut === null) return false;
  const rivals = rivalsOf(own.stage, own.cut);
  const waitingFor = rivals === null ? own.cut : `${own.project} ${own.pipeline}`;
  await sql`select pg_advisory_xact_lock(${CUT_LOCK}, hashtext(${waitingFor}))`.execute(trx);
  const other = await trx
    .selectFrom('lazaret.batch as b')
    .innerJoin('lazaret.run as r', 'r.id', 'b.run')
    .select('b.id')
    .where('b.cut', 'in', rivals ?? [own.cut])
    .where('b.status', '=', 'processing')
    .where('b.run', '!=', own.run)
    .where('r.project', '=', own.project)
    .where('r.pipeline', '=', own.pipeline)
    .where('r.status', 'in', ['running', 'paused', 'stop-requested'])
    .where('r.heartbeat_at', '>', new Date(now.getTime() - SILENCE_MS))
    .executeTakeFirst();
  return other !== undefined;
}

/**
 * Until the end of the transaction, all others of the project wait that take their turn as well.
 * Taken behind the locks of runs, so that nobody waits for somebody who waits.
 */
export async function takeTurn(trx: Trx, project: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${TURN_LOCK}, hashtext(${project}))`.execute(trx);
}

async function claimFree(
  trx: Trx,
  batch: string,
  expectedAttempt: number,
  owner: string,
  now: Date,
): Promise<BatchRow | null> {
  const row = await trx
    .updateTable('lazaret.batch')
    .set({ attempt: expectedAttempt + 1, status: 'processing', started_at: now })
    .where('id', '=', batch)
    .where('attempt', '=', expectedAttempt)
    .where('status', 'in', ['queued', 'processing'])
    .where('run', 'in', (eb) =>
      eb
        .selectFrom('lazaret.run')
        .select('id')
        .where('status', 'in', ['running', 'paused'])
        .where('owner', '=', owner),
    )
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Puts an unfinished attempt back, for a later resumption. */
export async function putBack(db: Db, batch: string, attempt: number): Promise<void> {
  await db
    .updateTable('lazaret.batch')
    .set({ status: 'queued' })
    .where('id', '=', batch)
    .where('attempt', '=', attempt)
    .where('status', '=', 'processing')
    .execute();
}

/** Forgets what attempts before this one had staged. */
export async function clearStaged(db: Db, batch: string, attempt: number): Promise<void> {
  for (const table of [
    'lazaret.outcome',
    'lazaret.item',
    'lazaret.finding',
    'lazaret.tally',
    'lazaret.delivery',
  ] as const) {
    await db.deleteFrom(table).where('batch', '=', batch).where('attempt', '<', attempt).execute();
  }
  await db
    .deleteFrom('lazaret.parcel')
    .where('maker', '=', batch)
    .where('attempt', '<', attempt)
    .execute();
}

/** What a batch consists of, in the order of first items: it does not say who was faster. */
export async function parcelsOf(
  db: Db,
  batch: string,
): Promise<
  readonly { readonly refs: string; readonly lot: boolean; readonly payload: Uint8Array | null }[]
> {
  return db
    .selectFrom('lazaret.parcel')
    .select(['refs', 'lot', 'payload'])
    .where('target', '=', batch)
    .orderBy(sql`lower(refs)`)
    .orderBy('id')
    .execute();
}

/**
 * Makes the batches of a stage whose items are re-cut by a key, from all parcels that wait for it.
 * Their order is that of their first items, so that it does not depend on who was faster.
 */
export async function recut(
  trx: Trx,
  input: { readonly run: string; readonly stage: number; readonly now: Date },
): Promise<string[]> {
  const made = await sql<{ id: string }>`
    with waiting as (
      select p.id, p.cut, p.refs from lazaret.parcel p
      join lazaret.batch m on m.id = p.maker and m.published_attempt = p.attempt
      where p.run = ${input.run} and p.stage = ${input.stage} and p.target is null
    ), cuts as (
      select cut, min(lower(refs)) as first_item,
        sum((select sum(upper(r) - lower(r)) from unnest(refs) r)) as items
      from waiting group by cut
    ), made as (
      insert into lazaret.batch (id, run, stage, ordinal, cut, status, items, queued_at)
      select gen_random_uuid(), ${input.run}, ${input.stage},
        row_number() over (order by first_item), cut, 'queued', items, ${input.now}
      from cuts
      returning id, cut
    ), taken as (
      update lazaret.parcel p set target = made.id
      from waiting w join made on made.cut is not distinct from w.cut
      where p.id = w.id
      returning p.id
    )
    select made.id from made, (select count(*) from taken) as done`.execute(trx);
  return made.rows.map(({ id }) => id);
}

/** Hands what a batch passed on to one batch of the next stage, where items are not re-cut. */
export async function passOn(
  trx: Trx,
  input: {
    readonly run: string;
    readonly stage: number;
    readonly maker: string;
    readonly attempt: number;
    readonly ordinal: number;
    readonly items: number;
    readonly id: string;
    readonly now: Date;
  },
): Promise<void> {
  await trx
    .insertInto('lazaret.batch')
    .values({
      id: input.id,
      run: input.run,
      stage: input.stage,
      ordinal: input.ordinal,
      cut: null,
      status: 'queued',
      published_attempt: null,
      items: input.items,
      reason: null,
      qa: null,
      queued_at: input.now,
      started_at: null,
      finished_at: null,
    })
    .execute();
  await trx
    .updateTable('lazaret.parcel')
    .set({ target: input.id })
    .where('maker', '=', input.maker)
    .where('attempt', '=', input.attempt)
    .execute();
}

/** How many batches of stages up to `stage` are not through yet. */
export async function countUnfinished(trx: Trx, run: string, upToStage: number): Promise<number> {
  const { count } = await trx
    .selectFrom('lazaret.batch')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('run', '=', run)
    .where('stage', '<=', upToStage)
    .where('status', 'in', ['queued', 'processing'])
    .executeTakeFirstOrThrow();
  return count;
}

/** Batches that a resumption has to take up, with the attempt that they have reached. */
export async function unfinishedBatches(
  db: Db | Trx,
  run: string,
): Promise<readonly { readonly id: string; readonly attempt: number }[]> {
  return db
    .selectFrom('lazaret.batch')
    .select(['id', 'attempt'])
    .where('run', '=', run)
    .where('status', 'in', ['queued', 'processing'])
    .orderBy('stage')
    .orderBy('ordinal')
    .execute();
}
