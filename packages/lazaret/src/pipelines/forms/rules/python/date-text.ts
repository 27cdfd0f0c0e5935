import {
  type CivilDate,
  CivilDateTime,
  civilDate,
  dayNumber,
  daysInMonth,
  fromDayNumber,
} from './civil-date.ts';
import {
  halfOfDay,
  isDigits,
  isFiller,
  isUtcName,
  monthOf,
  piecesOf,
  timeUnitOf,
  weekdayOf,
} from './date-words.ts';
import { DayParts, NotADate } from './day-parts.ts';
import { floatOf, integerOf } from './number-text.ts';

/** Longest text that is read as a date, UTF-16 units. */
export const LONGEST_DATE_TEXT = 200;

/**
 * Reads a date or a date with a time the way Python's `dateutil` does, month first unless the
 * text is `YYYY-MM-DD` or `YYYY/MM/DD`. What the text leaves out comes from `today` at midnight:
 * "2024" is this day and month of 2024.
 *
 * @returns null where the text is no date
 */
export function readDateTime(text: string, today: CivilDate): CivilDateTime | null {
  const quick = readCommonDate(text);
  if (quick !== null) return new CivilDateTime(quick);
  if (text.length > LONGEST_DATE_TEXT) return null;
  try {
    const moment = new MomentReader(piecesOf(text));
    moment.read();
    return moment.toDateTime(today, /^\d{4}[-/]\d{2}[-/]\d{2}\n?$/.test(text));
  } catch (error) {
    if (error instanceof NotADate) return null;
    throw error;
  }
}

/** `YYYY-MM-DD`, `YYYY/MM/DD`, `MM-DD-YYYY` or `MM/DD/YYYY` of a day that exists, else null. */
export function readCommonDate(text: string): CivilDate | null {
  if (text.length !== 10) return null;
  const yearLeads = isSeparator(text, 4) && isSeparator(text, 7);
  if (!yearLeads && !(isSeparator(text, 2) && isSeparator(text, 5))) return null;
  const year = digitsAt(text, yearLeads ? 0 : 6, 4);
  const month = digitsAt(text, yearLeads ? 5 : 0, 2);
  const day = digitsAt(text, yearLeads ? 8 : 3, 2);
  return civilDate(year, month, day);
}

function isSeparator(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x2d || code === 0x2f;
}

