/**
 * Finds where a value of JSON ends, by its brackets and quotes alone: what is wrong inside of a
 * record does not hide where the next one begins. Can be taken up again with the next window.
 */
import { MAX_DEPTH } from '../limits.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** JSON's own blanks (RFC 8259, section 2). */
export function isBlank(unit: number | undefined): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

/** The value goes on behind the window. */
export const GOES_ON = -1;
/** A bracket closes that was not opened. */
export const MISMATCH = -2;

export class ValueScan {
  /** Where a bracket was met that closes another one. */
  mismatchAt = 0;
  #depth = 0;
  #inText = false;
  #escaped = false;
  #begun = false;
  /** Which brackets are open; deeper than a record may be, they are only counted. */
  readonly #open = new Uint8Array(MAX_DEPTH + 1);

  /** Where the value ends, from a place in it; or `GOES_ON`, or `MISMATCH`. */
  scan(units: Uint8Array | Uint16Array, from: number): number {
    for (let at = from; at < units.length; at += 1) {
      const unit = units[at] ?? 0;
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (unit === BACKSLASH) this.#escaped = true;
        else if (unit === QUOTE) {
          this.#inText = false;
          if (this.#depth === 0) return at + 1;
        }
        continue;
      }
      switch (unit) {
        case QUOTE:
          if (this.#begun && this.#depth === 0) return at;
          this.#inText = true;
          break;
        case OPEN_LIST:
        case OPEN_OBJECT:
          if (this.#begun && this.#depth === 0) return at;
          if (this.#depth <= MAX_DEPTH) this.#open[this.#depth] = unit;
          this.#depth += 1;
          break;
        case CLOSE_LIST:
        case CLOSE_OBJECT:
          if (this.#depth === 0) return at;
          this.#depth -= 1;
          if (this.#depth <= MAX_DEPTH && this.#open[this.#depth] !== unit - 2) {
            this.mismatchAt = at;
            return MISMATCH;
          }
          if (this.#depth === 0) return at + 1;
          break;
        default:
          if (this.#depth === 0 && (unit === COMMA || isBlank(unit))) return at;
      }
      this.#begun = true;
    }
    return GOES_ON;
  }

  /** A number or a word ends where the file does; a text, a list and an object do not. */
  get mayEnd(): boolean {
    return this.#depth === 0 && !this.#inText;
  }
}
