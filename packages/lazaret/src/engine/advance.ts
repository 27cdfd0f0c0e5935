/**
 * What follows from a publishing commit: whether the run goes on at all, which items are re-cut for
 * the next stage, and when the run is complete, its ledger proven.
 */
import { dataGateFault, judgeData, type Fault } from '@lazaret/faults';
import { countUnfinished, recut } from '../store/batches.ts';
import { holds, proveLedger, type Proof } from '../store/ledger.ts';
import { transition, type RunRow, type Trx } from '../store/runs.ts';
import type { Counters } from '../store/tables.ts';
import { engineCodes } from './codes.ts';
import { reasonOf } from './reason.ts';
import type { RunContext } from './run-context.ts';

/** Whether the run goes on: the data gate's fault where too much is rejected, or for one cause. */
export async function judgeRun(
  trx: Trx,
  { pipeline, run }: RunContext,
  row: RunRow,
  counters: Counters,
): Promise<Fault | null> {
  const limits = pipeline.dataGate;
  const judged = Object.values(counters).reduce((sum, count) => sum + count, 0);
  if (limits === undefined || judged < limits.afterItems) return null;
  const rejected = counters.rejected ?? 0;
  const causes = await trx
    .selectFrom('lazaret.published_item')
    .select((eb) => ['code', eb.fn.countAll<number>().as('count')])
    .where('run', '=', run.id)
    .where('disposition', '=', 'rejected')
    .groupBy('code')
    .execute();
  const problems = new Map(causes.map(({ code, count }) => [code, count]));
  return dataGateFault(judgeData({ judged, rejected, problems, ended: row.source_done }, limits));
}

/**
 * What follows when nothing before a stage is under way any more: its items are re-cut; and when
 * nothing is under way at all, the run is complete. Called wherever that may have become true.
 */
export async function advance(trx: Trx, context: RunContext, run: RunRow): Promise<void> {
  if (!run.source_done) return;
  const { stages } = context.pipeline;
  for (const [index, stage] of stages.entries()) {
    if (stage.cut !== undefined && index > 0) {
      if ((await countUnfinished(trx, run.id, index - 1)) > 0) return;
      const made = await recut(trx, { run: run.id, stage: index, now: context.now() });
      await context.queue.send(
        trx,
        run.short,
        made.map((batch) => ({ batch, attempt: 0 })),
      );
    }
  }
  if ((await countUnfinished(trx, run.id, stages.length)) > 0) return;
  if (context.pipeline.conclude !== undefined && !run.concluded) return;
  const proof = await proveLedger(trx, run.id);
  const fault = holds(proof) ? null : ledgerFault(run.short, proof);
  await transition(trx, run.id, {
    to: fault === null ? 'complete' : 'failed',
    from: ['running', 'paused', 'stop-requested'],
    causedBy: 'engine',
    reason: fault === null ? null : reasonOf(context.catalogue, fault),
    at: context.now(),
  });
  if (fault !== null) context.log.fault(fault);
}

/** What the ledger's proof says when the sum is off. */
function ledgerFault(run: string, proof: Proof): Fault {
  const { received, lost, twice, strange, misdelivered, countersOff } = proof;
  return engineCodes.fault('LedgerDoesNotAddUp', {
    run,
    received,
    lost,
    twice,
    strange,
    misdelivered,
    counters: countersOff,
  });
}
