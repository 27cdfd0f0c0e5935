/**
 * Searches a finished file, outside its pixels, for what identified people in its source. It knows
 * nothing of what the profile does to an element: a name in an element that the standard calls
 * harmless is a name.
 *
 * It looks three times: at all bytes as they are; at the text elements with their separators taken
 * out; and at text that is not ASCII, decoded, in each form that its letters may have.
 *
 * When in doubt it reports, because a hit holds the image and a miss lets it out. What is not
 * reported, and why:
 * - values the policy has written itself (pseudonym, marks, codes): `verify` checks what they say;
 * - terms of the standard in the elements they are defined for: a family name "CT" is in every
 *   Modality, and tells nothing there;
 * - a part of a word, under six letters: "Chen" in "kitchen", "STAN" in STANDARD. As a whole word it
 *   is reported;
 * - digits in numbers, dates and UIDs, unless they are too many to be there by chance: an accession
 *   number 2000 is no news in a Repetition Time;
 * - words under four letters, but for the rule at the head of `residual-pattern.ts`.
 * A patient named like a word of a kept description is held. That is meant.
 */
import type { Rendition } from './element.ts';
import type { Profile } from './profile.ts';
import type { Identifiers, IdentifierKind } from './residual-harvest.ts';
import { indexPatterns, search } from './residual-index.ts';
import { lettersOf } from './residual-letters.ts';
import { foldAscii, isSeparator, spellOut, squeezeText, type Pattern } from './residual-pattern.ts';
import { isTerm, roomOf, standingOf, type Room } from './residual-room.ts';
import { asciiText, characterSetAt, characterSetsOf } from './verify-text.ts';
import { pathOf, readBack, type ReadBack, type ReadElement } from './verify-reader.ts';

/** An identifier of the source that is still in the output. Never with the value. */
export interface Hit {
  /** `incomplete`: there was more to search for than the limit, so nothing can be said. */
  readonly kind: IdentifierKind | 'incomplete';
  /** Path of the element; left out where the bytes belong to none. */
  readonly tag?: string;
}

export interface ScanPolicy {
  readonly profile: Profile;
  readonly pseudonym: string;
  readonly accession: string;
}

