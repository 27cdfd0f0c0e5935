/**
 * What may stand in a finished file, element by element. This is a second reading of PS3.15 Table
 * E.1-1, its options, and the rules of a policy. It is written without `resolveAction`: where that
 * one chooses what is done, this one lists what is allowed, so that a mistake in either of them
 * shows. What it has no permit for is a breach.
 *
 * The order in which it asks: is the element well-formed; is it one of the marks; does it stand in
 * something that was replaced as a whole; what does the policy's own rule say; what do the table and
 * the options; and where neither names it, what is known of its VR.
 */
import { lookUp } from './dictionary.ts';
import type { Tag } from './element.ts';
import type { Profile, RuleAction } from './profile.ts';
import type { OptionLetter } from './profile-columns.ts';
import { findProfileRow, type ProfileRow } from './profile-table.ts';
import { optionLetters } from './verify-columns.ts';
import { isReduced } from './verify-reduced.ts';
import { findUidBreach, isDummy, isMoved, isSameValue } from './verify-values.ts';
import { isCleaned, isFreeText } from './verify-vocabulary.ts';
import { drawingPermit, isDrawing } from './verify-graphics.ts';
import { safePrivateVr } from './verify-private.ts';
import { isSearchable } from './verify-content.ts';
import type { ReadElement } from './verify-reader.ts';

export type RuleBreach =
  | 'private-element'
  | 'unknown-element'
  | 'element-not-allowed'
  | 'vr-not-of-element'
  | 'not-removed'
  | 'not-emptied'
  | 'not-replaced'
  | 'not-cleaned'
  | 'not-as-ruled'
  /** A value that should be the source's, and is another one, or stands elsewhere there. */
  | 'not-of-source'
  | 'uid-not-replaced'
  | 'uid-invalid'
  | 'name-not-replaced'
  | 'date-not-shifted'
  /** A document or archive, whose text no search can see. */
  | 'not-searchable';

export interface RuleContext {
  readonly profile: Profile;
  readonly shiftDays: number;
  /** Every UID of the source that is not the standard's own. */
  readonly sourceUids: ReadonlySet<string>;
  /** The bytes of a value. */
  valueOf(element: ReadElement): Uint8Array;
  /** Text of a value, trimmed of its padding, read byte by byte. */
  textOf(element: ReadElement): string;
  /** The value at the same place in the source, or undefined where there is none. */
  sourceValueOf(element: ReadElement): Uint8Array | undefined;
  /** Whether an element is of a content item whose value is retained (PS3.15 Table E.3.4-1). */
  isRetained(element: ReadElement): boolean;
  /** The same, as text. */
  sourceTextOf(element: ReadElement): string | undefined;
  /** Whether the file gives the VRs of its elements. */
  readonly explicit: boolean;
  /** Texts of finished file and source, decoded as the character sets of both say. */
  decodedTextsOf(element: ReadElement): { readonly after: string; readonly before: string } | null;
  /** Text of another element beside this one, at the same level of the finished file. */
  besideOf(element: ReadElement, tag: Tag): string | undefined;
  /** The same, of an element of VR US. */
  unsignedBesideOf(element: ReadElement, tag: Tag): number | undefined;
}

/** One thing that a value may be. */
type Permit =
  /** What the source has at this place. */
  | 'source'
  | 'empty'
  | 'dummy'
  | 'uid'
  | 'moved'
  | 'cleaned'
  /** What the policy's rule says. */
  | 'literal'
  /** Sequences: each element of each item is looked at by itself. */
  | 'items';

interface Permits {
  readonly any: readonly Permit[];
  /** What is wrong where the value is none of them. */
  readonly otherwise: RuleBreach;
}

/** Elements which the de-identifier fills with values of its own; `verify-marks.ts` checks them. */
const OWN_VALUES = new Set([
  0x00080050, 0x00100010, 0x00100020, 0x00120062, 0x00120063, 0x00120064, 0x00280303,
]);
/** Text Value and UID of a content item. */
const CONTENT_VALUES = new Set([0x0040a160, 0x0040a124]);
const PIXELS = new Set([0x7fe00008, 0x7fe00009, 0x7fe00010]);
const METHOD_CODES: Tag = 0x00120064;
/** Texts of whoever made a coding scheme (PS3.3 sections 8.8 and C.12.1.1.15), not of its users. */
const CODING_TEXTS = new Set([
  0x00080108, 0x00080115, 0x00080116, 0x00080119, 0x00080120, 0x00160020,
]);
const SENTENCES = /^(?:LT|ST|UC|UT)$/;
const REFERENCED_STUDIES: Tag = 0x00081111;

