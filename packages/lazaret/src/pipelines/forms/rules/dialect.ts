import { CivilDate, CivilDateTime } from './python/civil-date.ts';
import { readCommonDate, readDateTime } from './python/date-text.ts';
import { floatOf, integerOf } from './python/number-text.ts';
import { equals, type Value } from './python/value.ts';

/**
 * How texts become values.
 * - `lazaret`: "FALSE" is false, "2.0" is the integer 2, `nan` and `inf` are no numbers, an integer
 *   that cannot be held exactly is none, and a date must be whole.
 * - `reference`: as the program that defined the language does it: every text that is not empty
 *   is true, "2.0" is no integer, `nan` is a number, and "2024" is today's day in 2024. For
 *   comparing verdicts with that program, and nothing else.
 */
export type Dialect = 'lazaret' | 'reference';

const TRUE_WORDS = new Set(['true', 't', 'yes', 'y', '1', '1.0']);
const FALSE_WORDS = new Set(['false', 'f', 'no', 'n', '0', '0.0']);

/** A value as an integer; null where it is none. A fraction that came as a number is cut off. */
export function toInteger(value: Value, dialect: Dialect): number | null {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') {
    if (dialect === 'lazaret') return Number.isSafeInteger(value) ? value : null;
    return Number.isFinite(value) ? Math.trunc(value) : null;
  }
  if (typeof value !== 'string') return null;
  const integer = integerOf(value);
  if (dialect === 'reference') return integer;
  const number = integer ?? floatOf(value);
  return number !== null && Number.isSafeInteger(number) ? number : null;
}

/** A value as a number; null where it is none. */
export function toFloat(value: Value, dialect: Dialect): number | null {
  if (typeof value === 'boolean') return Number(value);
  const number =
    typeof value === 'number' ? value : typeof value === 'string' ? floatOf(value) : null;
  if (number === null || dialect === 'reference') return number;
  return Number.isFinite(number) ? number : null;
}

/** A value as a truth value; null where it is none. */
export function toBoolean(value: Value, dialect: Dialect): boolean | null {
  if (typeof value === 'boolean') return value;
  if (dialect === 'reference')
    return typeof value === 'number'
      ? value !== 0
      : typeof value === 'string'
        ? value !== ''
        : null;
  if (typeof value === 'number') return value === 1 ? true : value === 0 ? false : null;
  if (typeof value !== 'string') return null;
  const word = value.trim().toLowerCase();
  return TRUE_WORDS.has(word) ? true : FALSE_WORDS.has(word) ? false : null;
}

/** A text as a date with a time; null where it is none. */
export function toDateTime(value: Value, today: CivilDate, dialect: Dialect): CivilDateTime | null {
  if (typeof value !== 'string') return null;
  const common = readCommonDate(value);
  if (common !== null) return new CivilDateTime(common);
  const moment = readDateTime(value, today);
  if (moment === null || dialect === 'reference') return moment;
  // A part that the text left out is one that changes with today.
  const other = readDateTime(value, otherDay(today));
  return other !== null && equals(moment, other) ? moment : null;
}

/** The day of {@link toDateTime}; null where the text is no date. */
export function toDate(value: Value, today: CivilDate, dialect: Dialect): CivilDate | null {
  const common = typeof value === 'string' ? readCommonDate(value) : null;
  return common ?? toDateTime(value, today, dialect)?.date ?? null;
}

/** A day of another year, month and number, close enough to be in the same century of years. */
function otherDay(today: CivilDate): CivilDate {
  return new CivilDate(today.year + 1, (today.month % 12) + 1, today.day > 1 ? 1 : 2);
}
