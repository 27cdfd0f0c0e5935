import { isMapping, isRuleList, pointTo, type RuleMapping } from '../rule-json.ts';

/** A rule set anywhere in a rule file: a field's own, a clause's, or an alternative's. */
export interface RuleSetPlace {
  readonly field: string;
  readonly rules: RuleMapping;
  readonly pointer: string;
  /** Whether it is the field's own and not one inside another rule. */
  readonly isOwn: boolean;
}

const CLAUSES = ['if', 'then', 'else', 'previous', 'current'];

/** Every rule set of a rule file, the outer ones first. */
export function ruleSetsOf(schema: RuleMapping): readonly RuleSetPlace[] {
  return Object.entries(schema).flatMap(([field, rules]) =>
    isMapping(rules) ? within(field, rules, pointTo('', field), true) : [],
  );
}

function within(
  field: string,
  rules: RuleMapping,
  pointer: string,
  isOwn: boolean,
): readonly RuleSetPlace[] {
  const found: RuleSetPlace[] = [{ field, rules, pointer, isOwn }];
  for (const name of ['allof', 'anyof', 'noneof', 'oneof']) {
    const list = rules[name];
    if (!isRuleList(list)) continue;
    for (const [index, entry] of list.entries())
      if (isMapping(entry))
        found.push(...within(field, entry, pointTo(pointTo(pointer, name), index), false));
  }
  for (const name of ['compatibility', 'temporalrules']) {
    const list = rules[name];
    if (!isRuleList(list)) continue;
    for (const [index, constraint] of list.entries()) {
      if (!isMapping(constraint)) continue;
      const place = pointTo(pointTo(pointer, name), index);
      for (const clause of CLAUSES)
        found.push(...withinClause(constraint[clause], pointTo(place, clause)));
    }
  }
  return found;
}

function withinClause(clause: unknown, pointer: string): readonly RuleSetPlace[] {
  if (!isMapping(clause)) return [];
  return Object.entries(clause).flatMap(([field, rules]) =>
    isMapping(rules) ? within(field, rules, pointTo(pointer, field), false) : [],
  );
}
