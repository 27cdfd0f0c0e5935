/** Reading the source: what arrives becomes batches, one commit each, with the checkpoint in it. */
import type { BatchJob } from './queue.ts';
import { packLot, packParcels } from './members.ts';
import type { Arrivals, Source } from './pipeline.ts';
import { advance } from './advance.ts';
import type { RunContext } from './run-context.ts';
import { stageRunFindings } from './run-findings.ts';
import { engineCodes } from './codes.ts';
import { lockOwnRun } from './own-run.ts';

const CHECKPOINT_CONTEXT = 'checkpoint';

/**
 * Reads the source from where it was left to its end. Where it was left is what the store says, so
 * that it may be called again behind any failure.
 * @throws RunTakenOver, and the signal's reason.
 */
export async function readSource(
  context: RunContext,
  source: Source,
  onBatch: () => Promise<void>,
): Promise<void> {
  const { db, key, run, signal } = context;
  const begun = await db
    .selectFrom('lazaret.run')
    .select(['checkpoint', 'source_done'])
    .where('id', '=', run.id)
    .executeTakeFirstOrThrow();
  if (begun.source_done) return;
  let checkpoint: unknown =
    begun.checkpoint === null ? null : key.unsealJson(begun.checkpoint, CHECKPOINT_CONTEXT);
  for (;;) {
    signal.throwIfAborted();
    const arrivals = await source.next(checkpoint, signal);
    if (arrivals === null) break;
    if (!(await accept(context, arrivals))) return;
    checkpoint = arrivals.checkpoint;
    await onBatch();
  }
  await db.transaction().execute(async (trx) => {
    const row = await lockOwnRun(trx, context);
    if (row.source_done) return;
    await trx
      .updateTable('lazaret.run')
      .set({ source_done: true })
      .where('id', '=', run.id)
      .execute();
    if (row.next_item === 1) {
      await stageRunFindings(trx, context, [engineCodes.finding('SourceEmpty', {})]);
    }
    await advance(trx, context, { ...row, source_done: true });
  });
  await onBatch();
}

/** False when the run has ended meanwhile, and takes nothing in any more. */
async function accept(context: RunContext, arrivals: Arrivals): Promise<boolean> {
  const { db, key, run, queue, now } = context;
  const arrived = arrivals.batch ?? [];
  const { lot } = arrivals;
  const count = lot?.items ?? arrived.length;
  const bytes = lot?.bytes ?? arrived.reduce((sum, arrival) => sum + arrival.bytes, 0);
  const accepted = await db.transaction().execute(async (trx) => {
    const row = await lockOwnRun(trx, context);
    if (row.status !== 'running' && row.status !== 'paused') return false;
    const jobs: BatchJob[] = [];
    if (arrivals.batch !== null || lot !== undefined) {
      const { ordinal } = await trx
        .selectFrom('lazaret.batch')
        .select((eb) => eb.fn.coalesce(eb.fn.max('ordinal'), eb.val(0)).as('ordinal'))
        .where('run', '=', run.id)
        .where('stage', '=', 0)
        .executeTakeFirstOrThrow();
      const batch = crypto.randomUUID();
      await trx
        .insertInto('lazaret.batch')
        .values({
          id: batch,
          run: run.id,
          stage: 0,
          ordinal: ordinal + 1,
          cut: null,
          status: 'queued',
          published_attempt: null,
          items: count,
          bytes,
          reason: null,
          qa: null,
          queued_at: now(),
          started_at: null,
          finished_at: null,
        })
        .execute();
      if (lot !== undefined) {
        const items = Array.from({ length: count }, (_, index) => row.next_item + index);
        await trx
          .insertInto('lazaret.parcel')
          .values({
            ...{ run: run.id, stage: 0, maker: null, attempt: null, cut: null, target: batch },
            ...{ lot: true, ...packLot(key, { items, content: lot.content }) },
          })
          .execute();
      }
      const travellers = arrived.map(({ value }, index) => ({
        item: row.next_item + index,
        arrival: value,
        value,
        released: {},
      }));
      for (const { refs, payload } of packParcels(key, travellers)) {
        await trx
          .insertInto('lazaret.parcel')
          .values({
            run: run.id,
            stage: 0,
            maker: null,
            attempt: null,
            cut: null,
            target: batch,
            refs,
            payload,
          })
          .execute();
      }
      jobs.push({ batch, attempt: 0 });
    }
    await stageRunFindings(trx, context, arrivals.findings ?? []);
    await trx
      .updateTable('lazaret.run')
      .set({
        next_item: row.next_item + count,
        bytes: row.bytes + bytes,
        checkpoint: key.sealJson(arrivals.checkpoint, CHECKPOINT_CONTEXT),
      })
      .where('id', '=', run.id)
      .execute();
    await queue.send(trx, run.short, jobs);
    return true;
  });
  if (accepted) context.progress.arrived(count, bytes);
  return accepted;
}
