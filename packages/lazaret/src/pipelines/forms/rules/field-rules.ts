import { nearestName } from '@lazaret/faults';
import type { Slots } from './layout.ts';
import { Unevaluable } from './python/arithmetic.ts';
import { lengthOf } from './python/value.ts';
import {
  readField,
  ReadCollector,
  type Check,
  type CompiledRule,
  type FieldRules,
  type RuleCompiler,
  type RulePlace,
  type RuleUnit,
  type Scope,
  type TellFailure,
  type Verdict,
} from './rule.ts';
import { COMPILERS } from './rule-compilers.ts';
import { isMapping, isRuleList, pointTo, type RuleJson, type RuleMapping } from './rule-json.ts';
import type { Run } from './run.ts';

/** Rules that say nothing of a blank value. */
const NEEDS_VALUE = new Set(
  ['allof', 'allowed', 'anyof', 'empty', 'forbidden', 'items', 'keysrules', 'max'].concat(
    ['maxlength', 'min', 'minlength', 'noneof', 'oneof', 'regex', 'schema', 'type'],
    ['valuesrules', 'compare_age'],
  ),
);

/** Rules that say nothing of an empty text or list, where `empty` is among the rules. */
const NEEDS_CONTENT = new Set(['allowed', 'forbidden', 'items', 'minlength', 'maxlength', 'regex']);

/** Keywords that steer the rules beside them and check nothing themselves. */
export const STEERING = ['nullable', 'required', 'allow_unknown', 'require_all', 'meta'];

const BOOLEAN_KEYWORDS = ['nullable', 'required', 'require_all'];

/** Operators that may be joined with one rule's name: `anyof_regex: [a, b]`. */
const JOINED = /^(allof|anyof|noneof|oneof)_(\w+)$/;

/** Everything that may stand in a rule set. */
export function knownKeywords(): string[] {
  return [...Object.keys(COMPILERS), ...STEERING];
}

/**
 * The rules of one field, in the order in which they are looked at:
 *
 * 1. `nullable`, always; a blank value skips every rule that is about a value ({@link NEEDS_VALUE}).
 * 2. `readonly`, then `type`: where the type is wrong, nothing else is looked at.
 * 3. `empty`: an empty text or list skips the rules of {@link NEEDS_CONTENT}.
 * 4. The others as they stand in the file.
 *
 * @returns null where something in them is refused
 */
export function compileFieldRules(
  given: RuleJson,
  field: string,
  scope: Scope,
  pointer: string,
): FieldRules | null {
  if (!isMapping(given)) {
    scope.problems.push({
      pointer,
      message: `The rules of a field must be a mapping of rule names; "${field}" has none.`,
    });
    return null;
  }
  const definition = expandJoined(given);
  const isKnown = checkKeywords(definition, scope, pointer);
  const slot = readField(scope, field);
  // Also where a keyword is misspelt: an author is told everything at once.
  const units = compileUnits({ scope, field, slot, definition, pointer });
  if (!isKnown || units === null) return null;
  return assemble(field, slot, definition, units, { pointer, scope });
}

function expandJoined(given: RuleMapping): RuleMapping {
  if (!Object.keys(given).some((name) => JOINED.test(name))) return given;
  const entries = Object.entries(given).map(([name, value]): [string, RuleJson] => {
    const joined = JOINED.exec(name);
    if (joined === null || !isRuleList(value)) return [name, value];
    return [joined[1] ?? name, value.map((entry) => ({ [joined[2] ?? '']: entry }))];
  });
  return Object.fromEntries(entries);
}

function checkKeywords(definition: RuleMapping, scope: Scope, pointer: string): boolean {
  const before = scope.problems.length;
  for (const [name, value] of Object.entries(definition)) {
    const place = pointTo(pointer, name);
    if (BOOLEAN_KEYWORDS.includes(name)) {
      if (typeof value !== 'boolean')
        scope.problems.push({ pointer: place, message: `"${name}" must be true or false.` });
    } else if (name === 'meta') {
      if (!isMapping(value))
        scope.problems.push({ pointer: place, message: '"meta" must be a mapping.' });
    } else if (name === 'allow_unknown') {
      if (typeof value !== 'boolean' && !isMapping(value))
        scope.problems.push({
          pointer: place,
          message: '"allow_unknown" must be true, false or a rule set.',
        });
    } else if (!Object.hasOwn(COMPILERS, name)) {
      scope.problems.push({ pointer: place, message: unknownKeyword(name) });
    }
  }
  return scope.problems.length === before;
}

function unknownKeyword(name: string): string {
  const nearest = nearestName(name, knownKeywords());
  const hint = nearest === null ? '' : ` Did you mean "${nearest}"?`;
  return `There is no rule "${name}".${hint}`;
}

