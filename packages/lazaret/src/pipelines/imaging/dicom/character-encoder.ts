/**
 * Encodes text in the character set of a file: the way back from `character-set.ts`. Nothing is
 * replaced by a question mark; what the set does not have cannot be written.
 */
import { characterSet, isDivided } from './character-set.ts';

/** @returns the bytes, not padded; null where a character is in none of the sets declared. */
export type EncodeText = (text: string, vr: string) => Uint8Array | null;

const ASCII = /^[\x00-\x7f]*$/;
/** Delimiters at which the first set returns (PS3.5 section 6.1.2.5.3). */
const LINE_ENDS = /[\t\n\f\r]/;

interface Repertoire {
  /** Written before the first character of the set, in a value or a part of one. */
  readonly escape: readonly number[];
  /** The first term's: it stands from the start, and again behind each delimiter. */
  readonly first: boolean;
  /** Written behind the last one. */
  readonly back: readonly number[];
  readonly bytes: ReadonlyMap<string, readonly number[]>;
}

const ESC = 0x1b;
const BACK_TO_ASCII = [ESC, 0x28, 0x42];

/** Escape sequences of PS3.3 tables C.12-3 and C.12-4, by the number of the set. */
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '100': '-A', '101': '-B', '109': '-C', '110': '-D', '144': '-L', '127': '-G' },
  ...{ '126': '-F', '138': '-H', '148': '-M', '203': '-b', '166': '-T', '13': ')I' },
  ...{ '87': '$B', '159': '$(D', '149': '$)C', '58': '$)A' },
};

const repertoires = new Map<string, ReadonlyMap<string, readonly number[]>>();

/** What each character of a set is as bytes, found by decoding all that the set has. */
function repertoireOf(
  term: string,
  lead: readonly number[],
  bytes: 1 | 2,
  from: number,
): ReadonlyMap<string, readonly number[]> {
  const known = repertoires.get(term);
  if (known !== undefined) return known;
  const charset = characterSet([term]);
  const found = new Map<string, readonly number[]>();
  const add = (code: readonly number[]): void => {
    const { text, sound } = charset.decode(Uint8Array.from([...lead, ...code]), 'LO');
    if (sound && Array.from(text).length === 1 && !ASCII.test(text) && !found.has(text)) {
      found.set(text, code);
    }
  };
  const to = from === 0x21 ? 0x7e : 0xff;
  for (let first = from; first <= to; first++) {
    if (bytes === 1) add([first]);
    else {
      const low = term === 'GB18030' || term === 'GBK' ? 0x40 : from;
      for (let second = low; second <= to; second++) add([first, second]);
    }
  }
  repertoires.set(term, found);
  return found;
}

/** The way to write text under these terms of (0008,0005). Tables are made when first needed. */
export function encoderOf(terms: readonly string[]): EncodeText {
  return (text, vr) => {
    if (ASCII.test(text)) return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const [first = ''] = terms;
    if (first === 'ISO_IR 192') return new TextEncoder().encode(text);
    if (first === 'GB18030' || first === 'GBK') {
      return encodeBy(text, vr, [
        { escape: [], first: true, back: [], bytes: repertoireOf(first, [], 2, 0x81) },
      ]);
    }
    return encodeBy(
      text,
      vr,
      terms.flatMap((term, at) => findRepertoire(term, at)),
    );
  };
}

function findRepertoire(term: string, at: number): readonly Repertoire[] {
  const number = /(\d+)$/.exec(term)?.[1] ?? '';
  const letters = ESCAPES[number];
  if (letters === undefined) return [];
  const escape = [ESC, ...Buffer.from(letters, 'latin1')];
  const name = `ISO 2022 IR ${number}`;
  switch (number) {
    case '87':
    case '159':
      return [
        { escape, first: false, back: BACK_TO_ASCII, bytes: repertoireOf(name, escape, 2, 0x21) },
      ];
    case '149':
    case '58':
      return [{ escape, first: false, back: [], bytes: repertoireOf(name, escape, 2, 0xa1) }];
    default: {
      const bytes = repertoireOf(name, escape, 1, 0xa0);
      return [{ escape, first: at === 0, back: [], bytes }];
    }
  }
}

function encodeBy(text: string, vr: string, sets: readonly Repertoire[]): Uint8Array | null {
  const bytes: number[] = [];
  // Sets in the upper half stay until a delimiter; those in the lower half are left at once.
  const first = sets.find((set) => set.first);
  let called = first;
  let lower: Repertoire | undefined;
  const leave = (): void => {
    if (lower !== undefined) bytes.push(...lower.back);
    lower = undefined;
  };
  for (const letter of text) {
    if (ASCII.test(letter)) {
      leave();
      if (isReset(letter, vr)) called = first;
      bytes.push(letter.charCodeAt(0));
      continue;
    }
    const set = sets.find((candidate) => candidate.bytes.has(letter));
    const code = set?.bytes.get(letter);
    if (set === undefined || code === undefined) return null;
    if (set.back.length > 0) {
      if (lower !== set) {
        leave();
        bytes.push(...set.escape);
        lower = set;
      }
    } else {
      leave();
      if (called !== set) bytes.push(...set.escape);
      called = set;
    }
    bytes.push(...code);
  }
  leave();
  return Uint8Array.from(bytes);
}

function isReset(letter: string, vr: string): boolean {
  if (LINE_ENDS.test(letter)) return true;
  if (letter === '\\') return isDivided(vr);
  return vr === 'PN' && (letter === '^' || letter === '=');
}
