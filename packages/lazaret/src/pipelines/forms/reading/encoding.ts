/** In which encoding a file is written, by its first bytes. */

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

export interface DetectedEncoding {
  readonly encoding: Encoding;
  /** Bytes of the byte-order mark, which belongs to no cell. */
  readonly markBytes: number;
}

const SAMPLE_BYTES = 4096;
/** The names of a form are ASCII nearly everywhere, whatever the language of the rest. */
const NAMES_BYTES = 64;

/**
 * A byte-order mark decides (Unicode 16.0, section 2.6). Without one, text that begins with ASCII
 * in every second byte and NUL in the others, or is mostly that, is UTF-16. Everything else is read
 * as UTF-8, and told where it is not; see also {@link isEncodingUnclear}.
 */
export function detectEncoding(head: Uint8Array): DetectedEncoding {
  const [first, second, third] = head;
  if (first === 0xef && second === 0xbb && third === 0xbf) {
    return { encoding: 'utf-8', markBytes: 3 };
  }
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', markBytes: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', markBytes: 2 };
  const encoding =
    encodingByNuls(head.subarray(0, NAMES_BYTES)) ?? encodingByNuls(head.subarray(0, SAMPLE_BYTES));
  return { encoding: encoding ?? 'utf-8', markBytes: 0 };
}

function encodingByNuls(sample: Uint8Array): Encoding | null {
  const { pairs, firsts, seconds } = countNuls(sample);
  if (pairs < 2) return null;
  const many = pairs * 0.6;
  const few = pairs * 0.05;
  if (seconds >= many && firsts <= few) return 'utf-16le';
  if (firsts >= many && seconds <= few) return 'utf-16be';
  return null;
}

/** How many pairs of bytes there are, and in how many the first or the second one is NUL. */
function countNuls(sample: Uint8Array): {
  readonly pairs: number;
  readonly firsts: number;
  readonly seconds: number;
} {
  const pairs = Math.floor(sample.length / 2);
  let firsts = 0;
  let seconds = 0;
  for (let at = 0; at < pairs * 2; at += 2) {
    if (sample[at] === 0) firsts += 1;
    if (sample[at + 1] === 0) seconds += 1;
  }
  return { pairs, firsts, seconds };
}

/**
 * Whether a file that would be read as UTF-8 may be UTF-16 in a language with letters beyond ASCII:
 * it is no UTF-8, and has NUL, as separators and line ends have in UTF-16, on one side of its pairs
 * of bytes alone. Which of the two it is nobody can tell for certain.
 */
export function isEncodingUnclear(head: Uint8Array): boolean {
  const { encoding, markBytes } = detectEncoding(head);
  if (encoding !== 'utf-8' || markBytes > 0) return false;
  const sample = head.subarray(0, SAMPLE_BYTES);
  const { firsts, seconds } = countNuls(sample);
  const [most, least] = [Math.max(firsts, seconds), Math.min(firsts, seconds)];
  return most >= 2 && least * 10 <= most && firstInvalidByte(sample) < sample.length - 3;
}

/**
 * What bytes that are no UTF-8 most likely are. Windows-1252 has letters and quotes where Latin-1
 * has control characters, so one of those decides.
 */
export function guessEncoding(bytes: Uint8Array): 'Windows-1252' | 'Latin-1' {
  return bytes.some((byte) => byte >= 0x80 && byte <= 0x9f) ? 'Windows-1252' : 'Latin-1';
}

/** Where bytes stop being UTF-8 (RFC 3629, section 4); their length where they are. */
export function firstInvalidByte(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return at;
}

/** Bytes of the character at a place; 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const [lead = 0, second = 0] = bytes.subarray(at, at + 2);
  if (lead < 0x80) return 1;
  const length = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || at + length > bytes.length) return 0;
  for (let more = 1; more < length; more += 1) {
    if (((bytes[at + more] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if ((lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f)) return 0;
  return (lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f) ? 0 : length;
}
