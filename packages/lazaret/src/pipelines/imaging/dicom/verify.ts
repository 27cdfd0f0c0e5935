/**
 * Looks at a finished file as a stranger would and says whether it is what the profile demands. It
 * believes neither the writer nor the record that the writer made. In this order:
 *
 * 1. `verify-reader.ts` reads the bytes with other code than wrote them, and leaves no byte out;
 * 2. `verify-structure.ts` reads them a second time: both readers must see the same elements;
 * 3. `verify-marks.ts`: frame, meta group, marks and pseudonyms are what policy and identity demand;
 * 4. `verify-rules.ts`: every element, at every depth, is one that may stand there, with a value that
 *    is the source's, a moved date, a new UID, cleaned text, or nothing at all;
 * 5. `verify-pixels.ts`: the pixels are the source's.
 *
 * The search for identifiers (`residual-scan.ts`) knows nothing of all this, and comes on top.
 */
import type { Rendition, Tag, Walk } from './element.ts';
import type { Profile } from './profile.ts';
import { IMPLICIT_LITTLE_ENDIAN } from './transfer-syntax.ts';
import { checkMarks, checkMeta } from './verify-marks.ts';
import { findPixelBreaches } from './verify-pixels.ts';
import {
  pathOf,
  readBack,
  type ReadBack,
  type ReadBackBreach,
  type ReadElement,
} from './verify-reader.ts';
import { checkElement, type RuleBreach, type RuleContext } from './verify-rules.ts';
import { indexSource } from './verify-source.ts';
import {
  asciiText,
  characterSetAt,
  characterSetsOf,
  decodeText,
  sourceCharacterSets,
  type CharacterSets,
} from './verify-text.ts';
import { findStructureBreaches, type StructureBreach } from './verify-structure.ts';

export type BreachKind =
  | ReadBackBreach
  | RuleBreach
  | StructureBreach['kind']
  | 'preamble-not-zero'
  | 'meta-not-rebuilt'
  | 'marks-missing'
  | 'pseudonym-missing'
  | 'pixels-differ';

/** Something in the output that must not be there, or is not there and must. Never with a value. */
export interface Breach {
  readonly kind: BreachKind;
  /** Path of the element, as in `Place.tag`, where there is one. */
  readonly tag?: string;
}

/** What the output should say: it comes from the policy and not from the writer. */
export interface Expectation {
  readonly profile: Profile;
  readonly pseudonym: string;
  /** New accession number; empty where the source has none. */
  readonly accession: string;
  /** Whole days that dates have to be moved by, under `retainLongitudinalModifiedDates`. */
  readonly shiftDays: number;
  /** What (0012,0063) has to say, with the device's name as a second value where there is one. */
  readonly policyLabel: string;
  readonly deviceLabel?: string;
}

const BREACHES_MAX = 100;

/**
 * Checks a finished file against its source.
 *
 * @param output - the bytes as they will be delivered, or as read back already.
 * @returns every breach found, 100 at most; an empty list where the file may go on.
 */
export function verify(
  output: Rendition | ReadBack,
  source: Walk,
  expectation: Expectation,
): readonly Breach[] {
  const back = 'elements' in output ? output : readBack(output);
  const breaches: Breach[] = [...back.breaches];
  if (breaches.some((breach) => breach.kind === 'unreadable-output')) return breaches;
  if (breaches.length === 0) breaches.push(...findStructureBreaches(back));
  const context = makeContext(back, source, expectation);
  checkMeta(back, context, breaches);
  for (const element of back.elements) {
    if (breaches.length >= BREACHES_MAX) return breaches;
    if (element.tag >>> 16 === 2 && element.depth === 0) continue;
    const kind = checkElement(element, context);
    if (kind !== null) breaches.push({ kind, tag: pathOf(element) });
  }
  checkMarks(back, context, expectation, breaches);
  breaches.push(...findPixelBreaches(back, source));
  return breaches;
}

type Levels = ReadonlyMap<string, ReadonlyMap<Tag, ReadElement>>;

function makeContext(back: ReadBack, source: Walk, expectation: Expectation): RuleContext {
  const { profile, shiftDays } = expectation;
  const original = indexSource(source, profile);
  // Only few files ask for these.
  let sets: { readonly after: CharacterSets; readonly before: CharacterSets } | null = null;
  let levels: Levels | null = null;
  const beside = ({ prefix }: ReadElement, tag: Tag): ReadElement | undefined => {
    levels ??= levelsOf(back);
    return levels.get(prefix)?.get(tag);
  };
  const valueOf = ({ offset, length }: ReadElement): Uint8Array =>
    back.bytes.subarray(offset, offset + length);
  return {
    profile,
    shiftDays,
    sourceUids: original.uids,
    valueOf,
    textOf: (element) => asciiText(valueOf(element)),
    sourceValueOf: original.valueAt,
    isRetained: original.isRetained,
    sourceTextOf: (element) => {
      const value = original.valueAt(element);
      return value === undefined ? undefined : asciiText(value);
    },
    explicit: back.syntaxUid !== IMPLICIT_LITTLE_ENDIAN,
    decodedTextsOf: (element) => {
      const value = original.valueAt(element);
      if (value === undefined) return null;
      sets ??= { after: characterSetsOf(back), before: sourceCharacterSets(source) };
      const decode = (bytes: Uint8Array, of: CharacterSets): string =>
        decodeText(bytes, element.vr, characterSetAt(of, element.prefix));
      return { after: decode(valueOf(element), sets.after), before: decode(value, sets.before) };
    },
    besideOf: (element, tag) => {
      const found = beside(element, tag);
      return found === undefined ? undefined : asciiText(valueOf(found));
    },
    unsignedBesideOf: (element, tag) => {
      const found = beside(element, tag);
      if (found === undefined || found.vr !== 'US' || found.length !== 2) return undefined;
      const bytes = Buffer.from(valueOf(found));
      return back.bigEndian ? bytes.readUInt16BE() : bytes.readUInt16LE();
    },
  };
}

/** The elements of each level of a finished file, by tag. */
function levelsOf({ elements }: ReadBack): Levels {
  const made = new Map<string, Map<Tag, ReadElement>>();
  for (const element of elements) {
    const level = made.get(element.prefix) ?? new Map<Tag, ReadElement>();
    made.set(element.prefix, level.set(element.tag, element));
  }
  return made;
}
