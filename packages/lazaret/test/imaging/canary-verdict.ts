/**
 * Which canaries a policy keeps, read from PS3.15 Table E.1-1 itself and from nothing that the
 * pipeline decides by: what is kept and is not in here has escaped, and what is in here and is not
 * kept was lost.
 */
import type { Canary } from '../../../../fixtures/dicom/canaries.ts';
import dictionary from '../../src/pipelines/imaging/dicom/facts/dictionary.json' with { type: 'json' };
import profile from '../../src/pipelines/imaging/dicom/facts/confidentiality-profile.json' with { type: 'json' };

/** The column of each option that keeps something, as the facts file abbreviates it. */
const COLUMNS: Readonly<Record<string, string>> = {
  retainUids: 'U',
  retainDeviceIdentity: 'V',
  retainInstitutionIdentity: 'I',
  retainPatientCharacteristics: 'H',
  retainLongitudinalFullDates: 'F',
  retainLongitudinalModifiedDates: 'M',
};

const CLEANED: Readonly<Record<string, string>> = {
  cleanDescriptors: 'D',
  cleanStructuredContent: 'S',
  cleanGraphics: 'G',
};

const rows = new Map(
  profile.map(([tag = '', , basic = '', cells = '']) => [
    tag,
    { basic: basic.split('/'), cells: new Set(cells.split(' ')) },
  ]),
);

/** X/Z/D: the project's dummy of it is the same references with new UIDs. */
const REFERENCED_STEPS = '00081111';

const isPrivate = (tag: string): boolean => Number.parseInt(tag.slice(0, 4), 16) % 2 === 1;

/** Whether the dictionary of this project knows the element. */
const isNamed = (tag: string): boolean => tag in dictionary.elements;

/**
 * Whether the canary is to be found in a delivered file under these options.
 */
export function isKept({ tags, vr, perch }: Canary, options: readonly string[]): boolean {
  const tag = tags.at(-1);
  if (tag === undefined || vr === 'path' || tag.startsWith('0002')) return false;
  // Readers without dictionary see plain bytes there, so nothing of it is kept.
  if (perch === 'sequence in UN') return false;
  if (tags.some(isPrivate)) return false;
  if (!tags.slice(0, -1).every((sequence) => isOpened(sequence, options))) return false;
  const row = rows.get(tag);
  const has = (option: string): boolean => options.includes(option);
  // A time of day tells nothing once its date is another one (PS3.15 E.3.6).
  const timeStays = vr === 'TM' && has('retainLongitudinalModifiedDates');
  if (row !== undefined) {
    const kept = options.some((option) => row.cells.has(`${COLUMNS[option]}=K`));
    return kept || (timeStays && row.cells.has('M=C'));
  }
  if (isRepeating(tag)) return false;
  // Not in the table, but of a VR that tells what they are: treated as those that are in it.
  if (vr === 'UI') return has('retainUids');
  if (vr === 'DA' || vr === 'DT' || vr === 'TM') {
    return has('retainLongitudinalFullDates') || timeStays;
  }
  return false;
}

/**
 * Whether the canary may be found, though nothing asks for it: times of day in sequences that are
 * cleaned item by item, under a policy that keeps times of day.
 */
export function mayStay(canary: Canary, options: readonly string[]): boolean {
  const cleaned = canary.tags.slice(0, -1).some((sequence) => isCleaned(sequence, options));
  return cleaned && canary.vr === 'TM' && options.includes('retainLongitudinalModifiedDates');
}

function isCleaned(tag: string, options: readonly string[]): boolean {
  return options.some((option) => rows.get(tag)?.cells.has(`${CLEANED[option]}=C`) === true);
}

/** Whether the items of a sequence are looked into and stay, rather than being replaced. */
function isOpened(tag: string, options: readonly string[]): boolean {
  const row = rows.get(tag);
  if (row === undefined) return isNamed(tag);
  // U* leaves the items and gives new UIDs to what is in them.
  if (row.basic.includes('U*') || tag === REFERENCED_STEPS) return true;
  return options.some((option) => row.cells.has(`${COLUMNS[option]}=K`));
}

/** Curves, overlay data and overlay comments, which the table removes in each group. */
function isRepeating(tag: string): boolean {
  return tag.startsWith('50') || /^60..(?:3000|4000)$/.test(tag);
}
