import {
  divide,
  modulo,
  multiply,
  mustFloat,
  mustNumber,
  readNumber,
  Unevaluable,
} from '../python/arithmetic.ts';
import {
  equals,
  isDocument,
  isList,
  isTruthy,
  order,
  textOf,
  type Value,
} from '../python/value.ts';
import { isLess, looselyEqual, strictlyEqual } from './comparison.ts';
import type { Expression, Operator } from './expression.ts';

type Evaluate = Expression['evaluate'];

/** What is left where an operand is missing; the compiler has counted them already. */
const NOTHING: Expression = { evaluate: () => null, isFloat: false, text: '' };

function unary(apply: (value: Value) => Value): Operator {
  return {
    least: 1,
    most: 1,
    build: ([only = NOTHING]) => {
      const { evaluate } = only;
      return (slots, run) => apply(evaluate(slots, run));
    },
  };
}

function binary(apply: (left: Value, right: Value) => Value): Operator {
  return {
    least: 2,
    most: 2,
    build: ([left = NOTHING, right = NOTHING]) => {
      const [first, second] = [left.evaluate, right.evaluate];
      return (slots, run) => apply(first(slots, run), second(slots, run));
    },
  };
}

/** Every operand is evaluated, then all are looked at together. */
function many(least: number, apply: (values: readonly Value[]) => Value): Operator {
  return {
    least,
    most: Number.POSITIVE_INFINITY,
    build: (operands) => {
      const parts = operands.map((operand) => operand.evaluate);
      return (slots, run) => apply(parts.map((part) => part(slots, run)));
    },
  };
}

/** The operands from left to right, with one result carried along and nothing allocated. */
function fold(start: number, step: (total: number, value: Value) => number): Operator['build'] {
  return (operands) => {
    const parts = operands.map((operand) => operand.evaluate);
    return (slots, run) => {
      let total = start;
      for (const part of parts) total = step(total, part(slots, run));
      return total;
    };
  };
}

function equality(isNegated: boolean): Operator {
  return {
    least: 2,
    most: 2,
    build: ([left = NOTHING, right = NOTHING]) => {
      const [first, second] = [left.evaluate, right.evaluate];
      return (slots, run) =>
        looselyEqual(first(slots, run), second(slots, run), left.isFloat, right.isFloat) !==
        isNegated;
    },
  };
}

/** `a < b` or `a < b < c`. */
function ascending(precedes: (left: Value, right: Value) => boolean): Operator {
  return {
    least: 2,
    most: Number.POSITIVE_INFINITY,
    build: (operands) => {
      const parts = operands.map((operand) => operand.evaluate);
      return (slots, run) => {
        let before = parts[0]?.(slots, run) ?? null;
        for (let index = 1; index < parts.length; index += 1) {
          const next = parts[index]?.(slots, run) ?? null;
          if (!precedes(before, next)) return false;
          before = next;
        }
        return true;
      };
    },
  };
}

/** Stops at the first operand whose truth is this; its value, or the last one's, is the result. */
function until(isWanted: boolean): Operator['build'] {
  return (operands): Evaluate => {
    const parts = operands.map((operand) => operand.evaluate);
    return (slots, run) => {
      let value: Value = !isWanted;
      for (const part of parts) {
        value = part(slots, run);
        if (isTruthy(value) === isWanted) return value;
      }
      return value;
    };
  };
}

/** Pairs of a condition and a result, and a last result for everything else. */
const choose: Operator['build'] = (operands) => {
  const parts = operands.map((operand) => operand.evaluate);
  return (slots, run) => {
    for (let index = 0; index + 1 < parts.length; index += 2)
      if (isTruthy(parts[index]?.(slots, run) ?? null))
        return parts[index + 1]?.(slots, run) ?? null;
    return parts.length % 2 === 1 ? (parts.at(-1)?.(slots, run) ?? null) : null;
  };
};

