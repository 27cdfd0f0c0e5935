/**
 * What the profile does with one element.
 *
 * PS3.15 Table E.1-1 leaves the choice within a combined code (X/Z/D …) to the attribute's type in
 * its information object. Where the type is known it decides. Where it is not, the choice is the
 * one that keeps a required attribute present and tells nothing: a dummy for X/Z/D, X/D and Z/D, an
 * empty value for X/Z, and new UIDs within the items for X/Z/U*.
 *
 * What the table does not name is decided here too:
 * - odd groups go, at every depth, and so do unknown elements, group lengths, trailing padding, and
 *   stray elements of groups 0000 and 0002;
 * - known elements stay, sequences being looked into; but retired ones that hold text go;
 * - any UI that is not the standard's own gets a new UID (unless UIDs are kept), any PN a dummy name, and dates and times
 *   are treated as the table treats the ones it names.
 */
import { isPrivate, lookUp, type DictionaryEntry } from './dictionary.ts';
import type { PathStep, Tag } from './element.ts';
import { OPTION_LETTERS, type ProfileOptions } from './profile-options.ts';
import { findProfileRow, type ProfileRow } from './profile-table.ts';
import { representationOf } from './value-representation.ts';

export type ProfileAction =
  | 'keep'
  | 'remove'
  /** A value of no length. */
  | 'empty'
  /** A value that says nothing, valid for its VR. */
  | 'dummy'
  /** A new UID for each value. */
  | 'uid'
  /** As `uid`, but UIDs of the standard itself stay. */
  | 'foreign-uid'
  /** Dates moved by the patient's number of days. */
  | 'shift'
  /** The elements of the items are decided one by one. */
  | 'descend';

const TRAILING_PADDING = 0xfffcfffc;

/** What a VR may be of which nothing is known but that it is not text for people. */
const DATE_VRS = new Set(['DA', 'DT']);

/**
 * Sequences of references: their items hold UIDs and nothing about a person, so a "dummy" of them
 * is the same items with new UIDs, which keeps the references of a study together.
 */
const REFERENCES = new Set([0x00081111, 0x00081140, 0x00082112]);

/** Classic images, in whose modules the attributes below have the types given. */
const CLASSIC_IMAGES = new Set([
  '1.2.840.10008.5.1.4.1.1.1', // CR
  '1.2.840.10008.5.1.4.1.1.2', // CT
  '1.2.840.10008.5.1.4.1.1.4', // MR
  '1.2.840.10008.5.1.4.1.1.7', // SC
]);

/**
 * Types at the top level of classic images: PS3.3 C.7.3.1 (series), C.7.5.1 (equipment), C.7.6.1
 * (image), C.7.6.4 (contrast), C.12.1 (SOP common).
 */
const CLASSIC_TYPES = new Map<Tag, 2 | 3>([
  [0x00080012, 3], // Instance Creation Date
  [0x00080013, 3], // Instance Creation Time
  [0x00080021, 3], // Series Date
  [0x00080031, 3], // Series Time
  [0x00080022, 3], // Acquisition Date
  [0x00080032, 3], // Acquisition Time
  [0x0008002a, 3], // Acquisition DateTime
  [0x00080023, 2], // Content Date
  [0x00080033, 2], // Content Time
  [0x00080080, 3], // Institution Name
  [0x00080082, 3], // Institution Code Sequence
  [0x00081010, 3], // Station Name
  [0x00081070, 3], // Operators' Name
  [0x00081072, 3], // Operator Identification Sequence
  [0x00181000, 3], // Device Serial Number
  [0x0018700a, 3], // Detector ID
  [0x00181030, 3], // Protocol Name
  [0x00180010, 2], // Contrast/Bolus Agent
]);

/**
 * Decides about one element.
 *
 * @param path - the way to it; empty at the top level of the data set.
 * @param sopClass - SOP Class UID of the file, where it is known.
 * @param vr - as the file gives it; the dictionary's where it is left out.
 * @returns for a sequence one of `descend`, `remove`, `empty`, `dummy`: a sequence is never copied
 *   as a whole, whatever the table keeps, because its items may hold anything.
 */
