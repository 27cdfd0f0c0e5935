/** Whether a text may stand in an element (PS3.5 section 6.2), for values that a policy gives. */
import { shiftDates } from '../dicom/date-shift.ts';

/** Greatest number of characters of one value. */
const MAX_CHARACTERS: Readonly<Record<string, number>> = {
  ...{ AE: 16, AS: 4, CS: 16, DA: 8, DS: 16, DT: 26, IS: 12, LO: 64, LT: 10_240, PN: 64 },
  ...{ SH: 16, ST: 1_024, TM: 14, UC: 10_240, UT: 10_240 },
};

/** VRs whose backslash is a character and no separator of values. */
const ONE_VALUE = new Set(['LT', 'ST', 'UT']);

const FORMS: Readonly<Record<string, { readonly form: RegExp; readonly words: string }>> = {
  AE: { form: /^[ -[\]-~]*$/, words: 'an application entity title' },
  AS: { form: /^\d{3}[DWMY]$/, words: 'an age such as 045Y' },
  CS: { form: /^[A-Z0-9 _]*$/, words: 'capital letters, digits, blanks and underscores' },
  DS: { form: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/, words: 'a number' },
  IS: { form: /^[+-]?\d+$/, words: 'a whole number' },
  TM: {
    form: /^(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?:\.\d{1,6})?)?)?$/,
    words: 'a time as HHMMSS',
  },
};

/**
 * What is wrong with a value for a VR, as the end of a sentence; null where nothing is.
 * @param maxVm - the greatest number of values that the element may have.
 */
export function valueProblem(value: string, vr: string, maxVm: number): string | null {
  const most = MAX_CHARACTERS[vr];
  if (most === undefined) return `cannot be given for ${vr}, which is no text`;
  if (!/^[\x20-\x7e]*$/.test(value)) return 'must be printable ASCII';
  if (value.trim() === '') return 'is empty; say empty instead of replace';
  const parts = ONE_VALUE.has(vr) ? [value] : value.split('\\');
  if (parts.length > maxVm) return `has ${parts.length} values, at most ${maxVm} may stand there`;
  for (const part of parts) {
    if (part.length > most) return `has ${part.length} characters, ${vr} has at most ${most}`;
    const form = FORMS[vr];
    if (form !== undefined && !form.form.test(part)) return `must be ${form.words} (${vr})`;
    if (vr === 'DA' && !(/^\d{8}$/.test(part) && isDate(part, 'DA'))) {
      return 'must be a date as YYYYMMDD (DA)';
    }
    if (vr === 'DT' && !isDate(part, 'DT')) return 'must be a date and time as YYYYMMDDHHMMSS (DT)';
  }
  return null;
}

/** What can be moved by no days is a date. */
function isDate(text: string, vr: 'DA' | 'DT'): boolean {
  return shiftDates(text, vr, 0) === text;
}
