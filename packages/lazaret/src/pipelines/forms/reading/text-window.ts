/**
 * A part of a file as units of text: bytes of UTF-8, or 16-bit units of UTF-16. Separators, quotes
 * and line ends are one unit in either, so that a reader walks over units and knows the offset of
 * each, and text is made only of what is wanted as text.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import type { Encoding } from './encoding.ts';

export interface TextWindow {
  readonly units: Uint8Array | Uint16Array;
  readonly unitBytes: 1 | 2;
  /** Offset of the first unit in the file, bytes. */
  readonly start: number;
  /** The text of some units; null where they are none in the file's encoding. */
  read(from: number, to: number): string | null;
  /** The same, where all of them are known to be ASCII. */
  readAscii(from: number, to: number): string;
  bytes(from: number, to: number): Uint8Array;
}

export function openWindow(bytes: Uint8Array, encoding: Encoding, start: number): TextWindow {
  return encoding === 'utf-8' ? narrowWindow(bytes, start) : wideWindow(bytes, encoding, start);
}

function narrowWindow(bytes: Uint8Array, start: number): TextWindow {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // As Latin-1, each byte is one character: text and bytes have the same indexes.
  let latin: string | null = null;
  const readAscii = (from: number, to: number): string => {
    latin ??= buffer.toString('latin1');
    return latin.slice(from, to);
  };
  const isPlain = isAscii(bytes);
  const isValid = isPlain || isUtf8(bytes);
  return {
    units: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    unitBytes: 1,
    start,
    read(from, to) {
      if (isPlain) return readAscii(from, to);
      return isValid || isUtf8(bytes.subarray(from, to)) ? buffer.toString('utf8', from, to) : null;
    },
    readAscii,
    bytes: (from, to) => bytes.subarray(from, to),
  };
}

function wideWindow(
  bytes: Uint8Array,
  encoding: 'utf-16le' | 'utf-16be',
  start: number,
): TextWindow {
  // A copy: the units have to lie at even addresses, and the bytes may have to be swapped.
  const even = Buffer.from(bytes.subarray(0, bytes.length & ~1));
  if (encoding === 'utf-16be') even.swap16();
  // Half a unit at the end of a file stands for a character that was lost.
  const text = even.toString('utf16le') + (bytes.length % 2 === 0 ? '' : '\ufffd');
  const units = new Uint16Array(text.length);
  for (let at = 0; at < units.length; at += 1) units[at] = text.charCodeAt(at);
  const isValid = text.isWellFormed();
  return {
    units,
    unitBytes: 2,
    start,
    read(from, to) {
      const part = text.slice(from, to);
      return isValid || part.isWellFormed() ? part : null;
    },
    readAscii: (from, to) => text.slice(from, to),
    bytes: (from, to) => bytes.subarray(from * 2, to * 2),
  };
}