export function resolveAction(
  tag: Tag,
  path: readonly PathStep[],
  options: ProfileOptions,
  sopClass?: string,
  vr?: string,
): ProfileAction {
  const group = tag >>> 16;
  if (isPrivate(tag) || group === 0 || group === 0x0002) return 'remove';
  if ((tag & 0xffff) === 0 || tag === TRAILING_PADDING) return 'remove';
  const entry = lookUp(tag);
  const row = findProfileRow(tag);
  if (entry === undefined && row === undefined) return 'remove';
  const type = path.length === 0 && isClassic(sopClass) ? CLASSIC_TYPES.get(tag) : undefined;
  const known = entry?.vrs[0];
  // A value that the file gives as UN is judged by what the dictionary knows it to be: whole files
  // are like that, after a conversion by software without dictionary.
  const effective = vr === undefined || vr === 'UN' ? (known ?? 'UN') : vr;
  const action =
    row === undefined
      ? decideUntabled(effective, entry, options)
      : decideTabled(tag, row, effective, options, type);
  if (effective === 'SQ') {
    // Items in a UN are in an encoding of their own (PS3.5 section 6.2.2), and a reader without
    // dictionary sees plain bytes: what it would see could not be checked.
    if (vr === 'UN') return 'remove';
    return action === 'keep' ? 'descend' : action;
  }
  return action;
}

function isClassic(sopClass: string | undefined): boolean {
  return sopClass !== undefined && CLASSIC_IMAGES.has(sopClass);
}

function decideTabled(
  tag: Tag,
  row: ProfileRow,
  vr: string,
  options: ProfileOptions,
  type: 2 | 3 | undefined,
): ProfileAction {
  let shift = false;
  for (const option of options) {
    const code = row.options.get(OPTION_LETTERS[option]);
    if (code === 'K') return 'keep';
    // Clean, under the other options, means what the Basic Profile says until cleaning exists.
    if (code === 'C' && option === 'retainLongitudinalModifiedDates') shift = true;
  }
  if (shift && DATE_VRS.has(vr)) return 'shift';
  // A time of day says nothing without its date (PS3.15 E.3.6).
  if (shift && vr === 'TM') return 'keep';
  return decideBasic(tag, row.basic, vr, type);
}

function decideBasic(
  tag: Tag,
  codes: readonly string[],
  vr: string,
  type: 2 | 3 | undefined,
): ProfileAction {
  if (codes.includes('X') && type === 3) return 'remove';
  if (codes.includes('Z') && type === 2) return 'empty';
  if (codes.includes('U*')) return 'descend';
  if (codes.includes('U')) return 'uid';
  if (codes.includes('D')) {
    if (REFERENCES.has(tag)) return 'descend';
    return vr === 'UI' ? 'uid' : 'dummy';
  }
  return codes.includes('Z') ? 'empty' : 'remove';
}

function decideUntabled(
  vr: string,
  entry: DictionaryEntry | undefined,
  options: ProfileOptions,
): ProfileAction {
  if (vr === 'UI') return options.has('retainUids') ? 'keep' : 'foreign-uid';
  if (vr === 'PN') return 'dummy';
  if (vr === 'DA' || vr === 'DT' || vr === 'TM') return decideUntabledDate(vr, options);
  if (entry?.retired === true && vr !== 'SQ' && isFreeText(vr)) return 'remove';
  return 'keep';
}

function decideUntabledDate(vr: string, options: ProfileOptions): ProfileAction {
  if (options.has('retainLongitudinalFullDates')) return 'keep';
  if (!options.has('retainLongitudinalModifiedDates')) return 'dummy';
  return vr === 'TM' ? 'keep' : 'shift';
}

/** Text that may say anything; numbers written as text (DS, IS) and ages (AS) may not. */
function isFreeText(vr: string): boolean {
  if (vr === 'DS' || vr === 'IS' || vr === 'AS' || vr === 'CS') return false;
  return representationOf(vr)?.text ?? true;
}
