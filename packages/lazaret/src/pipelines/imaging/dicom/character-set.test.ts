import { describe, expect, it } from 'vitest';
import { characterSet, DEFAULT_CHARACTER_SET } from './character-set.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const decode = (terms: string[], text: string, vr = 'PN'): string =>
  characterSet(terms).decode(latin1(text), vr).text;

describe('a character set', () => {
  it('decodes each set of one byte by its term, with and without extensions', () => {
    const samples: Record<string, readonly [string, string]> = {
      '100': ['J\xe9r\xf4me', 'Jérôme'],
      '101': ['Dvo\xf8\xe1k', 'Dvořák'],
      '109': ['\xa9', 'İ'],
      '110': ['\xa5', 'Ĩ'],
      '144': ['\xbb\xee\xda', 'Люк'],
      '127': ['\xe2\xc8', 'قب'],
      '126': ['\xc4\xe9', 'Δι'],
      '138': ['\xf9\xf8', 'שר'],
      '148': ['\xd0', 'Ğ'],
      '203': ['\xa4', '€'],
      '13': ['\xd4\xcf\xc0\xde', 'ﾔﾏﾀﾞ'],
      '166': ['\xca\xc1', 'สม'],
    };
    for (const [number, [bytes, text]] of Object.entries(samples)) {
      for (const term of [`ISO_IR ${number}`, `ISO 2022 IR ${number}`]) {
        const charset = characterSet([term]);
        expect(charset.unknown).toEqual([]);
        expect(charset.decode(latin1(bytes), 'LO')).toEqual({ text, sound: true });
      }
    }
  });

  it('decodes those that stand alone', () => {
    const korean = Buffer.from('Wang^XiaoDong=王^小东', 'utf8');
    expect(characterSet(['ISO_IR 192']).decode(korean, 'PN').text).toBe('Wang^XiaoDong=王^小东');
    expect(decode(['GB18030'], '\xcd\xf5^\xd0\xa1\xb6\xab')).toBe('王^小东');
    expect(decode(['GBK'], '\xcd\xf5^\xd0\xa1\xb6\xab')).toBe('王^小东');
    // The second byte of this character is a backslash.
    expect(decode(['GBK'], '\x81\x5c', 'LO')).toBe('乗');
  });

  it('switches between sets at escape sequences', () => {
    const japanese = 'Yamada=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B';
    expect(decode(['', 'ISO 2022 IR 87'], japanese)).toBe('Yamada=山田^太郎');
    expect(decode(['ISO 2022 IR 13', 'ISO 2022 IR 87'], '\xd4\xcf\xc0\xde=\x1b$B;3ED\x1b(J')).toBe(
      'ﾔﾏﾀﾞ=山田',
    );
    expect(decode(['', 'ISO 2022 IR 159'], '\x1b$(D\x30\x21\x1b(B')).toBe('丂');
    expect(decode(['', 'ISO 2022 IR 149'], 'Hong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7')).toBe(
      'Hong=洪^吉洞',
    );
    expect(decode(['', 'ISO 2022 IR 58'], 'Zhang=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab')).toBe(
      'Zhang=张^小东',
    );
    expect(decode(['ISO 2022 IR 100', 'ISO 2022 IR 144'], 'J\xe9r\xf4me=\x1b-L\xbb\xee\xda')).toBe(
      'Jérôme=Люк',
    );
  });

  it('returns to the first set at the delimiters of the VR, and only there', () => {
    const terms = ['ISO 2022 IR 100', 'ISO 2022 IR 144'];
    expect(decode(terms, '\x1b-L\xbb^\xe9')).toBe('Л^é');
    expect(decode(terms, '\x1b-L\xbb^\xbb', 'LO')).toBe('Л^Л');
    expect(decode(terms, '\x1b-L\xbb\\\xe9', 'LO')).toBe('Л\\é');
    expect(decode(terms, '\x1b-L\xbb\\\xbb', 'LT')).toBe('Л\\Л');
    expect(decode(terms, '\x1b-L\xbb\r\n\xe9', 'LT')).toBe('Л\r\né');
  });

  it('keeps spaces and line ends that stand between characters of two bytes', () => {
    expect(decode(['', 'ISO 2022 IR 149'], '\x1b$)C\xfb\xf3 \xd1\xce', 'LO')).toBe('洪 吉');
  });

  it('is not sound where a term is unknown or bytes have no meaning', () => {
    expect(characterSet(['ISO_IR 999']).unknown).toEqual(['ISO_IR 999']);
    expect(characterSet(['ISO_IR 999']).decode(latin1('abc'), 'LO')).toEqual({
      text: 'abc',
      sound: false,
    });
    expect(DEFAULT_CHARACTER_SET.decode(latin1('abc'), 'LO').sound).toBe(true);
    expect(DEFAULT_CHARACTER_SET.decode(latin1('J\xe9r\xf4me'), 'PN')).toEqual({
      text: 'Jérôme',
      sound: false,
    });
    expect(DEFAULT_CHARACTER_SET.decode(Buffer.from('Jérôme'), 'PN')).toEqual({
      text: 'Jérôme',
      sound: false,
    });
    expect(characterSet(['ISO_IR 192']).decode(latin1('\xe9'), 'LO').sound).toBe(false);
    expect(DEFAULT_CHARACTER_SET.decode(latin1('\x1bZ'), 'LO').sound).toBe(false);
  });

  it('accepts the misspellings that files have', () => {
    for (const term of ['ISO-IR 100', 'ISO IR 100', 'ISO_IR_100', 'ISO_2022_IR_100']) {
      expect(decode([term], '\xe9'), term).toBe('é');
    }
  });
});
