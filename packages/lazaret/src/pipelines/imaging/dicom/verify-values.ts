/**
 * What a value of a finished file is: each of these answers one question about one value, and knows
 * nothing of the profile. They share no code with what writes values.
 */
import { isStandardUid, isValidUid } from './uid.ts';

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

/** Whether a value of this VR is one that is the same for everybody. */
export function isDummy(vr: string, value: Uint8Array, text: string): boolean {
  return BINARY.test(vr) ? value.every((byte) => byte === 0) : DUMMIES.has(text);
}

/** What is wrong with UIDs that should be new ones or the standard's own; null where nothing is. */
export function findUidBreach(
  text: string,
  sourceUids: ReadonlySet<string>,
): 'uid-invalid' | 'uid-not-replaced' | null {
  for (const uid of text.split('\\')) {
    const value = uid.trim();
    if (value === '') continue;
    if (!isValidUid(value)) return 'uid-invalid';
    if (isStandardUid(value)) continue;
    // Every UID of the writer's making is under this arc (PS3.5 B.2).
    if (sourceUids.has(value) || !value.startsWith('2.25.')) return 'uid-not-replaced';
  }
  return null;
}

/** Whether two values are the same but for the byte that made one of them even (PS3.5 section 6.2). */
export function isSameValue(written: Uint8Array, original: Uint8Array): boolean {
  const [from, to] = [original.length, written.length];
  if (to === from) return Buffer.compare(written, original) === 0;
  if (to !== from + 1 || from % 2 === 0) return false;
  const last = written[from];
  return (last === 0 || last === 0x20) && Buffer.compare(written.subarray(0, from), original) === 0;
}

const CIVIL = /^(\d{4})(\.?)(\d{2})\2(\d{2})(.*)$/s;
/** All before the second date of a range: an offset such as -0500 has a hyphen too. */
const RANGE = /^([\d.+-]*-)(?=\d{4}\.?\d{2}\.?\d{2})/;
const DAY_MS = 86_400_000;

/** Days since the beginning of 1970, or NaN for a day that no calendar has. */
function dayNumber(year: string, month: string, day: string): number {
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  const real = date.getTime() / DAY_MS;
  return date.getUTCDate() === Number(day) ? real : Number.NaN;
}

/**
 * Whether the values of a DA or DT are those of the source moved by so many days, with all that stands
 * behind the day (time, offset, the other end of a range) unchanged.
 */
export function isMoved(before: string, after: string, days: number): boolean {
  const [from, to] = [before.split('\\'), after.split('\\')];
  return (
    days !== 0 &&
    from.length === to.length &&
    from.every((part, index) => isPartMoved(part.trim(), (to[index] ?? '').trim(), days))
  );
}

function isPartMoved(before: string, after: string, days: number): boolean {
  if (before === '' || after === '') return before === after;
  // A range that is open at its beginning.
  if (before.startsWith('-') && after.startsWith('-')) {
    return isPartMoved(before.slice(1).trim(), after.slice(1).trim(), days);
  }
  const [, year = '', , month = '', day = '', rest = ''] = CIVIL.exec(before) ?? [];
  const [, newYear = '', , newMonth = '', newDay = '', newRest = ''] = CIVIL.exec(after) ?? [];
  const moved = dayNumber(newYear, newMonth, newDay) - dayNumber(year, month, day);
  if (moved !== days) return false;
  const range = RANGE.exec(rest)?.[1];
  if (range === undefined) return rest === newRest && /^[\d.+-]*$/.test(rest);
  return (
    newRest.startsWith(range) &&
    isPartMoved(rest.slice(range.length), newRest.slice(range.length), days)
  );
}
