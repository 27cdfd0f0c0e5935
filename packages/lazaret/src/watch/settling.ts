/**
 * Settling: an arrival is complete when nothing about it has changed for a while, by our own clock.
 * The times of its files take part only as values that change or do not: clocks that jump, and
 * times in the future, make no difference.
 */
export interface Settling {
  /**
   * Notes what an arrival looks like now. Returns for how long it has looked like that,
   * milliseconds; 0 when it has just changed or cannot be complete yet.
   */
  observe(arrival: string, listing: string, isFinished: boolean): number;
  /** Forgets arrivals that are not there any more. */
  keepOnly(arrivals: ReadonlySet<string>): void;
}

/** @param monotonic milliseconds that never go back. */
export function createSettling(monotonic: () => number): Settling {
  const seen = new Map<string, { readonly listing: string; readonly sinceMs: number }>();
  return {
    observe(arrival, listing, isFinished) {
      const nowMs = monotonic();
      const before = seen.get(arrival);
      if (isFinished && before?.listing === listing) return nowMs - before.sinceMs;
      if (isFinished) seen.set(arrival, { listing, sinceMs: nowMs });
      else seen.delete(arrival);
      return 0;
    },
    keepOnly(arrivals) {
      for (const arrival of seen.keys()) if (!arrivals.has(arrival)) seen.delete(arrival);
    },
  };
}
