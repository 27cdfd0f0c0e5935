/**
 * The publishing commit. One short transaction, valid only while the batch still names this
 * attempt, makes everything count that the attempt has staged: dispositions, findings, tally,
 * deliveries, receipts, and what follows from them.
 */
import { toFault, type Fault } from '@lazaret/faults';
import { sql } from 'kysely';
import { keepCopiesOfError } from '../copies/keep-copies.ts';
import { clearStaged, parcelsOf, passOn, takeTurn, type BatchRow } from '../store/batches.ts';
import { addCounters, lockRun, transition, type Trx } from '../store/runs.ts';
import type { BatchStatus, FinalDisposition } from '../store/tables.ts';
import { advance, judgeRun } from './advance.ts';
import type { Attempt, Stopped } from './attempt.ts';
import { rootsOf } from './dedupe.ts';
import { closeIntents } from './intents.ts';
import { singleOut } from './attempt-lots.ts';
import { unpackParcel, type Parcel, type Traveller } from './members.ts';
import { outrun } from './outrun.ts';
import { reasonOf } from './reason.ts';
import type { RunContext } from './run-context.ts';
import { stageAttempt, stageFindings, stageItems, stageOutcomes } from './stage-rows.ts';
import { batchTimes } from './throughput.ts';

export type Published = 'published' | 'superseded';

/**
 * Publishes what an attempt arrived at. `superseded`: another attempt has taken the batch over in
 * the meantime, and nothing of this one counts.
 * @throws DeliveredMeanwhile when another run delivered some of the items meanwhile, or what they
 *   are judged by.
 */
export async function publishAttempt(
  context: RunContext,
  batch: BatchRow,
  attempt: Attempt,
): Promise<Published> {
  const counts = await stageAttempt(context, batch, attempt);
  const isLast = batch.stage === context.pipeline.stages.length - 1;
  return commit(context, batch, {
    status: counts.onward > 0 ? 'done' : 'empty',
    hasError: counts.hasError,
    fault: null,
    qa: attempt.qa,
    dispositions: counts.dispositions,
    onward: isLast ? 0 : counts.onward,
    receipts: await receiptsOf(context, batch, attempt, isLast),
    ...(attempt.isCurrent === undefined ? {} : { isCurrent: attempt.isCurrent }),
  });
}

/** Publishes that a batch ended in error: all of its items are held, with the fault's code. */
export async function publishError(
  context: RunContext,
  batch: BatchRow,
  fault: Fault,
): Promise<Published> {
  // What the attempt had staged before it failed would count together with what follows here.
  await clearStaged(context.db, batch.id, batch.attempt + 1);
  const parcels = await parcelsOf(context.db, batch.id);
  const stopped = parcels.flatMap(({ refs, lot, payload }) =>
    payload === null
      ? []
      : travellersOf(context, batch, { refs, lot, payload }).map((traveller): Stopped => ({
          traveller,
          disposition: 'held',
          code: fault.code,
          step: 'batch',
          sameAs: null,
        })),
  );
  const items = stopped.map(({ traveller }) => traveller.item);
  await stageOutcomes(context.db, batch, new Map([['held', items]]));
  await stageItems(context, batch, stopped);
  const travellers = stopped.map(({ traveller }) => traveller);
  await stageFindings(context, batch, await keepCopiesOfError(context, batch, travellers));
  if (items.length > 0) {
    await context.db
      .insertInto('lazaret.tally')
      .values({
        run: batch.run,
        batch: batch.id,
        attempt: batch.attempt,
        step: 'batch',
        code: fault.code,
        field: '',
        count: items.length,
      })
      .execute();
  }
  return commit(context, batch, {
    status: 'error',
    hasError: true,
    fault,
    qa: null,
    dispositions: new Map(items.length > 0 ? [['held', items.length]] : []),
    onward: 0,
    receipts: [],
  });
}

function travellersOf(
  context: RunContext,
  batch: BatchRow,
  { lot, ...parcel }: Parcel & { readonly lot: boolean },
): Traveller[] {
  const stage = context.pipeline.stages[batch.stage];
  if (lot && stage !== undefined) return singleOut(context, stage, parcel);
  return unpackParcel(context.key, parcel);
}

interface Receipt {
  readonly digest: string;
  readonly run: string;
  readonly no: number;
  readonly disposition: 'delivered' | 'held';
}

interface Result {
  readonly status: Extract<BatchStatus, 'done' | 'empty' | 'error'>;
  readonly hasError: boolean;
  readonly fault: Fault | null;
  readonly qa: Readonly<Record<string, unknown>> | null;
  readonly dispositions: ReadonlyMap<FinalDisposition, number>;
  readonly onward: number;
  readonly receipts: readonly Receipt[];
  readonly isCurrent?: NonNullable<Attempt['isCurrent']>;
}

