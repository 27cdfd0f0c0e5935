import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, pad, takeWidth, truncate, wrap } from './text-width.ts';

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['Müller', 6],
    ['Mu\u0308ller', 6],
    ['山田', 4],
    ['ｶﾅ', 2],
    ['한국', 4],
    ['\u1112\u1161\u11ab', 2],
    ['✓ ◼ ✕ – ⧉', 9],
    ['😀', 2],
    ['❤\ufe0f', 2],
  ])('of %j is %d', (text, width) => expect(displayWidth(text)).toBe(width));
});

describe('cutting', () => {
  it('cuts with a mark and leaves alone what fits', () => {
    expect(truncate('delivered', 9)).toBe('delivered');
    expect(truncate('delivered', 8)).toBe('deliver…');
    expect(truncate('delivered', 8, '...')).toBe('deliv...');
    expect(truncate('delivered', Infinity)).toBe('delivered');
    expect(truncate('delivered', 0)).toBe('');
  });

  it('never cuts a wide character in half', () => {
    expect(truncate('山田太郎', 6)).toBe('山田…');
    expect(truncate('山田太郎', 5)).toBe('山田…');
    expect(truncate('山田太郎', 4)).toBe('山…');
  });

  it('keeps a mark with the letter that it stands over', () => {
    expect(takeWidth('u\u0308u\u0308', 1)).toBe('u\u0308');
  });

  it('stays within the width, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(50), (text, width) => {
        expect(displayWidth(truncate(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('fills up by columns, not by letters', () => {
    expect(pad('山', 4)).toBe('山  ');
    expect(pad('1,619', 7, 'right')).toBe('  1,619');
    expect(pad('long', 2)).toBe('long');
  });
});

describe('wrapping', () => {
  it('breaks at spaces', () => {
    expect(wrap('the sum of the run holds', 12)).toEqual(['the sum of', 'the run', 'holds']);
    expect(wrap('', 20)).toEqual(['']);
    expect(wrap('a b', Infinity)).toEqual(['a b']);
  });

  it('breaks a word that is longer than a line', () => {
    expect(wrap('abcdefghijklmnop q', 12)).toEqual(['abcdefghijkl', 'mnop q']);
  });

  it('loses no letter and exceeds no line', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 12, max: 60 }),
        (text, width) => {
          const lines = wrap(text, width);
          for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
          expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        },
      ),
    );
  });
});
