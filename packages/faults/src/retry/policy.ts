/**
 * Whether an operation may be done again.
 * - `safe`: it changes nothing.
 * - `idempotent`: doing it twice is doing it once (a key, or create-only).
 * - `probe`: look whether it happened, then decide.
 * - `never`: only a person may repeat it.
 */
export type RetrySafety = 'safe' | 'idempotent' | 'probe' | 'never';

/** How often and after which waits something is tried again. Plain data, from the configuration. */
export interface RetryPolicy {
  /** All attempts, the first included. */
  readonly attempts: number;
  /** Longest wait after the first failure; it doubles from there. */
  readonly baseMs: number;
  /** The same where the other side asked to slow down. Where absent, `baseMs`. */
  readonly throttledBaseMs?: number;
  /** No wait gets longer than this, a Retry-After included. */
  readonly capMs: number;
  /** `full`: a random part of the wait, so that callers do not come back together. */
  readonly jitter: 'full' | 'none';
  /** Time for one attempt. */
  readonly timeoutMs?: number;
  /** Time for all attempts and waits together. */
  readonly deadlineMs?: number;
}

/**
 * Reads and deletes over HTTP, to the letter of the practice that it comes from: after the first
 * failure ten more attempts, after 100 ms, 200 ms … 51.2 s, without jitter.
 */
export const SERIES_POLICY: RetryPolicy = {
  attempts: 11,
  baseMs: 100,
  capMs: 51_200,
  jitter: 'none',
};

/**
 * What is used where nobody says otherwise, as in the SDKs of AWS ("standard" mode): three
 * attempts, full jitter, 100 ms, throttled 500 ms, at most 20 s.
 */
export const DEFAULT_POLICY: RetryPolicy = {
  attempts: 3,
  baseMs: 100,
  throttledBaseMs: 500,
  capMs: 20_000,
  jitter: 'full',
};

/**
 * How long to wait after a failed attempt, in milliseconds. What the other side asked for is a
 * floor, up to the cap: it may not make us wait for days.
 *
 * @param failed number of the attempt that failed, from 1.
 * @param random from 0 up to, not including, 1.
 */
export function backoffMs(
  policy: RetryPolicy,
  failed: number,
  random: () => number,
  asked: { readonly throttled?: boolean; readonly retryAfterMs?: number | null } = {},
): number {
  const base = asked.throttled === true ? (policy.throttledBaseMs ?? policy.baseMs) : policy.baseMs;
  const ceiling = Math.min(policy.capMs, base * 2 ** Math.min(failed - 1, 52));
  const waitMs = policy.jitter === 'full' ? random() * ceiling : ceiling;
  return Math.max(waitMs, Math.min(asked.retryAfterMs ?? 0, policy.capMs));
}
