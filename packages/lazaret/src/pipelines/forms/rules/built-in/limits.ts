import { toDate, toDateTime } from '../dialect.ts';
import type { FailureKind } from '../failure-kinds.ts';
import type { Slots } from '../layout.ts';
import { CivilDate, CivilDateTime, civilDate, dateOrder } from '../python/civil-date.ts';
import { readCommonDate } from '../python/date-text.ts';
import { order, textOf, type Value } from '../python/value.ts';
import {
  refuse,
  type Check,
  type CompiledRule,
  type RuleCompiler,
  type RulePlace,
} from '../rule.ts';
import type { RuleJson } from '../rule-json.ts';
import type { Run } from '../run.ts';

/**
 * `min` and `max`: a limit is a number, a text (compared as text), with `formatting` a date, or
 * one of the words `current_date` and `current_year`. A value of another kind than its limit is
 * let through: that is `type`'s business.
 */
interface Side {
  readonly name: 'min' | 'max';
  /** In words, before the limit. */
  readonly bound: string;
  /** Whether a value that compares like this with its limit is outside. */
  readonly isOutside: (comparison: number) => boolean;
  readonly outside: FailureKind;
  readonly outsideDate: FailureKind;
  readonly outsideYear: FailureKind;
  readonly notComparable: FailureKind;
}

const MINIMUM: Side = {
  name: 'min',
  bound: 'at least',
  isOutside: (comparison) => comparison < 0,
  outside: 'BelowMinimum',
  outsideDate: 'BeforeToday',
  outsideYear: 'BeforeThisYear',
  notComparable: 'MinimumNotComparable',
};

const MAXIMUM: Side = {
  name: 'max',
  bound: 'at most',
  isOutside: (comparison) => comparison > 0,
  outside: 'AboveMaximum',
  outsideDate: 'AfterToday',
  outsideYear: 'AfterThisYear',
  notComparable: 'MaximumNotComparable',
};

export const compileMin: RuleCompiler = (argument, place) => compileLimit(argument, place, MINIMUM);

export const compileMax: RuleCompiler = (argument, place) => compileLimit(argument, place, MAXIMUM);

function compileLimit(argument: RuleJson, place: RulePlace, side: Side): CompiledRule | null {
  if (argument === null) return refuse(place, `"${side.name}" may not be blank.`);
  if (typeof argument === 'object')
    return refuse(place, `"${side.name}" must be a number, a text or a date.`);
  const check = limitCheck(argument, place, side);
  if (check === null) return null;
  const limit = textOf(argument);
  return {
    name: side.name,
    check,
    explain: (slots, run) => {
      const kind = check(slots, run);
      return kind === null
        ? []
        : [{ kind, parameters: { limit }, expected: `${side.bound} ${limit}` }];
    },
  };
}

function limitCheck(argument: Value, place: RulePlace, side: Side): Check | null {
  if (argument === 'current_date' || argument === 'current_year')
    return currentCheck(argument, place, side);
  if (place.definition['formatting'] !== undefined) return dateCheck(argument, place, side);
  const { slot } = place;
  if (typeof argument === 'number')
    return (slots) => {
      const value = slots[slot];
      if (typeof value !== 'number' && typeof value !== 'boolean') return null;
      return side.isOutside(Number(value) - argument) ? side.outside : null;
    };
  return (slots) => {
    const comparison = order(slots[slot] ?? null, argument);
    return comparison !== null && side.isOutside(comparison) ? side.outside : null;
  };
}

/** Both sides are texts that stand for dates. */
function dateCheck(argument: Value, place: RulePlace, side: Side): Check | null {
  const { slot, scope } = place;
  const withTime = place.definition['formatting'] === 'datetime';
  const read = (value: Value, run: Run): Value =>
    (withTime ? toDateTime : toDate)(value, run.context.today, scope.dialect);
  const fixed = toDateTime(argument, new CivilDate(2000, 1, 1), scope.dialect);
  if (fixed === null)
    return refuse(place, `"${side.name}" must be a date here, because of "formatting".`);
  // A limit that leaves no part to today's date is read once.
  const common = typeof argument === 'string' && !withTime ? readCommonDate(argument) : null;
  return (slots, run) => {
    const value = read(slots[slot] ?? null, run);
    if (value === null) return side.notComparable;
    const comparison = order(value, common ?? read(argument, run));
    return comparison !== null && side.isOutside(comparison) ? side.outside : null;
  };
}

function currentCheck(
  argument: 'current_date' | 'current_year',
  place: RulePlace,
  side: Side,
): Check {
  const { scope, field, slot } = place;
  const own = place.definition['type'];
  const type = typeof own === 'string' ? own : scope.types.get(field);
  const read = dateReader(type, argument, scope.dialect);
  return (slots: Slots, run) => {
    const date = read(slots[slot] ?? null, run);
    if (date === null) return side.notComparable;
    const { today } = run.context;
    if (argument === 'current_year')
      return side.isOutside(date.year - today.year) ? side.outsideYear : null;
    return side.isOutside(dateOrder(date) - dateOrder(today)) ? side.outsideDate : null;
  };
}

/** How a value of the declared type becomes the date that is compared with today. */
function dateReader(
  type: string | undefined,
  argument: string,
  dialect: 'lazaret' | 'reference',
): (value: Value, run: Run) => CivilDate | null {
  if (type === 'string') return (value, run) => toDate(value, run.context.today, dialect);
  if (type === 'date') return dateOf;
  if (type === 'datetime') return dateOf;
  if (type === 'integer' && argument === 'current_year')
    return (value) => (typeof value === 'number' ? civilDate(value, 1, 1) : null);
  return () => null;
}

function dateOf(value: Value): CivilDate | null {
  if (value instanceof CivilDateTime) return value.date;
  return value instanceof CivilDate ? value : null;
}

export const compileFormatting: RuleCompiler = (argument, place) => {
  if (argument !== 'date' && argument !== 'datetime')
    return refuse(place, '"formatting" must be "date" or "datetime".');
  const own = place.definition['type'];
  const type = own ?? place.scope.types.get(place.field);
  if (type !== undefined && type !== 'string')
    return refuse(place, '"formatting" is for fields of the type string alone.');
  return { name: 'formatting', check: () => null };
};