/** Checks one element of the data set; null where it may stand as it is. */
export function checkElement(element: ReadElement, context: RuleContext): RuleBreach | null {
  const { tag, vr } = element;
  const group = tag >>> 16;
  if (group < 8 && group !== 4) return 'element-not-allowed';
  if ((tag & 0xffff) === 0 || tag === 0xfffcfffc) return 'element-not-allowed';
  // These are compared as wholes elsewhere.
  if (element.depth === 0 && (OWN_VALUES.has(tag) || PIXELS.has(tag))) return checkVr(element);
  if (element.within.length === 1 && element.within[0] === METHOD_CODES) return checkVr(element);
  if (group % 2 === 1) return checkPrivate(element, context);
  const known = lookUp(tag);
  const row = findProfileRow(tag);
  const ruled = context.profile.rules.has(tag);
  if (known === undefined && row === undefined && !ruled) return 'unknown-element';
  // A wrong VR makes a reader see something else than what was written: never let it pass.
  if (known !== undefined && !known.vrs.includes(vr)) return 'vr-not-of-element';
  const permits = element.within.some((sequence) => isDummySequence(sequence, context.profile))
    ? DUMMIES_ONLY
    : permitsOf(element, row, known?.retired === true, context);
  if (!permits.any.some((permit) => holds(permit, element, context))) {
    return explain(permits, element, context);
  }
  const opaque = vr !== 'SQ' && !isSearchable(tag, vr, context.valueOf(element));
  return opaque ? 'not-searchable' : null;
}

function checkVr({ tag, vr }: ReadElement): RuleBreach | null {
  return lookUp(tag)?.vrs.includes(vr) === true ? null : 'vr-not-of-element';
}

function checkPrivate(element: ReadElement, context: RuleContext): RuleBreach | null {
  const { profile } = context;
  const listed = safePrivateVr(element.tag, profile, (tag) => context.besideOf(element, tag));
  if (listed === null) return 'private-element';
  // Without VRs in the file nobody can say that it is another one.
  if (element.vr !== listed && context.explicit) return 'private-element';
  const permits: Permits =
    listed === 'UN'
      ? { any: ['source'], otherwise: 'not-of-source' }
      : untabled(element.tag, listed, false, profile);
  if (!permits.any.some((permit) => holds(permit, element, context))) {
    return explain(permits, element, context);
  }
  const searchable = isSearchable(element.tag, listed, context.valueOf(element));
  return searchable ? null : 'not-searchable';
}

function permitsOf(
  element: ReadElement,
  row: ProfileRow | undefined,
  retired: boolean,
  context: RuleContext,
): Permits {
  const { profile } = context;
  const rule = profile.rules.get(element.tag);
  const plain =
    row === undefined
      ? untabled(element.tag, element.vr, retired, profile)
      : basicPermits(element, row.basic);
  if (rule !== undefined) return ruledPermits(rule.action, element) ?? plain;
  const base = row === undefined ? plain : tabled(element, row, plain, context);
  if (!element.within.some((sequence) => isCleanedSequence(sequence, profile))) return base;
  // A sequence that is cleaned may have been given a dummy item instead, and free text in it is
  // cleaned whether the table names it or not, but for coded entries.
  const any: readonly Permit[] = [...base.any, 'empty', 'dummy'];
  const free = base.any.includes('source') && isFreeText(element.vr);
  if (!free || isCodedEntry(element, context)) return { ...base, any };
  return {
    any: any.map((permit) => (permit === 'source' ? 'cleaned' : permit)),
    otherwise: 'not-cleaned',
  };
}

const DUMMIES_ONLY: Permits = { any: ['empty', 'dummy', 'items'], otherwise: 'not-replaced' };

/**
 * What a policy's own rule allows, whatever the table says. Null where the rule cannot be meant for the
 * element, such as a shift of what is no date: then it is the Basic Profile that counts.
 */