async function commit(context: RunContext, batch: BatchRow, result: Result): Promise<Published> {
  const { db, now, run } = context;
  return db.transaction().execute(async (trx) => {
    const row = await lockRun(trx, run.id);
    const finished = now();
    const qa = { ...batchTimes(batch, finished), ...result.qa };
    const { numUpdatedRows } = await trx
      .updateTable('lazaret.batch')
      .set({
        status: result.status,
        has_error: result.hasError,
        published_attempt: batch.attempt,
        reason:
          result.fault === null ? null : JSON.stringify(reasonOf(context.catalogue, result.fault)),
        qa: JSON.stringify(qa),
        finished_at: finished,
      })
      .where('id', '=', batch.id)
      .where('attempt', '=', batch.attempt)
      .where('status', '=', 'processing')
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return 'superseded';
    if (result.isCurrent !== undefined) {
      await takeTurn(trx, run.project);
      if (!(await result.isCurrent(trx))) throw outrun();
    }
    await keepReceipts(trx, context, result.receipts);
    await closeIntents(trx, batch, result.fault === null ? 'done' : 'superseded', now());
    await trx
      .updateTable('lazaret.parcel')
      .set({ payload: null })
      .where('target', '=', batch.id)
      .execute();
    const counters = addCounters(row.counters, result.dispositions);
    await trx
      .updateTable('lazaret.run')
      .set({ counters: JSON.stringify(counters) })
      .where('id', '=', run.id)
      .execute();
    const next = context.pipeline.stages[batch.stage + 1];
    if (result.onward > 0 && next?.cut === undefined) {
      const id = crypto.randomUUID();
      await passOn(trx, {
        run: run.id,
        stage: batch.stage + 1,
        maker: batch.id,
        attempt: batch.attempt,
        ordinal: batch.ordinal,
        items: result.onward,
        id,
        now: now(),
      });
      await context.queue.send(trx, run.short, [{ batch: id, attempt: 0 }]);
    }
    const verdict = await judgeRun(trx, context, row, counters);
    if (verdict !== null) {
      await transition(trx, run.id, {
        to: 'failed',
        from: ['running', 'paused'],
        causedBy: 'data gate',
        reason: reasonOf(context.catalogue, verdict),
        at: now(),
      });
      context.log.fault(verdict);
      return 'published';
    }
    await advance(trx, context, row);
    return 'published';
  });
}

/**
 * Receipts are unique by the digest of the source bytes; the first one stands. Where a delivery
 * finds that of another item, another run was faster: this attempt does not count, and the next one
 * sees it. Not so where nobody looks for repeats, nor for items that were held before anybody did:
 * those are held once more, whatever there is already.
 */
async function keepReceipts(
  trx: Trx,
  { run, pipeline, now }: RunContext,
  receipts: readonly Receipt[],
): Promise<void> {
  const looksForRepeats = pipeline.stages.some(({ dedupe }) => dedupe);
  for (let from = 0; from < receipts.length; from += RECEIPTS_AT_ONCE) {
    const some = receipts.slice(from, from + RECEIPTS_AT_ONCE);
    const kept = await trx
      .insertInto('lazaret.receipt')
      .values(
        some.map((receipt) => ({
          project: run.project,
          pipeline: pipeline.name,
          recipe: run.recipe,
          output: run.output,
          at: now(),
          ...receipt,
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['project', 'pipeline', 'recipe', 'digest'])
          .doUpdateSet((eb) => ({
            disposition: eb.ref('excluded.disposition'),
            at: eb.ref('excluded.at'),
          }))
          .whereRef('lazaret.receipt.run', '=', sql.ref('excluded.run'))
          .whereRef('lazaret.receipt.no', '=', sql.ref('excluded.no')),
      )
      .returning('digest')
      .execute()
      .catch(deliveredMeanwhile);
    if (!looksForRepeats || kept.length === some.length) continue;
    const mine = new Set(kept.map(({ digest }) => digest));
    if (some.some(({ digest, disposition }) => disposition === 'delivered' && !mine.has(digest))) {
      throw outrun();
    }
  }
}

/**
 * Receipts of deliveries are unique by output, too: another run, under another recipe with the same
 * output, has delivered some of this since the attempt looked.
 */
function deliveredMeanwhile(error: unknown): never {
  const fault = toFault(error);
  if (fault.code !== 'StoreConstraintViolated') throw error;
  throw outrun(error);
}

const RECEIPTS_AT_ONCE = 1_000;

/** What this batch delivered or held for a reason in the data, under the items' first names. */
async function receiptsOf(
  context: RunContext,
  batch: BatchRow,
  attempt: Attempt,
  isLast: boolean,
): Promise<Receipt[]> {
  const { pipeline, run, db } = context;
  const settled = [
    ...attempt.stopped
      .filter(({ disposition }) => disposition === 'held')
      .map(({ traveller }) => ({ traveller, disposition: 'held' as const })),
    ...(isLast
      ? attempt.onward.map((traveller) => ({ traveller, disposition: 'delivered' as const }))
      : []),
  ].sort((a, b) => a.traveller.item - b.traveller.item);
  const roots = await rootsOf(
    db,
    batch.run,
    settled.map(({ traveller }) => traveller),
  );
  const receipts = new Map<string, Receipt>();
  for (const { traveller, disposition } of settled) {
    const digest = pipeline.digestOf?.(traveller.value) ?? null;
    if (digest === null || receipts.has(digest)) continue;
    const root = roots.get(traveller.item) ?? { run: run.id, no: traveller.item };
    receipts.set(digest, { digest, run: root.run, no: root.no, disposition });
  }
  return [...receipts.values()];
}
