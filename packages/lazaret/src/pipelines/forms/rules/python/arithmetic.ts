import { floatOf, integerOf } from './number-text.ts';
import { isList, numberOf, type Value } from './value.ts';

/**
 * Why an expression has no value. `type`: the kinds do not go together (a number and nothing);
 * `text`: a text is no number; `zero`: a division by nothing; `arguments`: too few of them; `service`: nobody to ask;
 * `key`: the record has no key to look earlier visits up by; `name`: a field is missing where it must
 * be, or there where it must not.
 */
export type Obstacle = 'type' | 'text' | 'zero' | 'arguments' | 'service' | 'key' | 'name';

/**
 * Thrown where an expression has no value, and caught by the rule that asked for it. It stays
 * inside this room; a caller sees a failure.
 */
export class Unevaluable extends Error {
  override readonly name = 'Unevaluable';
  readonly obstacle: Obstacle;

  constructor(obstacle: Obstacle) {
    super(obstacle);
    this.obstacle = obstacle;
  }
}

export function add(left: Value, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  if (left !== null && right !== null && isList(left) && isList(right)) return [...left, ...right];
  return mustNumber(left) + mustNumber(right);
}

export function subtract(left: Value, right: Value): number {
  return mustNumber(left) - mustNumber(right);
}

export function multiply(left: Value, right: Value): number {
  return mustNumber(left) * mustNumber(right);
}

export function divide(left: Value, right: Value): number {
  const [dividend, divisor] = [mustNumber(left), mustNumber(right)];
  if (divisor === 0) throw new Unevaluable('zero');
  return dividend / divisor;
}

/** The remainder with the sign of the divisor, as in Python. */
export function modulo(left: Value, right: Value): number {
  const [dividend, divisor] = [mustNumber(left), mustNumber(right)];
  if (divisor === 0) throw new Unevaluable('zero');
  const remainder = dividend % divisor;
  return remainder !== 0 && remainder < 0 !== divisor < 0 ? remainder + divisor : remainder;
}

export function absolute(value: Value): number {
  return Math.abs(mustNumber(value));
}

/** A number, or a truth value as one. Everything else has no place in arithmetic. */
export function mustNumber(value: Value): number {
  const number = numberOf(value);
  if (number === null) throw new Unevaluable('type');
  return number;
}

/** `float(value)`: also reads texts. */
export function mustFloat(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return mustNumber(value);
  const number = floatOf(value);
  if (number === null) throw new Unevaluable('text');
  return number;
}

/** A text as an integer, or as a float where it has a point; other values as they are. */
export function readNumber(value: Value): Value {
  if (typeof value !== 'string') return value;
  const number = value.includes('.') ? floatOf(value) : integerOf(value);
  if (number === null) throw new Unevaluable('text');
  return number;
}

const RELATIVE_TOLERANCE = 1e-9;
const ABSOLUTE_TOLERANCE = 1e-2;

/**
 * Whether two numbers count as equal: within 0.01, or within a billionth of the greater. Scores
 * are divided and written with two places, so exact equality would fail sound forms.
 */
export function isClose(left: number, right: number): boolean {
  if (left === right) return true;
  if (!Number.isFinite(left) || !Number.isFinite(right)) return false;
  const allowance = RELATIVE_TOLERANCE * Math.max(Math.abs(left), Math.abs(right));
  return Math.abs(left - right) <= Math.max(allowance, ABSOLUTE_TOLERANCE);
}
