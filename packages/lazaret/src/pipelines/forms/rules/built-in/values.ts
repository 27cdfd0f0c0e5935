import { equals, isDocument, isList, lengthOf, textOf, type Value } from '../python/value.ts';
import { compilePattern } from '../python/pattern.ts';
import { refuse, type CompiledRule, type RuleCompiler, type RulePlace } from '../rule.ts';
import { isRuleList, type RuleJson } from '../rule-json.ts';

/** Most values of a list that a message names. */
const NAMED_VALUES = 10;

/** The text of a list of values, for a message. Values of the rule file are nobody's secret. */
function listText(values: readonly RuleJson[]): string {
  const shown = values.slice(0, NAMED_VALUES).map((value) => textOf(value));
  const more = values.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

type Contains = (value: Value) => boolean;

/** Whether a value is in a list, by Python's `==`. */
export function membership(values: readonly RuleJson[]): Contains {
  const simple = values.every((value) => typeof value !== 'object' || value === null);
  if (!simple) return (value) => values.some((entry) => equals(entry, value));
  // True equals 1 and False equals 0, so truth values are kept as numbers.
  const known = new Set(
    values.map((value) => (typeof value === 'boolean' ? Number(value) : value)),
  );
  return (value) => {
    if (typeof value === 'boolean') return known.has(Number(value));
    return typeof value === 'object' && value !== null ? false : known.has(value);
  };
}

/** The entries of a list, the names of a mapping, or null: a text counts as one value. */
function entriesOf(value: Value): readonly Value[] | null {
  if (typeof value !== 'object' || value === null) return null;
  if (isList(value)) return value;
  return isDocument(value) ? Object.keys(value) : null;
}

export const compileAllowed: RuleCompiler = (argument, place) => {
  if (!isRuleList(argument)) return refuse(place, '"allowed" must be a list of values.');
  const { slot } = place;
  const isAllowed = membership(argument);
  const parameters = { allowed: listText(argument) };
  const expected = listText(argument);
  return {
    name: 'allowed',
    check: (slots) => {
      const value = slots[slot] ?? null;
      if (typeof value !== 'object' || value === null)
        return isAllowed(value) ? null : 'ValueNotAllowed';
      const entries = entriesOf(value);
      if (entries === null) return isAllowed(value) ? null : 'ValueNotAllowed';
      return entries.every(isAllowed) ? null : 'EntriesNotAllowed';
    },
    explain: (slots) => {
      const many = entriesOf(slots[slot] ?? null) !== null;
      return [{ kind: many ? 'EntriesNotAllowed' : 'ValueNotAllowed', parameters, expected }];
    },
  };
};

export const compileForbidden: RuleCompiler = (argument, place) => {
  if (!isRuleList(argument)) return refuse(place, '"forbidden" must be a list of values.');
  const { slot } = place;
  const isForbidden = membership(argument);
  const parameters = { forbidden: listText(argument) };
  return {
    name: 'forbidden',
    check: (slots) => {
      const value = slots[slot] ?? null;
      if (typeof value === 'object' && value !== null && isList(value))
        return value.some(isForbidden) ? 'EntriesForbidden' : null;
      return isForbidden(value) ? 'ValueForbidden' : null;
    },
    explain: (slots) => {
      const many = Array.isArray(slots[slot]);
      return [{ kind: many ? 'EntriesForbidden' : 'ValueForbidden', parameters }];
    },
  };
};

export const compileContains: RuleCompiler = (argument, place) => {
  const needed = isRuleList(argument) ? argument : [argument];
  if (needed.length === 0 || argument === null || argument === '')
    return refuse(place, '"contains" must name at least one value.');
  const { slot } = place;
  return {
    name: 'contains',
    check: (slots) => {
      const value = slots[slot] ?? null;
      const present = typeof value === 'string' ? Array.from(value) : entriesOf(value);
      if (present === null) return null;
      const has = needed.every((want) => present.some((entry) => equals(entry, want)));
      return has ? null : 'EntriesMissing';
    },
    explain: () => [{ kind: 'EntriesMissing', parameters: { needed: listText(needed) } }],
  };
};

export const compileEmpty: RuleCompiler = (argument, place) => {
  if (typeof argument !== 'boolean') return refuse(place, '"empty" must be true or false.');
  const { slot } = place;
  return {
    name: 'empty',
    check: (slots) => (!argument && lengthOf(slots[slot] ?? null) === 0 ? 'EmptyNotAllowed' : null),
  };
};

export const compileFilled: RuleCompiler = (argument, place) => {
  if (typeof argument !== 'boolean') return refuse(place, '"filled" must be true or false.');
  const { slot } = place;
  return {
    name: 'filled',
    check: argument
      ? (slots) => (slots[slot] === null ? 'NotFilled' : null)
      : (slots) => (slots[slot] === null ? null : 'Filled'),
  };
};

export const compileReadOnly: RuleCompiler = (argument, place) => {
  if (typeof argument !== 'boolean') return refuse(place, '"readonly" must be true or false.');
  return { name: 'readonly', check: () => (argument ? 'ReadOnlyField' : null) };
};

export const compileRegex: RuleCompiler = (argument, place) => {
  if (typeof argument !== 'string') return refuse(place, '"regex" must be a text.');
  const outcome = compilePattern(argument);
  if (!outcome.ok) return refuse(place, `The pattern of "${place.field}" ${outcome.reason}.`);
  const { slot } = place;
  const { matches } = outcome;
  return {
    name: 'regex',
    check: (slots) => {
      const value = slots[slot];
      return typeof value !== 'string' || matches(value) ? null : 'PatternNotMatched';
    },
    explain: () => [
      { kind: 'PatternNotMatched', parameters: { pattern: argument }, expected: argument },
    ],
  };
};

export const compileMinLength: RuleCompiler = (argument, place) => {
  const limit = lengthLimit(argument, place, 'minlength');
  if (limit === null) return null;
  const { slot } = place;
  return lengthRule('minlength', 'TooShort', slot, limit, (length) => length >= limit);
};

export const compileMaxLength: RuleCompiler = (argument, place) => {
  const limit = lengthLimit(argument, place, 'maxlength');
  if (limit === null) return null;
  const { slot } = place;
  return lengthRule('maxlength', 'TooLong', slot, limit, (length) => length <= limit);
};

function lengthLimit(argument: RuleJson, place: RulePlace, name: string): number | null {
  if (typeof argument === 'number' && Number.isInteger(argument)) return argument;
  return refuse(place, `"${name}" must be a whole number.`);
}

function lengthRule(
  name: string,
  kind: 'TooShort' | 'TooLong',
  slot: number,
  limit: number,
  fits: (length: number) => boolean,
): CompiledRule {
  return {
    name,
    check: (slots) => {
      const length = lengthOf(slots[slot] ?? null);
      return length === null || fits(length) ? null : kind;
    },
    explain: (slots) => {
      const length = lengthOf(slots[slot] ?? null) ?? 0;
      const bound = kind === 'TooShort' ? 'at least' : 'at most';
      return [{ kind, parameters: { limit, length }, expected: `${bound} ${limit}` }];
    },
  };
}

/** What a dependency may name: one field or several. */
function fieldNames(argument: RuleJson): readonly string[] | null {
  if (typeof argument === 'string') return [argument];
  if (!isRuleList(argument)) return null;
  return argument.every((name) => typeof name === 'string') ? argument : null;
}

export const compileExcludes: RuleCompiler = (argument, place) => {
  const names = fieldNames(argument);
  if (names === null || names.length === 0)
    return refuse(place, '"excludes" must name one field or a list of fields.');
  const others = names.map((name) => readOther(place, name));
  return {
    name: 'excludes',
    check: (slots) =>
      others.some((other) => slots[other] !== undefined) ? 'ExcludedFieldPresent' : null,
    explain: () => [{ kind: 'ExcludedFieldPresent', parameters: { excluded: names.join(', ') } }],
  };
};

export const compileDependencies: RuleCompiler = (argument, place) => {
  const names = fieldNames(argument);
  if (names !== null) {
    const needed = names.map((name) => ({ name, slot: readOther(place, rootName(name)) }));
    return {
      name: 'dependencies',
      endsField: true,
      check: (slots) =>
        needed.some((other) => slots[other.slot] === undefined) ? 'DependencyMissing' : null,
      explain: () => [{ kind: 'DependencyMissing', parameters: { needed: names.join(', ') } }],
    };
  }
  if (typeof argument !== 'object' || argument === null || isRuleList(argument))
    return refuse(place, '"dependencies" must name a field, fields, or fields with their values.');
  const wanted = Object.entries(argument).map(([name, values]) => ({
    slot: readOther(place, rootName(name)),
    isWanted: membership(isRuleList(values) ? values : [values]),
  }));
  return {
    name: 'dependencies',
    endsField: true,
    check: (slots) =>
      wanted.every((other) => other.isWanted(slots[other.slot] ?? null))
        ? null
        : 'DependencyValueWrong',
    explain: () => [
      { kind: 'DependencyValueWrong', parameters: { needed: Object.keys(argument).join(', ') } },
    ],
  };
};

/** A leading ^ says that a name counts from the outermost record, where flat records are anyway. */
function rootName(name: string): string {
  return name.startsWith('^') ? name.slice(1) : name;
}

function readOther(place: RulePlace, name: string): number {
  place.scope.reads.add({ field: name, visit: place.scope.visit, filled: place.scope.filled });
  return place.scope.layout.slotOf(name);
}
