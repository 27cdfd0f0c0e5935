import { describe, expect, it } from 'vitest';
import { createSystemClock } from './clock.ts';
import { manualClock } from './testing/manual-clock.ts';

describe('the clock of the system', () => {
  const clock = createSystemClock();

  it('sleeps, and does not go back', async () => {
    const before = clock.monotonic();
    await clock.sleep(5);
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(4);
    await clock.sleep(-1);
  });

  it('wakes at once with the reason when it is aborted', async () => {
    const reason = new Error('shutdown');
    const controller = new AbortController();
    const sleeping = clock.sleep(2 ** 40, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(clock.sleep(0, controller.signal)).rejects.toBe(reason);
  });
});

describe('the manual clock', () => {
  it('wakes sleepers at their own time and in order', async () => {
    const clock = manualClock(1000);
    const woken: [string, number][] = [];
    const sleep = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push([name, clock.now()]);
      if (name === 'b') await sleep('c', 5);
    };
    const all = Promise.all([sleep('a', 30), sleep('b', 10)]);
    await clock.advance(20);
    expect(woken).toEqual([
      ['b', 1010],
      ['c', 1015],
    ]);
    await clock.settle(all);
    expect(woken.at(-1)).toEqual(['a', 1030]);
    expect(clock.monotonic()).toBe(30);
  });

  it('tells a promise that nothing will ever settle', async () => {
    await expect(manualClock().settle(new Promise(() => undefined))).rejects.toThrow('Nobody');
  });

  it('takes an aborted sleeper off its list', async () => {
    const clock = manualClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(5, controller.signal);
    controller.abort(new Error('stop'));
    await expect(sleeping).rejects.toThrow('stop');
    expect(clock.sleepers()).toBe(0);
  });
});
