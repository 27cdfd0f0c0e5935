/**
 * Proves rows of CSV sound from their cells, without a value being made of any. Nearly all rows of
 * a file are sound, and what a schema says of a column is nearly always a type with limits. Of what
 * it cannot prove it says nothing: the validator decides then. It never says that a row is sound
 * which the validator refuses.
 */
import { compilePattern } from './pattern.ts';
import { isKeywords } from './plain-words.ts';

/** Units of text: bytes of ASCII, or 16-bit units that are. */
export type Units = Uint8Array | Uint16Array;

export interface QuickColumn {
  /** Whether a record may be without it, or with the null that an empty cell stands for. */
  readonly mayBeEmpty: boolean;
  /**
   * True: the text, known to be ASCII and not empty, is a sound value. False: that is not known.
   * @param read gives the text, where it is needed
   */
  proves(
    units: Units,
    from: number,
    to: number,
    read: (from: number, to: number) => string,
  ): boolean;
}

/** The columns that are understood, by their names. */
export interface QuickCheck {
  readonly columns: ReadonlyMap<string, QuickColumn>;
  readonly required: readonly string[];
}

type Keywords = Readonly<Record<string, unknown>>;
type Prove = QuickColumn['proves'];

/** Keywords that say nothing about a value. */
const NOTES = [
  ...['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples'],
  ...['deprecated', 'readOnly', 'writeOnly'],
];
/** Of a record: a column that the schema does not have never becomes a value of a row. */
const OF_RECORDS = new Set([
  ...NOTES,
  ...['type', 'properties', 'required', 'additionalProperties', 'definitions', '$defs'],
]);
const OF_NUMBERS = new Set([
  ...NOTES,
  ...['type', 'enum', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
]);
const OF_TEXTS = new Set([...NOTES, 'type', 'enum', 'minLength', 'maxLength', 'pattern']);

/** Null: the schema says more of a record than what its columns are. */
export function compileQuickCheck(schema: unknown): QuickCheck | null {
  if (!isKeywords(schema) || !hasOnly(schema, OF_RECORDS)) return null;
  const { type, properties, required = [] } = schema;
  if (type !== 'object' || !isKeywords(properties) || !Array.isArray(required)) return null;
  const needed = required.filter((name) => typeof name === 'string');
  const columns = new Map<string, QuickColumn>();
  for (const [name, property] of Object.entries(properties)) {
    const column = compileColumn(property, needed.includes(name));
    if (column !== null) columns.set(name, column);
  }
  return { columns, required: needed };
}

function hasOnly(schema: Keywords, known: ReadonlySet<string>): boolean {
  return Object.keys(schema).every((keyword) => known.has(keyword));
}

function compileColumn(schema: unknown, isRequired: boolean): QuickColumn | null {
  if (!isKeywords(schema)) return null;
  const { type, enum: values } = schema;
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  const takesNull = types.includes('null');
  const [kind, ...others] = types.filter((one) => one !== 'null');
  if (others.length > 0) return null;
  const list: readonly unknown[] | null | undefined =
    values === undefined ? null : Array.isArray(values) ? values : undefined;
  if (list === undefined) return null;
  const prove =
    kind === 'integer' || kind === 'number'
      ? proveNumber(schema, kind === 'integer', list)
      : kind === 'string'
        ? proveText(schema, list)
        : null;
  if (prove === null) return null;
  // An empty cell is a null where the column takes one, and else no value at all.
  const mayBeEmpty = takesNull ? list === null || list.includes(null) : !isRequired;
  return { mayBeEmpty, proves: prove };
}

function proveNumber(
  schema: Keywords,
  isInteger: boolean,
  list: readonly unknown[] | null,
): Prove | null {
  if (!hasOnly(schema, OF_NUMBERS)) return null;
  const others = list?.filter((value) => value !== null) ?? [];
  if (!others.every((value) => typeof value === 'number')) return null;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  for (const limit of [minimum, maximum, exclusiveMinimum, exclusiveMaximum]) {
    if (limit !== undefined && typeof limit !== 'number') return null;
  }
  const least = typeof minimum === 'number' ? minimum : -Infinity;
  const most = typeof maximum === 'number' ? maximum : Infinity;
  const above = typeof exclusiveMinimum === 'number' ? exclusiveMinimum : -Infinity;
  const below = typeof exclusiveMaximum === 'number' ? exclusiveMaximum : Infinity;
  const allowed = list === null ? null : new Set(others);
  return (units, from, to) => {
    const value = plainNumber(units, from, to);
    // NaN, of a text that is no plain number, is within no limits and in no list.
    return (
      value >= least &&
      value <= most &&
      value > above &&
      value < below &&
      (!isInteger || Number.isInteger(value)) &&
      (allowed === null || allowed.has(value))
    );
  };
}

/** Fifteen digits and their power of ten are exact, and so is the one rounding of their quotient. */
const MOST_DIGITS = 15;
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power);

/** A decimal without exponent; NaN for everything else, which may be a number nevertheless. */
function plainNumber(units: Units, from: number, to: number): number {
  const isNegative = units[from] === 0x2d;
  const first = isNegative ? from + 1 : from;
  let value = 0;
  let point = -1;
  for (let at = first; at < to; at += 1) {
    const unit = units[at] ?? 0;
    if (unit >= 0x30 && unit <= 0x39) value = value * 10 + (unit - 0x30);
    else if (unit === 0x2e && point < 0 && at > first && at + 1 < to) point = at;
    else return NaN;
  }
  const digits = to - first - (point < 0 ? 0 : 1);
  if (digits < 1 || digits > MOST_DIGITS) return NaN;
  if (point >= 0) value /= POWERS[to - point - 1] ?? NaN;
  return isNegative ? -value : value;
}

function proveText(schema: Keywords, list: readonly unknown[] | null): Prove | null {
  if (!hasOnly(schema, OF_TEXTS)) return null;
  const others = list?.filter((value) => value !== null) ?? [];
  // An empty text that is listed would be what an empty cell comes to.
  if (!others.every((value) => typeof value === 'string' && value !== '')) return null;
  const { minLength = 0, maxLength = Infinity, pattern } = schema;
  if (typeof minLength !== 'number' || typeof maxLength !== 'number') return null;
  const isInLimits = (from: number, to: number): boolean =>
    to - from >= minLength && to - from <= maxLength;
  if (pattern === undefined && list === null) return (_, from, to) => isInLimits(from, to);
  if (pattern !== undefined && typeof pattern !== 'string') return null;
  const expression = pattern === undefined ? null : compilePattern(pattern);
  const allowed = list === null ? null : new Set(others);
  return (_, from, to, read) => {
    if (!isInLimits(from, to)) return false;
    const text = read(from, to);
    return (expression?.test(text) ?? true) && (allowed?.has(text) ?? true);
  };
}
