/**
 * The one retry loop. Steps and sinks hold none of their own.
 *
 *   attempt ──succeeded──────────────────────────▶ result
 *      │ failed
 *      ▼
 *   may it be repeated? ──no──▶ the fault
 *      │ yes: attempts, deadline and budget are left
 *      ▼
 *   sleep ──aborted──▶ Aborted
 *      │
 *      ▼
 *   (probe: did it happen after all? ──yes──▶ result)
 *      │ no
 *      └──▶ attempt
 */
import { general } from '../base/general.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Clock } from '../clock.ts';
import type { Fault } from '../fault.ts';
import { toFault } from '../to-fault.ts';
import type { RetryBudget } from './budget.ts';
import { backoffMs, type RetryPolicy, type RetrySafety } from './policy.ts';
import { parseRetryAfter } from './retry-after.ts';

/** What an operation is given for one attempt. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  /** Aborts with the caller's signal and when the attempt's time is over. */
  readonly signal: AbortSignal;
}

/** Why no further attempt was made. */
export type StopReason = 'not-retryable' | 'not-safe' | 'attempts' | 'deadline' | 'budget';

export type RetryEvent =
  | { readonly type: 'attempt-failed'; readonly attempt: number; readonly fault: Fault }
  | { readonly type: 'sleeping'; readonly attempt: number; readonly ms: number }
  | { readonly type: 'succeeded'; readonly attempts: number; readonly byProbe: boolean }
  | {
      readonly type: 'exhausted';
      readonly attempts: number;
      readonly fault: Fault;
      readonly reason: StopReason;
    };

/** What looking for the operation's effect found. */
export type ProbeResult<T> =
  { readonly happened: true; readonly value: T } | { readonly happened: false };

export interface RetryOptions<T> {
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly safety: RetrySafety;
  /** Decides by the fault whether trying again makes sense; see `retryableBy`. */
  readonly retryable: (fault: Fault) => boolean;
  /** Looks whether the operation happened. Needed where the safety is `probe`. */
  readonly probe?: (attempt: Attempt) => Promise<ProbeResult<T>>;
  readonly signal?: AbortSignal;
  readonly budget?: RetryBudget;
  readonly events?: (event: RetryEvent) => void;
  /** Translates what the operation throws. */
  readonly translate?: (thrown: unknown) => Fault;
  /** The name for people of what is talked to, for a time-out. */
  readonly dependency?: string;
}

/** Retries what the catalogue says may be retried. */
export function retryableBy(catalogue: Catalogue): (fault: Fault) => boolean {
  return (fault) => catalogue.get(fault.code)?.retry === 'dependency';
}

/**
 * Does the operation, again and again where policy, safety and the fault allow it.
 *
 * Throws the last fault, as it is; events tell the attempts. Throws `Aborted` as soon as the
 * signal aborts, inside a wait, too, and whether or not the operation heeds its signal.
 */
export async function retry<T>(
  policy: RetryPolicy,
  operation: (attempt: Attempt) => Promise<T>,
  options: RetryOptions<T>,
): Promise<T> {
  const { clock, random, signal, budget, events, probe, safety } = options;
  const translate =
    options.translate ??
    ((thrown: unknown) =>
      toFault(thrown, options.dependency === undefined ? {} : { dependency: options.dependency }));
  const startMs = clock.monotonic();
  const leftMs = (): number =>
    policy.deadlineMs === undefined
      ? Number.POSITIVE_INFINITY
      : policy.deadlineMs - (clock.monotonic() - startMs);
  let cost: number | null = null;

  for (let number = 1; ; number += 1) {
    throwIfAborted(signal);
    let fault: Fault;
    try {
      const found =
        number > 1 && safety === 'probe' && probe !== undefined
          ? await withinTime(policy, leftMs(), number, probe, options)
          : null;
      const value =
        found?.happened === true
          ? found.value
          : await withinTime(policy, leftMs(), number, operation, options);
      budget?.giveBack(cost);
      events?.({ type: 'succeeded', attempts: number, byProbe: found?.happened === true });
      return value;
    } catch (thrown) {
      throwIfAborted(signal, thrown);
      fault = translate(thrown);
    }
    events?.({ type: 'attempt-failed', attempt: number, fault });

    const waitMs = backoffMs(policy, number, random, {
      throttled: fault.code === 'DependencyThrottled',
      retryAfterMs: askedWaitMs(fault, clock.now()),
    });
    const reason = stopReason(policy, number, fault, options, leftMs() - waitMs);
    if (reason === null) cost = budget?.take(isTimeout(fault)) ?? null;
    const dry = reason === null && budget !== undefined && cost === null;
    if (reason !== null || dry) {
      events?.({ type: 'exhausted', attempts: number, fault, reason: reason ?? 'budget' });
      throw fault;
    }
    events?.({ type: 'sleeping', attempt: number, ms: waitMs });
    await sleepOrAbort(clock, waitMs, signal);
  }
}

function stopReason<T>(
  policy: RetryPolicy,
  attempt: number,
  fault: Fault,
  options: RetryOptions<T>,
  leftAfterWaitMs: number,
): StopReason | null {
  if (!options.retryable(fault)) return 'not-retryable';
  const repeatable = options.safety !== 'probe' || options.probe !== undefined;
  if (options.safety === 'never' || !repeatable) return 'not-safe';
  if (attempt >= policy.attempts) return 'attempts';
  // A wait that ends at or after the deadline would only make the answer late.
  return leftAfterWaitMs <= 0 ? 'deadline' : null;
}

/** One attempt within its time. The loser of the race is told by its signal to stop. */
async function withinTime<T, R>(
  policy: RetryPolicy,
  leftMs: number,
  number: number,
  operation: (attempt: Attempt) => Promise<R>,
  options: RetryOptions<T>,
): Promise<R> {
  const { clock, signal } = options;
  const timeoutMs = Math.min(policy.timeoutMs ?? Number.POSITIVE_INFINITY, leftMs);
  const attempt = new AbortController();
  const timer = new AbortController();
  const onAbort = (): void => attempt.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const racers = [operation({ number, signal: attempt.signal }), rejectedOnAbort(attempt.signal)];
    if (Number.isFinite(timeoutMs)) {
      racers.push(
        clock.sleep(Math.max(0, timeoutMs), timer.signal).then(() => {
          const dependency = options.dependency ?? 'another system';
          throw general.fault('TimedOut', { dependency, timeoutMs });
        }),
      );
    }
    return await Promise.race(racers);
  } catch (thrown) {
    // Tells an operation that lost the race to stop. After a success nothing is aborted: the
    // result may be a response whose body is still to be read.
    attempt.abort(thrown);
    throw thrown;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    timer.abort();
  }
}

function rejectedOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function sleepOrAbort(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (thrown) {
    throwIfAborted(signal, thrown);
    throw thrown;
  }
}

function throwIfAborted(signal: AbortSignal | undefined, cause?: unknown): void {
  if (signal?.aborted === true) {
    throw general.fault('Aborted', {}, { cause: cause ?? signal.reason });
  }
}

function isTimeout(fault: Fault): boolean {
  return fault.code === 'TimedOut' || fault.code === 'NetworkTimedOut';
}

function askedWaitMs(fault: Fault, nowMs: number): number | null {
  const header = fault.parameters['retryAfter'];
  return typeof header === 'string' ? parseRetryAfter(header, nowMs) : null;
}
