import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { fitsPattern } from './name-pattern.ts';

const MEANING = new Map([
  ['*', '.*'],
  ['?', '.'],
  ['.', '\\.'],
]);

describe('a pattern of file names', () => {
  it.each([
    ['uds-visits.csv', 'uds*.csv', true],
    ['UDS.CSV', 'uds*.csv', true],
    ['uds.csv.bak', 'uds*.csv', false],
    ['a1.json', 'a?.json', true],
    ['a.json', 'a?.json', false],
    ['aaab', '*a*b', true],
    ['', '*', true],
    ['(1).csv', '(1).csv', true],
  ])('of %j and %j says %j', (name, pattern, fits) => {
    expect(fitsPattern(name, pattern)).toBe(fits);
  });

  it('agrees with a regular expression of the same meaning', () => {
    const sign = fc.constantFrom('a', 'b', '.', '*', '?');
    fc.assert(
      fc.property(
        fc.array(sign, { maxLength: 8 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '.', 'A'), maxLength: 8 }),
        (signs, name) => {
          const source = signs.map((one) => MEANING.get(one) ?? one);
          const expected = new RegExp(`^${source.join('')}$`, 'i').test(name);
          expect(fitsPattern(name, signs.join(''))).toBe(expected);
        },
      ),
    );
  });

  it('takes no longer for many stars', () => {
    expect(fitsPattern('a'.repeat(255), `${'*a'.repeat(99)}*b`)).toBe(false);
  });
});
