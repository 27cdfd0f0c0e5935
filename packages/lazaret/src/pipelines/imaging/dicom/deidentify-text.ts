/** Values of text, read and written in the character set of where they stand. */
import { isDivided, type CharacterSet } from './character-set.ts';
import { encoderOf, type EncodeText } from './character-encoder.ts';
import type { Element, Walk } from './element.ts';
import { paddingOf } from './value-representation.ts';

/** Longer values are no text that somebody typed, and are not taken into memory. */
export const TEXT_MAX_BYTES = 1024 * 1024;

/** Bytes that mean nothing in the sets declared may mean a name in another: the word goes. */
const UNSOUND_WORDS = /\S*[^\x00-\x7f]\S*/g;

/**
 * The values of an element, without padding. Where the bytes mean nothing in the character set that
 * is declared, the words they are in are left out.
 *
 * @param vr - the one that decides about backslashes: the dictionary's, if the file's is wrong.
 */
export function readValues(
  walk: Walk,
  element: Element,
  vr: string,
  charsetOf: () => CharacterSet,
): readonly string[] {
  const bytes = walk.source.read(element.valueOffset, element.valueLength);
  const text = isPlain(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    : decode(bytes, vr, charsetOf());
  const values = isDivided(vr) ? text.split('\\') : [text];
  return values.map((value) => trimPadding(value));
}

function isPlain(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x80 || byte === 0x1b) return false;
  return true;
}

function decode(bytes: Uint8Array, vr: string, charset: CharacterSet): string {
  const { text, sound } = charset.decode(bytes, vr);
  return sound ? text : text.replace(UNSOUND_WORDS, ' ');
}

function trimPadding(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\0')) end--;
  let start = 0;
  while (start < end && text[start] === ' ') start++;
  return text.slice(start, end);
}

const encoders = new WeakMap<CharacterSet, EncodeText>();

/** The value with its padding; null where a character is not in the character set. */
export function writeValues(
  values: readonly string[],
  vr: string,
  charset: CharacterSet,
): Uint8Array | null {
  let encode = encoders.get(charset);
  if (encode === undefined) {
    encode = encoderOf(charset.terms);
    encoders.set(charset, encode);
  }
  const bytes = encode(values.join('\\'), vr);
  if (bytes === null || bytes.length % 2 === 0) return bytes;
  const even = new Uint8Array(bytes.length + 1).fill(paddingOf(vr));
  even.set(bytes);
  return even;
}
