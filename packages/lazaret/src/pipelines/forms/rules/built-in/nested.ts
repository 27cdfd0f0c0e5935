import { Layout, type Slots } from '../layout.ts';
import { isDocument, isList, type Document, type Value } from '../python/value.ts';
import {
  refuse,
  type Check,
  type FieldSet,
  type RuleCompiler,
  type RulePlace,
  type Scope,
} from '../rule.ts';
import { isMapping, isRuleList, pointTo, type RuleJson } from '../rule-json.ts';
import type { Run } from '../run.ts';

/**
 * Rules about what is inside a list or a mapping. What is inside is a small record of its own, with
 * its own layout. Forms that come as tables never have any; harvested JSON may.
 */

/** A scope for what is inside a field. Earlier visits are not looked into at that depth. */
function innerScope(place: RulePlace): Scope {
  return { ...place.scope, layout: new Layout(), types: new Map() };
}

type HoldsFor = (value: Value, run: Run) => boolean;

/** One rule set for one value that has no field of its own. */
function compileEntryRules(rules: RuleJson, place: RulePlace, pointer: string): HoldsFor | null {
  const scope = innerScope(place);
  const compiled = scope.compileField(rules, place.field, scope, pointer);
  if (compiled === null) return null;
  const { check, slot } = compiled;
  return (value, run) => {
    const slots = new Array<Value | undefined>(scope.layout.size);
    slots[slot] = value;
    return check(slots, run) === null;
  };
}

/** `schema`: the rules of a mapping's fields, or of every entry of a list. */
export const compileSchema: RuleCompiler = (argument, place) => {
  if (!isMapping(argument)) return refuse(place, '"schema" must be a mapping.');
  const { slot } = place;
  const type = place.definition['type'];
  const isFieldSet =
    type === 'dict' ||
    (type !== 'list' && Object.values(argument).every((entry) => isMapping(entry)));
  const mapping = isFieldSet ? mappingCheck(argument, place) : null;
  const holdsForEntry = isFieldSet ? null : compileEntryRules(argument, place, place.pointer);
  if (mapping === null && holdsForEntry === null) return null;
  const check: Check = (slots, run) => {
    const value = slots[slot] ?? null;
    if (typeof value !== 'object' || value === null) return null;
    if (isList(value)) {
      if (holdsForEntry === null) return 'WrongTypeForSchema';
      return value.every((entry) => holdsForEntry(entry, run)) ? null : 'WrongEntries';
    }
    if (!isDocument(value)) return null;
    if (mapping === null) return 'WrongTypeForSchema';
    return mapping(value, run) ? null : 'WrongMapping';
  };
  return { name: 'schema', check };
};

function mappingCheck(
  argument: RuleJson,
  place: RulePlace,
): ((value: Document, run: Run) => boolean) | null {
  const scope = innerScope(place);
  const requireAll = place.definition['require_all'] === true;
  const fieldSet = scope.compileSet(argument, scope, place.pointer, requireAll);
  if (fieldSet === null) return null;
  const unknown = place.definition['allow_unknown'];
  const holdsForUnknown = isMapping(unknown)
    ? compileEntryRules(unknown, place, pointTo(place.pointer, 'allow_unknown'))
    : () => unknown === true;
  if (holdsForUnknown === null) return null;
  const known = new Set(fieldSet.fields.map((field) => field.field));
  return (value, run) => {
    for (const name of Object.keys(value))
      if (!known.has(name) && !holdsForUnknown(value[name] ?? null, run)) return false;
    return holdsForMapping(value, run, fieldSet, scope.layout);
  };
}

function holdsForMapping(value: Document, run: Run, fieldSet: FieldSet, layout: Layout): boolean {
  const slots: (Value | undefined)[] = new Array<Value | undefined>(layout.size);
  for (const name of Object.keys(value)) {
    const slot = layout.find(name);
    if (slot !== null) slots[slot] = value[name];
  }
  const filled: Slots = slots;
  return fieldSet.check(filled, run) === null;
}

/** `items`: a list of so many entries, each with rules of its own. */
export const compileItems: RuleCompiler = (argument, place) => {
  if (!isRuleList(argument)) return refuse(place, '"items" must be a list of rule sets.');
  const { slot } = place;
  const entries = argument.map((rules, index) =>
    compileEntryRules(rules, place, pointTo(place.pointer, index)),
  );
  const holds = entries.filter((entry) => entry !== null);
  if (holds.length < entries.length) return null;
  const limit = holds.length;
  return {
    name: 'items',
    check: (slots, run) => {
      const value = slots[slot] ?? null;
      if (value === null || !isList(value)) return null;
      if (value.length !== limit) return 'WrongItemCount';
      return value.every((entry, index) => holds[index]?.(entry, run) ?? true)
        ? null
        : 'WrongItems';
    },
    explain: (slots) => {
      const value = slots[slot] ?? null;
      const length = value !== null && isList(value) ? value.length : 0;
      const kind = length === limit ? 'WrongItems' : 'WrongItemCount';
      return [{ kind, parameters: { limit, length }, expected: String(limit) }];
    },
  };
};

/** `keysrules`: one rule set for every name of a mapping. */
export const compileKeysRules: RuleCompiler = (argument, place) => {
  const holds = compileEntryRules(argument, place, place.pointer);
  if (holds === null) return null;
  const { slot } = place;
  return {
    name: 'keysrules',
    check: (slots, run) => {
      const value = slots[slot] ?? null;
      if (value === null || !isDocument(value)) return null;
      return Object.keys(value).every((name) => holds(name, run)) ? null : 'WrongKeys';
    },
  };
};

/** `valuesrules`: one rule set for every value of a mapping. */
export const compileValuesRules: RuleCompiler = (argument, place) => {
  const holds = compileEntryRules(argument, place, place.pointer);
  if (holds === null) return null;
  const { slot } = place;
  return {
    name: 'valuesrules',
    check: (slots, run) => {
      const value = slots[slot] ?? null;
      if (value === null || !isDocument(value)) return null;
      return Object.values(value).every((entry) => holds(entry, run)) ? null : 'WrongValues';
    },
  };
};
