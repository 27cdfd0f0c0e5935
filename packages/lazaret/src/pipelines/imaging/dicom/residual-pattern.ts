/**
 * What is searched for, as bytes. Patterns are in lower case (ASCII letters only: other letters come
 * in each case), with separators taken out.
 *
 * **Long** ones have four bytes and more, and are searched for everywhere outside the pixels. Of
 * these, the ones under six characters count as whole words only ("Chen" is in "kitchen"), but for
 * text that the policy neither keeps nor cleans, where there is little that they could be a part of.
 *
 * **Short** ones have under four characters. They would be found everywhere, so the rule for them is:
 * as whole words, in elements of text only; and not where the policy itself says that the value stays
 * (an option or a rule keeps the element), nor as a number in a text that was cleaned, where short
 * numbers are harmless. A single letter is nobody's name.
 */
import type { Identifier, IdentifierKind } from './residual-harvest.ts';
import { lettersOf } from './residual-letters.ts';
import { spell, spellShortDate, WORD_CHARACTERS } from './residual-spelling.ts';

export type WholeWord = 'never' | 'mostly' | 'always';

export interface Pattern {
  readonly kind: IdentifierKind;
  readonly bytes: Uint8Array;
  readonly digitsOnly: boolean;
  /** Whether it counts only where nothing goes on beside it. `mostly`: see the head of this file. */
  readonly wholeWord: WholeWord;
}

export interface PatternSet {
  readonly long: readonly Pattern[];
  /** By the word, folded. */
  readonly short: ReadonlyMap<string, IdentifierKind>;
}

