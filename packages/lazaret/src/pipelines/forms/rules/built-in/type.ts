import { nearestName } from '@lazaret/faults';
import { CivilDate, CivilDateTime } from '../python/civil-date.ts';
import { isDocument, isList, textOf, type Value } from '../python/value.ts';
import { refuse, type RuleCompiler } from '../rule.ts';
import { isRuleList } from '../rule-json.ts';

type IsType = (value: Value) => boolean;

const isListValue: IsType = (value) => value !== null && isList(value);
const isMappingValue: IsType = (value) => value !== null && isDocument(value);
const isDateTime: IsType = (value) => value instanceof CivilDateTime;

/**
 * What a value must be for each name of a type. A truth value counts as an integer and a date with
 * a time as a date, as they do in Python.
 */
const TYPES: Readonly<Record<string, IsType>> = {
  binary: () => false,
  boolean: (value) => typeof value === 'boolean',
  container: (value) => isListValue(value) || isMappingValue(value),
  date: (value) => value instanceof CivilDate || isDateTime(value),
  datetime: isDateTime,
  dict: isMappingValue,
  float: (value) => typeof value === 'number' || typeof value === 'boolean',
  integer: (value) => Number.isInteger(value) || typeof value === 'boolean',
  list: isListValue,
  number: (value) => typeof value === 'number',
  set: () => false,
  string: (value) => typeof value === 'string',
};

export const TYPE_NAMES: readonly string[] = Object.keys(TYPES);

export const compileType: RuleCompiler = (argument, place) => {
  const names = isRuleList(argument) ? argument : [argument];
  const accepted: IsType[] = [];
  for (const name of names) {
    const isType = typeof name === 'string' && Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
    if (isType === undefined) {
      const nearest = typeof name === 'string' ? nearestName(name, TYPE_NAMES) : null;
      const hint =
        nearest === null ? `Types are ${TYPE_NAMES.join(', ')}.` : `Did you mean "${nearest}"?`;
      return refuse(place, `There is no type ${JSON.stringify(name)}. ${hint}`);
    }
    accepted.push(isType);
  }
  if (accepted.length === 0) return refuse(place, '"type" must name at least one type.');
  const { slot } = place;
  const isAccepted: IsType =
    accepted.length === 1 && accepted[0] !== undefined
      ? accepted[0]
      : (value) => accepted.some((isType) => isType(value));
  const type = names.map((name) => textOf(name)).join(' or ');
  return {
    name: 'type',
    check: (slots) => (isAccepted(slots[slot] ?? null) ? null : 'WrongType'),
    explain: () => [{ kind: 'WrongType', parameters: { type }, expected: type }],
  };
};
