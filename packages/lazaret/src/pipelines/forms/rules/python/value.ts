import {
  CivilDate,
  CivilDateTime,
  dateOrder,
  dateText,
  dateTimeText,
  momentSeconds,
} from './civil-date.ts';

/**
 * What a field of a record can hold. The rule language is defined by a Python program, so values
 * are equal, ordered, true and written as text the way Python does it; this folder holds that
 * knowledge and nothing about rules. One difference cannot be kept: 5 and 5.0 are one number
 * here, so where it shows (as text), the field's declared type decides.
 */
export type Value =
  null | boolean | number | string | CivilDate | CivilDateTime | readonly Value[] | Document;

/** A nested mapping. */
export interface Document {
  readonly [field: string]: Value;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isDocument(value: Value): value is Document {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof CivilDate) &&
    !(value instanceof CivilDateTime)
  );
}

/** Python's truth: nothing, zero and what is empty are false; the text "0" is true. */
export function isTruthy(value: Value): boolean {
  if (typeof value !== 'object') return typeof value === 'number' ? value !== 0 : Boolean(value);
  if (value === null) return false;
  if (isList(value)) return value.length > 0;
  return isDocument(value) ? Object.keys(value).length > 0 : true;
}

/** A number or a truth value as a number; NaN stays NaN. Null for everything else. */
export function numberOf(value: Value): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'boolean' ? Number(value) : null;
}

/** Python's `==`: numbers and truth values compare as numbers, everything else within its kind. */
export function equals(left: Value, right: Value): boolean {
  if (typeof left !== 'object' && typeof left === typeof right) return left === right;
  const number = numberOf(left);
  if (number !== null) return number === numberOf(right);
  if (left === null || right === null) return left === right;
  if (left instanceof CivilDate)
    return right instanceof CivilDate && dateOrder(left) === dateOrder(right);
  if (left instanceof CivilDateTime)
    return right instanceof CivilDateTime && order(left, right) === 0;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (isList(left)) return isList(right) && sameList(left, right);
  return isDocument(left) && isDocument(right) && sameDocument(left, right);
}

function sameList(left: readonly Value[], right: readonly Value[]): boolean {
  return (
    left.length === right.length &&
    left.every((entry, index) => equals(entry, right[index] ?? null))
  );
}

function sameDocument(left: Document, right: Document): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every(
      (name) => Object.hasOwn(right, name) && equals(left[name] ?? null, right[name] ?? null),
    )
  );
}

/**
 * Which comes first: negative, zero or positive; NaN where numbers have no order; null where
 * Python refuses to compare (a number with a text, a moment with a zone with one without).
 */
export function order(left: Value, right: Value): number | null {
  const number = numberOf(left);
  if (number !== null) {
    const other = numberOf(right);
    return other === null ? null : number < other ? -1 : number > other ? 1 : number - other;
  }
  if (typeof left === 'string') return typeof right === 'string' ? textOrder(left, right) : null;
  if (left instanceof CivilDate)
    return right instanceof CivilDate ? dateOrder(left) - dateOrder(right) : null;
  if (left instanceof CivilDateTime) {
    if (!(right instanceof CivilDateTime)) return null;
    if ((left.offsetSeconds === null) !== (right.offsetSeconds === null)) return null;
    return momentSeconds(left) - momentSeconds(right);
  }
  if (left !== null && right !== null && isList(left) && isList(right))
    return listOrder(left, right);
  return null;
}

function textOrder(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function listOrder(left: readonly Value[], right: readonly Value[]): number | null {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const [mine, theirs] = [left[index] ?? null, right[index] ?? null];
    if (!equals(mine, theirs)) return order(mine, theirs);
  }
  return left.length - right.length;
}

/** Python's `len()`: characters of a text, entries of a list or mapping; null where it has none. */
export function lengthOf(value: Value): number | null {
  if (typeof value === 'string') return characterCount(value);
  if (typeof value !== 'object' || value === null) return null;
  if (isList(value)) return value.length;
  return isDocument(value) ? Object.keys(value).length : null;
}

const SURROGATE = /[\uD800-\uDBFF][\uDC00-\uDFFF]/;

/** Code points, which is what Python counts, where JavaScript counts UTF-16 units. */
function characterCount(text: string): number {
  return SURROGATE.test(text) ? Array.from(text).length : text.length;
}

/**
 * Python's `str()`.
 *
 * @param float whether a whole number is a float and so keeps its `.0`
 */
export function textOf(value: Value, float = false): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return numberText(value, float);
  if (value instanceof CivilDate) return dateText(value);
  if (value instanceof CivilDateTime) return dateTimeText(value);
  if (isList(value)) return `[${value.map(quotedText).join(', ')}]`;
  const entries = Object.entries(value).map(
    ([name, entry]) => `${quotedText(name)}: ${quotedText(entry)}`,
  );
  return `{${entries.join(', ')}}`;
}

function quotedText(value: Value): string {
  return typeof value === 'string' ? `'${value}'` : textOf(value);
}

/** Python writes exponents below 1e-4 and from 1e16, with at least two digits and a sign. */
function numberText(value: number, float: boolean): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    if (Number.isInteger(value) && !float) return BigInt(value).toString();
    const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
    const digits = String(Math.abs(Number(exponent))).padStart(2, '0');
    return `${mantissa}e${Number(exponent) < 0 ? '-' : '+'}${digits}`;
  }
  const text = Object.is(value, -0) && float ? '-0' : String(value);
  return float && Number.isInteger(value) ? `${text}.0` : text;
}
