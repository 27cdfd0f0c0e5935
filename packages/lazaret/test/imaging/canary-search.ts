/**
 * Searches bytes for canaries: as they were planted, whatever their capitals, and in the encodings
 * in which a careless program may pass a value on: UTF-8, UTF-16, the file's own character set,
 * hexadecimal, base64. A hit is a token, or says in which encoding a stem was met.
 */
import { STEMS, type Canary } from '../../../../fixtures/dicom/canaries.ts';

const BASE64_ALIGNMENTS = [0, 1, 2];

/** A part of a token counts as well: a value may have been cut. */
const TOKENS = new RegExp(
  [
    `${STEMS.text}[a-z]{0,5}`,
    `${literal(STEMS.uid)}\\d{0,6}`,
    `${literal(STEMS.decimal)}\\d{5}`,
    `${STEMS.integer}\\d{4}`,
    `${literal(STEMS.time)}\\d{6}`,
    // Digits in hexadecimal digests and in UIDs are no dates.
    '(?<![0-9a-z.])\\d{8}(?![0-9a-f]{3})',
    '(?<![0-9a-z.])\\d{8}(?=\\d{6}\\.)',
    '1\\.2\\.840\\.10008\\.(?:1\\.4\\.)?4711\\.1\\d{3}\\.1\\d{3}',
  ].join('|'),
  'g',
);

/** Digits may stand side by side by chance: these count only if they were planted. */
const COMMON = /^(?:\d{8}|\d{10})$/;

export interface Search {
  /** Every canary in these bytes, by its token. */
  find(bytes: Uint8Array): ReadonlySet<string>;
}

export function searchFor(canaries: readonly Canary[]): Search {
  const planted = new Set(canaries.map(({ token }) => token));
  const needles = [...encodedStems(), ...scriptNeedles(canaries)];
  return {
    find(given) {
      const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
      const text = bytes.toString('latin1').toLowerCase();
      const found = new Set<string>();
      for (const [token] of text.matchAll(TOKENS)) {
        if (planted.has(token) || !COMMON.test(token)) found.add(token);
      }
      for (const { name, pattern, folded } of needles) {
        if (folded ? text.includes(pattern.toString('latin1')) : bytes.includes(pattern)) {
          found.add(name);
        }
      }
      return found;
    },
  };
}

interface Needle {
  readonly name: string;
  readonly pattern: Buffer;
  /** In lower case, for bytes in lower case. */
  readonly folded: boolean;
}

function encodedStems(): Needle[] {
  return Object.values(STEMS).flatMap((stem) => {
    const wide = Buffer.from(stem, 'utf16le');
    const capital = stem.slice(0, 1).toUpperCase() + stem.slice(1);
    const spellings = [...new Set([stem, capital, stem.toUpperCase()])];
    return [
      // Without the outer zeros, so that it is found in either byte order.
      { name: `${stem} in UTF-16`, pattern: wide.subarray(0, -1), folded: true },
      ...spellings.flatMap((spelling) => [
        {
          name: `${spelling} in hexadecimal`,
          pattern: Buffer.from(Buffer.from(spelling).toString('hex')),
          folded: true,
        },
        ...BASE64_ALIGNMENTS.map((before) => ({
          name: `${spelling} in base64`,
          pattern: base64Within(Buffer.from(spelling), before),
          folded: false,
        })),
      ]),
    ];
  });
}

/** The characters of base64 that depend on these bytes alone, with so many bytes before them. */
function base64Within(bytes: Buffer, before: number): Buffer {
  const padded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor(((before + bytes.length) * 8) / 6);
  return Buffer.from(padded.slice(first, last));
}

/** What all names of one script begin with, in its own bytes and in the encodings of Unicode. */
function scriptNeedles(canaries: readonly Canary[]): Needle[] {
  const needles: Needle[] = [];
  const scripts = Map.groupBy(
    canaries.flatMap(({ token, bytes, file }) =>
      bytes === undefined ? [] : [{ token, bytes, file }],
    ),
    ({ file }) => file,
  );
  for (const names of scripts.values()) {
    const [first] = names;
    if (first === undefined) continue;
    const characters = Array.from(first.token);
    const shared = characters.findIndex((character, at) =>
      names.some(({ token }) => Array.from(token)[at] !== character),
    );
    const width = first.bytes.length / characters.length;
    const text = characters.slice(0, shared).join('');
    const wide = Buffer.from(text, 'utf16le');
    const utf8 = Buffer.from(text, 'utf8');
    const own = Buffer.from(first.bytes.subarray(0, shared * width));
    const add = (name: string, pattern: Buffer): number =>
      needles.push({ name: `${text} in ${name}`, pattern, folded: false });
    for (const { token, bytes } of names) {
      needles.push({ name: token, pattern: Buffer.from(bytes), folded: false });
    }
    if (!own.equals(utf8)) add('UTF-8', utf8);
    add('UTF-16LE', wide);
    add('UTF-16BE', Buffer.from(wide).swap16());
    add('hexadecimal', Buffer.from(utf8.toString('hex')));
    add('hexadecimal', Buffer.from(own.toString('hex')));
    // Escaped, as JSON may have it.
    add('escapes', Buffer.from(Array.from(text, escape).join('')));
    for (const before of BASE64_ALIGNMENTS) {
      add('base64', base64Within(utf8, before));
      add('base64', base64Within(own, before));
    }
  }
  return needles;
}

function escape(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

function literal(text: string): string {
  return text.replaceAll('.', '\\.');
}
