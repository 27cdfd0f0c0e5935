/**
 * Effects outside the database. The intent is committed before the effect, so that whoever comes
 * after a crash knows what may have happened; the publishing commit marks it as done.
 */
import { randomUUID } from 'node:crypto';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import type { BatchFacts } from './pipeline.ts';

export interface IntentFacts {
  readonly kind: string;
  /** What the effect makes, in its own address space: an object key, a path below the sink. */
  readonly key: string;
  readonly digest: string;
}

export async function doEffect<Result>(
  context: { readonly db: Db; readonly now: () => Date },
  batch: BatchFacts,
  intent: IntentFacts,
  act: () => Promise<Result>,
): Promise<Result> {
  await context.db
    .insertInto('lazaret.intent')
    .values({
      id: randomUUID(),
      run: batch.run,
      batch: batch.batch,
      attempt: batch.attempt,
      ...intent,
      state: 'open',
      opened_at: context.now(),
      settled_at: null,
    })
    .execute();
  return act();
}

/**
 * Within the publishing commit: what this attempt did is done for good, or, where the batch ends in
 * error, does not count; a replay does it again and finds what is there.
 */
export async function closeIntents(
  trx: Trx,
  batch: { readonly id: string; readonly attempt: number },
  state: 'done' | 'superseded',
  now: Date,
): Promise<void> {
  await trx
    .updateTable('lazaret.intent')
    .set({ state, settled_at: now })
    .where('batch', '=', batch.id)
    .where('attempt', '=', batch.attempt)
    .where('state', '=', 'open')
    .execute();
}

/**
 * Intents that an earlier attempt left open. Effects are idempotent and their keys follow from the
 * content, so the next attempt does the same thing again and finds it done, or half done and
 * invisible; the old intent is superseded by its.
 */
export async function supersedeIntents(
  db: Db,
  batch: { readonly id: string; readonly attempt: number },
  now: Date,
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('lazaret.intent')
    .set({ state: 'superseded', settled_at: now })
    .where('batch', '=', batch.id)
    .where('attempt', '<', batch.attempt)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
