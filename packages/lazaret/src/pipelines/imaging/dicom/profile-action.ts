/**
 * What the profile does with one element: the policy's own rule first, then PS3.15 Table E.1-1 with
 * the options in force, then what is said here of elements that the table does not name.
 *
 * Where options meet (PS3.15 E.3: an option overrides the profile), *keep* goes before *clean*, and
 * *clean* before the Basic Profile. What cannot be cleaned, or of which nothing remains, is treated
 * as the Basic Profile has it.
 *
 * Table E.1-1 leaves the choice within a combined code (X/Z/D …) to the attribute's type in its
 * information object. Where the type is known it decides. Where it is not, the choice is the one
 * that keeps a required attribute present and tells nothing: a dummy for X/Z/D, X/D and Z/D, an
 * empty value for X/Z, and new UIDs within the items for X/Z/U*.
 *
 * What the table does not name is decided here too:
 * - odd groups go, at every depth, but for safe private elements where they are retained; and so do
 *   unknown elements, group lengths, trailing padding, and stray elements of groups 0000 and 0002;
 * - known elements stay, sequences being looked into; but retired ones that hold text go, and text
 *   that people write (ST, LT, UT, UC, and what stands on an overlay) is cleaned;
 * - any UI that is not the standard's own gets a new UID (unless UIDs are kept), any PN a dummy
 *   name, and dates and times are treated as the table treats the ones it names.
 *
 * That an element is kept is not the last word: its value has to be one of its VR
 * (`deidentify-value.ts`) and may not name anybody (`deidentify-screen.ts`).
 */
import { isPrivate, lookUp, type DictionaryEntry } from './dictionary.ts';
import type { Tag } from './element.ts';
import type { ElementRule, Profile, RuleAction } from './profile.ts';
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
  /** Text: its words that are known stay. Bitmaps and curves: they stay if they can be no writing. */
  | 'clean'
  /** The value that the policy gives. */
  | 'replace'
  /** The elements of the items are decided one by one. */
  | 'descend';

export interface Decision {
  readonly action: ProfileAction;
  /** What is done instead where `action` cannot be done, or leaves nothing. Never kept. */
  readonly otherwise: ProfileAction;
  /** Of the element: the file's, or the dictionary's where the file does not say or is wrong. */
  readonly vr: string;
  /** The rule of the policy that said so. It is obeyed without a look at the value. */
  readonly rule?: ElementRule;
}

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

/** Under these the standard itself writes long texts, and no person does. */
const CODED_TEXTS = new Set([
  0x00080108, 0x00080115, 0x00080116, 0x00080119, 0x00080120, 0x00160020,
]);

/** Elements that this pipeline writes itself or cannot do without: no rule may touch them. */
const OWN_ELEMENTS = new Set([
  0x00080005, 0x00080016, 0x00080018, 0x00080050, 0x00100010, 0x00100020, 0x00120062, 0x00120063,
  0x00120064, 0x00280303, 0x7fe00008, 0x7fe00009, 0x7fe00010,
]);

/**
 * @throws TypeError for a rule that a policy cannot have. Policies are checked where they are read;
 *   one that gets here unchecked is a bug of the caller.
 */
export function assertRules(rules: ReadonlyMap<Tag, ElementRule>): void {
  for (const [tag, rule] of rules) {
    if (tag !== rule.tag || OWN_ELEMENTS.has(tag) || isPrivate(tag) || tag >>> 16 < 8) {
      throw new TypeError('A rule is about an element that no rule may be about.');
    }
    if ((rule.action === 'replace') !== (rule.value !== undefined)) {
      throw new TypeError('A rule gives a value if it replaces, and only then.');
    }
  }
}

/**
 * Decides about one element.
 *
 * @param typed - whether the types of classic images apply: at the top level of one.
 * @param vr - as the file gives it; the dictionary's where it is left out.
 * @returns for a sequence one of `descend`, `remove`, `empty`, `dummy`: a sequence is never copied
 *   as a whole, whatever the table keeps, because its items may hold anything.
 */
export function decide(profile: Profile, tag: Tag, typed: boolean, vr?: string): Decision {
  const group = tag >>> 16;
  const entry = lookUp(tag);
  // A value that the file gives as UN is judged by what the dictionary knows it to be: whole files
  // are like that, after a conversion by software without dictionary. So is text under a VR that is
  // not the element's, or a name could pass as a title.
  const effective = effectiveVr(entry, vr);
  if (isPrivate(tag) || group === 0 || group === 0x0002) return plainly('remove', effective);
  if ((tag & 0xffff) === 0 || tag === TRAILING_PADDING) return plainly('remove', effective);
  const rule = profile.rules.get(tag);
  const row = findProfileRow(tag);
  if (entry === undefined && row === undefined && rule === undefined) {
    return plainly('remove', effective);
  }
  const type = typed ? CLASSIC_TYPES.get(tag) : undefined;
  const basic =
    row === undefined
      ? decideUntabled(effective, entry, profile.options)
      : decideBasic(tag, row.basic, effective, type);
  const otherwise = neverKept(basic);
  if (rule !== undefined) return obey(rule, effective, vr, otherwise, basic);
  const action = row === undefined ? basic : decideTabled(row, effective, profile.options, basic);
  if (effective === 'SQ') return { ...plainly(ofSequence(action, vr), effective), otherwise };
  const written = row === undefined && action === 'keep' && isWritten(tag, effective);
  return {
    action: written ? 'clean' : action,
    otherwise: written ? 'dummy' : otherwise,
    vr: effective,
  };
}

