/**
 * The words by which a source names people, so that no text that is kept says them: names of
 * persons, identifiers, the birth date, addresses, the institution.
 *
 * The search of the finished file collects its own (`residual-harvest.ts`), with other code and from
 * its own list of elements, so that what is forgotten here is found there.
 *
 * This is patient data. It lives as long as the work on one file does, and nothing of it goes into a
 * record, a note or a message.
 */
import type { CharacterSet } from './character-set.ts';
import { lookUp } from './dictionary.ts';
import type { Element, Tag, Walk } from './element.ts';
import { foldWord, isBuiltIn } from './profile-vocabulary.ts';
import { readCharacterSet, readText } from './read-value.ts';

type Kind = 'name' | 'id' | 'birth' | 'place' | 'institution' | 'telephone' | 'date';

/** Elements that identify, beside those of VR PN. */
const KINDS = new Map<Tag, Kind>([
  [0x00080050, 'id'], // Accession Number
  [0x00080080, 'institution'],
  [0x00080081, 'institution'], // Institution Address
  [0x00080092, 'place'],
  [0x00080094, 'telephone'],
  [0x00081040, 'institution'], // Institutional Department Name
  [0x00100020, 'id'],
  [0x00100021, 'id'], // Issuer of Patient ID
  [0x00100030, 'birth'],
  [0x00101000, 'id'], // Other Patient IDs
  [0x00101040, 'place'],
  [0x00101050, 'id'], // Insurance Plan Identification
  [0x00101090, 'id'], // Medical Record Locator
  [0x00102152, 'place'],
  [0x00102154, 'telephone'],
  [0x00102155, 'telephone'],
  [0x00120040, 'id'], // Clinical Trial Subject ID
  [0x00200010, 'id'], // Study ID
  [0x00321033, 'institution'], // Requesting Service
  [0x00380010, 'id'], // Admission ID
  [0x00380060, 'id'],
  [0x00380300, 'place'], // Current Patient Location
  [0x00380400, 'place'], // Patient's Institution Residence
  [0x00400009, 'id'],
  [0x00400253, 'id'],
  [0x0040050a, 'id'], // Specimen Accession Number
  [0x00401001, 'id'], // Requested Procedure ID
  [0x00401102, 'place'],
  [0x00401103, 'telephone'],
  [0x00402008, 'name'], // Order Entered By
  [0x00402010, 'telephone'],
  [0x00402016, 'id'], // Placer Order Number
  [0x00402017, 'id'], // Filler Order Number
]);

/** Running numbers of steps and studies: short ones are in every text. */
const RUNNING = new Set([0x00200010, 0x00400009, 0x00400253, 0x00401001]);
const RUNNING_MIN = 6;

/** From so many letters on, a part of a word counts as well. */
const LONG_MIN = 4;
/** Digits that no longer word holds by chance. */
const DIGITS_ANYWHERE_MIN = 6;
const VALUES_MAX = 4000;
const VALUE_MAX_BYTES = 10_240;
const NEITHER_LETTER_NOR_DIGIT = /[^\p{L}\p{M}\p{N}]+/u;
const SEPARATORS = /[^\p{L}\p{M}\p{N}]+/gu;

export interface SourceIdentity {
  /** Whether a single word, folded, is one of the names, identifiers or places. */
  isNamed(word: string): boolean;
  /** Whether text that was folded and squeezed holds a longer one of them, as a part of anything. */
  isWithin(squeezed: string): boolean;
  /** Whether a UID has one of the source's dates in it. */
  isDated(uid: string): boolean;
  /** The source has more than is looked for: nothing that is not known can be trusted. */
  readonly overflow: boolean;
}

export interface IdentityPolicy {
  readonly keepsInstitution: boolean;
  readonly keepsDates: boolean;
}

/** Folds and takes out all that stands between letters and digits. */
export function squeeze(text: string): string {
  return foldWord(text).replace(SEPARATORS, '');
}

