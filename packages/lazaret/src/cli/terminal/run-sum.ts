/** The sum of a run, as its summary states it. */
import type { RunSummary } from '../../engine/summary.ts';

/** Whether every item that was received is somewhere, and none waits in a complete run. */
export function sumHolds({ items, status, reason }: RunSummary): boolean {
  return (
    accountedFor(items) === items.received &&
    (status !== 'complete' || items.pending === 0) &&
    reason?.code !== 'LedgerDoesNotAddUp'
  );
}

/** Items that are somewhere, whatever was received. */
export function accountedFor(items: RunSummary['items']): number {
  const { delivered, held, rejected, skipped, duplicate, pending } = items;
  return delivered + held + rejected + skipped + duplicate + pending;
}