const HITS_MAX = 100;
/** Digits that are not expected by chance among the numbers of a header. */
const DIGITS_ANYWHERE = 8;
const DIGITS_IN_TEXT = 6;
/** A decimal point, a dot and a hyphen belong to a number: 2 is not in "2.1". */
const WORD_ENDS = /[\s^=\\,;:/()'"_\0]+/;
const DOTS = /[.-]+/;
/** New UIDs are under this arc (PS3.5 B.2): their digits are a hash, and long. */
const NEW_UID = '2.25.';

/**
 * Searches the output.
 *
 * @param output - the finished file, or what was read back of it already.
 * @returns a hit for each element and kind, 100 at most; empty where nothing was found.
 */
export function scan(
  output: Rendition | ReadBack,
  identifiers: Identifiers,
  policy: ScanPolicy,
): readonly Hit[] {
  const back = 'elements' in output ? output : readBack(output);
  const hits = new Map<string, Hit>();
  if (identifiers.overflow) hits.set('', { kind: 'incomplete' });
  const { options } = policy.profile;
  const { long, short } = spellOut(identifiers.list, (kind) => {
    if (kind === 'uid') return !options.has('retainUids');
    return kind !== 'institution' || !options.has('retainInstitutionIdentity');
  });
  const index = indexPatterns(long);
  const values = back.elements.filter((element) => element.itemCount === undefined);
  const valueOf = ({ offset, length }: ReadElement): Uint8Array =>
    back.bytes.subarray(offset, offset + length);
  const textOf = (element: ReadElement): string => asciiText(valueOf(element));
  const report = (kind: IdentifierKind, element: ReadElement | undefined): void => {
    if (hits.size >= HITS_MAX) return;
    const tag = element === undefined ? undefined : pathOf(element);
    hits.set(`${kind} ${tag}`, tag === undefined ? { kind } : { kind, tag });
  };

  const consider = (
    pattern: Pattern,
    around: Surroundings,
    room: Room,
    element: ReadElement | undefined,
  ): void => {
    const place = {
      room,
      prose: element !== undefined && standingOf(element, policy.profile) !== 'other',
      derived: room === 'uid' && element !== undefined && isDerived(textOf(element)),
    };
    if (!counts(pattern, around, place)) return;
    const word = Buffer.from(pattern.bytes).toString('latin1');
    if (element === undefined || !isTerm(word, element)) report(pattern.kind, element);
  };

  for (const [from, to] of outsidePixels(back)) {
    const raw = back.bytes.subarray(from, to);
    search(foldAscii(raw), index, (pattern, at) => {
      const element = elementAt(values, from + at);
      const room = element === undefined ? 'binary' : roomOf(element, textOf, policy);
      // What stands around a value is not a part of it, though a tag may look like a digit.
      const start = element === undefined ? 0 : element.offset - from;
      const end = element === undefined ? raw.length : start + element.length;
      const around = surroundings(raw, at, pattern, start, end);
      consider(pattern, around, room, element);
    });
  }

  const texts = values.filter(
    (element) => element.length > 0 && roomOf(element, textOf, policy) === 'text',
  );
  const squeezed = squeezeAll(texts, valueOf);
  search(squeezed.bytes, index, (pattern, at) => {
    const element = elementOf(squeezed, at);
    const around = surroundings(squeezed.bytes, at, pattern, 0, squeezed.bytes.length);
    consider(pattern, around, 'text', element);
  });

  const charsets = characterSetsOf(back);
  for (const element of texts) {
    const value = valueOf(element);
    const plain = value.every((byte) => byte < 0x80 && byte !== 0x1b);
    if (!plain) {
      const { text } = characterSetAt(charsets, element.prefix).decode(value, element.vr);
      for (const form of lettersOf(squeezeText(text))) {
        const bytes = foldAscii(Buffer.from(form, 'utf8'));
        search(bytes, index, (pattern, at) => {
          const around = surroundings(bytes, at, pattern, 0, bytes.length);
          consider(pattern, around, 'text', element);
        });
      }
    }
    if (short.size === 0) continue;
    const standing = standingOf(element, policy.profile);
    if (standing === 'kept') continue;
    for (const word of wordsOf(value)) {
      const kind = short.get(word);
      if (kind === undefined || isTerm(word, element)) continue;
      if (standing === 'cleaned' && /^\d+$/.test(word)) continue;
      report(kind, element);
    }
  }
  return [...hits.values()];
}

/** Whole words, and the parts of those that dots and hyphens join, but for parts of numbers. */
function wordsOf(value: Uint8Array): readonly string[] {
  const folded = Buffer.from(foldAscii(value)).toString('latin1');
  return folded.split(WORD_ENDS).flatMap((word) => {
    if (!DOTS.test(word)) return [word];
    const parts = word.split(DOTS).filter((part) => !/^\d+$/.test(part));
    // "E.Li" is an initial and a name.
    return [word, ...parts, parts.join('')];
  });
}

function isDerived(uids: string): boolean {
  return uids.split('\\').every((uid) => uid.startsWith(NEW_UID));
}

/** The bytes on both sides of a match; 0 where the value begins or ends. */
interface Surroundings {
  readonly before: number;
  readonly first: number;
  readonly last: number;
  readonly after: number;
}

function surroundings(
  bytes: Uint8Array,
  at: number,
  pattern: Pattern,
  start: number,
  end: number,
): Surroundings {
  const behind = at + pattern.bytes.length;
  return {
    before: at > start ? (bytes[at - 1] ?? 0) : 0,
    first: bytes[at] ?? 0,
    last: bytes[behind - 1] ?? 0,
    after: behind < end ? (bytes[behind] ?? 0) : 0,
  };
}

/** What is known of the place at which a pattern stands. */
interface Standpoint {
  readonly room: Room;
  /** The policy keeps or cleans the value, which is text of many words then. */
  readonly prose: boolean;
  /** All that stands there are UIDs of our own making. */
  readonly derived: boolean;
}

/** Whether a pattern that stands at a place says something there. */
function counts(
  pattern: Pattern,
  around: Surroundings,
  { room, prose, derived }: Standpoint,
): boolean {
  if (room === 'own') return false;
  const { before, after } = around;
  if (pattern.kind === 'uid') {
    // 1.2.3 is no part of 1.2.34, nor of 9.1.2.3.
    return !isDigit(before) && before !== 0x2e && !isDigit(after);
  }
  if (pattern.kind === 'path' && room !== 'text' && room !== 'binary') return false;
  const wholeWord =
    pattern.wholeWord === 'always' ||
    (pattern.wholeWord === 'mostly' && (room !== 'text' || prose));
  if (!pattern.digitsOnly) {
    if (room === 'number' || room === 'date' || room === 'uid') return false;
    return !(wholeWord || room === 'code') || isWord(around);
  }
  const { length } = pattern.bytes;
  const whole = !isDigit(before) && !isDigit(after);
  if (wholeWord && !whole) return false;
  switch (room) {
    case 'text':
      return length >= DIGITS_IN_TEXT || whole;
    case 'binary':
      return length >= DIGITS_IN_TEXT;
    case 'code':
      return whole;
    case 'number':
      return whole && length >= DIGITS_ANYWHERE;
    case 'uid':
      // In a UID that somebody put together the number may be a part of a component.
      return (whole || !derived) && length >= DIGITS_ANYWHERE;
    case 'date':
      return false;
    default:
      return room satisfies never;
  }
}

/** Whether what stands on either side goes on in another way: "Chen2", "PatChenCT". */
function isWord({ before, first, last, after }: Surroundings): boolean {
  return isBreak(before, first) && isBreak(last, after);
}

function isBreak(one: number, next: number): boolean {
  if (!isWordByte(one) || !isWordByte(next)) return true;
  return isDigit(one) !== isDigit(next) || (isSmall(one) && isCapital(next));
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isSmall(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

function isCapital(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isWordByte(byte: number): boolean {
  return isDigit(byte) || isSmall(byte) || isCapital(byte) || byte >= 0x80;
}

function outsidePixels(back: ReadBack): readonly (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  let from = 0;
  for (const { tag, depth, offset, length } of back.elements) {
    if (depth > 0 || tag < 0x7fe00008 || tag > 0x7fe00010) continue;
    ranges.push([from, offset]);
    from = offset + length;
  }
  ranges.push([from, back.bytes.length]);
  return ranges;
}

/** The element whose value holds this byte: they are in the order of their offsets. */
function elementAt(values: readonly ReadElement[], at: number): ReadElement | undefined {
  const found = values[lastAtOrBefore(values, at, ({ offset }) => offset)];
  return found !== undefined && at >= found.offset && at < found.offset + found.length
    ? found
    : undefined;
}

/** Texts without separators, one behind the other, with two zeros between, which no pattern spans. */
interface Squeezed {
  readonly bytes: Uint8Array;
  readonly parts: readonly { readonly at: number; readonly element: ReadElement }[];
}

function squeezeAll(
  texts: readonly ReadElement[],
  valueOf: (element: ReadElement) => Uint8Array,
): Squeezed {
  const bytes = new Uint8Array(texts.reduce((sum, { length }) => sum + length + 2, 0));
  const parts: { at: number; element: ReadElement }[] = [];
  let size = 0;
  for (const element of texts) {
    const start = size;
    const value = foldAscii(valueOf(element));
    for (const byte of value) if (!isSeparator(byte)) bytes[size++] = byte;
    // Nothing was taken out: the bytes have been searched as they are.
    if (size - start === value.length) size = start;
    else {
      parts.push({ at: start, element });
      bytes.fill(0, size, size + 2);
      size += 2;
    }
  }
  return { bytes: bytes.subarray(0, size), parts };
}

function elementOf({ parts }: Squeezed, at: number): ReadElement | undefined {
  return parts[lastAtOrBefore(parts, at, (part) => part.at)]?.element;
}

function lastAtOrBefore<T>(list: readonly T[], at: number, placeOf: (item: T) => number): number {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const item = list[middle];
    if (item !== undefined && placeOf(item) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
