/**
 * Dates without a place. A civil date is a day in the calendar, a civil date-time a wall clock's
 * reading with, sometimes, its distance from UTC. Both follow the proleptic Gregorian calendar
 * from year 1 to 9999, which is the range of Python's `datetime`.
 */
export class CivilDate {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  /** From 1. */
  readonly day: number;

  constructor(year: number, month: number, day: number) {
    this.year = year;
    this.month = month;
    this.day = day;
  }
}

export class CivilDateTime {
  readonly date: CivilDate;
  readonly secondOfDay: number;
  readonly microsecond: number;
  /** Seconds east of UTC; null where the text named no zone. */
  readonly offsetSeconds: number | null;

  constructor(
    date: CivilDate,
    secondOfDay = 0,
    microsecond = 0,
    offsetSeconds: number | null = null,
  ) {
    this.date = date;
    this.secondOfDay = secondOfDay;
    this.microsecond = microsecond;
    this.offsetSeconds = offsetSeconds;
  }
}

const MS_PER_DAY = 86_400_000;
const LONG_MONTH = 31;

/** From 0000-03-01 to 1970-01-01. */
const DAYS_BEFORE_1970 = 719_468;

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days of a month, 0 for a month that does not exist. */
export function daysInMonth(year: number, month: number): number {
  if (month < 1 || month > 12) return 0;
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : LONG_MONTH;
}

/** The day, or null where the calendar has no such day. */
export function civilDate(year: number, month: number, day: number): CivilDate | null {
  if (year < 1 || year > 9999 || day < 1 || day > daysInMonth(year, month)) return null;
  return new CivilDate(year, month, day);
}

/** Days since 1970-01-01, negative before. */
export function dayNumber(date: CivilDate): number {
  // Years are counted from March, so that the leap day is the last of its year.
  const year = date.month > 2 ? date.year : date.year - 1;
  const month = (date.month + 9) % 12;
  const dayOfYear = Math.floor((153 * month + 2) / 5) + date.day - 1;
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  return 365 * year + leapDays + dayOfYear - DAYS_BEFORE_1970;
}

/** The day that is so many days after 1970-01-01. */
export function fromDayNumber(days: number): CivilDate {
  const instant = new Date(days * MS_PER_DAY);
  return new CivilDate(instant.getUTCFullYear(), instant.getUTCMonth() + 1, instant.getUTCDate());
}

/** `2026-01-15` */
export function dateText(date: CivilDate): string {
  return `${padded(date.year, 4)}-${padded(date.month, 2)}-${padded(date.day, 2)}`;
}

/** `2026-01-15 10:00:00`, as Python's `str()` writes it. */
export function dateTimeText(moment: CivilDateTime): string {
  const { date, secondOfDay, microsecond, offsetSeconds } = moment;
  const clock = [
    Math.floor(secondOfDay / 3600),
    Math.floor(secondOfDay / 60) % 60,
    secondOfDay % 60,
  ];
  const fraction = microsecond === 0 ? '' : `.${padded(microsecond, 6)}`;
  const time = clock.map((part) => padded(part, 2)).join(':');
  return `${dateText(date)} ${time}${fraction}${offsetText(offsetSeconds)}`;
}

function offsetText(offsetSeconds: number | null): string {
  if (offsetSeconds === null) return '';
  const size = Math.abs(offsetSeconds);
  const seconds = size % 60 === 0 ? '' : `:${padded(size % 60, 2)}`;
  const sign = offsetSeconds < 0 ? '-' : '+';
  return `${sign}${padded(Math.floor(size / 3600), 2)}:${padded(Math.floor(size / 60) % 60, 2)}${seconds}`;
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** A number that orders days and nothing else. */
export function dateOrder(date: CivilDate): number {
  return (date.year * 13 + date.month) * 32 + date.day;
}

/**
 * Seconds since 1970-01-01, on the wall clock or, where the zone is known, in UTC. The two kinds
 * cannot be compared with each other.
 */
export function momentSeconds(moment: CivilDateTime): number {
  const wall = dayNumber(moment.date) * 86_400 + moment.secondOfDay + moment.microsecond / 1e6;
  return wall - (moment.offsetSeconds ?? 0);
}
