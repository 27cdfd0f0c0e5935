/**
 * Searches a finished file, outside its pixels, for what identified people in its source. It knows
 * nothing of the profile's rules: a name in an element that the standard calls harmless is a name.
 *
 * When in doubt it reports, because a hit holds the image and a miss lets it out. What is not
 * reported, and why:
 * - values the policy has written itself (pseudonym, marks, codes): `verify` checks what they say;
 * - terms of the standard in the elements they are defined for: a family name "CT" is in every
 *   Modality, and tells nothing there;
 * - in code strings, a part of a word: "STAN" in STANDARD. As a whole word it is reported;
 * - digits in numbers, dates and UIDs, unless they are too many to be there by chance: an accession
 *   number 2000 is no news in a Repetition Time;
 * - single letters, which are in every text and are nobody's name.
 * A patient named like a word of a kept description is held. That is meant.
 */
import type { Rendition, Tag } from './element.ts';
import type { Profile } from './profile.ts';
import type { Identifiers, IdentifierKind } from './residual-harvest.ts';
import { indexPatterns, search } from './residual-index.ts';
import { foldAscii, isSeparator, spellOut, type Pattern } from './residual-pattern.ts';
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

type Room = 'text' | 'code' | 'number' | 'date' | 'uid' | 'binary' | 'own';

const HITS_MAX = 100;
/** Digits that are not expected by chance among the numbers of a header. */
const DIGITS_ANYWHERE = 8;
const DIGITS_IN_TEXT = 6;
/** A decimal point, a dot and a hyphen belong to a word: 2 is not in "2.1". */
const WORD_ENDS = /[\s^=\\,;:/()'"_\0]+/;

const ROOMS: Readonly<Record<string, Room>> = {
  ...{ AE: 'text', LO: 'text', LT: 'text', PN: 'text', SH: 'text', ST: 'text' },
  ...{ UC: 'text', UR: 'text', UT: 'text', AS: 'code', CS: 'code', DS: 'number', IS: 'number' },
  ...{ DA: 'date', DT: 'date', TM: 'date', UI: 'uid' },
};

/** Elements that the policy writes, which may hold nothing but what it writes. */
const PSEUDONYMS = new Set([0x00100010, 0x00100020]);
const OWN_ELEMENTS = new Set([0x00120062, 0x00120063, 0x00120064, 0x00280303]);

const MODALITIES =
  'ct mr us cr dx mg nm pt xa rf sc ot io px es gm sm xc op ecg hd au sr pr ko seg';

/**
 * What an element is known to say, separators taken out: defined terms of the standard (PS3.3
 * C.7.3.1.1.1 and others), the makers of devices, and what a dummy content item says.
 */
const TERMS: ReadonlyMap<Tag, ReadonlySet<string>> = new Map(
  (
    [
      [0x00080008, 'original derived primary secondary axial localizer other mpr'],
      [0x00080060, MODALITIES],
      [0x00080061, MODALITIES],
      [
        0x00080070,
        'agfa canon elekta fujifilm ge gehealthcare gemedicalsystems hitachi hologic ' +
          'philips philipsmedicalsystems siemens siemenshealthineers toshiba varian',
      ],
      [0x00100040, 'm f o'],
      [0x00180015, 'abdomen ankle arm breast chest cspine elbow foot hand head heart hip knee leg'],
      [0x00185100, 'hfp hfs hfdr hfdl ffdr ffdl ffp ffs'],
      [0x00280004, 'monochrome1 monochrome2 palette color rgb ybrfull ybrfull422'],
      [0x0040a010, 'contains'],
      [0x0040a040, 'text'],
    ] as const
  ).map(([tag, terms]) => [tag, new Set<string>(terms.split(' '))]),
);

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
  const roomOf = (element: ReadElement): Room => findRoom(element, back, policy);
  const report = (kind: IdentifierKind, element: ReadElement | undefined): void => {
    if (hits.size >= HITS_MAX) return;
    const tag = element === undefined ? undefined : pathOf(element);
    hits.set(`${kind} ${tag}`, tag === undefined ? { kind } : { kind, tag });
  };

  for (const [from, to] of outsidePixels(back)) {
    const folded = foldAscii(back.bytes.subarray(from, to));
    search(folded, index, (pattern, at) => {
      const element = elementAt(values, from + at);
      const room = element === undefined ? 'binary' : roomOf(element);
      // What stands around a value is not a part of it, though a tag may look like a digit.
      const start = element === undefined ? 0 : element.offset - from;
      const end = element === undefined ? folded.length : start + element.length;
      const around = surroundings(folded, at, pattern, start, end);
      if (counts(pattern, around, room, element)) report(pattern.kind, element);
    });
  }
  for (const element of values) {
    if (ROOMS[element.vr] !== 'text' || element.length === 0) continue;
    if (roomOf(element) === 'own') continue;
    const { offset, length } = element;
    const folded = foldAscii(back.bytes.subarray(offset, offset + length));
    const squeezed = squeeze(folded);
    if (squeezed.length < length) {
      search(squeezed, index, (pattern, at) => {
        const around = surroundings(squeezed, at, pattern, 0, squeezed.length);
        if (counts(pattern, around, 'text', element)) report(pattern.kind, element);
      });
    }
    if (short.size === 0) continue;
    for (const word of Buffer.from(folded).toString('latin1').split(WORD_ENDS)) {
      const kind = short.get(word);
      if (kind !== undefined && !isTerm(word, element)) report(kind, element);
    }
  }
  return [...hits.values()];
}

