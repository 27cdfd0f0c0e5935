import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromMultirange, toMultirange } from './item-set.ts';

it('reads back the numbers that it wrote, in order and each once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 2_000 })), (numbers) => {
      const sorted = [...new Set(numbers)].sort((a, b) => a - b);
      expect(fromMultirange(toMultirange(numbers))).toEqual(sorted);
    }),
  );
});

it('writes as many ranges as there are gaps, and one more', () => {
  expect(toMultirange([5, 1, 2, 4, 4, 9])).toBe('{[1,3),[4,6),[9,10)}');
  expect(toMultirange([])).toBe('{}');
});
