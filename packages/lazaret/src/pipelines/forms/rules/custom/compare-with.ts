import { nearestName } from '@lazaret/faults';
import { COMPARATORS, compareValues, type Comparator } from '../formula/comparison.ts';
import { refuseUnknownNames } from '../known-names.ts';
import type { Slots } from '../layout.ts';
import {
  absolute,
  add,
  divide,
  multiply,
  mustNumber,
  subtract,
  Unevaluable,
} from '../python/arithmetic.ts';
import { textOf, type Value } from '../python/value.ts';
import { readField, refuse, type RuleCompiler, type RulePlace, type Verdict } from '../rule.ts';
import { isMapping, pointTo, type RuleJson, type RuleMapping } from '../rule-json.ts';
import type { Run, VisitName } from '../run.ts';
import { compileOperand, isOperand, type Operand } from './operand.ts';
import { readKey, readSwitch } from './temporal.ts';

/**
 * `compare_with`: `field {comparator} base {op} adjustment`, or with `abs`
 * `|field - base| {comparator} adjustment`. The base is a field of this or of an earlier visit, a
 * part of today's date, or a value; `base_decimal` names a field with its tenths.
 */
type Arithmetic = '+' | '-' | '*' | '/' | 'abs';

const OPERATIONS: readonly Arithmetic[] = ['+', '-', '*', '/', 'abs'];

const NAMES = ['comparator', 'base', 'base_decimal', 'adjustment', 'op', 'previous_record'].concat([
  'initial_record',
  'ignore_empty',
]);

interface Adjustment {
  readonly operation: Arithmetic;
  readonly by: Operand;
}

/** The value compared with. Undefined: there is none, and the rule says that this is no fault. */
type BaseReader = (slots: Slots, run: Run) => Value | undefined;

export const compileCompareWith: RuleCompiler = (argument, place) => {
  if (!isMapping(argument)) return refuse(place, '"compare_with" must be a mapping.');
  if (refuseUnknownNames(argument, NAMES, place)) return null;
  const comparator = readComparator(argument, place);
  const { base } = argument;
  if (!isOperand(base))
    return refuse(
      place,
      '"base" must be a field, a word for today, or a value.',
      at(place, 'base'),
    );
  const adjustment = readAdjustment(argument, place);
  const earlier = readVisit(argument, place);
  if (comparator === null || adjustment === null || earlier === null) return null;
  const readBase = compileBase(argument, base, earlier.visit, place);
  if (readBase === null) return null;
  const { slot } = place;
  const noBase = earlier.visit === 'previous' ? 'NoEarlierValue' : 'ComparisonNotMet';
  const check = (slots: Slots, run: Run): Verdict => {
    const read = readBase(slots, run);
    if (read === undefined) return null;
    if (read === null) return noBase;
    return judge(comparator, slots[slot] ?? null, read, adjustment.value, slots, run);
  };
  const comparison = comparisonText(place.field, comparator, argument, earlier.visit);
  return {
    name: 'compare_with',
    check,
    explain: (slots, run) => [
      {
        kind: check(slots, run) ?? 'ComparisonNotMet',
        parameters: { comparison },
        expected: comparison,
      },
    ],
  };
};

function judge(
  comparator: Comparator,
  value: Value,
  base: Value,
  adjustment: Adjustment | null,
  slots: Slots,
  run: Run,
): Verdict {
  try {
    let holds: boolean | null;
    if (adjustment === null) {
      holds = compareValues(comparator, value, base);
    } else if (adjustment.operation === 'abs') {
      const distance = absolute(subtract(value, base));
      holds = compareValues(comparator, distance, adjustment.by(slots, run));
    } else {
      const adjusted = compute(adjustment.operation, base, adjustment.by(slots, run));
      holds = compareValues(comparator, value, adjusted);
    }
    return holds === true ? null : 'ComparisonNotMet';
  } catch (error) {
    // What cannot be computed with does not satisfy the comparison; a division by zero has none.
    if (error instanceof Unevaluable && error.obstacle !== 'zero') return 'ComparisonNotMet';
    throw error;
  }
}

function compute(operation: Exclude<Arithmetic, 'abs'>, base: Value, by: Value): Value {
  switch (operation) {
    case '+':
      return add(base, by);
    case '-':
      return subtract(base, by);
    case '*':
      return multiply(base, by);
    case '/':
      return divide(base, by);
  }
}

