import { describe, expect, it } from 'vitest';

import { measureRow, medianOf, runMeasured } from './measure.ts';

describe('measuring', () => {
  it('takes the middle of an odd number of values and the mean of the two in an even one', () => {
    expect(medianOf([9, 1, 5])).toBe(5);
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
  });

  it('runs a short row three times, a long one once, and as often as it is told to', async () => {
    const count = async (repeat: number | undefined, seconds: number): Promise<number> => {
      let runs = 0;
      await measureRow('row', repeat, () => {
        runs++;
        return Promise.resolve({ seconds, peakBytes: 1 });
      });
      return runs;
    };
    expect(await count(undefined, 0.1)).toBe(3);
    expect(await count(undefined, 100)).toBe(1);
    expect(await count(2, 100)).toBe(2);
  });

  it('measures the memory of a program and of the one that it starts', async () => {
    const hold = `const b = Buffer.alloc(80e6, 1); setTimeout(() => b.length, 300)`;
    const start = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(hold)}])`;
    const alone = await runMeasured({ program: process.execPath, args: ['-e', hold] });
    const both = await runMeasured({ program: process.execPath, args: ['-e', start] });
    expect(alone.peakBytes).toBeGreaterThan(80e6);
    expect(both.peakBytes).toBeGreaterThan(alone.peakBytes + 20e6);
    expect(alone.seconds).toBeGreaterThan(0.3);
  });

  it('says what a program that failed said, and not where it lies on this machine', async () => {
    const failing = "throw new TypeError('no such thing')";
    await expect(runMeasured({ program: process.execPath, args: ['-e', failing] })).rejects.toThrow(
      /^node ended with 1: TypeError: no such thing$/,
    );
  });
});
