import { textOf } from '../python/value.ts';
import { refuse, type FieldRules, type RulePlace, type Scope } from '../rule.ts';
import { isMapping, isRuleList, pointTo, type RuleJson, type RuleMapping } from '../rule-json.ts';
import type { Slots } from '../layout.ts';
import type { Run } from '../run.ts';

/**
 * One side of a constraint: fields with their rule sets, joined by "and" or "or". Each field is
 * judged for itself against the whole record, and a clause is blind to unknown fields.
 */
export interface Clause {
  readonly holds: (slots: Slots, run: Run) => boolean;
  /** The fields that break it: with "and" the first that does, with "or" all, if none complies. */
  readonly failed: (slots: Slots, run: Run) => readonly string[];
  /** In words, for a message. */
  readonly text: string;
}

export type Joint = 'and' | 'or';

/** Reads an `…_op`; null where it is refused. */
export function readJoint(constraint: RuleMapping, name: string, place: RulePlace): Joint | null {
  const given = constraint[name] ?? 'and';
  const word = typeof given === 'string' ? given.toLowerCase() : '';
  if ((word === 'and' || word === 'or') && (given === word || given === word.toUpperCase()))
    return word;
  return refuse(place, `"${name}" must be "and" or "or".`, pointTo(place.pointer, name));
}

/** Compiles one clause; null where it is refused. */
export function compileClause(
  given: RuleJson | undefined,
  joint: Joint,
  scope: Scope,
  place: RulePlace,
  pointer: string,
): Clause | null {
  if (!isMapping(given) || Object.keys(given).length === 0)
    return refuse(place, 'This must be a mapping of fields to their rules.', pointer);
  const compiled: FieldRules[] = [];
  const before = scope.problems.length;
  for (const [field, rules] of Object.entries(given)) {
    const place = pointTo(pointer, field);
    if (!isMapping(rules)) {
      const message = `The rules of a field must be a mapping; "${field}" has none. Is the field's name missing around it?`;
      scope.problems.push({ pointer: place, message });
      continue;
    }
    const fieldRules = scope.compileField(rules, field, scope, place);
    if (fieldRules !== null) compiled.push(fieldRules);
  }
  if (scope.problems.length > before) return null;
  return joined(compiled, joint, clauseText(given, joint));
}

/** A field that must be there and is not breaks its clause, like one that breaks a rule. */
function breaks(field: FieldRules): (slots: Slots, run: Run) => boolean {
  const { check, slot } = field;
  if (field.required !== true) return (slots, run) => check(slots, run) !== null;
  return (slots, run) => slots[slot] === undefined || check(slots, run) !== null;
}

function joined(compiled: readonly FieldRules[], joint: Joint, text: string): Clause {
  const broken = compiled.map((field) => ({ field: field.field, isBroken: breaks(field) }));
  const [only] = broken;
  if (joint === 'and')
    return {
      text,
      holds:
        broken.length === 1 && only !== undefined
          ? (slots, run) => !only.isBroken(slots, run)
          : (slots, run) => {
              for (const { isBroken } of broken) if (isBroken(slots, run)) return false;
              return true;
            },
      failed: (slots, run) => {
        const first = broken.find(({ isBroken }) => isBroken(slots, run));
        return first === undefined ? [] : [first.field];
      },
    };
  const holds = (slots: Slots, run: Run): boolean => {
    for (const { isBroken } of broken) if (!isBroken(slots, run)) return true;
    return false;
  };
  return {
    text,
    holds,
    failed: (slots, run) => (holds(slots, run) ? [] : broken.map(({ field }) => field)),
  };
}

/** Longest description of one clause in a message, UTF-16 units. */
const LONGEST_TEXT = 160;

function clauseText(given: RuleMapping, joint: Joint): string {
  const parts = Object.entries(given).map(([field, rules]) =>
    isMapping(rules) ? `${field} ${rulesText(rules)}` : field,
  );
  const text = parts.join(` ${joint} `);
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

/** What most clauses are, said in a few words; the others are only named. */
function rulesText(rules: RuleMapping): string {
  const { allowed, forbidden, min, max, filled, nullable } = rules;
  if (filled === false) return 'blank';
  if (isRuleList(allowed)) return `one of ${allowed.map((value) => textOf(value)).join(', ')}`;
  if (isRuleList(forbidden)) return `none of ${forbidden.map((value) => textOf(value)).join(', ')}`;
  if (min !== undefined && max !== undefined) return `from ${textOf(min)} to ${textOf(max)}`;
  const others = Object.keys(rules).filter((name) => name !== 'nullable');
  if (others.length === 0 || filled === true) return nullable === true ? 'anything' : 'filled in';
  return `as its rules ${others.join(', ')} want`;
}

/** The index that a constraint carries, or the next one. */
export function indexOf(constraint: RuleMapping, before: number, place: RulePlace): number | null {
  const given = constraint['index'];
  if (given === undefined) return before + 1;
  if (typeof given === 'number' && Number.isInteger(given)) return given;
  return refuse(place, '"index" must be a whole number.', pointTo(place.pointer, 'index'));
}
