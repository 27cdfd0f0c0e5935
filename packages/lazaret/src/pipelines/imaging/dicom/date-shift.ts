/**
 * Moves dates by whole days, in the notations of VR DA and DT (PS3.5 section 6.2), several values
 * and ranges included. Times of day and offsets from UTC stay, so intervals keep their length.
 *
 * And says whether a value is one of its VR at all: what stays has to be a date or a time, or it may
 * be anything.
 */

const DAY_MS = 86_400_000;
/** `YYYYMMDD`, and the `YYYY.MM.DD` of before 1993 that old archives still hold. */
const DATE = /^(\d{4})(\.?)(\d{2})\2(\d{2})$/;
/** A date-time that is exact to the day at least: month and year alone cannot be moved by days. */
const DATE_TIME = /^(\d{8})((?:\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?(?:[+-]\d{4})?)$/;

/**
 * Moves a value by `days`.
 *
 * @param value - text of the element, padding allowed.
 * @returns the moved value without padding; null where a part of it is no date, or would leave the
 *   years 0001 to 9999. There is no half-moved value.
 * @example
 * shiftDates('20240228', 'DA', 2); // '20240301'
 * shiftDates('20240228101500.5+0100', 'DT', 2); // '20240301101500.5+0100'
 */
export function shiftDates(value: string, vr: 'DA' | 'DT', days: number): string | null {
  const shifted = trim(value)
    .split('\\')
    .map((part) => shiftPart(trim(part), vr, days));
  return shifted.every((part) => part !== null) ? shifted.join('\\') : null;
}

/** Hours, minutes, seconds and their parts; with the colons of before 1993. */
const TIME = /^(?:[01]\d|2[0-3])(?:(:?)[0-5]\d(?:\1(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?$/;
/** To whatever precision: year, month, day, hour, minute, second, offset. */
const ANY_DATE_TIME =
  /^\d{4}(?:(?:0[1-9]|1[0-2])(?:(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?)?)?)?(?:[+-]\d{4})?$/;

/** Whether each value is a date, time or date-time as the VR has it, or a range of them, or empty. */
export function isTemporal(value: string, vr: 'DA' | 'DT' | 'TM'): boolean {
  if (vr === 'DA') return shiftDates(value, 'DA', 0) !== null;
  const pattern = vr === 'TM' ? TIME : ANY_DATE_TIME;
  return trim(value)
    .split('\\')
    .every((given) => {
      const part = trim(given);
      if (part === '' || pattern.test(part)) return true;
      for (let at = part.indexOf('-'); at >= 0; at = part.indexOf('-', at + 1)) {
        const ends = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
        const open = ends.filter((end) => end !== '');
        if (open.length > 0 && open.every((end) => pattern.test(end))) return true;
      }
      return false;
    });
}

function trim(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\0')) end--;
  let start = 0;
  while (start < end && text[start] === ' ') start++;
  return text.slice(start, end);
}

function shiftPart(part: string, vr: 'DA' | 'DT', days: number): string | null {
  if (part === '') return '';
  const single = shiftSingle(part, vr, days);
  if (single !== null) return single;
  // A range `a-b`, open at one end perhaps. An offset such as -0500 has a hyphen too, so each
  // hyphen is tried, and both sides have to be dates.
  for (let at = part.indexOf('-'); at >= 0; at = part.indexOf('-', at + 1)) {
    const [from, to] = [part.slice(0, at), part.slice(at + 1)];
    if (from === '' && to === '') return null;
    const left = from === '' ? '' : shiftSingle(from.trim(), vr, days);
    const right = to === '' ? '' : shiftSingle(to.trim(), vr, days);
    if (left !== null && right !== null) return `${left}-${right}`;
  }
  return null;
}

function shiftSingle(text: string, vr: 'DA' | 'DT', days: number): string | null {
  if (vr === 'DA') {
    const match = DATE.exec(text);
    if (match === null) return null;
    const [, year = '', dot = '', month = '', day = ''] = match;
    return shiftCivil(year, month, day, dot, days);
  }
  const match = DATE_TIME.exec(text);
  if (match === null) return null;
  const [, date = '', rest = ''] = match;
  const moved = shiftCivil(date.slice(0, 4), date.slice(4, 6), date.slice(6), '', days);
  return moved === null ? null : moved + rest;
}

function shiftCivil(
  year: string,
  month: string,
  day: string,
  dot: string,
  days: number,
): string | null {
  const date = new Date(0);
  // `Date.UTC` reads the years 0 to 99 as 1900 to 1999; this setter does not.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const real =
    Number(year) >= 1 &&
    date.getUTCFullYear() === Number(year) &&
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day);
  if (!real) return null;
  date.setTime(date.getTime() + days * DAY_MS);
  const moved = date.getUTCFullYear();
  if (!(moved >= 1 && moved <= 9999)) return null;
  return [
    String(moved).padStart(4, '0'),
    String(date.getUTCMonth() + 1).padStart(2, '0'),
    String(date.getUTCDate()).padStart(2, '0'),
  ].join(dot);
}
