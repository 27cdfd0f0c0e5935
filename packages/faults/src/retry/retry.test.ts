import { describe, expect, it } from 'vitest';
import { BASE_CODES } from '../base/base-codes.ts';
import { general } from '../base/general.ts';
import { createCatalogue } from '../catalogue.ts';
import type { Fault } from '../fault.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { faultOfAnswer } from '../to-fault.ts';
import { createRetryBudget } from './budget.ts';
import { backoffMs, DEFAULT_POLICY, type RetryPolicy, SERIES_POLICY } from './policy.ts';
import { parseRetryAfter } from './retry-after.ts';
import { type Attempt, retry, retryableBy, type RetryEvent, type RetryOptions } from './retry.ts';

const retryable = retryableBy(createCatalogue(BASE_CODES));
const PLAIN: RetryPolicy = { attempts: 4, baseMs: 100, capMs: 1000, jitter: 'none' };

function answer(status: number, retryAfter?: string): Fault {
  return faultOfAnswer(status, 'the archive', retryAfter) ?? general.fault('Aborted', {});
}

/** Fails with each of the faults in turn, then succeeds. */
function failing(...faults: readonly unknown[]): (attempt: Attempt) => Promise<string> {
  return ({ number }) =>
    number <= faults.length ? Promise.reject(faults[number - 1]) : Promise.resolve('done');
}

function setUp<T>(options: Partial<RetryOptions<T>> = {}) {
  const clock = manualClock();
  const events: RetryEvent[] = [];
  return {
    clock,
    events,
    names: () => events.map(({ type }) => type),
    options: {
      clock,
      random: () => 0.5,
      safety: 'safe',
      retryable,
      events: (event: RetryEvent) => void events.push(event),
      ...options,
    } satisfies RetryOptions<T>,
  };
}

describe('retry', () => {
  it('tells what failed, how long it slept and which attempt succeeded', async () => {
    const { clock, options, events } = setUp<string>();
    const first = answer(503);
    const second = answer(500);
    expect(await clock.settle(retry(PLAIN, failing(first, second), options))).toBe('done');
    expect(events).toEqual([
      { type: 'attempt-failed', attempt: 1, fault: first },
      { type: 'sleeping', attempt: 1, ms: 100 },
      { type: 'attempt-failed', attempt: 2, fault: second },
      { type: 'sleeping', attempt: 2, ms: 200 },
      { type: 'succeeded', attempts: 3, byProbe: false },
    ]);
  });

  it('throws the last fault when the attempts are used up', async () => {
    const { clock, options, events } = setUp<string>();
    const last = answer(500);
    const operation = failing(answer(503), answer(503), answer(503), last);
    await expect(clock.settle(retry(PLAIN, operation, options))).rejects.toBe(last);
    expect(events.at(-1)).toMatchObject({ type: 'exhausted', attempts: 4, reason: 'attempts' });
  });

  it('keeps to the series of ten retries from 100 ms to 51.2 s', async () => {
    const { clock, options } = setUp<string>();
    const operation = (): Promise<string> => Promise.reject(answer(500));
    await expect(clock.settle(retry(SERIES_POLICY, operation, options))).rejects.toThrow(/GEN-03/);
    expect(clock.slept).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200]);
  });

  it.each([400, 401, 404])('does not repeat what was answered %i', async (status) => {
    const { clock, options, events } = setUp<string>();
    await expect(retry(PLAIN, failing(answer(status)), options)).rejects.toMatchObject({
      parameters: { answer: status },
    });
    expect(events.at(-1)).toMatchObject({ attempts: 1, reason: 'not-retryable' });
    expect(clock.slept).toEqual([]);
  });

  it('translates what is no fault, and retries a connection that was refused', async () => {
    const { clock, options } = setUp<string>({ dependency: 'the archive' });
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED', syscall: 'connect' });
    expect(await clock.settle(retry(PLAIN, failing(refused), options))).toBe('done');
    await expect(retry(PLAIN, failing(new TypeError('x')), options)).rejects.toMatchObject({
      code: 'UnknownError',
    });
  });

  it('also takes an operation that throws before it returns a promise', async () => {
    const { clock, options } = setUp<string>();
    const operation = ({ number }: Attempt): Promise<string> => {
      if (number === 1) throw answer(503);
      return Promise.resolve('done');
    };
    expect(await clock.settle(retry(PLAIN, operation, options))).toBe('done');
    expect(clock.sleepers()).toBe(0);
  });

  it('never repeats what is not safe', async () => {
    for (const safety of ['never', 'probe'] as const) {
      const { options, events } = setUp<string>({ safety });
      await expect(retry(PLAIN, failing(answer(503)), options)).rejects.toThrow(/GEN-03/);
      expect(events.at(-1)).toMatchObject({ attempts: 1, reason: 'not-safe' });
    }
  });

  it('looks first whether it happened, and repeats it only if not', async () => {
    let happened = false;
    let done = 0;
    const { clock, options, events } = setUp<string>({
      safety: 'probe',
      probe: ({ number }) => {
        if (number === 2) return Promise.resolve({ happened: false });
        return Promise.resolve(happened ? { happened, value: 'found' } : { happened: false });
      },
    });
    const operation = (): Promise<string> => {
      done += 1;
      happened = done === 2;
      return Promise.reject(answer(504));
    };
    expect(await clock.settle(retry(PLAIN, operation, options))).toBe('found');
    expect(done).toBe(2);
    expect(events.at(-1)).toEqual({ type: 'succeeded', attempts: 3, byProbe: true });
  });

  it('does not repeat anything while the probe cannot say', async () => {
    let done = 0;
    const { clock, options } = setUp<string>({
      safety: 'probe',
      probe: () => Promise.reject(answer(503)),
    });
    const operation = (): Promise<string> => {
      done += 1;
      return Promise.reject(answer(504));
    };
    await expect(clock.settle(retry(PLAIN, operation, options))).rejects.toThrow(/GEN-03/);
    expect(done).toBe(1);
  });

  it('ends an attempt when its time is over, tells it to stop, and tries again', async () => {
    const { clock, options, events } = setUp<string>();
    const signals: AbortSignal[] = [];
    const operation = ({ number, signal }: Attempt): Promise<string> => {
      signals.push(signal);
      return number === 1 ? new Promise(() => undefined) : Promise.resolve('done');
    };
    expect(await clock.settle(retry({ ...PLAIN, timeoutMs: 50 }, operation, options))).toBe('done');
    expect(events[0]).toMatchObject({ fault: { code: 'TimedOut', parameters: { timeoutMs: 50 } } });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(clock.sleepers()).toBe(0);
  });

  it('does not start a wait that would end after the deadline', async () => {
    const { clock, options, events } = setUp<string>();
    const operation = failing(answer(503), answer(503), answer(503));
    const policy = { ...PLAIN, deadlineMs: 250 };
    await expect(clock.settle(retry(policy, operation, options))).rejects.toThrow(/GEN-03/);
    expect(clock.slept.filter((ms) => ms === 100 || ms === 200)).toEqual([100]);
    expect(events.at(-1)).toMatchObject({ attempts: 2, reason: 'deadline' });
  });

  it('stops at once when it is aborted while it waits', async () => {
    const controller = new AbortController();
    const { clock, options, names } = setUp<string>({ signal: controller.signal });
    const running = retry(PLAIN, failing(answer(503)), options);
    await clock.advance(10);
    expect(clock.sleepers()).toBe(1);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'Aborted' });
    expect(clock.sleepers()).toBe(0);
    expect(names()).toEqual(['attempt-failed', 'sleeping']);
  });

  it('stops at once when it is aborted in an attempt that does not heed its signal', async () => {
    const controller = new AbortController();
    const { options } = setUp<string>({ signal: controller.signal });
    const running = retry(PLAIN, () => new Promise<string>(() => undefined), options);
    controller.abort(new Error('shutdown'));
    await expect(running).rejects.toMatchObject({ code: 'Aborted' });
    await expect(retry(PLAIN, failing(), options)).rejects.toMatchObject({ code: 'Aborted' });
  });

  it('waits at least as long as the other side asked, up to the cap', async () => {
    const { clock, options } = setUp<string>();
    const operation = failing(answer(429, '1'), answer(503, '3600'));
    await clock.settle(retry({ ...PLAIN, capMs: 5000 }, operation, options));
    expect(clock.slept).toEqual([1000, 5000]);
  });

  it('stops retrying when the budget that all calls share is used up', async () => {
    const budget = createRetryBudget({ capacity: 12, retryCost: 5, timeoutCost: 10, refund: 1 });
    const { clock, options, events } = setUp<string>({ budget });
    const operation = (): Promise<string> => Promise.reject(answer(500));
    await expect(clock.settle(retry(PLAIN, operation, options))).rejects.toThrow(/GEN-03/);
    expect(events.at(-1)).toMatchObject({ attempts: 3, reason: 'budget' });
    expect(budget.tokens()).toBe(2);
  });
});

