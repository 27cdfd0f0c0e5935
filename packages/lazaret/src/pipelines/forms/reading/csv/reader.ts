/**
 * CSV (RFC 4180, and what people make of it), record by record, without an object for a cell.
 *
 * - A record ends at LF, CRLF or a lone CR outside of quotes, or where the file does.
 * - A line of nothing but blanks is no record.
 * - A cell that begins with a quote ends with one; two quotes inside stand for one. Elsewhere a
 *   quote is a character as any other.
 *
 * Who cuts a file into stretches and who reads a stretch use this one reader, so that they agree
 * on what a record is whatever is wrong with it.
 */
import type { QuickColumn } from '../../schema/quick-check.ts';
import { MAX_CELL_BYTES, MAX_COLUMNS, MAX_RECORD_BYTES } from '../limits.ts';
import type { TextWindow } from '../text-window.ts';

const ORDINARY = 0;
const HIGH = 1;
const CONTROL = 2;
const DELIMITER = 3;
const RETURN = 4;
const FEED = 5;
const QUOTE = 6;

const QUOTE_UNIT = 0x22;
const FEED_UNIT = 0x0a;
const SPACE_UNIT = 0x20;

/** What was met in a cell. Several may hold. */
export const CELL = {
  quoted: 1,
  /** Has a doubled quote. */
  doubled: 2,
  /** Has characters beyond ASCII. */
  high: 4,
  control: 8,
  /** Text stands between its closing quote and the next delimiter, or blanks before its opening one. */
  misquoted: 16,
  /** The file ends inside its quotes. */
  unclosed: 32,
  tooLong: 64,
} as const;

export const FLAWED_CELL = CELL.high | CELL.control | CELL.misquoted | CELL.unclosed | CELL.tooLong;

const CLASSES = new Map<string, Uint8Array>();

/** What each unit means to the reader. */
function classesOf(delimiter: string, unitBytes: 1 | 2): Uint8Array {
  const name = `${delimiter}${unitBytes}`;
  const known = CLASSES.get(name);
  if (known !== undefined) return known;
  const classes = new Uint8Array(unitBytes === 1 ? 0x100 : 0x10000);
  classes.fill(CONTROL, 0, 0x20).fill(HIGH, 0x80);
  classes[0x7f] = CONTROL;
  classes[0x09] = ORDINARY;
  classes[0x0d] = RETURN;
  classes[FEED_UNIT] = FEED;
  classes[QUOTE_UNIT] = QUOTE;
  classes[delimiter.charCodeAt(0)] = DELIMITER;
  CLASSES.set(name, classes);
  return classes;
}

/** Where reading begins. */
export interface CsvStart {
  readonly delimiter: string;
  /** Number of the first record, and the physical line on which the window begins. */
  readonly record: number;
  readonly line: number;
  /** The file ends with the window. */
  readonly atEnd: boolean;
}

export class CsvReader {
  /** Of the current record: cells that it has, also those beyond the limit of columns. */
  count = 0;
  /** Its number, its first physical line, and whether it is longer than a record may be. */
  record: number;
  line: number;
  tooLong = false;
  /** Everything that was met in its cells. */
  flags = 0;
  readonly #window: TextWindow;
  readonly #classes: Uint8Array;
  readonly #atEnd: boolean;
  #starts = new Uint32Array(64);
  #ends = new Uint32Array(64);
  #kinds = new Uint8Array(64);
  #begin = 0;
  #at = 0;
  #nextLine: number;
  #nextRecord: number;
  /** How far lines were counted in the record that begins there. */
  #counted = { begin: -1, at: 0, line: 0 };

  constructor(window: TextWindow, { delimiter, record, line, atEnd }: CsvStart) {
    this.#window = window;
    this.#classes = classesOf(delimiter, window.unitBytes);
    this.#atEnd = atEnd;
    this.record = record;
    this.line = line;
    this.#nextLine = line;
    this.#nextRecord = record;
  }

  /** Offset in the file of the current record. */
  get offset(): number {
    return this.#offsetOf(this.#begin);
  }

  /** Offset, line and number at which the next record begins. */
  get nextOffset(): number {
    return this.#offsetOf(this.#at);
  }
  get nextLine(): number {
    return this.#nextLine;
  }
  get nextRecord(): number {
    return this.#nextRecord;
  }

