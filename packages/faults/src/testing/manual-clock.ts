import type { Clock } from '../clock.ts';

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Goes on by `ms`, waking each sleeper at its own time and letting it run before the next. */
  advance(ms: number): Promise<void>;
  /** Goes on from sleeper to sleeper until the promise has settled; returns what it came to. */
  settle<T>(promise: Promise<T>): Promise<T>;
  /** How many sleep now. */
  sleepers(): number;
  /** Lengths of all sleeps that were asked for so far, milliseconds. */
  readonly slept: readonly number[];
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Most wake-ups of one `settle`; beyond it the code under test loops without an end. */
const MOST_WAKES = 10_000;

/**
 * @param startMs what `now()` says at first, milliseconds since 1970-01-01T00:00Z.
 */
export function manualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsedMs = 0;
  const sleepers = new Set<Sleeper>();
  const slept: number[] = [];

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      slept.push(ms);
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        sleepers.delete(sleeper);
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { dueMs: elapsedMs + Math.max(0, ms), wake };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });

  const nextDueMs = (): number => Math.min(...Array.from(sleepers, ({ dueMs }) => dueMs));

  const wakeAt = async (dueMs: number): Promise<void> => {
    elapsedMs = Math.max(elapsedMs, dueMs);
    for (const sleeper of sleepers) if (sleeper.dueMs <= elapsedMs) sleeper.wake();
    await turn();
  };

  const advance = async (ms: number): Promise<void> => {
    const endMs = elapsedMs + ms;
    await turn();
    for (let due = nextDueMs(); due <= endMs; due = nextDueMs()) await wakeAt(due);
    elapsedMs = endMs;
  };

  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    await turn();
    for (let wakes = 0; !settled && wakes < MOST_WAKES; wakes += 1) {
      if (sleepers.size === 0) throw new Error('Nobody sleeps, and the promise has not settled.');
      await wakeAt(nextDueMs());
    }
    if (!settled) throw new Error(`Not settled after ${MOST_WAKES} wake-ups.`);
    return promise;
  };

  return {
    now: () => startMs + elapsedMs,
    monotonic: () => elapsedMs,
    sleep,
    advance,
    settle,
    sleepers: () => sleepers.size,
    slept,
  };
}

/** Lets everything run that is ready to: a timer's turn comes after all pending promises. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
