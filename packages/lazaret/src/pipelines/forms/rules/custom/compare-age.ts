import { toDate } from '../dialect.ts';
import { compareValues, type Comparator } from '../formula/comparison.ts';
import { refuseUnknownNames } from '../known-names.ts';
import type { Slots } from '../layout.ts';
import { CivilDate, CivilDateTime, civilDate, dayNumber } from '../python/civil-date.ts';
import { readDateTime } from '../python/date-text.ts';
import type { Value } from '../python/value.ts';
import { refuse, type Detail, type RuleCompiler, type RulePlace, type Scope } from '../rule.ts';
import { isMapping, isRuleList, pointTo, type RuleJson, type RuleMapping } from '../rule-json.ts';
import type { Run } from '../run.ts';
import { asComparator } from './compare-with.ts';
import { compileOperand, isOperand, type Operand } from './operand.ts';

/**
 * `compare_age`: the age at the date in the field, in years of 365.25 days from a birth date of up
 * to three parts, compared with one age or several.
 */
const DAYS_PER_YEAR = 365.25;

const NAMES = ['comparator', 'birth_year', 'birth_month', 'birth_day', 'compare_to'];

interface AgeRule {
  readonly slot: number;
  readonly scope: Scope;
  readonly comparator: Comparator;
  readonly year: Operand;
  readonly month: Operand;
  readonly day: Operand;
  readonly ages: readonly { readonly name: string; readonly read: Operand }[];
  readonly comparison: string;
  readonly parts: string;
}

export const compileCompareAge: RuleCompiler = (argument, place) => {
  if (!isMapping(argument)) return refuse(place, '"compare_age" must be a mapping.');
  if (refuseUnknownNames(argument, NAMES, place)) return null;
  const rule = readRule(argument, place);
  if (rule === null) return null;
  return {
    name: 'compare_age',
    check: (slots, run) => {
      const age = ageOf(rule, slots, run);
      if (typeof age === 'string') return age;
      for (const { read } of rule.ages) {
        const holds = compareValues(rule.comparator, age, read(slots, run));
        if (holds !== true) return holds === null ? 'AgeNotComparable' : 'AgeNotMet';
      }
      return null;
    },
    explain: (slots, run) => explain(rule, slots, run),
  };
};

function explain(rule: AgeRule, slots: Slots, run: Run): readonly Detail[] {
  const age = ageOf(rule, slots, run);
  if (typeof age === 'string') return [{ kind: age, parameters: { parts: rule.parts } }];
  const notMet: string[] = [];
  const notComparable: string[] = [];
  for (const { name, read } of rule.ages) {
    const holds = compareValues(rule.comparator, age, read(slots, run));
    if (holds === null) notComparable.push(name);
    else if (!holds) notMet.push(name);
  }
  const { comparison } = rule;
  const told = (kind: 'AgeNotMet' | 'AgeNotComparable', names: readonly string[]): Detail[] =>
    names.length === 0
      ? []
      : [
          {
            kind,
            parts: names.length,
            parameters: { comparison, failed: names.join(', ') },
            expected: comparison,
          },
        ];
  return [...told('AgeNotMet', notMet), ...told('AgeNotComparable', notComparable)];
}

/** The age in years, or why there is none. */
function ageOf(rule: AgeRule, slots: Slots, run: Run): number | 'NotADate' | 'NoBirthDate' {
  const date = dateOf(slots[rule.slot] ?? null, rule, run);
  if (date === null) return 'NotADate';
  const birth = birthDate(rule, slots, run);
  return birth === null ? 'NoBirthDate' : (dayNumber(date) - dayNumber(birth)) / DAYS_PER_YEAR;
}

function dateOf(value: Value, rule: AgeRule, run: Run): CivilDate | null {
  if (value instanceof CivilDate) return value;
  if (value instanceof CivilDateTime) return value.date;
  return toDate(value, run.context.today, rule.scope.dialect);
}

/**
 * The birth date. Parts that make no date as they stand are read the way the reference reads
 * "13 /01 /50": a month above 12 changes places with the day, and a year below 100 gets a century.
 */
function birthDate(rule: AgeRule, slots: Slots, run: Run): CivilDate | null {
  const month = rule.month(slots, run);
  const day = rule.day(slots, run);
  const year = rule.year(slots, run);
  if (!isWhole(month) || !isWhole(day) || !isWhole(year)) return null;
  const plain = year > 100 ? civilDate(year, month, day) : null;
  if (plain !== null) return plain;
  if (rule.scope.dialect === 'lazaret' && (month < 1 || month > 12)) return null;
  const pad = (part: number, width: number): string =>
    part < 0 ? `-${String(-part).padStart(width - 1, '0')}` : String(part).padStart(width, '0');
  const text = `${pad(month, 2)} /${pad(day, 2)} /${pad(year, 4)}`;
  return readDateTime(text, run.context.today)?.date ?? null;
}

function isWhole(value: Value): value is number {
  return Number.isInteger(value);
}

function readRule(argument: RuleMapping, place: RulePlace): AgeRule | null {
  const { scope, slot, field } = place;
  const comparator = asComparator(argument['comparator']);
  if (comparator === null)
    return refuse(place, '"comparator" must compare.', pointTo(place.pointer, 'comparator'));
  const [year, month, day] = (['birth_year', 'birth_month', 'birth_day'] as const).map((name) =>
    readPart(argument, name, place),
  );
  const ages = readAges(argument['compare_to'], place);
  if (ages === null || !year || !month || !day) return null;
  const names = ages.map(({ name }) => name).join(', ');
  const parts = ['birth_month', 'birth_day', 'birth_year'].flatMap((name) =>
    typeof argument[name] === 'string' ? [argument[name]] : [],
  );
  return {
    slot,
    scope,
    comparator,
    year,
    month,
    day,
    ages,
    comparison: `age at ${field} ${comparator} ${names}`,
    parts: parts.join(', '),
  };
}

function readPart(
  argument: RuleMapping,
  name: 'birth_year' | 'birth_month' | 'birth_day',
  place: RulePlace,
): Operand | null {
  const given = argument[name] ?? (name === 'birth_year' ? undefined : 1);
  if (isOperand(given)) return compileOperand(given, place.scope);
  const message = `"${name}" must be a field or a whole number.`;
  return refuse(place, message, pointTo(place.pointer, name));
}

function readAges(given: RuleJson | undefined, place: RulePlace): AgeRule['ages'] | null {
  const list = isRuleList(given) ? given : [given];
  const ages = list.filter((age) => isOperand(age));
  if (ages.length === 0 || ages.length < list.length) {
    const message = '"compare_to" must be a field, an age, or a list of them.';
    return refuse(place, message, pointTo(place.pointer, 'compare_to'));
  }
  return ages.map((age) => ({ name: String(age), read: compileOperand(age, place.scope) }));
}
