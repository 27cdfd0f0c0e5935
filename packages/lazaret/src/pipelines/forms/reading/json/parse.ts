/**
 * Parses one record of JSON (RFC 8259) and says all that is wrong with it, each with the exact
 * place. What JSON.parse takes without a word is told: keys that come twice, numbers that come out
 * as others, and keys that reach for the prototype of an object.
 */
import type { FormValue } from '../../record.ts';
import { unwantedCharacter } from '../characters.ts';
import { MAX_CELL_BYTES, MAX_DEPTH, MAX_FINDINGS_A_RECORD } from '../limits.ts';
import type { TextWindow } from '../text-window.ts';
import { isBlank } from './value-scan.ts';

export type JsonFlawKind =
  | 'broken'
  | 'key-twice'
  | 'key-forbidden'
  | 'too-deep'
  | 'number-unsafe'
  | 'number-overflow'
  | 'not-a-number'
  | 'text-invalid'
  | 'text-unwanted'
  | 'text-too-long';

export interface JsonFlaw {
  readonly kind: JsonFlawKind;
  /** As a unit of the window. */
  readonly at: number;
  /** Names and positions from the record down to it. */
  readonly path: readonly (string | number)[];
  /** What stands there, where it is a value. */
  readonly text: string;
  /** Of an unwanted character. */
  readonly code?: number;
}

export interface ParsedRecord {
  /** Undefined where the text is no JSON. */
  readonly value: FormValue | undefined;
  readonly flaws: readonly JsonFlaw[];
  /** Where the value of each of its names begins, as a unit of the window. */
  readonly starts: ReadonlyMap<string, number>;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, FormValue])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
/** What other writers put where JSON has no number. */
const NO_NUMBERS = ['NaN', 'nan', '-NaN', 'Infinity', '-Infinity', '+Infinity', 'inf', '-inf'];

const ESCAPES = new Set(Array.from('"\\/bfnrtu', (letter) => letter.charCodeAt(0)));

export function parseRecord(window: TextWindow, begin: number, end: number): ParsedRecord {
  const parser = new Parser(window, begin, end);
  return parser.parse();
}

/** Ends the parsing of a record that is none. Never leaves this file. */
class Broken extends Error {
  override readonly name = 'Broken';
}

class Parser {
  readonly #window: TextWindow;
  readonly #end: number;
  #at: number;
  readonly #flaws: JsonFlaw[] = [];
  readonly #path: (string | number)[] = [];
  readonly #starts = new Map<string, number>();

  constructor(window: TextWindow, begin: number, end: number) {
    this.#window = window;
    this.#at = begin;
    this.#end = end;
  }

