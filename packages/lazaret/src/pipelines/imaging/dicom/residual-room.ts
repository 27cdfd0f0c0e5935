/**
 * Where in a finished file something was found decides whether it says anything: a number in a
 * Repetition Time, a code string, or a description. That is the *room* of an element.
 */
import type { Tag } from './element.ts';
import type { Profile } from './profile.ts';
import { findProfileRow } from './profile-table.ts';
import { optionLetters } from './verify-columns.ts';
import { isDefinedTerm } from './verify-vocabulary.ts';
import type { ReadElement } from './verify-reader.ts';

/** `own`: what the policy has written itself, which `verify-marks.ts` compares with what it should say. */
export type Room = 'text' | 'code' | 'number' | 'date' | 'uid' | 'binary' | 'own';

const ROOMS: Readonly<Record<string, Room>> = {
  ...{ AE: 'text', LO: 'text', LT: 'text', PN: 'text', SH: 'text', ST: 'text' },
  ...{ UC: 'text', UR: 'text', UT: 'text', AS: 'code', CS: 'code', DS: 'number', IS: 'number' },
  ...{ DA: 'date', DT: 'date', TM: 'date', UI: 'uid' },
};

/** Elements that the policy writes, which may hold nothing but what it writes. */
const PSEUDONYMS = new Set([0x00100010, 0x00100020]);
const OWN_ELEMENTS = new Set([0x00120062, 0x00120063, 0x00120064, 0x00280303]);
const ACCESSION: Tag = 0x00080050;
const METHOD_CODES: Tag = 0x00120064;

/** What a dummy content item says (PS3.3 C.17.3), where the standard's terms are more than that. */
const DUMMY_TERMS: ReadonlyMap<Tag, string> = new Map([
  [0x0040a010, 'contains'],
  [0x0040a040, 'text'],
]);

/**
 * @param textOf - the element's text.
 * @param wrote - what the policy has written as pseudonym and accession number.
 */
export function roomOf(
  element: ReadElement,
  textOf: (element: ReadElement) => string,
  wrote: { readonly pseudonym: string; readonly accession: string },
): Room {
  const { tag, within, vr } = element;
  if (within.length > 0) {
    if (within[0] === METHOD_CODES) return 'own';
  } else if (OWN_ELEMENTS.has(tag) || tag >>> 16 === 2) {
    return 'own';
  } else if (PSEUDONYMS.has(tag)) {
    return textOf(element) === wrote.pseudonym ? 'own' : 'text';
  } else if (tag === ACCESSION) {
    return textOf(element) === wrote.accession ? 'own' : 'text';
  }
  return ROOMS[vr] ?? 'binary';
}

/** What a profile does with an element, as far as it matters for words of a few letters. */
export type Standing = 'kept' | 'cleaned' | 'other';

/** Whether an option or a rule of the policy has the value stay, as it is or cleaned. */
export function standingOf({ tag }: ReadElement, profile: Profile): Standing {
  const rule = profile.rules.get(tag)?.action;
  if (rule === 'keep' || rule === 'replace') return 'kept';
  if (rule === 'clean') return 'cleaned';
  if (rule !== undefined) return 'other';
  const cells = findProfileRow(tag)?.options;
  if (cells === undefined) return 'other';
  const codes = optionLetters(profile).map((letter) => cells.get(letter));
  if (codes.includes('K')) return 'kept';
  return codes.includes('C') ? 'cleaned' : 'other';
}

/**
 * Whether the word is a term of the standard for this element, or a maker's name, so that it tells
 * nothing there: a family name "CT" is in every Modality.
 */
export function isTerm(word: string, { tag }: ReadElement): boolean {
  return isDefinedTerm(word, tag) || DUMMY_TERMS.get(tag) === word;
}
