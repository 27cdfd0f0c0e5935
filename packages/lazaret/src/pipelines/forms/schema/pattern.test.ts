import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from './pattern.ts';

/** Expressions of every construct that both engines have. */
const SOURCES = [
  ...['^[0-9]{1,10}$', '^\\d{4}-\\d{2}-\\d{2}$', 'a|b', '^(?:ab|c)+$', '^\\w+\\s\\S+$'],
  ...['^[^\\s,]+$', 'x{2,3}', '^.$', '[\\]\\-]', '^\\u0041', '\\u{1F600}', '\\p{L}+', '^[\\d.]+$'],
  ...['^(?<year>\\d+)$', '\\cA', '^[A-Z]\\.[A-Z]$', '^$', '^a*b?$', '^[+-]?\\d*$', '\\x41'],
];

const CHARACTERS = Array.from('aAbBcx01 9.,-+]\n\r\u2028\u00A0\u0001é😀w');

describe('a pattern of a schema', () => {
  it.each(SOURCES)('%j means what it means to JavaScript', (source) => {
    const own = compilePattern(source);
    const reference = new RegExp(source, 'u');
    const texts = fc.oneof(
      fc.stringMatching(reference),
      fc.string({ unit: fc.constantFrom(...CHARACTERS) }),
    );
    fc.assert(fc.property(texts, (text) => own.test(text) === reference.test(text)));
  });

  it('knows the borders of words, and nothing to look for', () => {
    const word = compilePattern('\\bword\\b');
    expect(['a word', 'words', 'sword'].map((text) => word.test(text))).toEqual([
      true,
      false,
      false,
    ]);
    expect(compilePattern('').test('')).toBe(true);
  });

  it.each([['^(a+)+$'], ['^(a|a)*$'], ['^(\\w+\\s?)*$'], ['(x+x+)+y'], ['^\\d+\\d+\\d+x$']])(
    '%j answers at once, however long the text',
    (source) => {
      const text = `${'a'.repeat(50_000)}!`;
      const began = performance.now();
      compilePattern(source).test(text);
      expect(performance.now() - began).toBeLessThan(5000);
    },
  );

  it.each([
    ['^(?!0)\\d+$', 'looks ahead or behind'],
    ['(?<=a)b', 'looks ahead or behind'],
    ['(a)\\1', 'refers back to a group'],
    ['(?<a>x)\\k<a>', 'refers back to a group'],
    ['(', 'is not a regular expression'],
    ['a{1001}{1001}', 'is not a regular expression'],
    ['a'.repeat(2001), 'is longer than 2000 characters'],
  ])('%j is refused with the reason', (source, reason) => {
    expect(() => compilePattern(source)).toThrow(reason);
  });
});
