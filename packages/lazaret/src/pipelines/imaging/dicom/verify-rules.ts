/**
 * What may stand in a finished file, element by element. This is a second reading of PS3.15 Table
 * E.1-1, written without `resolveAction`: where that one chooses, this one says what is allowed, so
 * that a mistake in either of them shows.
 */
import { lookUp } from './dictionary.ts';
import type { Tag } from './element.ts';
import { OPTION_LETTERS, type ProfileOptions } from './profile-options.ts';
import { findProfileRow } from './profile-table.ts';
import { isStandardUid, isValidUid } from './uid.ts';
import type { ReadElement } from './verify-reader.ts';

export type RuleBreach =
  | 'private-element'
  | 'unknown-element'
  | 'element-not-allowed'
  | 'vr-not-of-element'
  | 'not-removed'
  | 'not-emptied'
  | 'not-replaced'
  | 'uid-not-replaced'
  | 'uid-invalid'
  | 'name-not-replaced'
  | 'date-not-shifted';

export interface RuleContext {
  readonly options: ProfileOptions;
  /** Text of a value, trimmed of its padding, read byte by byte. */
  textOf(element: ReadElement): string;
  isZero(element: ReadElement): boolean;
  /** Text of the value at the same place in the source, or undefined where there is none. */
  sourceTextOf(element: ReadElement): string | undefined;
  /** Every UID of the source that is not the standard's own. */
  readonly sourceUids: ReadonlySet<string>;
}

/** All that a dummy value may say. */
const DUMMIES = new Set([
  'REMOVED',
  '000Y',
  '19000101',
  '000000',
  '0',
  'urn:removed',
  '99LAZARET',
  'CONTAINS',
  'TEXT',
]);

/** VRs whose values are zeros in a dummy, not text. */
const BINARY = /^(?:AT|F[LD]|O[BDFLVW]|S[LSV]|U[LNSV])$/;

/** Retired elements with a VR of free text have to be gone. */
const FREE_TEXT = /^(?:AE|LO|LT|SH|ST|UC|UN|UR|UT)$/;

/** Elements which the de-identifier fills with values of its own; they are checked elsewhere. */
const OWN_VALUES = new Set([
  0x00080050, 0x00100010, 0x00100020, 0x00120062, 0x00120063, 0x00120064, 0x00280303,
]);

/** Checks one element of the data set; null where it may stand as it is. */
export function checkElement(element: ReadElement, context: RuleContext): RuleBreach | null {
  const { tag, vr } = element;
  const group = tag >>> 16;
  if (group % 2 === 1) return 'private-element';
  if (group < 8 && group !== 4) return 'element-not-allowed';
  if ((tag & 0xffff) === 0 || tag === 0xfffcfffc) return 'element-not-allowed';
  const known = lookUp(tag);
  const row = findProfileRow(tag);
  if (known === undefined && row === undefined) return 'unknown-element';
  // A wrong VR makes the reader see something else than what was written: never let it pass.
  if (known !== undefined && !known.vrs.includes(vr)) return 'vr-not-of-element';
  if (element.depth === 0 && OWN_VALUES.has(tag)) return null;
  if (isWithinOwnMarks(element)) return null;
  if (isWithinDummy(element, context)) return checkDummy(element, context);
  if (row === undefined) return checkUntabled(element, known?.retired === true, context);
  const kept = keeps(row.options, context.options);
  if (kept === 'K') return null;
  if (element.length === 0 && !row.basic.every((code) => code === 'X')) return null;
  if (kept === 'C') {
    if (vr === 'DA' || vr === 'DT') return checkShifted(element, context);
    if (vr === 'TM') return null;
  }
  return checkBasic(element, row.basic, context);
}

/** The strongest word of the options in force: keep, or modify dates. */
function keeps(cells: ReadonlyMap<string, string>, options: ProfileOptions): 'K' | 'C' | undefined {
  let found: 'K' | 'C' | undefined;
  for (const option of options) {
    const code = cells.get(OPTION_LETTERS[option]);
    if (code === 'K') return 'K';
    if (code === 'C' && option === 'retainLongitudinalModifiedDates') found = 'C';
  }
  return found;
}

function checkBasic(
  element: ReadElement,
  codes: readonly string[],
  context: RuleContext,
): RuleBreach | null {
  if (element.vr === 'SQ') {
    // Items of reference sequences stay, with new UIDs, where the table has U* or D for them; the
    // elements within are checked on their own. An emptied sequence has been dealt with before.
    if (codes.includes('U*') || codes.includes('D')) return null;
    return codes.includes('Z') ? 'not-emptied' : 'not-removed';
  }
  if (codes.includes('U') || (element.vr === 'UI' && codes.includes('D'))) {
    return checkUids(element, context);
  }
  if (codes.includes('D')) return checkDummy(element, context);
  return codes.includes('Z') ? 'not-emptied' : 'not-removed';
}

function checkUntabled(
  element: ReadElement,
  retired: boolean,
  context: RuleContext,
): RuleBreach | null {
  const { vr } = element;
  if (element.length === 0 || vr === 'SQ') return null;
  if (vr === 'UI') {
    return context.options.has('retainUids') ? null : checkUids(element, context);
  }
  if (vr === 'PN') return DUMMIES.has(context.textOf(element)) ? null : 'name-not-replaced';
  if (vr === 'DA' || vr === 'DT' || vr === 'TM') {
    if (context.options.has('retainLongitudinalFullDates')) return null;
    if (!context.options.has('retainLongitudinalModifiedDates')) {
      return checkDummy(element, context);
    }
    return vr === 'TM' ? null : checkShifted(element, context);
  }
  // Plain bytes of a known element cannot be judged, since nothing says what they hold.
  if (vr === 'UN') return 'not-removed';
  return retired && FREE_TEXT.test(vr) ? 'not-removed' : null;
}

function checkUids(element: ReadElement, { textOf, sourceUids }: RuleContext): RuleBreach | null {
  for (const uid of textOf(element).split('\\')) {
    const value = uid.trim();
    if (value === '') continue;
    if (!isValidUid(value)) return 'uid-invalid';
    if (!isStandardUid(value) && sourceUids.has(value)) return 'uid-not-replaced';
    // Every UID of the writer's making is under this arc (PS3.5 B.2).
    if (!isStandardUid(value) && !value.startsWith('2.25.')) return 'uid-not-replaced';
  }
  return null;
}

function checkShifted(element: ReadElement, context: RuleContext): RuleBreach | null {
  const text = context.textOf(element);
  if (DUMMIES.has(text)) return null;
  return text === context.sourceTextOf(element) ? 'date-not-shifted' : null;
}

function checkDummy(element: ReadElement, context: RuleContext): RuleBreach | null {
  if (element.length === 0) return null;
  if (element.vr === 'SQ') return null;
  if (BINARY.test(element.vr)) return context.isZero(element) ? null : 'not-replaced';
  return DUMMIES.has(context.textOf(element)) ? null : 'not-replaced';
}

function isWithinOwnMarks(element: ReadElement): boolean {
  return element.within.length === 1 && element.within[0] === 0x00120064;
}

/** In an item of a sequence that the table has replaced, only dummies may stand. */
function isWithinDummy(element: ReadElement, context: RuleContext): boolean {
  return element.within.some((sequence) => isDummySequence(sequence, context.options));
}

function isDummySequence(sequence: Tag, options: ProfileOptions): boolean {
  const row = findProfileRow(sequence);
  if (row === undefined || !row.basic.includes('D')) return false;
  if (keeps(row.options, options) === 'K') return false;
  // References stay, with new UIDs: their items hold nothing else.
  return sequence !== 0x00081111;
}