function ruledPermits(action: RuleAction, { vr }: ReadElement): Permits | null {
  const sequence = vr === 'SQ';
  switch (action) {
    case 'keep':
      return { any: [sequence ? 'items' : 'source'], otherwise: 'not-of-source' };
    case 'remove':
      return { any: [], otherwise: 'not-removed' };
    case 'empty':
      return { any: ['empty'], otherwise: 'not-emptied' };
    case 'dummy':
      return { any: ['empty', sequence ? 'items' : 'dummy'], otherwise: 'not-replaced' };
    case 'clean':
      return { any: ['empty', 'dummy', sequence ? 'items' : 'cleaned'], otherwise: 'not-cleaned' };
    case 'shift':
      if (vr === 'TM') return { any: ['source'], otherwise: 'not-of-source' };
      if (vr !== 'DA' && vr !== 'DT') return null;
      return { any: ['empty', 'dummy', 'moved'], otherwise: 'date-not-shifted' };
    case 'uid':
      if (sequence) return { any: ['items'], otherwise: 'not-removed' };
      return vr === 'UI' ? { any: ['empty', 'uid'], otherwise: 'uid-not-replaced' } : null;
    case 'replace':
      return sequence ? null : { any: ['literal'], otherwise: 'not-as-ruled' };
    default:
      return action satisfies never;
  }
}

function tabled(
  element: ReadElement,
  row: ProfileRow,
  basic: Permits,
  context: RuleContext,
): Permits {
  const { vr, tag } = element;
  const sequence = vr === 'SQ';
  const letters = optionLetters(context.profile);
  const says = (code: string): OptionLetter[] =>
    letters.filter((letter) => row.options.get(letter) === code);
  if (says('K').length > 0) {
    return { any: [sequence ? 'items' : 'source'], otherwise: 'not-of-source' };
  }
  const cleaned = says('C').map((letter) => cleanPermit(letter, tag, vr, element, context));
  const more = cleaned.filter((permit) => permit !== null);
  const otherwise = more.includes('moved')
    ? 'date-not-shifted'
    : more.includes('cleaned')
      ? 'not-cleaned'
      : basic.otherwise;
  return { any: [...basic.any, ...more], otherwise };
}

/** What an option that says "clean" adds; null where cleaning is not possible for the element. */
function cleanPermit(
  letter: OptionLetter,
  tag: Tag,
  vr: string,
  element: ReadElement,
  context: RuleContext,
): Permit | null {
  switch (letter) {
    case 'M':
      // A time of day says nothing without its date (PS3.15 E.3.6).
      return vr === 'DA' || vr === 'DT' ? 'moved' : vr === 'TM' ? 'source' : null;
    case 'G':
      return graphicsPermit(tag, vr, element, context);
    case 'D':
    case 'H':
    case 'S':
    case 'V':
      return vr === 'SQ' ? 'items' : isFreeText(vr) || vr === 'CS' ? 'cleaned' : null;
    default:
      return null;
  }
}

function graphicsPermit(
  tag: Tag,
  vr: string,
  element: ReadElement,
  context: RuleContext,
): Permit | null {
  if (vr === 'SQ') return 'items';
  if (!isDrawing(tag)) return null;
  const sibling = (number: number): Tag => ((tag & 0xffff0000) | number) >>> 0;
  return drawingPermit(tag, vr, element.length, {
    textAt: (number) => context.besideOf(element, sibling(number)),
    unsignedAt: (number) => context.unsignedBesideOf(element, sibling(number)),
  });
}

function basicPermits({ vr }: ReadElement, codes: readonly string[]): Permits {
  if (vr === 'SQ' && (codes.includes('U*') || codes.includes('D'))) {
    // Items of reference sequences stay, with new UIDs; a dummy's items hold dummies.
    return { any: ['items'], otherwise: 'not-replaced' };
  }
  const empty: readonly Permit[] = codes.every((code) => code === 'X') ? [] : ['empty'];
  if (codes.includes('U') || (vr === 'UI' && codes.includes('D'))) {
    return { any: [...empty, 'uid'], otherwise: 'uid-not-replaced' };
  }
  if (codes.includes('D')) return { any: [...empty, 'dummy'], otherwise: 'not-replaced' };
  return { any: empty, otherwise: codes.includes('Z') ? 'not-emptied' : 'not-removed' };
}

