import { compileFieldRules } from './field-rules.ts';
import type { Slots } from './layout.ts';
import type { FieldRules, FieldSet, Scope } from './rule.ts';
import { isMapping, pointTo, type RuleJson } from './rule-json.ts';
import type { Run } from './run.ts';

/** Compiles a mapping of fields to rule sets; null where something in it is refused. */
export function compileFieldSet(
  given: RuleJson,
  scope: Scope,
  pointer: string,
  requireAll: boolean,
): FieldSet | null {
  if (!isMapping(given)) {
    scope.problems.push({ pointer, message: 'Rules must be a mapping of fields to their rules.' });
    return null;
  }
  const fields: FieldRules[] = [];
  const exclusions: Exclusion[] = [];
  const entries = Object.entries(given);
  for (const [field, rules] of entries) {
    const compiled = compileFieldRules(rules, field, scope, pointTo(pointer, field));
    if (compiled === null) continue;
    fields.push(compiled);
    const excluded = isMapping(rules) ? namesOf(rules['excludes']) : [];
    if (excluded.length > 0) exclusions.push({ field: compiled, excluded });
  }
  if (fields.length < entries.length) return null;
  const required = fields.filter((field) => field.required ?? requireAll);
  const missing = missingFields(required, exclusions);
  return {
    fields,
    missing,
    check: (slots: Slots, run: Run) => {
      for (const field of fields) {
        const verdict = field.check(slots, run);
        if (verdict !== null) return verdict;
      }
      return missing(slots).length > 0 ? 'RequiredField' : null;
    },
  };
}

interface Exclusion {
  readonly field: FieldRules;
  readonly excluded: readonly string[];
}

const NOTHING: readonly FieldRules[] = [];

/**
 * A required field that another one excludes need not be there while that one is; of the fields
 * that excuse each other, one must have a value.
 */
function missingFields(
  required: readonly FieldRules[],
  exclusions: readonly Exclusion[],
): (slots: Slots) => readonly FieldRules[] {
  if (required.length === 0) return () => NOTHING;
  if (exclusions.length === 0)
    return (slots) => {
      for (const field of required)
        if (slots[field.slot] === undefined)
          return required.filter((other) => slots[other.slot] === undefined);
      return NOTHING;
    };
  return (slots) => {
    const excused = new Set<FieldRules>();
    for (const { field, excluded } of exclusions) {
      if (slots[field.slot] === undefined || slots[field.slot] === null) continue;
      if (required.includes(field)) excused.add(field);
      for (const other of required) if (excluded.includes(other.field)) excused.add(other);
    }
    const missing = required.filter(
      (field) => slots[field.slot] === undefined && !excused.has(field),
    );
    const group = [...excused];
    if (group.some((field) => (slots[field.slot] ?? null) !== null)) return missing;
    return [...missing, ...group];
  };
}

function namesOf(value: RuleJson | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}
