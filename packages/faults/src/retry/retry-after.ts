const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** IMF-fixdate, the one form that senders may use (RFC 9110, section 5.6.7). */
const FIXED = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
/** The obsolete form of RFC 850, with two digits of the year. */
const RFC_850 = /^[A-Z][a-z]{5,8}, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
/** The obsolete form of `asctime`. */
const ASCTIME =
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (\d{2}):(\d{2}):(\d{2}) (?<year>\d{4})$/;

/**
 * The wait that a header `Retry-After` asks for (RFC 9110, section 10.2.3): seconds, or a date in
 * any of the three forms that a recipient has to understand.
 *
 * @param nowMs milliseconds since 1970-01-01T00:00Z.
 * @returns milliseconds, 0 for a date that has passed, null for anything that is neither.
 */
export function parseRetryAfter(header: string, nowMs: number): number | null {
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = parseHttpDate(text, nowMs);
  return date === null ? null : Math.max(0, date - nowMs);
}

function parseHttpDate(text: string, nowMs: number): number | null {
  const fixed = FIXED.exec(text);
  if (fixed !== null) return instant(fixed[3], fixed[2], fixed[1], fixed.slice(4));
  const old = RFC_850.exec(text);
  if (old !== null) {
    const thisYear = new Date(nowMs).getUTCFullYear();
    let year = thisYear - (thisYear % 100) + Number(old[3]);
    // More than fifty years ahead means the century before (RFC 9110, section 5.6.7).
    if (year > thisYear + 50) year -= 100;
    return instant(String(year), old[2], old[1], old.slice(4));
  }
  const groups = ASCTIME.exec(text);
  if (groups === null) return null;
  const { year, month, day } = groups.groups ?? {};
  return instant(year, month, day, groups.slice(3, 6));
}

function instant(
  year: string | undefined,
  monthName: string | undefined,
  day: string | undefined,
  time: readonly (string | undefined)[],
): number | null {
  const month = MONTHS.indexOf(monthName ?? '');
  const [hour = Number.NaN, minute = Number.NaN, second = Number.NaN] = time.map(Number);
  // A leap second is a valid 60 in the grammar.
  if (month === -1 || hour > 23 || minute > 59 || second > 60) return null;
  const days = Number(day);
  const date = Date.UTC(Number(year), month, days, hour, minute, second);
  return days >= 1 && days <= new Date(Date.UTC(Number(year), month + 1, 0)).getUTCDate()
    ? date
    : null;
}