function isIn(needle: Value, haystack: Value): boolean {
  if (typeof haystack === 'string') {
    if (typeof needle !== 'string') throw new Unevaluable('type');
    return haystack.includes(needle);
  }
  if (typeof haystack !== 'object' || haystack === null) return false;
  if (isList(haystack)) return haystack.some((entry) => equals(entry, needle));
  return isDocument(haystack) && typeof needle === 'string' && Object.hasOwn(haystack, needle);
}

function extreme(sign: 1 | -1): (values: readonly Value[]) => Value {
  return (given) => {
    const [only] = given;
    const isOne = given.length === 1 && only !== undefined;
    if (isOne && (only === null || !isList(only))) throw new Unevaluable('type');
    const values = isOne && only !== null && isList(only) ? only : given;
    if (values.length === 0) throw new Unevaluable('text');
    return values.reduce((best, value) => {
      const comparison = order(value, best);
      if (comparison === null) throw new Unevaluable('type');
      return comparison * sign > 0 ? value : best;
    });
  };
}

function merge(values: readonly Value[]): Value {
  return values.flatMap((value): readonly Value[] =>
    value !== null && isList(value) ? value : [value],
  );
}

function countExact(values: readonly Value[]): Value {
  const [base = null, ...others] = values;
  return others.filter((value) => equals(value, base)).length;
}

const join: Operator['build'] = (operands) => (slots, run) =>
  operands.map((operand) => textOf(operand.evaluate(slots, run), operand.isFloat)).join('');

const ENDLESS = Number.POSITIVE_INFINITY;

/**
 * The operators of formulas but for those that look at the record (`var`, `missing`,
 * `missing_some`) and `/`, which the compiler makes itself. Unlike in the reference, `and`, `or`
 * and `if` leave alone what they have no need of, so that a guard can guard.
 */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  '==': equality(false),
  '!=': equality(true),
  '===': binary(strictlyEqual),
  '!==': binary((left, right) => !strictlyEqual(left, right)),
  '<': ascending(isLess),
  '<=': ascending((left, right) => isLess(left, right) || looselyEqual(left, right)),
  '>': binary((left, right) => isLess(right, left)),
  '>=': binary((left, right) => isLess(right, left) || looselyEqual(left, right)),
  '!': unary((value) => !isTruthy(value)),
  '!!': unary(isTruthy),
  '%': binary(modulo),
  and: { least: 1, most: ENDLESS, build: until(false) },
  or: { least: 1, most: ENDLESS, build: until(true) },
  if: { least: 1, most: ENDLESS, build: choose },
  '?:': { least: 3, most: 3, build: choose },
  log: unary((value) => value),
  in: binary(isIn),
  cat: { least: 1, most: ENDLESS, build: join },
  '+': {
    least: 1,
    most: ENDLESS,
    build: fold(0, (total, value) => total + mustNumber(readNumber(value))),
  },
  '*': {
    least: 1,
    most: ENDLESS,
    build: fold(1, (total, value) => multiply(total, mustFloat(value))),
    isFloat: true,
  },
  '-': {
    least: 1,
    most: 2,
    build: ([left = NOTHING, right]) => {
      const first = left.evaluate;
      if (right === undefined) return (slots, run) => -mustNumber(readNumber(first(slots, run)));
      const second = right.evaluate;
      return (slots, run) =>
        mustNumber(readNumber(first(slots, run))) - mustNumber(readNumber(second(slots, run)));
    },
  },
  min: many(1, extreme(-1)),
  max: many(1, extreme(1)),
  merge: many(0, merge),
  count: {
    least: 0,
    most: ENDLESS,
    build: fold(0, (total, value) => total + Number(isTruthy(value))),
  },
  count_exact: many(2, countExact),
};

/** `/`. The reference gives the dividend back where the divisor is blank. */
export function divisionBy(blankDivides: boolean): Operator {
  return {
    least: 1,
    most: 2,
    isFloat: true,
    build: ([left = NOTHING, right]) => {
      const dividend = left.evaluate;
      if (right === undefined) return dividend;
      const divisor = right.evaluate;
      return (slots, run) => {
        const [above, below] = [dividend(slots, run), divisor(slots, run)];
        if (below === null && blankDivides) return above;
        return divide(mustFloat(above), mustFloat(below));
      };
    },
  };
}