function compileBase(
  argument: RuleMapping,
  base: string | number,
  visit: VisitName,
  place: RulePlace,
): BaseReader | null {
  const { scope } = place;
  const decimal = argument['base_decimal'];
  if (decimal !== undefined && (typeof decimal !== 'string' || decimal === ''))
    return refuse(place, '"base_decimal" must name a field.', at(place, 'base_decimal'));
  const ignoreEmpty = readSwitch(argument, 'ignore_empty', place);
  if (ignoreEmpty === null) return null;
  if (visit === 'current') {
    const operand = compileOperand(base, scope);
    if (decimal === undefined) return operand;
    const tenths = readField(scope, decimal);
    return (slots, run) => withTenths(operand(slots, run), slots[tenths] ?? null);
  }
  if (scope.visit !== 'current')
    return refuse(place, 'Rules about an earlier visit cannot look at one before that.');
  if (typeof base === 'number')
    return refuse(place, 'A number has no earlier visit; name a field.', at(place, 'base'));
  if (scope.primaryKey !== null) readKey(place, scope.primaryKey);
  const filled = ignoreEmpty ? [base] : [];
  const earlier = { ...scope, visit, filled };
  const slot = readField(earlier, base);
  const tenths = decimal === undefined ? null : readField(earlier, decimal);
  return (_, run) => {
    const found = run.predecessor(visit, filled);
    if (found === 'no-key') throw new Unevaluable('key');
    if (found === 'none') return ignoreEmpty ? undefined : null;
    const value = found[slot];
    // The earlier visit was made with another form, which did not have the field at all.
    if (value === undefined) throw new Unevaluable('name');
    return tenths === null ? value : withTenths(value, found[tenths] ?? null);
  };
}

/** 60 and 9 are 60.9: forms ask for whole numbers and tenths in two fields. */
function withTenths(base: Value, tenths: Value): Value {
  if (base === null || tenths === null) return base;
  try {
    return mustNumber(base) + mustNumber(tenths) / 10;
  } catch (error) {
    if (error instanceof Unevaluable) return base;
    throw error;
  }
}

function readComparator(argument: RuleMapping, place: RulePlace): Comparator | null {
  const found = asComparator(argument['comparator']);
  if (found !== null) return found;
  const message = `"comparator" must be one of ${COMPARATORS.join(' ')}.`;
  return refuse(place, message, at(place, 'comparator'));
}

/** A text as a comparator; null where it is none. */
export function asComparator(given: RuleJson | undefined): Comparator | null {
  return COMPARATORS.find((known) => known === given) ?? null;
}

function readAdjustment(
  argument: RuleMapping,
  place: RulePlace,
): { readonly value: Adjustment | null } | null {
  const { op, adjustment } = argument;
  if (op === undefined && adjustment === undefined) return { value: null };
  const operation = OPERATIONS.find((known) => known === op);
  if (operation === undefined) {
    const nearest = typeof op === 'string' ? nearestName(op, OPERATIONS) : null;
    const hint = nearest === null ? '' : ` Did you mean "${nearest}"?`;
    const message = `"op" must be one of ${OPERATIONS.join(' ')} beside "adjustment".${hint}`;
    return refuse(place, message, at(place, 'op'));
  }
  if (!isOperand(adjustment))
    return refuse(place, '"adjustment" must stand beside "op".', at(place, 'adjustment'));
  if (operation === '/' && adjustment === 0)
    return refuse(place, 'The comparison divides by zero.', at(place, 'adjustment'));
  return { value: { operation, by: compileOperand(adjustment, place.scope) } };
}

function readVisit(argument: RuleMapping, place: RulePlace): { readonly visit: VisitName } | null {
  const previous = readSwitch(argument, 'previous_record', place);
  const initial = readSwitch(argument, 'initial_record', place);
  if (previous === null || initial === null) return null;
  if (previous && initial)
    return refuse(place, 'Choose "previous_record" or "initial_record", not both.');
  if (argument['ignore_empty'] === true && !previous && !initial)
    return refuse(place, '"ignore_empty" is about an earlier visit; this rule looks at none.');
  return { visit: previous ? 'previous' : initial ? 'initial' : 'current' };
}

function comparisonText(
  field: string,
  comparator: Comparator,
  argument: RuleMapping,
  visit: VisitName,
): string {
  const { base = null, op, adjustment = null } = argument;
  const where = visit === 'current' ? '' : ` at the ${visit} visit`;
  const baseText = `${textOf(base)}${where}`;
  if (op === undefined) return `${field} ${comparator} ${baseText}`;
  if (op === 'abs') return `|${field} - ${baseText}| ${comparator} ${textOf(adjustment)}`;
  return `${field} ${comparator} ${baseText} ${textOf(op)} ${textOf(adjustment)}`;
}

function at(place: RulePlace, name: string): string {
  return pointTo(place.pointer, name);
}
