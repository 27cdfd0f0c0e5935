/** The text of a cell as a value of the kind that its column has. */
import type { ColumnType } from './column-type.ts';

/** What a cell comes to; undefined: it is empty, and its column has no empty value. */
export type CastCell = (cell: string) => string | number | boolean | null | undefined;

/** A plain decimal, a fraction or an exponent; neither `nan` nor `inf` nor hexadecimal. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Nothing longer is a number that can be kept; a cell can have megabytes. */
const LONGEST_NUMBER = 400;

/**
 * The cast of a column, worked out once. What is no value of the column comes back as the text
 * that it is, so that the schema says what is wrong with it. `2.0` is an integer; `FALSE` is false;
 * a number beyond 2^53 stays text, because it would come out as another one. Where a column takes
 * texts beside numbers, only what reads back as the same text becomes a number: `007` stays.
 */
export function castFor({ kinds, texts }: ColumnType): CastCell {
  const empty = kinds.has('null') ? null : texts?.has('') === true ? '' : undefined;
  const takesNumbers = kinds.has('number') || kinds.has('integer');
  const takesBooleans = kinds.has('boolean');
  const takesAnyText = kinds.has('string') && texts === null;
  if (!takesNumbers && !takesBooleans) return (cell) => (cell === '' ? empty : cell);
  return (cell) => {
    if (cell === '') return empty;
    if (texts?.has(cell) === true) return cell;
    const value =
      (takesNumbers ? numberOf(cell) : null) ?? (takesBooleans ? booleanOf(cell) : null);
    if (value === null) return cell;
    return takesAnyText && String(value) !== cell ? cell : value;
  };
}

function numberOf(cell: string): number | null {
  const whole = wholeNumber(cell);
  if (whole !== null) return whole;
  if (cell.length > LONGEST_NUMBER) return null;
  const text = cell.trim();
  if (!NUMBER.test(text)) return null;
  const value = Number(text);
  if (!Number.isFinite(value)) return null;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? null : value;
}

/** As many digits never pass 2^53. */
const SAFE_DIGITS = 15;

/** Most numbers are a few digits and nothing else. */
function wholeNumber(cell: string): number | null {
  if (cell.length > SAFE_DIGITS) return null;
  let value = 0;
  for (let at = 0; at < cell.length; at += 1) {
    const digit = cell.charCodeAt(at) - DIGIT_0;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value;
}

const DIGIT_0 = 48;

function booleanOf(cell: string): boolean | null {
  if (cell.length > LONGEST_NUMBER) return null;
  const word = cell.trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : null;
}