function compileUnits(place: RulePlace): RuleUnit[] | null {
  const { scope, field, definition, pointer } = place;
  const before = scope.problems.length;
  const units: RuleUnit[] = [];
  const meta = definition['meta'];
  const errorText = isMapping(meta) ? meta['errmsg'] : undefined;
  for (const [name, argument] of Object.entries(definition)) {
    // `constructor` is no rule, although every object knows one.
    const compile: RuleCompiler | undefined = Object.hasOwn(COMPILERS, name)
      ? COMPILERS[name]
      : undefined;
    if (compile === undefined) continue;
    const reads = new ReadCollector();
    reads.add({ field, visit: scope.visit, filled: scope.filled });
    const rulePointer = pointTo(pointer, name);
    const inner = { ...place, scope: { ...scope, reads }, pointer: rulePointer };
    const compiled = compile(argument, inner);
    if (compiled === null) continue;
    // What a clause reads, the rule around it reads.
    for (const read of reads.all) scope.reads.add(read);
    const rule =
      typeof errorText === 'string' && errorText !== ''
        ? { ...compiled, authorText: errorText }
        : compiled;
    units.push({ field, rule, pointer: rulePointer, reads });
  }
  return scope.problems.length === before ? units : null;
}

function assemble(
  field: string,
  slot: number,
  definition: RuleMapping,
  units: readonly RuleUnit[],
  around: { readonly pointer: string; readonly scope: Scope },
): FieldRules {
  const named = (name: string): RuleUnit | null =>
    units.find((unit) => unit.rule.name === name) ?? null;
  const isNullable = definition['nullable'] === true;
  const nullable = nullableUnit(field, around);
  const [readonly, type, empty] = [named('readonly'), named('type'), named('empty')];
  const others = units.filter((unit) => ![readonly, type, empty].includes(unit));
  const onBlank = [...(readonly === null ? [] : [readonly]), ...others].filter(
    (unit) => !NEEDS_VALUE.has(unit.rule.name),
  );
  const onEmpty = others.filter((unit) => !NEEDS_CONTENT.has(unit.rule.name));

  const report = (slots: Slots, run: Run, tell: TellFailure): void => {
    const value = slots[slot];
    if (value === undefined) return;
    if (value === null) {
      if (!isNullable) tell(nullable, 'NotNullable', slots, run);
      reportAll(onBlank, slots, run, tell);
      return;
    }
    if (readonly !== null) reportAll([readonly], slots, run, tell);
    if (type !== null) {
      const verdict = type.rule.check(slots, run);
      if (verdict !== null) {
        tell(type, verdict, slots, run);
        return;
      }
    }
    const isEmpty = empty !== null && lengthOf(value) === 0;
    if (isEmpty) reportAll([empty], slots, run, tell);
    reportAll(isEmpty ? onEmpty : others, slots, run, tell);
  };

  const blankChecks = onBlank.map((unit) => unit.rule.check);
  const valueChecks = [readonly, type, ...others].flatMap((unit) => unit?.rule.check ?? []);
  const emptyChecks = [readonly, type, empty, ...onEmpty].flatMap((unit) => unit?.rule.check ?? []);
  const check: Check = (slots, run) => {
    const value = slots[slot];
    if (value === undefined) return null;
    if (value === null) return isNullable ? firstOf(blankChecks, slots, run) : 'NotNullable';
    const isEmpty = empty !== null && lengthOf(value) === 0;
    return firstOf(isEmpty ? emptyChecks : valueChecks, slots, run);
  };
  const required = definition['required'];
  return {
    field,
    slot,
    required: typeof required === 'boolean' ? required : null,
    units: [nullable, ...units],
    check,
    report,
  };
}

function nullableUnit(
  field: string,
  around: { readonly pointer: string; readonly scope: Scope },
): RuleUnit {
  const reads = new ReadCollector();
  reads.add({ field, visit: around.scope.visit, filled: around.scope.filled });
  const rule: CompiledRule = { name: 'nullable', check: () => 'NotNullable' };
  return { field, rule, pointer: pointTo(around.pointer, 'nullable'), reads };
}

function reportAll(units: readonly RuleUnit[], slots: Slots, run: Run, tell: TellFailure): void {
  for (const unit of units) {
    const verdict = evaluate(unit, slots, run);
    if (verdict === null) continue;
    tell(unit, verdict, slots, run);
    if (unit.rule.endsField === true) return;
  }
}

/** A rule whose expressions have no value is told as such, and the others go on. */
function evaluate(unit: RuleUnit, slots: Slots, run: Run): Verdict {
  try {
    return unit.rule.check(slots, run);
  } catch (error) {
    if (error instanceof Unevaluable) return 'NotEvaluable';
    throw error;
  }
}

function firstOf(checks: readonly Check[], slots: Slots, run: Run): Verdict {
  for (const check of checks) {
    const verdict = check(slots, run);
    if (verdict !== null) return verdict;
  }
  return null;
}