describe('createRetryBudget', () => {
  it('takes more for a time-out and gives back what the successful retry cost', () => {
    const budget = createRetryBudget();
    expect([budget.take(false), budget.take(true), budget.tokens()]).toEqual([5, 10, 485]);
    budget.giveBack(10);
    expect(budget.tokens()).toBe(495);
    budget.giveBack(null);
    expect(budget.tokens()).toBe(496);
    for (let index = 0; index < 10; index += 1) budget.giveBack(null);
    expect(budget.tokens()).toBe(500);
  });
});

describe('backoffMs', () => {
  it('takes a random part of a ceiling that doubles up to the cap', () => {
    expect(backoffMs(DEFAULT_POLICY, 1, () => 0.5)).toBe(50);
    expect(backoffMs(DEFAULT_POLICY, 3, () => 0.999)).toBeCloseTo(399.6);
    expect(backoffMs(DEFAULT_POLICY, 2000, () => 0.5)).toBe(10_000);
    expect(backoffMs(DEFAULT_POLICY, 1, () => 0.5, { throttled: true })).toBe(250);
  });
});

describe('parseRetryAfter', () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 7);

  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
    ['Sun Nov  6 08:49:37 1994', 30_000],
    ['Sun, 06 Nov 1994 08:48:37 GMT', 0],
    ['-1', null],
    ['1.5', null],
    ['soon', null],
    ['', null],
    ['Sun, 31 Feb 1994 08:49:37 GMT', null],
    ['Sun, 06 Nov 1994 25:49:37 GMT', null],
    ['Sun, 06 Nov 1994 08:49:37 CET', null],
  ])('reads %j as %s', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms);
  });

  it('puts two digits of a year more than fifty years ahead into the century before', () => {
    const header = 'Friday, 31-Dec-99 23:59:59 GMT';
    expect(parseRetryAfter(header, Date.UTC(2026, 0, 1))).toBe(0);
  });
});
