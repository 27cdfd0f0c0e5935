import { isClose, mustFloat, Unevaluable } from '../python/arithmetic.ts';
import { equals, isTruthy, order, textOf, type Value } from '../python/value.ts';

/**
 * `==` of formulas: where either side is a text, both are compared as texts; where either is a
 * truth value, both by their truth; numbers count as equal within 0.01.
 */
export function looselyEqual(
  left: Value,
  right: Value,
  leftIsFloat = false,
  rightIsFloat = false,
): boolean {
  if (typeof left === 'number' && typeof right === 'number') return isClose(left, right);
  if (typeof left === 'string' || typeof right === 'string')
    return textOf(left, leftIsFloat) === textOf(right, rightIsFloat);
  if (typeof left === 'boolean' || typeof right === 'boolean')
    return isTruthy(left) === isTruthy(right);
  return equals(left, right);
}

/** `===` of formulas: the same kind and the same value. */
export function strictlyEqual(left: Value, right: Value): boolean {
  return typeof left === typeof right && equals(left, right);
}

/**
 * `<` of formulas. A blank comes before everything; next to a number, a text is read as one.
 *
 * @throws {Unevaluable} `text` where a text is no number, `type` where the kinds have no order
 */
export function isLess(left: Value, right: Value): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  if (left === null || right === null) return left === null && right !== null;
  if (typeof left === 'number' || typeof right === 'number') {
    // What cannot be a number at all is not less; a text that could be and is not has no answer.
    if (!isNumeric(left) || !isNumeric(right)) return false;
    return mustFloat(left) < mustFloat(right);
  }
  const comparison = order(left, right);
  if (comparison === null) throw new Unevaluable('type');
  return comparison < 0;
}

function isNumeric(value: Value): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';
}

export type Comparator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export const COMPARATORS: readonly Comparator[] = ['==', '!=', '<', '<=', '>', '>='];

/**
 * The comparison of `compare_with` and `compare_age`. Equality reads texts as numbers where both
 * sides can be read so; the others do not. A blank is below everything and equal to a blank.
 *
 * @returns null where the two kinds cannot be compared
 */
export function compareValues(comparator: Comparator, value: Value, base: Value): boolean | null {
  if (comparator === '==') return sameValue(value, base);
  if (comparator === '!=') return !sameValue(value, base);
  if (value === null || base === null) return compareBlank(comparator, value, base);
  const comparison = order(value, base);
  if (comparison === null) return null;
  switch (comparator) {
    case '<':
      return comparison < 0;
    case '<=':
      return comparison <= 0;
    case '>':
      return comparison > 0;
    case '>=':
      return comparison >= 0;
  }
}

function sameValue(value: Value, base: Value): boolean {
  const [left, right] = [asNumber(value), asNumber(base)];
  return left === null || right === null ? equals(value, base) : isClose(left, right);
}

function asNumber(value: Value): number | null {
  if (!isNumeric(value)) return null;
  try {
    return mustFloat(value);
  } catch (error) {
    if (error instanceof Unevaluable) return null;
    throw error;
  }
}

function compareBlank(comparator: '<' | '<=' | '>' | '>=', value: Value, base: Value): boolean {
  const orEqual = comparator.length === 2;
  if (value === null && base === null) return orEqual;
  return comparator.startsWith('<') === (value === null);
}