  parse(): ParsedRecord {
    let value: FormValue | undefined;
    try {
      value = this.#value();
      this.#skipBlanks();
      if (this.#at < this.#end) this.#break();
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      value = undefined;
    }
    return { value, flaws: this.#flaws, starts: this.#starts };
  }

  #value(): FormValue {
    this.#skipBlanks();
    switch (this.#unit()) {
      case 0x7b:
        return this.#object();
      case 0x5b:
        return this.#list();
      case QUOTE:
        return this.#text();
      default:
        return this.#wordOrNumber();
    }
  }

  #object(): FormValue {
    this.#descend();
    const values: Record<string, FormValue> = {};
    if (this.#isNext(0x7d)) return values;
    for (;;) {
      this.#skipBlanks();
      const keyAt = this.#at;
      if (this.#unit() !== QUOTE) this.#break();
      const key = this.#text();
      this.#skipBlanks();
      if (this.#unit() !== 0x3a) this.#break();
      this.#at += 1;
      this.#skipBlanks();
      const isTop = this.#path.length === 0;
      this.#path.push(key);
      const isForbidden = FORBIDDEN.has(key);
      const isTwice = !isForbidden && Object.hasOwn(values, key);
      if (isForbidden) this.#flaw('key-forbidden', keyAt);
      if (isTwice) this.#flaw('key-twice', keyAt);
      if (isTop && !isTwice) this.#starts.set(key, this.#at);
      const value = this.#value();
      this.#path.pop();
      if (!isForbidden && !isTwice) values[key] = value;
      if (this.#isNext(0x2c)) continue;
      if (this.#isNext(0x7d)) return values;
      this.#break();
    }
  }

  #list(): FormValue {
    this.#descend();
    const values: FormValue[] = [];
    if (this.#isNext(0x5d)) return values;
    for (;;) {
      this.#path.push(values.length);
      values.push(this.#value());
      this.#path.pop();
      if (this.#isNext(0x2c)) continue;
      if (this.#isNext(0x5d)) return values;
      this.#break();
    }
  }

  /** Opens a list or an object; `#path` is as long as what is open already. */
  #descend(): void {
    if (this.#path.length >= MAX_DEPTH) {
      // Where it begins is what helps, not each step down.
      this.#flaws.push({ kind: 'too-deep', at: this.#at, path: this.#path.slice(0, 1), text: '' });
      throw new Broken();
    }
    this.#at += 1;
  }

  #text(): string {
    const { units } = this.#window;
    const begin = this.#at;
    let isEscaped = false;
    let at = begin + 1;
    for (; ; at += 1) {
      const unit = at < this.#end ? (units[at] ?? 0) : -1;
      if (unit === QUOTE) break;
      // The end of the record, or a line end or another control character, which JSON has escaped.
      if (unit < 0x20) this.#break(at);
      if (unit !== BACKSLASH) continue;
      isEscaped = true;
      at += 1;
      this.#checkEscape(at);
    }
    this.#at = at + 1;
    const text = this.#window.read(begin + 1, at);
    if (text === null) {
      this.#flaw('text-invalid', begin);
      return '';
    }
    const plain = isEscaped ? (JSON.parse(`"${text}"`) as string) : text;
    this.#checkText(plain, begin, at);
    return plain;
  }

  #checkEscape(at: number): void {
    const unit = at < this.#end ? (this.#window.units[at] ?? 0) : 0;
    if (!ESCAPES.has(unit)) this.#break(at);
    if (unit !== 0x75) return;
    const digits = this.#window.read(at + 1, Math.min(at + 5, this.#end)) ?? '';
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#break(at);
  }

  #checkText(text: string, begin: number, end: number): void {
    if ((end - begin) * this.#window.unitBytes > MAX_CELL_BYTES) {
      this.#flaw('text-too-long', begin);
      return;
    }
    const unwanted = unwantedCharacter(text);
    if (unwanted !== null) this.#flaw('text-unwanted', begin, text, unwanted.code);
    else if (!text.isWellFormed()) this.#flaw('text-unwanted', begin, text, 0xd800);
  }

  #wordOrNumber(): FormValue {
    const begin = this.#at;
    const text = this.#word(begin);
    for (const [word, value] of WORDS) {
      if (text === word) return this.#behind(begin + word.length, value);
    }
    if (NO_NUMBERS.includes(text)) {
      this.#flaw('not-a-number', begin, text);
      return this.#behind(begin + text.length, null);
    }
    NUMBER.lastIndex = 0;
    const [number] = NUMBER.exec(text) ?? [];
    if (number === undefined) this.#break();
    if (number.length < text.length) this.#break(begin + number.length);
    const value = Number(number);
    if (!Number.isFinite(value)) this.#flaw('number-overflow', begin, number);
    else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      this.#flaw('number-unsafe', begin, number);
    }
    return this.#behind(begin + number.length, value);
  }

  /** What stands up to the next separator. */
  #word(from: number): string {
    const { units } = this.#window;
    let at = from;
    for (; at < this.#end; at += 1) {
      const unit = units[at];
      if (isBlank(unit) || unit === 0x2c || unit === 0x5d || unit === 0x7d || unit === 0x3a) break;
    }
    return this.#window.readAscii(from, at);
  }

  #behind(at: number, value: FormValue): FormValue {
    this.#at = at;
    return value;
  }

  #unit(): number {
    return this.#at < this.#end ? (this.#window.units[this.#at] ?? 0) : -1;
  }

  #isNext(unit: number): boolean {
    this.#skipBlanks();
    if (this.#unit() !== unit) return false;
    this.#at += 1;
    return true;
  }

  #skipBlanks(): void {
    const { units } = this.#window;
    while (this.#at < this.#end && isBlank(units[this.#at])) this.#at += 1;
  }

  #flaw(kind: JsonFlawKind, at: number, text = '', code?: number): void {
    if (this.#flaws.length >= MAX_FINDINGS_A_RECORD) return;
    const path = [...this.#path];
    this.#flaws.push({ kind, at, path, text, ...(code === undefined ? {} : { code }) });
  }

  #break(at = this.#at): never {
    // What breaks a record decides, whatever else was found before it.
    this.#flaws.unshift({ kind: 'broken', at, path: [...this.#path], text: '' });
    throw new Broken();
  }
}