/** Elements that the table does not name: known ones only. */
function untabled(tag: Tag, vr: string, retired: boolean, { options }: Profile): Permits {
  const kept: Permits = { any: ['source'], otherwise: 'not-of-source' };
  switch (vr) {
    case 'SQ':
      return { any: ['items'], otherwise: 'not-removed' };
    case 'UI':
      return options.has('retainUids') ? kept : { any: ['uid'], otherwise: 'uid-not-replaced' };
    case 'PN':
      return { any: ['empty', 'dummy'], otherwise: 'name-not-replaced' };
    case 'DA':
    case 'DT':
    case 'TM': {
      if (options.has('retainLongitudinalFullDates')) return kept;
      if (!options.has('retainLongitudinalModifiedDates')) {
        return { any: ['empty', 'dummy'], otherwise: 'not-replaced' };
      }
      return vr === 'TM'
        ? kept
        : { any: ['empty', 'dummy', 'moved'], otherwise: 'date-not-shifted' };
    }
    case 'UN':
      // Plain bytes of a known element cannot be judged, since nothing says what they hold.
      return { any: ['empty'], otherwise: 'not-removed' };
    case 'UR':
      return { any: ['empty', 'dummy'], otherwise: 'not-replaced' };
    default:
      // Retired text may say anything, and nobody needs it.
      if (retired && isFreeText(vr)) return { any: ['empty'], otherwise: 'not-removed' };
      // Values with room for sentences are written by people, whatever the element is called; and so
      // is what stands on a drawing.
      if (CODING_TEXTS.has(tag) || !(SENTENCES.test(vr) || (vr === 'LO' && isDrawing(tag))))
        return kept;
      return { any: ['empty', 'dummy', 'cleaned'], otherwise: 'not-cleaned' };
  }
}

function holds(permit: Permit, element: ReadElement, context: RuleContext): boolean {
  const { tag, vr, length } = element;
  if (CONTENT_VALUES.has(tag) && permit !== 'source' && context.isRetained(element)) {
    // The concept says more about the value than its element does.
    return holds('source', element, context);
  }
  switch (permit) {
    case 'items':
      return vr === 'SQ';
    case 'empty':
      return length === 0;
    case 'dummy':
      return vr !== 'SQ' && isDummy(vr, context.valueOf(element), context.textOf(element));
    case 'uid':
      return vr === 'UI' && findUidBreach(context.textOf(element), context.sourceUids) === null;
    case 'moved': {
      const before = context.sourceTextOf(element);
      return before !== undefined && isMoved(before, context.textOf(element), context.shiftDays);
    }
    case 'literal':
      return context.textOf(element) === (context.profile.rules.get(tag)?.value ?? '').trimEnd();
    case 'source': {
      const original = context.sourceValueOf(element);
      if (original === undefined) return false;
      const value = context.valueOf(element);
      return isSameValue(value, original) || isReduced(tag, vr, value, original);
    }
    case 'cleaned': {
      if (!isFreeText(vr) && vr !== 'CS') return false;
      const texts = context.decodedTextsOf(element);
      return texts !== null && isCleaned(texts.after, texts.before, tag, context.profile);
    }
    default:
      return permit satisfies never;
  }
}

function explain(
  { any, otherwise }: Permits,
  element: ReadElement,
  context: RuleContext,
): RuleBreach {
  if (!any.includes('uid')) return otherwise;
  return findUidBreach(context.textOf(element), context.sourceUids) ?? otherwise;
}

/** In an item of a sequence that was replaced as a whole, only dummies may stand. */
function isDummySequence(sequence: Tag, profile: Profile): boolean {
  const rule = profile.rules.get(sequence);
  if (rule !== undefined) return rule.action === 'dummy';
  const row = findProfileRow(sequence);
  // References stay, with new UIDs: their items hold nothing else.
  if (row === undefined || !row.basic.includes('D') || sequence === REFERENCED_STUDIES)
    return false;
  return optionLetters(profile).every((letter) => {
    const code = row.options.get(letter);
    return code !== 'K' && (code !== 'C' || letter === 'M');
  });
}

/** A sequence that would not be there, or be a dummy, but that an option or a rule has it cleaned. */
function isCleanedSequence(sequence: Tag, profile: Profile): boolean {
  const rule = profile.rules.get(sequence);
  if (rule !== undefined) return rule.action === 'clean';
  const row = findProfileRow(sequence);
  return (
    row !== undefined &&
    optionLetters(profile).some((letter) => letter !== 'M' && row.options.get(letter) === 'C')
  );
}

const CODE_VALUES = new Set([0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080119]);
const CODING_SCHEME: Tag = 0x00080102;

/**
 * A coded entry (PS3.3 section 8) says what its scheme has for everybody, local schemes included. A
 * meaning without a scheme is a text like any other.
 */
function isCodedEntry(element: ReadElement, context: RuleContext): boolean {
  return CODE_VALUES.has(element.tag) && (context.besideOf(element, CODING_SCHEME) ?? '') !== '';
}