  /** Goes to the next record; false where there is none that is whole. */
  next(): boolean {
    for (;;) {
      if (this.#at >= this.#window.units.length) return false;
      const line = this.#nextLine;
      this.#begin = this.#at;
      this.count = 0;
      this.flags = 0;
      const end = this.#scan();
      if (end < 0) {
        this.#at = this.#begin;
        this.#nextLine = line;
        return false;
      }
      this.#at = end;
      this.line = line;
      if (this.#isBlankLine()) continue;
      this.tooLong = (end - this.#begin) * this.#window.unitBytes > MAX_RECORD_BYTES;
      this.record = this.#nextRecord;
      this.#nextRecord += 1;
      return true;
    }
  }

  /** What was met in a cell; 0 where the record does not have it. */
  flagsOf(cell: number): number {
    return cell < this.#held() ? (this.#kinds[cell] ?? 0) : 0;
  }

  isEmpty(cell: number): boolean {
    return cell >= this.#held() || this.#starts[cell] === this.#ends[cell];
  }

  /** Text of a cell, '' where there is none; null where its bytes are no text. */
  cell(cell: number): string | null {
    if (cell >= this.#held()) return '';
    const [from, to] = [this.#starts[cell] ?? 0, this.#ends[cell] ?? 0];
    const kind = this.#kinds[cell] ?? 0;
    const { readAscii, read } = this.#window;
    const text = (kind & CELL.high) === 0 ? readAscii(from, to) : read(from, to);
    if (text === null || (kind & (CELL.doubled | CELL.misquoted)) === 0) return text;
    return (kind & CELL.misquoted) === 0 ? text.replaceAll('""', '"') : text;
  }

  /** The same without an interpretation of quotes, character by character as in the file. */
  rawCell(cell: number): string | null {
    return this.#window.read(this.#starts[cell] ?? 0, this.#ends[cell] ?? 0);
  }

  get unitBytes(): 1 | 2 {
    return this.#window.unitBytes;
  }

  /** Whether a cell that is not empty is proven sound by a column; only plain ones can be. */
  proves(cell: number, column: QuickColumn): boolean {
    if (((this.#kinds[cell] ?? 0) & ~CELL.quoted) !== 0) return false;
    const { units, readAscii } = this.#window;
    return column.proves(units, this.#starts[cell] ?? 0, this.#ends[cell] ?? 0, readAscii);
  }

  /** Bytes of a cell, as they stand in the file. */
  bytes(cell: number): Uint8Array {
    if (cell >= this.#held()) return new Uint8Array(0);
    return this.#window.bytes(this.#starts[cell] ?? 0, this.#ends[cell] ?? 0);
  }

  /** Where a cell begins; of a quoted one, its opening quote. */
  placeOf(cell: number): { readonly line: number; readonly offset: number } {
    const quoted = (this.flagsOf(cell) & CELL.quoted) !== 0;
    const at = cell < this.#held() ? (this.#starts[cell] ?? 0) - (quoted ? 1 : 0) : this.#begin;
    return { line: this.#lineOf(at), offset: this.#offsetOf(at) };
  }

  /** Where some unit of a cell stands, counted from the first one of its text. */
  placeIn(cell: number, units: number): { readonly line: number; readonly offset: number } {
    const at = (this.#starts[cell] ?? 0) + units;
    return { line: this.#lineOf(at), offset: this.#offsetOf(at) };
  }

  #held(): number {
    return Math.min(this.count, MAX_COLUMNS);
  }

  #offsetOf(at: number): number {
    return this.#window.start + at * this.#window.unitBytes;
  }

  /**
   * Line ends inside quotes are the only ones in a record. Counting goes on from where the last
   * question ended: a record may have as many cells as it has characters.
   */
  #lineOf(at: number): number {
    if (this.#counted.begin !== this.#begin || at < this.#counted.at) {
      this.#counted = { begin: this.#begin, at: this.#begin, line: this.line };
    }
    const counted = this.#counted;
    const { units } = this.#window;
    for (; counted.at < at; counted.at += 1) {
      const kind = this.#classes[units[counted.at] ?? 0];
      if (kind === FEED) counted.line += 1;
      else if (kind === RETURN && units[counted.at + 1] !== FEED_UNIT) counted.line += 1;
    }
    return counted.line;
  }

  #isBlankLine(): boolean {
    if (this.count !== 1 || (this.#kinds[0] ?? 0) !== 0) return false;
    const { units } = this.#window;
    for (let at = this.#starts[0] ?? 0; at < (this.#ends[0] ?? 0); at += 1) {
      const unit = units[at];
      if (unit !== SPACE_UNIT && unit !== 0x09) return false;
    }
    return true;
  }

  /** Notes the cells of one record; returns where the next one begins, -1 where it is cut off. */
  #scan(): number {
    const { units } = this.#window;
    const classes = this.#classes;
    const end = units.length;
    let at = this.#begin;
    for (;;) {
      let kind = 0;
      let start = at;
      let stop: number;
      if (at < end && units[at] === QUOTE_UNIT) {
        start = at + 1;
        kind = CELL.quoted;
        at = this.#skipQuoted(start);
        if (at < 0) return -1;
        kind |= this.#met;
        stop = at;
        // Behind the closing quote; blanks up to the delimiter belong to nothing.
        if ((kind & CELL.unclosed) === 0) at += 1;
        while (at < end && units[at] === SPACE_UNIT) at += 1;
        if (at < end && (classes[units[at] ?? 0] ?? 0) < DELIMITER) kind |= CELL.misquoted;
        if (at < end && units[at] === QUOTE_UNIT) kind |= CELL.misquoted;
      } else {
        stop = at;
        while (at < end && units[at] === SPACE_UNIT) at += 1;
        if (at > start && units[at] === QUOTE_UNIT) kind = CELL.misquoted;
      }
      for (; at < end; at += 1) {
        const unitClass = classes[units[at] ?? 0] ?? 0;
        if (unitClass === ORDINARY) continue;
        if (unitClass === HIGH) kind |= CELL.high;
        else if (unitClass === CONTROL) kind |= CELL.control;
        else if (unitClass !== QUOTE) break;
      }
      if ((kind & CELL.quoted) === 0 || (kind & CELL.misquoted) !== 0) stop = at;
      this.#note(start, stop, kind);
      if (at >= end) return this.#atEnd ? end : -1;
      const unitClass = classes[units[at] ?? 0];
      at += 1;
      if (unitClass === DELIMITER) continue;
      this.#nextLine += 1;
      if (unitClass === FEED) return at;
      if (at >= end) return this.#atEnd ? end : -1;
      return units[at] === FEED_UNIT ? at + 1 : at;
    }
  }

  /** What was met in the cell that `#skipQuoted` went over. */
  #met = 0;

  /** Goes to the closing quote; -1 where it cannot be told whether there is one. */
  #skipQuoted(from: number): number {
    const { units } = this.#window;
    const classes = this.#classes;
    const end = units.length;
    this.#met = 0;
    for (let at = from; at < end; at += 1) {
      switch (classes[units[at] ?? 0]) {
        case HIGH:
          this.#met |= CELL.high;
          break;
        case CONTROL:
          this.#met |= CELL.control;
          break;
        case FEED:
          this.#nextLine += 1;
          break;
        case RETURN:
          if (units[at + 1] !== FEED_UNIT) this.#nextLine += 1;
          break;
        case QUOTE:
          if (at + 1 < end ? units[at + 1] !== QUOTE_UNIT : this.#atEnd) return at;
          if (at + 1 >= end) return -1;
          this.#met |= CELL.doubled;
          at += 1;
          break;
        default:
      }
    }
    if (!this.#atEnd) return -1;
    this.#met |= CELL.unclosed;
    return end;
  }

  #note(start: number, stop: number, kind: number): void {
    const cell = this.count;
    this.count += 1;
    let met = kind;
    if ((stop - start) * this.#window.unitBytes > MAX_CELL_BYTES) met |= CELL.tooLong;
    this.flags |= met;
    if (cell >= MAX_COLUMNS) return;
    if (cell >= this.#starts.length) this.#grow();
    this.#starts[cell] = start;
    this.#ends[cell] = stop;
    this.#kinds[cell] = met;
  }

  #grow(): void {
    const length = this.#starts.length * 4;
    const [starts, ends] = [new Uint32Array(length), new Uint32Array(length)];
    const kinds = new Uint8Array(length);
    starts.set(this.#starts);
    ends.set(this.#ends);
    kinds.set(this.#kinds);
    [this.#starts, this.#ends, this.#kinds] = [starts, ends, kinds];
  }
}
