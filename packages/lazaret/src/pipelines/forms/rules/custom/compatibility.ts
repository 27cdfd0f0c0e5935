import { refuseUnknownNames } from '../known-names.ts';
import type { Slots } from '../layout.ts';
import { refuse, type Detail, type RuleCompiler, type RulePlace } from '../rule.ts';
import { isMapping, isRuleList, pointTo, type RuleJson } from '../rule-json.ts';
import type { Run } from '../run.ts';
import { compileClause, indexOf, readJoint, type Clause } from './clauses.ts';

/**
 * `compatibility`: a list of "if these fields are so, then those must be so, else others". Every
 * constraint is looked at, whatever the others say.
 */
interface Constraint {
  readonly index: number;
  readonly condition: Clause;
  readonly consequence: Clause;
  readonly otherwise: Clause | null;
}

const NAMES = ['index', 'if_op', 'then_op', 'else_op', 'if', 'then', 'else'];

export const compileCompatibility: RuleCompiler = (argument, place) => {
  if (!isRuleList(argument)) return refuse(place, '"compatibility" must be a list of constraints.');
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
  return {
    name: 'compatibility',
    check: (slots, run) => {
      for (const { condition, consequence, otherwise } of constraints) {
        if (condition.holds(slots, run)) {
          if (!consequence.holds(slots, run)) return 'ThenViolated';
        } else if (otherwise !== null && !otherwise.holds(slots, run)) {
          return 'ElseViolated';
        }
      }
      return null;
    },
    explain: (slots, run) =>
      constraints.flatMap((constraint) => explainConstraint(constraint, slots, run)),
  };
};

function explainConstraint(constraint: Constraint, slots: Slots, run: Run): readonly Detail[] {
  const { condition, consequence, otherwise, index } = constraint;
  const applies = condition.holds(slots, run);
  const clause = applies ? consequence : otherwise;
  const failed = clause?.failed(slots, run) ?? [];
  if (clause === null || failed.length === 0) return [];
  return [
    {
      kind: applies ? 'ThenViolated' : 'ElseViolated',
      index,
      parts: failed.length,
      parameters: {
        condition: condition.text,
        consequence: clause.text,
        failed: failed.join(', '),
      },
      expected: clause.text,
    },
  ];
}

function compileConstraint(given: RuleJson, before: number, place: RulePlace): Constraint | null {
  if (!isMapping(given)) return refuse(place, 'A constraint must be a mapping.');
  if (refuseUnknownNames(given, NAMES, place)) return null;
  const { scope, pointer } = place;
  const index = indexOf(given, before, place);
  const [ifJoint, thenJoint, elseJoint] = [
    readJoint(given, 'if_op', place),
    readJoint(given, 'then_op', place),
    readJoint(given, 'else_op', place),
  ];
  if (index === null || ifJoint === null || thenJoint === null || elseJoint === null) return null;
  const condition = compileClause(given['if'], ifJoint, scope, place, pointTo(pointer, 'if'));
  const consequence = compileClause(
    given['then'],
    thenJoint,
    scope,
    place,
    pointTo(pointer, 'then'),
  );
  const hasElse = given['else'] !== undefined;
  const otherwise = hasElse
    ? compileClause(given['else'], elseJoint, scope, place, pointTo(pointer, 'else'))
    : null;
  if (condition === null || consequence === null || (hasElse && otherwise === null)) return null;
  return { index, condition, consequence, otherwise };
}
