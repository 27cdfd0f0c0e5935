/**
 * Patience with the store. A connection that breaks, a fail-over, a deadlock are over soon, and
 * nothing about them says anything about the data: whatever was under way is done again. So each
 * act that is given here has to bear a repeat, also one whose commit went through and only its
 * acknowledgement was lost.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { toFault, type Fault } from '@lazaret/faults';
import { newIncident } from './incident.ts';

/** Faults of the store that pass. */
const PASSING = new Set([
  'StoreUnreachable',
  'StoreConflict',
  'StoreConnectionsExhausted',
  'StoreQueryCancelled',
  'StoreOutOfResources',
]);

/** With the waits below, about twenty seconds: a restart of PostgreSQL takes less. */
const MAX_REPEATS = 10;
const FIRST_WAIT_MS = 50;
const MAX_WAIT_MS = 5_000;

/** Whether the store is at fault, and will be well again. */
export function passesByItself(fault: Fault): boolean {
  return PASSING.has(fault.code);
}

/** Whether the store is at fault, and nothing that goes through it can be judged. */
export function isOfStore(fault: Fault): boolean {
  return PASSING.has(fault.code) || fault.code === 'StoreDiskFull';
}

/**
 * Does something with the store, and does it again while the store fails in a way that passes.
 * @param act is told how often it failed before.
 * @throws the last fault; any other one at once.
 */
export async function patiently<Result>(
  signal: AbortSignal | null,
  act: (failures: number) => Promise<Result>,
): Promise<Result> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await act(failures);
    } catch (error) {
      const fault = toFault(error, { newIncident });
      if (signal?.aborted === true || !passesByItself(fault) || failures >= MAX_REPEATS) {
        throw fault;
      }
    }
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** failures, MAX_WAIT_MS);
    await delay(waitMs, undefined, signal === null ? {} : { signal });
  }
}
