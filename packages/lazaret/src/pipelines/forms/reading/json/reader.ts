/**
 * JSON, record by record: the entries of a list, the lines of NDJSON, or one object. It tells where
 * records begin and end; what is in them is `parse.ts`'s to say. Who cuts a file into stretches and
 * who reads a stretch use this one reader.
 */
import type { JsonShape } from '../stretch.ts';
import type { TextWindow } from '../text-window.ts';
import { GOES_ON, isBlank, MISMATCH, ValueScan } from './value-scan.ts';

const FEED = 0x0a;
const RETURN = 0x0d;
const COMMA = 0x2c;
const CLOSE_LIST = 0x5d;

/**
 * Why there is no further record: the window ends within one, the file is through, or the list is
 * broken in a way that leaves open where a record would begin.
 */
export type JsonStop = 'cut' | 'end' | 'broken';

export interface JsonStart {
  readonly shape: JsonShape;
  /** Number of the first record in the file, and the physical line on which the window begins. */
  readonly record: number;
  readonly line: number;
  readonly atEnd: boolean;
}

export class JsonReader {
  record = 0;
  /** Physical line on which the current record begins. */
  line: number;
  /** The current record, as units of the window. */
  begin = 0;
  end = 0;
  stop: JsonStop = 'cut';
  /** Where a broken list breaks, as a unit of the window. */
  brokenAt = 0;
  readonly #window: TextWindow;
  readonly #shape: JsonShape;
  readonly #atEnd: boolean;
  #nextRecord: number;
  /** How far lines were counted, and which one is there. */
  #countedTo = 0;
  #countedLine: number;

  constructor(window: TextWindow, { shape, record, line, atEnd }: JsonStart) {
    this.#window = window;
    this.#shape = shape;
    this.#atEnd = atEnd;
    this.#nextRecord = record;
    this.line = line;
    this.#countedLine = line;
  }

  get nextRecord(): number {
    return this.#nextRecord;
  }

  offsetOf(unit: number): number {
    return this.#window.start + unit * this.#window.unitBytes;
  }

  /**
   * The physical line of a unit that is not before the current record. Counting goes on from where
   * the last question ended: a record may have as many names as it has characters.
   */
  lineOf(unit: number): number {
    const isBehind = unit >= this.#countedTo;
    const from = isBehind ? this.#countedTo : this.begin;
    const line = isBehind ? this.#countedLine : this.line;
    this.#countedLine = line + this.#linesBetween(from, unit);
    this.#countedTo = unit;
    return this.#countedLine;
  }

  /** Goes to the next record; false where there is none, for the reason that `stop` says. */
  next(): boolean {
    return this.#shape === 'lines' ? this.#nextLine() : this.#nextValue();
  }

  #nextLine(): boolean {
    const { units } = this.#window;
    let at = this.end;
    while (at < units.length && isBlank(units[at])) at += 1;
    if (at >= units.length) return this.#none(this.#atEnd ? 'end' : 'cut');
    let end = at;
    while (end < units.length && units[end] !== FEED && units[end] !== RETURN) end += 1;
    if (end >= units.length && !this.#atEnd) return this.#none('cut');
    return this.#take(at, end);
  }

  #nextValue(): boolean {
    const { units } = this.#window;
    const isList = this.#shape === 'list';
    let at = this.#skipBlanks(this.end);
    if (at >= units.length) {
      if (!this.#atEnd) return this.#none('cut');
      return isList ? this.#broken(at) : this.#none('end');
    }
    if (isList && units[at] === CLOSE_LIST) {
      at = this.#skipBlanks(at + 1);
      if (at < units.length) return this.#broken(at);
      return this.#none(this.#atEnd ? 'end' : 'cut');
    }
    if (this.#nextRecord > 1) {
      if (!isList || units[at] !== COMMA) return this.#broken(at);
      at = this.#skipBlanks(at + 1);
      if (at >= units.length) return this.#atEnd ? this.#broken(at) : this.#none('cut');
    }
    // One record is all of the file: its parser says what is wrong behind it.
    if (!isList) return this.#atEnd ? this.#take(at, units.length) : this.#none('cut');
    const scan = new ValueScan();
    const end = scan.scan(units, at);
    if (end === MISMATCH) return this.#broken(scan.mismatchAt);
    if (end === GOES_ON) {
      if (!this.#atEnd) return this.#none('cut');
      // A stretch may end with the last letter of a number.
      return scan.mayEnd ? this.#take(at, units.length) : this.#broken(units.length);
    }
    return end === at ? this.#broken(at) : this.#take(at, end);
  }

  #take(begin: number, end: number): boolean {
    this.line = this.lineOf(begin);
    this.begin = begin;
    this.end = end;
    this.record = this.#nextRecord;
    this.#nextRecord += 1;
    return true;
  }

  #broken(at: number): boolean {
    this.brokenAt = at;
    return this.#none('broken');
  }

  #none(stop: JsonStop): boolean {
    this.stop = stop;
    return false;
  }

  #skipBlanks(from: number): number {
    const { units } = this.#window;
    let at = from;
    while (at < units.length && isBlank(units[at])) at += 1;
    return at;
  }

  #linesBetween(from: number, to: number): number {
    const { units } = this.#window;
    let lines = 0;
    for (let at = from; at < to && at < units.length; at += 1) {
      if (units[at] === FEED || (units[at] === RETURN && units[at + 1] !== FEED)) lines += 1;
    }
    return lines;
  }
}
