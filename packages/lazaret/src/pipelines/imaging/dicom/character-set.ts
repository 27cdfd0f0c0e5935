import {
  ASCII,
  designationOf,
  readEscape,
  wholeEncodingOf,
  type CodedSet,
  type Designation,
} from './coded-sets.ts';

/**
 * Specific Character Set (0008,0005): PS3.3 section C.12.1.1.2 defines its terms, PS3.5 section 6.1.2
 * the switching between them. *G0* is what bytes below 0x80 mean, *G1* what the others mean. An escape
 * sequence puts another set in one of the two; at certain delimiters both return to the first term's.
 */
export interface CharacterSet {
  /** The defined terms as the file gives them. */
  readonly terms: readonly string[];
  /** Those of them that the standard does not have. No text is sound then. */
  readonly unknown: readonly string[];
  /** Decodes one whole value; the VR decides at which characters the first set returns. */
  decode(bytes: Uint8Array, vr: string): DecodedText;
}

export interface DecodedText {
  readonly text: string;
  /** False where bytes mean nothing in the sets declared. They are guessed, or become U+FFFD. */
  readonly sound: boolean;
}

const ESCAPE = 0x1b;
/** Values of these VRs are one text each: a backslash is a character there (PS3.5 section 6.2). */
const UNDIVIDED_VRS: ReadonlySet<string> = new Set(['LT', 'ST', 'UT', 'UR']);

export function isDivided(vr: string): boolean {
  return !UNDIVIDED_VRS.has(vr);
}

/** The character set of the terms of (0008,0005), none of which is the default repertoire. */
export function characterSet(terms: readonly string[]): CharacterSet {
  const unknown = terms.filter(
    (term) =>
      term !== '' && designationOf(term) === undefined && wholeEncodingOf(term) === undefined,
  );
  const whole = wholeEncodingOf(terms[0] ?? '');
  const initial = designationOf(terms[0] ?? '') ?? {};
  const declared = unknown.length === 0;
  return {
    terms,
    unknown,
    decode(bytes, vr) {
      const decoded =
        whole === undefined ? decodeSwitched(bytes, vr, initial) : decodeWhole(bytes, whole);
      return declared ? decoded : { ...decoded, sound: false };
    },
  };
}

export const DEFAULT_CHARACTER_SET: CharacterSet = characterSet([]);

function decodeWhole(bytes: Uint8Array, label: string): DecodedText {
  const text = new TextDecoder(label, { ignoreBOM: true }).decode(bytes);
  return { text, sound: !text.includes('\ufffd') };
}

function decodeSwitched(bytes: Uint8Array, vr: string, initial: Designation): DecodedText {
  // The first term stands in both halves, except for the sets of two bytes, which want an escape
  // sequence even when they are, wrongly, named first.
  const firstG0 = initial.g0?.bytes === 1 ? initial.g0 : ASCII;
  let g0: CodedSet = firstG0;
  let g1: CodedSet | undefined = initial.g1;
  let text = '';
  let sound = true;
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === ESCAPE) {
      const escape = readEscape(bytes, at);
      if (escape === undefined) {
        sound = false;
        at += 1;
        continue;
      }
      g0 = escape.designation.g0 ?? g0;
      g1 = escape.designation.g1 ?? g1;
      at += escape.length;
      continue;
    }
    const end = endOfRun(bytes, at, byte >= 0x80 || g0.bytes === 1 ? null : g0);
    if (byte >= 0x80 && g1 === undefined) {
      text += guess(bytes.subarray(at, end));
      sound = false;
    } else {
      // Control characters and spaces are the same in every set, also between two-byte characters.
      const set = byte <= 0x20 ? ASCII : byte < 0x80 ? g0 : (g1 ?? ASCII);
      const run = set.decode(bytes.subarray(at, end));
      if (run.includes('\ufffd')) sound = false;
      text += run;
    }
    if (end - at === 1 && isReset(byte, g0, vr)) {
      g0 = firstG0;
      g1 = initial.g1;
    }
    at = end;
  }
  return { text, sound };
}

/** Where the run of bytes of one half ends: before an escape, a delimiter, or the other half. */
function endOfRun(bytes: Uint8Array, start: number, pairs: CodedSet | null): number {
  const first = bytes[start] ?? 0;
  if (first <= 0x20) return start + 1;
  const high = first >= 0x80;
  let end = start;
  for (; end < bytes.length; end += pairs === null ? 1 : 2) {
    const byte = bytes[end] ?? 0;
    if (byte === ESCAPE || byte <= 0x20 || byte >= 0x80 !== high) break;
    if (pairs === null && !high && isDelimiter(byte)) return end === start ? start + 1 : end;
  }
  return Math.min(end, bytes.length);
}

function isDelimiter(byte: number): boolean {
  return byte === 0x5c || byte === 0x5e || byte === 0x3d;
}

/** PS3.5 section 6.1.2.5.3: line ends and tabs, backslashes between values, and parts of names. */
function isReset(byte: number, g0: CodedSet, vr: string): boolean {
  if (byte === 9 || byte === 10 || byte === 12 || byte === 13) return true;
  if (g0.bytes === 2) return false;
  if (byte === 0x5c) return isDivided(vr);
  return vr === 'PN' && (byte === 0x5e || byte === 0x3d);
}

/** Bytes without a declared meaning: mostly UTF-8 or Latin-1 of a writer that did not say so. */
function guess(run: Uint8Array): string {
  const utf8 = new TextDecoder('utf-8').decode(run);
  return utf8.includes('\ufffd') ? new TextDecoder('iso-8859-1').decode(run) : utf8;
}
