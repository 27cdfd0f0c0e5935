import type { FailureKind } from '../failure-kinds.ts';
import { refuseUnknownNames } from '../known-names.ts';
import type { Slots } from '../layout.ts';
import { refuse, type Detail, type RuleCompiler, type RulePlace, type Verdict } from '../rule.ts';
import { isMapping, isRuleList, pointTo, type RuleJson, type RuleMapping } from '../rule-json.ts';
import type { Run, VisitName } from '../run.ts';
import { compileClause, indexOf, readJoint, type Clause } from './clauses.ts';

/**
 * `temporalrules`: a list of "if the earlier visit was so, this one must be so", or the reverse
 * with `swap_order`. The earlier visit is the one before, or with `initial_record` the first.
 *
 * Without `ignore_empty`, a subject without an earlier visit breaks the rule, and the constraints
 * behind it are not looked at; with it, the constraint is passed over.
 */
interface Constraint {
  readonly index: number;
  readonly visit: Exclude<VisitName, 'current'>;
  readonly filled: readonly string[];
  readonly swapped: boolean;
  readonly earlier: Clause;
  readonly current: Clause;
}

const NAMES = ['index', 'prev_op', 'curr_op', 'previous', 'current', 'ignore_empty'].concat([
  'swap_order',
  'initial_record',
]);

/** What became of one constraint. `stop`: the constraints behind it are not looked at. */
type Outcome = 'holds' | 'no-key' | 'no-key-stop' | 'no-visit-stop' | 'violated';

export const compileTemporalRules: RuleCompiler = (argument, place) => {
  if (place.scope.visit !== 'current')
    return refuse(place, 'Rules about an earlier visit cannot look at one before that.');
  if (!isRuleList(argument)) return refuse(place, '"temporalrules" must be a list of constraints.');
  if (place.scope.primaryKey !== null) readKey(place, place.scope.primaryKey);
  const constraints: Constraint[] = [];
  let index = -1;
  for (const [position, given] of argument.entries()) {
    const pointer = pointTo(place.pointer, position);
    const constraint = compileConstraint(given, index, { ...place, pointer });
    if (constraint === null) continue;
    constraints.push(constraint);
    ({ index } = constraint);
  }
  if (constraints.length < argument.length) return null;
  const key = place.scope.primaryKey ?? 'The primary key';
  return {
    name: 'temporalrules',
    check: (slots, run) => {
      for (const constraint of constraints) {
        const verdict = verdictOf(judge(constraint, slots, run), constraint);
        if (verdict !== null) return verdict;
      }
      return null;
    },
    explain: (slots, run) => {
      const details: Detail[] = [];
      for (const constraint of constraints) {
        const outcome = judge(constraint, slots, run);
        details.push(...explain(outcome, constraint, slots, run, key));
        if (outcome.endsWith('stop')) break;
      }
      return details;
    },
  };
};

/** A rule that looks up earlier visits reads the key that they are looked up by. */
export function readKey(place: RulePlace, key: string): void {
  place.scope.reads.add({ field: key, visit: 'current', filled: [] });
}

function judge(constraint: Constraint, slots: Slots, run: Run): Outcome {
  const { visit, filled, swapped, earlier, current } = constraint;
  const found = run.predecessor(visit, filled);
  if (found === 'no-key') return filled.length > 0 ? 'no-key' : 'no-key-stop';
  if (found === 'none') return filled.length > 0 ? 'holds' : 'no-visit-stop';
  const applies = swapped ? current.holds(slots, run) : earlier.holds(found, run);
  if (!applies) return 'holds';
  const complies = swapped ? earlier.holds(found, run) : current.holds(slots, run);
  return complies ? 'holds' : 'violated';
}

function verdictOf(outcome: Outcome, constraint: Constraint): Verdict {
  switch (outcome) {
    case 'holds':
      return null;
    case 'no-key':
    case 'no-key-stop':
      return 'NoPrimaryKey';
    case 'no-visit-stop':
      return 'NoEarlierVisit';
    case 'violated':
      return violation(constraint);
  }
}

function violation(constraint: Constraint): FailureKind {
  return constraint.swapped ? 'EarlierVisitViolated' : 'CurrentVisitViolated';
}

function explain(
  outcome: Outcome,
  constraint: Constraint,
  slots: Slots,
  run: Run,
  key: string,
): readonly Detail[] {
  const { visit, index, swapped, earlier, current } = constraint;
  const noKey: Detail = { kind: 'NoPrimaryKey', parameters: { key } };
  const noVisit: Detail = { kind: 'NoEarlierVisit', parameters: { visit } };
  if (outcome === 'holds') return [];
  if (outcome === 'no-key') return [noKey];
  if (outcome === 'no-key-stop') return [noKey, noVisit];
  if (outcome === 'no-visit-stop') return [noVisit];
  const found = run.predecessor(constraint.visit, constraint.filled);
  const [condition, consequence] = swapped ? [current, earlier] : [earlier, current];
  const judged = swapped && typeof found !== 'string' ? found : slots;
  const failed = consequence.failed(judged, run);
  return [
    {
      kind: violation(constraint),
      index,
      parts: failed.length,
      parameters: {
        visit,
        condition: condition.text,
        consequence: consequence.text,
        failed: failed.join(', '),
      },
      expected: consequence.text,
    },
  ];
}

function compileConstraint(given: RuleJson, before: number, place: RulePlace): Constraint | null {
  if (!isMapping(given)) return refuse(place, 'A constraint must be a mapping.');
  if (refuseUnknownNames(given, NAMES, place)) return null;
  const index = indexOf(given, before, place);
  const earlierJoint = readJoint(given, 'prev_op', place);
  const currentJoint = readJoint(given, 'curr_op', place);
  const filled = readFilled(given, place);
  const swapped = readSwitch(given, 'swap_order', place);
  const initial = readSwitch(given, 'initial_record', place);
  if (index === null || earlierJoint === null || currentJoint === null) return null;
  if (filled === null || swapped === null || initial === null) return null;
  const { scope, pointer } = place;
  const visit = initial ? 'initial' : 'previous';
  for (const field of filled) scope.reads.add({ field, visit, filled });
  const earlierScope = { ...scope, visit, filled } as const;
  const at = (name: string): string => pointTo(pointer, name);
  const earlier = compileClause(
    given['previous'],
    earlierJoint,
    earlierScope,
    place,
    at('previous'),
  );
  const current = compileClause(given['current'], currentJoint, scope, place, at('current'));
  if (earlier === null || current === null) return null;
  return { index, visit, filled, swapped, earlier, current };
}

/** A switch that may be left out; null where it is refused. */
export function readSwitch(given: RuleMapping, name: string, place: RulePlace): boolean | null {
  const value = given[name] ?? false;
  if (typeof value === 'boolean') return value;
  return refuse(place, `"${name}" must be true or false.`, pointTo(place.pointer, name));
}

function readFilled(given: RuleMapping, place: RulePlace): readonly string[] | null {
  const value = given['ignore_empty'] ?? [];
  const names = isRuleList(value) ? value : [value];
  const fields = names.filter((name) => typeof name === 'string' && name !== '');
  if (fields.length === names.length && (fields.length > 0 || given['ignore_empty'] === undefined))
    return fields.filter((name) => typeof name === 'string');
  const message = '"ignore_empty" must name a field or a list of fields.';
  return refuse(place, message, pointTo(place.pointer, 'ignore_empty'));
}