/** Characters that people put between or leave out, and that no search should depend on. */
const SEPARATORS = /[\s^=.,\-/\\_:;'"()+&\0]/g;

/** Words that this project writes itself, and that hence say nothing about anyone. */
const OWN_WORDS = new Set(['removed', '000y', '19000101', '000000', 'urnremoved', 'lazaret']);

/** An escape sequence of ISO 2022 (PS3.5 section 6.1.2.5). */
const ESCAPE = /\u001b[\u0020-\u002f]+[\u0030-\u007e]/;

/** Shorter ones would be found in other base64 and in hexadecimal tables. */
const CODED_CHARACTERS = 6;
const CODED_KINDS: ReadonlySet<IdentifierKind> = new Set([
  'patient-name',
  'patient-id',
  'accession',
]);

/** Spells out identifiers of the kinds given. */
export function spellOut(
  identifiers: readonly Identifier[],
  wanted: (kind: IdentifierKind) => boolean,
): PatternSet {
  const patterns = new Patterns();
  for (const identifier of identifiers) {
    const { kind, text } = identifier;
    if (!wanted(kind)) continue;
    if (kind === 'uid') {
      for (const uid of spell(identifier)) patterns.addUid(uid);
      continue;
    }
    for (const spelling of new Set(spell(identifier))) patterns.addText(kind, spelling);
    if (kind === 'birth-date') {
      for (const date of spellShortDate(text)) patterns.addWord(kind, date);
    }
    if (CODED_KINDS.has(kind)) patterns.addCoded(kind, text);
    for (const run of rawRuns(identifier)) patterns.addBytes(kind, run, false, 'never');
  }
  return patterns;
}

/** Collects patterns, each once. */
class Patterns implements PatternSet {
  readonly #long = new Map<string, Pattern>();
  readonly short = new Map<string, IdentifierKind>();

  get long(): readonly Pattern[] {
    return [...this.#long.values()];
  }

  addBytes(
    kind: IdentifierKind,
    bytes: Uint8Array,
    digitsOnly: boolean,
    wholeWord: WholeWord,
  ): void {
    if (bytes.length < 4) return;
    const folded = foldAscii(bytes);
    const key = Buffer.from(folded.buffer, folded.byteOffset, folded.length).toString('latin1');
    if (!this.#long.has(key)) this.#long.set(key, { kind, bytes: folded, digitsOnly, wholeWord });
  }

  addUid(uid: string): void {
    this.addBytes('uid', Buffer.from(uid, 'latin1'), false, 'never');
  }

  /** As it stands, separators and all. */
  addWord(kind: IdentifierKind, text: string): void {
    this.addBytes(kind, Buffer.from(text, 'latin1'), /^\d+$/.test(text), 'always');
  }

  addText(kind: IdentifierKind, text: string): void {
    const plain = text.replace(SEPARATORS, '');
    if (plain === '' || OWN_WORDS.has(plain.toLowerCase())) return;
    const ascii = isAscii(plain);
    if (ascii ? plain.length < 4 : Buffer.byteLength(plain) < 4) {
      // One letter alone is nobody's name; one digit may be an accession number.
      if (plain.length > 1 || !kind.endsWith('name')) this.short.set(foldText(plain), kind);
      return;
    }
    const wholeWord = plain.length < WORD_CHARACTERS ? 'mostly' : 'never';
    if (ascii) {
      const digitsOnly = /^\d+$/.test(plain);
      this.addBytes(kind, Buffer.from(plain, 'latin1'), digitsOnly, wholeWord);
      // In a table of numbers every other byte is zero, too; and nobody writes months in UTF-16.
      const wide = digitsOnly ? plain.length >= WORD_CHARACTERS : kind !== 'birth-date';
      if (wide) this.#addWide(kind, plain, digitsOnly);
      return;
    }
    for (const spelling of new Set([plain, plain.toLowerCase(), plain.toUpperCase()])) {
      for (const normal of new Set([spelling.normalize('NFC'), spelling.normalize('NFD')])) {
        this.addBytes(kind, Buffer.from(normal, 'utf8'), false, 'never');
        this.#addWide(kind, normal, false);
        if (/^[\u0000-\u00ff]{4,}$/.test(normal)) {
          this.addBytes(kind, Buffer.from(normal, 'latin1'), false, 'never');
        }
      }
    }
    for (const form of lettersOf(plain)) {
      if (form.length < 4 && isAscii(form)) this.short.set(form, kind);
      const short = isAscii(form) && form.length < WORD_CHARACTERS ? 'mostly' : 'never';
      this.addBytes(kind, Buffer.from(form, 'utf8'), false, short);
    }
  }

  /** UTF-16 of either byte order. */
  #addWide(kind: IdentifierKind, text: string, digitsOnly: boolean): void {
    const little = Buffer.from(text, 'utf16le');
    const ascii = isAscii(text);
    // Of ASCII the bytes between are zeros, and the same ones serve for both orders.
    this.addBytes(kind, ascii ? little.subarray(0, -1) : little, digitsOnly, 'never');
    if (!ascii) this.addBytes(kind, Buffer.from(little).swap16(), false, 'never');
  }

  /** As hexadecimal digits, and as base64 wherever in a text it begins (RFC 4648). */
  addCoded(kind: IdentifierKind, text: string): void {
    for (const part of new Set(text.split(/[\^=]/))) {
      if (part.length < CODED_CHARACTERS) continue;
      for (const written of new Set([part, part.toUpperCase()])) {
        const bytes = Buffer.from(written, 'utf8');
        this.addBytes(kind, Buffer.from(bytes.toString('hex'), 'latin1'), false, 'never');
        for (const before of [0, 1, 2]) {
          const padded = Buffer.concat([Buffer.alloc(before), bytes]);
          // What depends on the bytes before and behind is left out.
          const from = [0, 2, 3][before];
          const to = Math.floor((padded.length * 8) / 6);
          const code = padded.toString('base64').slice(from, to);
          this.addBytes(kind, Buffer.from(code, 'latin1'), false, 'never');
        }
      }
    }
  }
}

/** Runs of the source's own bytes, for character sets that nothing here has to know. */
function rawRuns({ kind, raw }: Identifier): readonly Uint8Array[] {
  if (raw === undefined || kind === 'uid') return [];
  const text = Buffer.from(raw).toString('latin1');
  const runs = text.split(ESCAPE).flatMap((part) => [part, ...part.split(/[\^=\\]/)]);
  return [...new Set(runs.flatMap((run) => [run.trim(), run.replace(SEPARATORS, '')]))]
    .filter((run) => run.length >= 4)
    .map((run) => Buffer.from(run, 'latin1'));
}

export function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

const FOLD = new Uint8Array(256).map((_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte,
);

/** Lower case for the letters A to Z, byte by byte. */
export function foldAscii(bytes: Uint8Array): Uint8Array {
  const folded = new Uint8Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) {
    folded[index] = FOLD[bytes[index] ?? 0] ?? 0;
  }
  return folded;
}

/** Folds a short word as it is met in text that was read byte by byte. */
function foldText(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/[A-Z]/g, (c) => c.toLowerCase());
}

const IS_SEPARATOR = new Uint8Array(256);
for (let byte = 0; byte < 128; byte++) {
  if (String.fromCharCode(byte).replace(SEPARATORS, '') === '') IS_SEPARATOR[byte] = 1;
}

export function isSeparator(byte: number): boolean {
  return IS_SEPARATOR[byte] === 1;
}

/** Takes separators out of text of any alphabet. */
export function squeezeText(text: string): string {
  return text.replace(SEPARATORS, '').replace(/[\p{P}\p{Z}]/gu, '');
}
