import type { Fault } from '@lazaret/faults';
import { lockRun, type RunRow, type Trx } from '../store/runs.ts';
import { engineCodes } from './codes.ts';
import type { RunContext } from './run-context.ts';

/**
 * Locks the run for a change that only whoever works on it may make. A process that was silent for
 * long (stopped, swapped out) does not know yet that another one has gone on in its place.
 * @throws RunTakenOver
 */
export async function lockOwnRun(
  trx: Trx,
  { run, owner }: { readonly run: Pick<RunContext['run'], 'id'>; readonly owner: string },
): Promise<RunRow> {
  const row = await lockRun(trx, run.id);
  if (row.owner !== owner) throw takenOver();
  return row;
}

/** What a process ends its work with that is no longer the one to do it. */
export function takenOver(): Fault {
  return engineCodes.fault('RunTakenOver', {});
}
