import type { FailureKind } from '../failure-kinds.ts';
import type { Slots } from '../layout.ts';
import { refuse, type Check, type RuleCompiler } from '../rule.ts';
import { isMapping, isRuleList, pointTo } from '../rule-json.ts';
import type { Run } from '../run.ts';

/** `allof`, `anyof`, `noneof`, `oneof`: rule sets for one field, of which so many must hold. */
interface Operator {
  readonly name: string;
  readonly kind: FailureKind;
  readonly accepts: (held: number, total: number) => boolean;
}

const ALL: Operator = { name: 'allof', kind: 'NotAllHold', accepts: (held, all) => held === all };
const ANY: Operator = { name: 'anyof', kind: 'NoneHolds', accepts: (held) => held > 0 };
const NONE: Operator = { name: 'noneof', kind: 'SomeHold', accepts: (held) => held === 0 };
const ONE: Operator = { name: 'oneof', kind: 'NotExactlyOneHolds', accepts: (held) => held === 1 };

export const compileAllOf = alternatives(ALL);
export const compileAnyOf = alternatives(ANY);
export const compileNoneOf = alternatives(NONE);
export const compileOneOf = alternatives(ONE);

function alternatives(operator: Operator): RuleCompiler {
  const { name, kind, accepts } = operator;
  return (argument, place) => {
    if (!isRuleList(argument)) return refuse(place, `"${name}" must be a list of rule sets.`);
    const type = place.definition['type'];
    const checks: Check[] = [];
    for (const [index, entry] of argument.entries()) {
      // A rule set that names no type of its own is held to the field's.
      const given =
        isMapping(entry) && type !== undefined && entry['type'] === undefined
          ? { ...entry, type }
          : entry;
      const pointer = pointTo(place.pointer, index);
      const compiled = place.scope.compileField(given, place.field, place.scope, pointer);
      if (compiled !== null) checks.push(compiled.check);
    }
    if (checks.length < argument.length) return null;
    const total = checks.length;
    const held = (slots: Slots, run: Run): number => {
      let count = 0;
      for (const check of checks) if (check(slots, run) === null) count += 1;
      return count;
    };
    const anyHolds: Check = (slots, run) => {
      for (const check of checks) if (check(slots, run) === null) return null;
      return kind;
    };
    const texts = argument.map((entry) =>
      isMapping(entry) ? Object.keys(entry).join(' and ') : '',
    );
    return {
      name,
      check:
        operator === ANY
          ? anyHolds
          : (slots, run) => (accepts(held(slots, run), total) ? null : kind),
      explain: (slots, run) => [
        { kind, parameters: { count: held(slots, run), total, alternatives: texts.join('; ') } },
      ],
    };
  };
}
