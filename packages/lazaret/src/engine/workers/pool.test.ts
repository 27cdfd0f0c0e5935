import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../../../test/thread-pipeline.ts';
import { createWorkerPool } from './pool.ts';

describe('the pool of worker threads', () => {
  it.each([
    ['warmed', true],
    ['cold', false],
  ])('works on as many threads as it has, %s', async (_, warm) => {
    const pool = createWorkerPool(2);
    try {
      if (warm) pool.warm([pipeline.module]);
      pool.open({
        run: 'r',
        module: pipeline.module.href,
        configuration: null,
        secret: randomBytes(32),
        recipe: '',
      });
      const batch = { run: 'r', batch: 'b', attempt: 1, staging: '' };
      const items = Array.from({ length: 12 }, (__, item) => ({ item, value: null, released: {} }));
      const outcomes = await pool.work(
        { stage: 0, from: 0, to: 1, batch },
        items,
        new AbortController().signal,
        () => undefined,
      );
      const threads = outcomes.map(({ standing }) => standing.value);
      expect(new Set(threads).size).toBe(2);
    } finally {
      await pool.end();
    }
  });
});
