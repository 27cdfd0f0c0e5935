/** Time as an argument, so that tests own it. */
export interface Clock {
  /** Instant, milliseconds since 1970-01-01T00:00Z. For what people read; may jump. */
  now(): number;
  /** Milliseconds from an arbitrary start. For durations; never goes back. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when that aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Longest delay of `setTimeout`; anything above fires at once instead of late. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. Made once, where the program is wired together. */
export function createSystemClock(): Clock {
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    let leftMs = ms;
    do {
      const turnMs = Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS);
      await sleepOnce(turnMs, signal);
      leftMs -= turnMs;
    } while (leftMs > 0);
  };
  return { now: () => Date.now(), monotonic: () => performance.now(), sleep };
}

function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