function plainly(action: ProfileAction, vr: string): Decision {
  return { action, otherwise: neverKept(action), vr };
}

/** What becomes of a value that is not what it should be. */
function neverKept(action: ProfileAction): ProfileAction {
  switch (action) {
    case 'keep':
    case 'foreign-uid':
      return 'empty';
    case 'shift':
    case 'clean':
    case 'replace':
      return 'dummy';
    default:
      return action;
  }
}

function effectiveVr(entry: DictionaryEntry | undefined, vr: string | undefined): string {
  const known = entry?.vrs[0];
  if (vr === undefined || vr === 'UN') return known ?? 'UN';
  if (entry === undefined || entry.vrs.includes(vr) || known === undefined) return vr;
  const bothText = representationOf(vr)?.text === true && representationOf(known)?.text === true;
  return bothText ? known : vr;
}

function ofSequence(action: ProfileAction, vr: string | undefined): ProfileAction {
  // Items in a UN are in an encoding of their own (PS3.5 section 6.2.2), and a reader without
  // dictionary sees plain bytes: what it would see could not be checked.
  if (vr === 'UN') return 'remove';
  return action === 'keep' || action === 'clean' ? 'descend' : action;
}

function obey(
  rule: ElementRule,
  vr: string,
  given: string | undefined,
  otherwise: ProfileAction,
  basic: ProfileAction,
): Decision {
  const action = ruledAction(rule.action, vr, given, basic);
  return { action, otherwise, vr, rule };
}

function ruledAction(
  action: RuleAction,
  vr: string,
  given: string | undefined,
  basic: ProfileAction,
): ProfileAction {
  if (vr === 'SQ') {
    // A sequence has no date, no UID and no text of its own: those rules are about what is in it.
    const within = action === 'keep' || action === 'clean' || action === 'uid';
    if (within) return ofSequence('descend', given);
    return action === 'remove' || action === 'empty' || action === 'dummy' ? action : basic;
  }
  if (action === 'shift' && !DATE_VRS.has(vr)) return vr === 'TM' ? 'keep' : basic;
  if (action === 'uid' && vr !== 'UI') return basic;
  return action;
}

export function isClassic(sopClass: string): boolean {
  return CLASSIC_IMAGES.has(sopClass);
}

function decideTabled(
  row: ProfileRow,
  vr: string,
  options: ProfileOptions,
  basic: ProfileAction,
): ProfileAction {
  let shift = false;
  let clean = false;
  for (const option of options) {
    const code = row.options.get(OPTION_LETTERS[option]);
    if (code === 'K') return 'keep';
    if (code !== 'C') continue;
    if (option === 'retainLongitudinalModifiedDates') shift = true;
    else clean = true;
  }
  if (shift && DATE_VRS.has(vr)) return 'shift';
  // A time of day says nothing without its date (PS3.15 E.3.6).
  if (shift && vr === 'TM') return 'keep';
  return clean && isCleanable(vr, options) ? 'clean' : basic;
}

/** Bytes cannot be read for what they say; of graphics it can be told whether they may be writing. */
function isCleanable(vr: string, options: ProfileOptions): boolean {
  if (vr === 'SQ') return true;
  if (representationOf(vr)?.text === true) return vr !== 'PN' && vr !== 'UI';
  return options.has('cleanGraphics') && vr !== 'UN';
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
  if (vr === 'UR') return 'dummy';
  if (entry?.retired === true && vr !== 'SQ' && isFreeText(vr)) return 'remove';
  // Plain bytes of a known element cannot be judged, since nothing says what they hold.
  return vr === 'UN' ? 'remove' : 'keep';
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

/** Text that people write, in elements that the table does not name. */
function isWritten(tag: Tag, vr: string): boolean {
  if (CODED_TEXTS.has(tag)) return false;
  if (vr === 'ST' || vr === 'LT' || vr === 'UT' || vr === 'UC') return true;
  // Description and label of an overlay are typed by whoever drew it.
  const number = tag & 0xffff;
  return tag >>> 24 === 0x60 && (number === 0x0022 || number === 0x1500);
}