/** The number that stands there, or -1. */
function digitsAt(text: string, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Reads the pieces of one text from left to right and keeps what it learns. */
class MomentReader {
  readonly #pieces: string[];
  readonly #day = new DayParts();
  #weekday: number | null = null;
  #hour: number | null = null;
  #minute: number | null = null;
  #second: number | null = null;
  #microsecond: number | null = null;
  #zoneName: string | null = null;
  #zoneSeconds: number | null = null;

  constructor(pieces: string[]) {
    this.#pieces = pieces;
  }

  read(): void {
    for (let at = 0; at < this.#pieces.length; at += 1) at = this.#readPiece(at);
  }

  /** Returns the place of the last piece that was used up. */
  #readPiece(at: number): number {
    const piece = this.#pieces[at] ?? '';
    if (floatOf(piece) !== null) return this.#readNumber(at);
    const weekday = weekdayOf(piece);
    if (weekday !== null) {
      this.#weekday = weekday;
      return at;
    }
    const month = monthOf(piece);
    if (month !== null) return this.#readMonth(at, month);
    const half = halfOfDay(piece);
    if (half !== null) {
      if (this.#hour === null || this.#hour < 0 || this.#hour > 12) throw new NotADate();
      this.#hour = onHalf(this.#hour, half);
      return at;
    }
    if (this.#couldBeZone(piece)) return this.#readZoneName(at);
    if (this.#hour !== null && (piece === '+' || piece === '-')) return this.#readOffset(at);
    if (!isFiller(piece)) throw new NotADate();
    return at;
  }

  #readMonth(at: number, month: number): number {
    this.#day.addNumber(month, 'month');
    const pieces = this.#pieces;
    const separator = pieces[at + 1];
    if (separator === '-' || separator === '/') {
      this.#day.addText(this.#must(at + 2));
      if (pieces[at + 3] !== separator) return at + 2;
      this.#day.addText(this.#must(at + 4));
      return at + 4;
    }
    const ofYear =
      separator === ' ' && pieces[at + 3] === ' ' && pieces[at + 2]?.toLowerCase() === 'of';
    if (!ofYear || pieces[at + 4] === undefined) return at;
    // "Jan of 01": the number can only be a year.
    if (isDigits(pieces[at + 4])) {
      this.#day.centurySpecified = true;
      this.#day.addNumber(integerOf(this.#must(at + 4)) ?? 0, 'year');
      this.#yearOfMonth = true;
    }
    return at + 4;
  }

  /** Whether the year came as "Jan of 01", which is brought into its century at once. */
  #yearOfMonth = false;

  #readNumber(at: number): number {
    const pieces = this.#pieces;
    const piece = this.#must(at);
    const value = floatOf(piece);
    if (value === null || !Number.isFinite(value)) throw new NotADate();
    const next = pieces[at + 1];
    const width = piece.length;
    if (
      this.#day.length === 3 &&
      (width === 2 || width === 4) &&
      this.#hour === null &&
      (next === undefined || (next !== ':' && timeUnitOf(next) === null))
    ) {
      this.#hour = whole(piece.slice(0, 2));
      if (width === 4) this.#minute = whole(piece.slice(2));
      return at;
    }
    if (width === 6 || (width > 6 && piece.indexOf('.') === 6)) {
      this.#readSixDigits(piece);
      return at;
    }
    if (width === 8 || width === 12 || width === 14) {
      this.#day.addText(piece.slice(0, 4), 'year');
      this.#day.addText(piece.slice(4, 6));
      this.#day.addText(piece.slice(6, 8));
      if (width > 8) {
        this.#hour = whole(piece.slice(8, 10));
        this.#minute = whole(piece.slice(10, 12));
      }
      if (width > 12) this.#second = whole(piece.slice(12));
      return at;
    }
    const unitAt = this.#unitPlace(at);
    if (unitAt !== null) return this.#readWithUnit(at, unitAt, value);
    if (next === ':' && pieces[at + 2] !== undefined) return this.#readClock(at, value);
    if (next === '-' || next === '/' || next === '.') return this.#readDay(at, next);
    if (next === undefined || isFiller(next)) {
      const half = halfOfDay(pieces[at + 2]);
      if (half === null) {
        this.#day.addNumber(value);
        return at + 1;
      }
      this.#hour = onHalf(Math.trunc(value), half);
      return at + 2;
    }
    const half = halfOfDay(next);
    if (half !== null && value >= 0 && value < 24) {
      this.#hour = onHalf(Math.trunc(value), half);
      return at + 1;
    }
    if (!this.#day.couldBeDay(value)) throw new NotADate();
    this.#day.addNumber(value);
    return at;
  }

  /** YYMMDD, or HHMMSS with a fraction once the day is known. */
  #readSixDigits(piece: string): void {
    if (this.#day.length === 0 && !piece.includes('.')) {
      for (const start of [0, 2, 4])
        this.#day.addText(piece.slice(start, start === 4 ? undefined : start + 2));
      return;
    }
    this.#hour = whole(piece.slice(0, 2));
    this.#minute = whole(piece.slice(2, 4));
    this.#readSeconds(piece.slice(4));
  }

  /** HH:MM, HH:MM:SS or HH:MM:SS.ffffff */
  #readClock(at: number, value: number): number {
    this.#hour = Math.trunc(value);
    const minutes = floatOf(this.#must(at + 2));
    if (minutes === null || !Number.isFinite(minutes)) throw new NotADate();
    this.#readMinutes(minutes);
    if (this.#pieces[at + 3] !== ':' || this.#pieces[at + 4] === undefined) return at + 2;
    this.#readSeconds(this.#must(at + 4));
    return at + 4;
  }

  /** 01-02, 01-Feb, 01-02-2003, 01-Feb-2003; the separators must be the same. */
  #readDay(at: number, separator: string): number {
    this.#day.addText(this.#must(at));
    const second = this.#pieces[at + 2];
    if (second === undefined || isFiller(second)) return at + 1;
    this.#addMonthOrNumber(second, isDigits(second));
    if (this.#pieces[at + 3] !== separator) return at + 2;
    const third = this.#must(at + 4);
    this.#addMonthOrNumber(third, monthOf(third) === null);
    return at + 4;
  }

  #addMonthOrNumber(piece: string, isNumber: boolean): void {
    const month = isNumber ? null : monthOf(piece);
    if (month !== null) this.#day.addNumber(month, 'month');
    else if (isNumber) this.#day.addText(piece);
    else throw new NotADate();
  }

  /** Where the "h", "m" or "s" stands that a number belongs to; after it, or before it. */
  #unitPlace(at: number): number | null {
    const pieces = this.#pieces;
    if (timeUnitOf(pieces[at + 1]) !== null) return at + 1;
    if (pieces[at + 1] === ' ' && timeUnitOf(pieces[at + 2]) !== null) return at + 2;
    if (at > 0 && timeUnitOf(pieces[at - 1]) !== null) return at - 1;
    const last = at > 1 && at === pieces.length - 1;
    return last && pieces[at - 1] === ' ' && timeUnitOf(pieces[at - 2]) !== null ? at - 2 : null;
  }

  #readWithUnit(at: number, unitAt: number, value: number): number {
    // A unit before the number belongs to the number before; this one is the next smaller.
    const unit = (timeUnitOf(this.#pieces[unitAt]) ?? 0) + (unitAt > at ? 0 : 1);
    if (unit === 0) {
      this.#hour = Math.trunc(value);
      if (value % 1 !== 0) this.#minute = sixtieths(value);
    } else if (unit === 1) {
      this.#readMinutes(value);
    } else if (unit === 2) {
      this.#readSeconds(this.#must(at));
    }
    return Math.max(unitAt, at);
  }

  #readMinutes(value: number): void {
    this.#minute = Math.trunc(value);
    this.#second = value % 1 === 0 ? null : sixtieths(value);
  }

  #readSeconds(text: string): void {
    const parts = text.split('.');
    if (parts.length > 2) throw new NotADate();
    this.#second = whole(parts[0] ?? '');
    this.#microsecond = parts[1] === undefined ? 0 : whole(parts[1].padEnd(6, '0').slice(0, 6));
  }

  #couldBeZone(piece: string): boolean {
    return (
      this.#hour !== null &&
      this.#zoneName === null &&
      this.#zoneSeconds === null &&
      piece.length <= 5 &&
      (/^[A-Z]+$/.test(piece) || piece === 'z')
    );
  }

  #readZoneName(at: number): number {
    const piece = this.#must(at);
    this.#zoneName = piece;
    this.#zoneSeconds = piece === 'z' ? 0 : null;
    const sign = this.#pieces[at + 1];
    if (sign !== '+' && sign !== '-') return at;
    // "GMT+3" means "my time plus 3 is GMT", the reverse of a plain "+3".
    this.#pieces[at + 1] = sign === '+' ? '-' : '+';
    this.#zoneSeconds = null;
    if (isUtcName(piece)) this.#zoneName = null;
    return at;
  }

  #readOffset(at: number): number {
    const pieces = this.#pieces;
    const digits = this.#must(at + 1);
    const sign = pieces[at] === '+' ? 1 : -1;
    let used = at + 1;
    let minutes = 0;
    if (digits.length === 4) {
      minutes = whole(digits.slice(2));
    } else if (pieces[at + 2] === ':') {
      minutes = whole(this.#must(at + 3));
      used = at + 3;
    } else if (digits.length > 2) {
      throw new NotADate();
    }
    const hours = whole(
      pieces[at + 2] === ':' && digits.length !== 4 ? digits : digits.slice(0, 2),
    );
    this.#zoneSeconds = sign * (hours * 3600 + minutes * 60);
    // "-0300 (BRST)": the name in brackets only repeats what the number said.
    const named =
      isFiller(pieces[used + 1]) && pieces[used + 2] === '(' && pieces[used + 4] === ')';
    return named && (pieces[used + 3]?.length ?? 0) >= 3 ? used + 4 : used;
  }

  #must(at: number): string {
    const piece = this.#pieces[at];
    if (piece === undefined) throw new NotADate();
    return piece;
  }

  /** Puts the parts together. What is missing is today's, at midnight. */
  toDateTime(today: CivilDate, yearFirst: boolean): CivilDateTime {
    const day = this.#day.resolve(yearFirst);
    const clock = [this.#hour, this.#minute, this.#second, this.#microsecond];
    const said = [day.year, day.month, day.day, this.#weekday, this.#zoneName, ...clock];
    if (said.every((part) => part === null)) throw new NotADate();
    const century = this.#day.centurySpecified && !this.#yearOfMonth;
    const year = day.year === null ? today.year : inCentury(day.year, century, today.year);
    const month = day.month ?? today.month;
    const lastDay = daysInMonth(year, month);
    if (lastDay === 0) throw new NotADate();
    let date = civilDate(year, month, day.day ?? Math.min(today.day, lastDay));
    if (date === null) throw new NotADate();
    if (this.#weekday !== null && (day.day ?? 0) === 0) date = onWeekday(date, this.#weekday);
    const [hour = 0, minute = 0, second = 0, microsecond = 0] = clock.map((part) => part ?? 0);
    if (hour < 0 || hour > 23 || minute > 59 || second > 59) throw new NotADate();
    return new CivilDateTime(date, hour * 3600 + minute * 60 + second, microsecond, this.#offset());
  }

  #offset(): number | null {
    if (this.#zoneName !== null && isUtcName(this.#zoneName)) return 0;
    return this.#zoneSeconds;
  }
}

function onHalf(hour: number, half: number): number {
  if (hour < 12 && half === 1) return hour + 12;
  return hour === 12 && half === 0 ? 0 : hour;
}

/** A year of two digits is brought within 50 years of this one. */
function inCentury(year: number, specified: boolean, thisYear: number): number {
  if (year >= 100 || specified) return year;
  const near = year + Math.floor(thisYear / 100) * 100;
  if (near >= thisYear + 50) return near - 100;
  return near < thisYear - 50 ? near + 100 : near;
}

/** The first such weekday on or after the day; 0 is Monday. */
function onWeekday(date: CivilDate, weekday: number): CivilDate {
  const days = dayNumber(date);
  // 1970-01-01 was a Thursday.
  const ahead = (((weekday - ((days + 3) % 7)) % 7) + 7) % 7;
  return fromDayNumber(days + ahead);
}

/** The whole minutes in the fraction of an hour, or seconds in that of a minute; .1 makes 6. */
function sixtieths(value: number): number {
  return Math.trunc(Number((60 * (value % 1)).toFixed(9)));
}

function whole(text: string): number {
  const value = integerOf(text);
  if (value === null) throw new NotADate();
  return value;
}