/** Collects who and what a source names, at every depth. */
export function identityOf(walk: Walk, policy: IdentityPolicy): SourceIdentity {
  const words = new Set<string>();
  const long = new Set<string>();
  const numbers = new Set<string>();
  const dates = new Set<string>();
  let values = 0;
  let overflow = false;

  const addWord = (text: string, least: number): void => {
    for (const spelling of spellings(text)) if (spelling.length >= least) words.add(spelling);
  };
  const addLong = (text: string): void => {
    for (const spelling of spellings(text)) {
      if (spelling.length < LONG_MIN) continue;
      if (/^\d+$/.test(spelling)) numbers.add(spelling);
      else long.add(spelling);
    }
  };
  const add = (kind: Kind, text: string): void => {
    switch (kind) {
      case 'name':
        for (const group of text.split('=')) {
          const parts = group.split(NEITHER_LETTER_NOR_DIGIT);
          // One Latin letter is nobody's name; one ideograph may be.
          for (const part of parts) addWord(part, /^[\x00-\x7f]*$/.test(part) ? 2 : 1);
          for (const part of [...parts, group]) addLong(part);
        }
        return;
      case 'id':
        addWord(text, 1);
        addLong(text);
        for (const part of text.split(NEITHER_LETTER_NOR_DIGIT)) {
          if (part.length >= 5 && /\d/.test(part)) addLong(part);
        }
        for (const run of text.match(/\d{4,}/g) ?? []) {
          addLong(run);
          addLong(run.replace(/^0+/, ''));
        }
        addWord(text.replace(/^0+/, ''), 1);
        return;
      case 'birth':
      case 'date':
        if (/^\d{8}$/.test(text)) dates.add(text);
        for (const spelling of spellDate(text)) addLong(spelling);
        return;
      case 'telephone': {
        addLong(text);
        const digits = text.replace(/\D/g, '');
        if (digits.length >= 7) numbers.add(digits.slice(-7));
        return;
      }
      case 'place':
      case 'institution':
        for (const part of text.split(/[,;^\r\n]+/)) {
          if (squeeze(part).length >= 5 && /\p{L}/u.test(part)) addLong(part);
          for (const word of part.split(NEITHER_LETTER_NOR_DIGIT)) {
            // "Head Clinic" makes no secret of heads; a town or a founder is one.
            if (word.length >= 4 && !isBuiltIn(foldWord(word))) addWord(word, LONG_MIN);
          }
        }
        addLong(text);
    }
  };

  const visit = (elements: readonly Element[], outer: CharacterSet | undefined): void => {
    let charset: CharacterSet | undefined;
    for (const element of elements) {
      if (element.items !== undefined) {
        charset ??= readCharacterSet(walk, elements, outer);
        for (const item of element.items) visit(item.elements, charset);
        continue;
      }
      const kind = kindOf(element, policy);
      if (kind === undefined || element.valueLength === 0) continue;
      if (values >= VALUES_MAX) {
        overflow = true;
        return;
      }
      values += 1;
      charset ??= readCharacterSet(walk, elements, outer);
      const valueLength = Math.min(element.valueLength, VALUE_MAX_BYTES);
      const text = readText(walk, { ...element, vr: 'PN', valueLength }, charset);
      for (const value of text.split('\\')) {
        const trimmed = value.trim();
        if (RUNNING.has(element.tag) && trimmed.length < RUNNING_MIN) continue;
        if (trimmed !== '') add(kind, trimmed);
      }
    }
  };
  visit(walk.elements, undefined);
  return {
    overflow,
    isDated(uid) {
      for (const date of dates) if (uid.includes(date)) return true;
      return false;
    },
    isNamed: (word) => words.has(word) || long.has(word) || numbers.has(word),
    isWithin(squeezed) {
      if (squeezed.length < LONG_MIN) return false;
      for (const name of long) if (squeezed.includes(name)) return true;
      for (const number of numbers) if (holdsNumber(squeezed, number)) return true;
      return false;
    },
  };
}

function kindOf({ tag, vr }: Element, policy: IdentityPolicy): Kind | undefined {
  const known = KINDS.get(tag);
  if (known !== undefined) {
    return known === 'institution' && policy.keepsInstitution ? undefined : known;
  }
  const listed = lookUp(tag)?.vrs[0];
  if (vr === 'PN' || listed === 'PN') return 'name';
  if (!policy.keepsDates && (vr === 'DA' || listed === 'DA')) return 'date';
  return undefined;
}

/** A long number counts as a part of anything, a short one between letters only. */
function holdsNumber(squeezed: string, number: string): boolean {
  for (let at = squeezed.indexOf(number); at >= 0; at = squeezed.indexOf(number, at + 1)) {
    if (number.length >= DIGITS_ANYWHERE_MIN) return true;
    const before = squeezed.charCodeAt(at - 1);
    const after = squeezed.charCodeAt(at + number.length);
    if (!isDigit(before) && !isDigit(after)) return true;
  }
  return false;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** With the accents dropped, and with the two letters that stand for an umlaut or a ligature. */
function spellings(text: string): readonly string[] {
  const plain = squeeze(text);
  if (/^[\x00-\x7f]*$/.test(text)) return [plain];
  const written = text
    .toLowerCase()
    .normalize('NFC')
    .replace(/[äæ]/g, 'ae')
    .replace(/[öøœ]/g, 'oe')
    .replace(/ü/g, 'ue')
    .replace(/å/g, 'aa')
    .replace(/ß/g, 'ss');
  return [plain, squeeze(written)];
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** The ways in which people write a date, without what stands between its parts. */
function spellDate(text: string): readonly string[] {
  const match = /^(\d{4})[.-]?(\d{2})[.-]?(\d{2})/.exec(text);
  if (match === null) return text.length >= 6 ? [text] : [];
  const [, year = '', month = '', day = ''] = match;
  const short = [String(Number(day)), String(Number(month))] as const;
  const name = MONTHS[Number(month) - 1] ?? month;
  return [
    `${year}${month}${day}`,
    `${day}${month}${year}`,
    `${month}${day}${year}`,
    `${short[0]}${short[1]}${year}`,
    `${short[1]}${short[0]}${year}`,
    `${day}${name}${year}`,
    `${short[0]}${name}${year}`,
    `${name}${day}${year}`,
    `${name}${short[0]}${year}`,
    `${year}${name}${day}`,
  ];
}
