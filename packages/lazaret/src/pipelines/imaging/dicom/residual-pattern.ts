/**
 * The spellings under which an identifier is searched for. Patterns are bytes in lower case (ASCII
 * letters only: other letters come in each case), with separators taken out.
 */
import type { Identifier, IdentifierKind } from './residual-harvest.ts';

export interface Pattern {
  readonly kind: IdentifierKind;
  readonly bytes: Uint8Array;
  readonly digitsOnly: boolean;
}

export interface PatternSet {
  /** Four bytes and more: searched for as parts of anything. */
  readonly long: readonly Pattern[];
  /** Under four characters, folded: searched for as whole words of texts. */
  readonly short: ReadonlyMap<string, IdentifierKind>;
}

/** Characters that people put between or leave out, and that no search should depend on. */
const SEPARATORS = /[\s^=.,\-/\\_:;'"()+&\0]/g;

/** Words that this project writes itself, and that hence say nothing about anyone. */
const OWN_WORDS = new Set(['removed', '000y', '19000101', '000000', 'urnremoved', 'lazaret']);

/** A UID shorter than this may be a version number somewhere. */
const UID_MIN = 10;

/** An escape sequence of ISO 2022 (PS3.5 section 6.1.2.5). */
const ESCAPE = /\u001b[\u0020-\u002f]+[\u0030-\u007e]/;

/** Spells out identifiers of the kinds given. */
export function spellOut(
  identifiers: readonly Identifier[],
  wanted: (kind: IdentifierKind) => boolean,
): PatternSet {
  const long = new Map<string, Pattern>();
  const short = new Map<string, IdentifierKind>();
  const addBytes = (kind: IdentifierKind, bytes: Uint8Array, digitsOnly: boolean): void => {
    const folded = foldAscii(bytes);
    const key = Buffer.from(folded).toString('latin1');
    if (!long.has(key)) long.set(key, { kind, bytes: folded, digitsOnly });
  };
  const addText = (kind: IdentifierKind, text: string): void => {
    const plain = kind === 'uid' ? text : text.replace(SEPARATORS, '');
    if (plain === '' || OWN_WORDS.has(plain.toLowerCase())) return;
    const ascii = /^[\x20-\x7e]*$/.test(plain);
    if (ascii ? plain.length < 4 : Buffer.byteLength(plain) < 4) {
      // One letter alone is nobody's name; one digit may be an accession number.
      if (plain.length > 1 || !kind.endsWith('name')) short.set(foldText(plain), kind);
      return;
    }
    const digitsOnly = /^\d+$/.test(plain);
    if (ascii) {
      addBytes(kind, Buffer.from(plain, 'latin1'), digitsOnly);
      if (kind === 'uid') return;
      addBytes(kind, Buffer.from(plain.toLowerCase(), 'utf16le'), digitsOnly);
      addBytes(kind, Buffer.from(plain.toUpperCase(), 'utf16le'), digitsOnly);
      return;
    }
    for (const spelling of new Set([plain, plain.toLowerCase(), plain.toUpperCase()])) {
      for (const normal of new Set([spelling.normalize('NFC'), spelling.normalize('NFD')])) {
        addBytes(kind, Buffer.from(normal, 'utf8'), false);
        addBytes(kind, Buffer.from(normal, 'utf16le'), false);
        if (/^[\u0000-\u00ff]{4,}$/.test(normal))
          addBytes(kind, Buffer.from(normal, 'latin1'), false);
      }
    }
    // Many systems drop the accents.
    const bare = plain.normalize('NFD').replace(/\p{M}/gu, '');
    if (/^[\x20-\x7e]{4,}$/.test(bare)) addBytes(kind, Buffer.from(bare, 'latin1'), false);
  };
  for (const identifier of identifiers) {
    if (!wanted(identifier.kind)) continue;
    for (const text of spellings(identifier)) addText(identifier.kind, text);
    for (const run of rawRuns(identifier)) addBytes(identifier.kind, run, false);
  }
  return { long: [...long.values()], short };
}

function spellings({ kind, text }: Identifier): readonly string[] {
  switch (kind) {
    case 'patient-name':
    case 'person-name':
      return spellName(text);
    case 'birth-date':
      return spellDate(text);
    case 'uid':
      return text.length < UID_MIN ? [] : [text];
    case 'telephone': {
      const digits = text.replace(/\D/g, '');
      // The last seven digits are the same with and without the country's and the town's prefix.
      return digits.length >= 9 ? [text, digits.slice(-7)] : [text];
    }
    case 'address':
    case 'institution': {
      const parts = text.split(/[,;^\r\n]+/).map((part) => part.trim());
      return [text, ...parts.filter((part) => part.length >= 5 && /\p{L}/u.test(part))];
    }
    case 'patient-id':
    case 'accession':
    case 'other-id':
      return spellId(text);
  }
}

/** The identifier, without the zeros in front, and the parts of it that others may use alone. */
function spellId(text: string): readonly string[] {
  // In MRN-0081234 the number is the identifier, whatever a site has put in front of it.
  const numbers = text.match(/\d{5,}/g) ?? [];
  const parts = text.split(/[^\p{L}\d]+/u).filter((part) => part.length >= 5 && /\d/.test(part));
  return [text, ...numbers, ...parts].flatMap((part) => {
    const stripped = part.replace(/^0+/, '');
    return stripped !== part && stripped.length >= 4 ? [part, stripped] : [part];
  });
}

/** Each part of each representation (PS3.5 section 6.2.1.1), and the usual two parts in a row. */
function spellName(text: string): readonly string[] {
  return text.split('=').flatMap((group) => {
    const parts = group.split('^').map((part) => part.trim());
    const words = parts.flatMap((part) => part.split(/[\s\-,.]+/)).filter((word) => word !== '');
    const [family = '', given = ''] = parts;
    const pairs = family === '' || given === '' ? [] : [family + given, given + family];
    return [...parts, ...words.filter((word) => word.length >= 3), ...pairs];
  });
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** The notations in which a birth date is written, separators aside. */
function spellDate(text: string): readonly string[] {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})/.exec(text);
  if (match === null) return text.length >= 6 ? [text] : [];
  const [, year = '', month = '', day = ''] = match;
  const name = MONTHS[Number(month) - 1];
  const [shortMonth, shortDay] = [String(Number(month)), String(Number(day))];
  return [
    year + month + day,
    day + month + year,
    month + day + year,
    shortDay + shortMonth + year,
    shortMonth + shortDay + year,
    ...(name === undefined ? [] : [day + name + year, shortDay + name + year, name + day + year]),
    ...(name === undefined ? [] : [year + name + day, name + shortDay + year]),
  ];
}

/** Runs of the source's own bytes, for character sets that nothing here has to know. */
function rawRuns({ kind, raw }: Identifier): readonly Uint8Array[] {
  if (raw === undefined || kind === 'uid') return [];
  const text = Buffer.from(raw).toString('latin1');
  return text
    .split(/[\^=\\]/)
    .flatMap((part) => part.split(ESCAPE))
    .map((part) => part.replace(SEPARATORS, ''))
    .filter((part) => part.length >= 4)
    .map((part) => Buffer.from(part, 'latin1'));
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
