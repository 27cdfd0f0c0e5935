import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeShape } from './shape.ts';

const KEYS = ['results', 'id', 'suid', 'jitter', 'items'];

describe('the shape of an answer', () => {
  it('tells lists, keys and what is missing how often', () => {
    const answer = {
      results: [
        { id: 'MRN-1', suid: 'a', jitter: -3, items: [{ id: '1' }] },
        { id: 'MRN-2', jitter: null, items: [] },
      ],
    };
    expect(describeShape(answer, KEYS)).toBe(
      '{results: 2 × {id, suid in 1 of 2, jitter: number or null, items: 1 × {id}}}',
    );
  });

  it('counts keys that the interface does not have, whose names may be patients', () => {
    expect(describeShape({ id: 1, 'MRN-1': {}, Jane: [] }, KEYS)).toBe(
      '{id: number, 2 other keys}',
    );
  });

  it('has nothing of any value or foreign key in it, and an end', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const shape = describeShape(value, KEYS);
        expect(shape.length).toBeLessThanOrEqual(200);
        expect(shape).toMatch(
          /^(?:results|id|suid|jitter|items|in|of|or|other|keys?|null|text|number|boolean|\d+|[{}×:, …])*$/,
        );
      }),
    );
  });

  it('tells a key that is called like a part of every object only where it is an own one', () => {
    expect(describeShape({}, ['constructor', 'toString'])).toBe('{}');
  });
});