function findRoom(element: ReadElement, back: ReadBack, policy: ScanPolicy): Room {
  const { tag, within } = element;
  if (within.length === 0) {
    if (OWN_ELEMENTS.has(tag) || tag >>> 16 === 2) return 'own';
    const wrote = PSEUDONYMS.has(tag)
      ? policy.pseudonym
      : tag === 0x00080050
        ? policy.accession
        : undefined;
    if (wrote !== undefined) {
      const text = Buffer.from(back.bytes.buffer, back.bytes.byteOffset, back.bytes.byteLength)
        .toString('latin1', element.offset, element.offset + element.length)
        .trimEnd();
      return text === wrote ? 'own' : 'text';
    }
  } else if (within[0] === 0x00120064) {
    return 'own';
  }
  return ROOMS[element.vr] ?? 'binary';
}

/** The bytes on both sides of a match, folded; 0 where the value begins or ends. */
interface Surroundings {
  readonly before: number;
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
    after: behind < end ? (bytes[behind] ?? 0) : 0,
  };
}

/** Whether a pattern that stands at a place says something there. */
function counts(
  pattern: Pattern,
  { before, after }: Surroundings,
  room: Room,
  element: ReadElement | undefined,
): boolean {
  if (room === 'own') return false;
  if (pattern.kind === 'uid') {
    // 1.2.3 is no part of 1.2.34, nor of 9.1.2.3.
    return !isDigit(before) && before !== 0x2e && !isDigit(after);
  }
  if (!pattern.digitsOnly) {
    if (room === 'number' || room === 'date' || room === 'uid') return false;
    if (room === 'code' && (isWordByte(before) || isWordByte(after))) return false;
    return !isTerm(Buffer.from(pattern.bytes).toString('latin1'), element);
  }
  const { length } = pattern.bytes;
  const whole = !isDigit(before) && !isDigit(after);
  switch (room) {
    case 'text':
      return length >= DIGITS_IN_TEXT || whole;
    case 'binary':
      return length >= DIGITS_IN_TEXT;
    case 'code':
      return whole;
    case 'number':
    case 'uid':
      return whole && length >= DIGITS_ANYWHERE;
    case 'date':
      return false;
  }
}

/** The policy knows this word for this element, so that it tells nothing there. */
function isTerm(word: string, element: ReadElement | undefined): boolean {
  return element !== undefined && TERMS.get(element.tag)?.has(word) === true;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isWordByte(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x61 && byte <= 0x7a) || byte >= 0x80;
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
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle]?.offset ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  const found = values[low];
  return found !== undefined && at >= found.offset && at < found.offset + found.length
    ? found
    : undefined;
}

function squeeze(folded: Uint8Array): Uint8Array {
  const kept = new Uint8Array(folded.length);
  let size = 0;
  for (const byte of folded) if (!isSeparator(byte)) kept[size++] = byte;
  return kept.subarray(0, size);
}
