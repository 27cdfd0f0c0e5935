import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileCharacter } from '../testing/hostile-text.ts';
import { capText, escapeJson, escapeText } from './escape.ts';

describe('escapeText', () => {
  it('writes out what would act', () => {
    const esc = String.fromCharCode(27);
    expect(escapeText(`a\r\n\tb${esc}[31m\u0085\u2028\u202E\u0000`)).toBe(
      String.raw`a\r\n\tb\u001b[31m\u0085\u2028\u202e\u0000`,
    );
  });

  it('leaves letters of every script alone', () => {
    expect(escapeText('Müller 山田 עברית 👩 «x»')).toBe('Müller 山田 עברית 👩 «x»');
  });

  it('writes out characters beyond the first plane and halves of pairs', () => {
    expect(escapeText('\u{e0041}')).toBe(String.raw`\udb40\udc41`);
    expect(escapeText('a\ud800b')).toBe(String.raw`a\ud800b`);
  });

  it('leaves nothing hostile in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(hostileCharacter(escapeText(text))).toBeNull();
      }),
    );
  });
});

describe('escapeJson', () => {
  it('leaves nothing hostile, and every reader gets the value back', () => {
    const value = fc.jsonValue({ stringUnit: 'binary' });
    fc.assert(
      fc.property(value, (input) => {
        const json = escapeJson(input);
        expect(hostileCharacter(json)).toBeNull();
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(input)));
      }),
    );
  });
});

describe('hostileCharacter', () => {
  it('finds what the escaping has to remove', () => {
    expect(hostileCharacter('abc')).toBeNull();
    expect(hostileCharacter('a\u202Eb')).toBe('U+202E');
    expect(hostileCharacter('a\nb')).toBe('U+000A');
  });
});

describe('capText', () => {
  it('cuts and says how much went', () => {
    expect(capText('abcdef', 6)).toBe('abcdef');
    expect(capText('abcdef', 4)).toBe('abcd… (+2 characters)');
  });

  it('does not split a character', () => {
    expect(capText('ab👩cd', 3)).toBe('ab… (+4 characters)');
  });
});
