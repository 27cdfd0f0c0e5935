/**
 * Goes over a record that is too long to be read, piece by piece, to where it ends. It keeps count
 * of what there is to tell, and holds nothing of the content.
 */
import type { TextWindow } from '../text-window.ts';
import { MAX_CELL_BYTES } from '../limits.ts';
import type { Flaw } from '../stretch.ts';

const QUOTE = 0x22;
const FEED = 0x0a;
const RETURN = 0x0d;

type State = 'start' | 'plain' | 'quoted' | 'quote-in-quoted' | 'return';

interface CellStart {
  readonly line: number;
  readonly offset: number;
  readonly column: number;
}

export class RecordSkimmer {
  /** Line and offset behind what was skimmed. */
  line: number;
  offset: number;
  readonly #delimiter: number;
  readonly #begin: CellStart;
  #state: State = 'start';
  #afterReturn = false;
  #cell: CellStart;
  #tooLong: CellStart | null = null;

  constructor(at: { readonly line: number; readonly offset: number }, delimiter: string) {
    this.line = at.line;
    this.offset = at.offset;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#begin = { ...at, column: 0 };
    this.#cell = this.#begin;
  }

  /** True when the record ended within the window; what follows is left. */
  skim({ units, unitBytes, start }: TextWindow): boolean {
    for (let at = 0; at < units.length; at += 1) {
      const unit = units[at] ?? 0;
      this.offset = start + at * unitBytes;
      if (this.#state === 'return') {
        // A line end of two characters is one.
        if (unit === FEED) this.offset += unitBytes;
        return true;
      }
      if (this.offset - this.#cell.offset > MAX_CELL_BYTES) this.#tooLong ??= this.#cell;
      if (this.#take(unit, unitBytes)) {
        this.offset += unitBytes;
        return true;
      }
    }
    this.offset = start + units.length * unitBytes;
    return false;
  }

  /** What is to be said of the record; `atEnd` where the file ended before it did. */
  flaw(atEnd: boolean): Flaw {
    if (atEnd && this.#state === 'quoted') return { kind: 'quote-unclosed', ...this.#cell };
    if (this.#tooLong !== null) return { kind: 'cell-too-long', ...this.#tooLong };
    return { kind: 'record-too-long', ...this.#begin, column: null };
  }

  /** Takes a unit; true where it ends the record. */
  #take(unit: number, unitBytes: number): boolean {
    const pairs = this.#afterReturn && unit === FEED;
    this.#afterReturn = false;
    if (this.#state === 'quoted') {
      if (unit === QUOTE) this.#state = 'quote-in-quoted';
      else if (unit === RETURN) this.#afterReturn = true;
      if (unit === RETURN || (unit === FEED && !pairs)) this.line += 1;
      return false;
    }
    if (this.#state === 'quote-in-quoted' && unit === QUOTE) {
      this.#state = 'quoted';
      return false;
    }
    if (unit === this.#delimiter) {
      this.#state = 'start';
      const { line, offset } = this;
      this.#cell = { line, offset: offset + unitBytes, column: this.#cell.column + 1 };
      return false;
    }
    if (unit === FEED || unit === RETURN) {
      this.line += 1;
      this.#state = 'return';
      return unit === FEED;
    }
    this.#state = this.#state === 'start' && unit === QUOTE ? 'quoted' : 'plain';
    return false;
  }
}
