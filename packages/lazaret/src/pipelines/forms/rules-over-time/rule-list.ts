/** Every rule of a study, one row a rule or a constraint of a rule that is a list. */
import { indexesOf } from '../rules/check-rules.ts';
import { NO_CODES, readCodes } from '../rules/codes-file.ts';
import { compileRules } from '../rules/compile-rules.ts';
import { isMapping, isRuleJson, isRuleList } from '../rules/rule-json.ts';
import { ruleOptions } from '../module-rules.ts';
import type { Study } from '../study.ts';

export interface ListedRule {
  readonly module: string;
  readonly field: string;
  /** With the index of its constraint where it is a list. */
  readonly rule: string;
  /** The author's; the rule's name where it has none. */
  readonly code: string;
  /** As the codes say; without a code an error. */
  readonly type: 'error' | 'alert';
  /** It says what a field is and does not judge it: that it never fires means nothing. */
  readonly declares: boolean;
}

const DECLARING: ReadonlySet<string> = new Set(['type', 'nullable', 'readonly']);

const LISTS: ReadonlySet<string> = new Set(['compatibility', 'temporalrules']);

/** Rules that cannot be compiled are no rules: a run with them cannot have begun. */
export function rulesOf({ modules, keys }: Pick<Study, 'modules' | 'keys'>): ListedRule[] {
  return modules.flatMap(({ name: module, rules, codes: given }) => {
    if (rules === undefined || !isRuleJson(rules, []) || !isMapping(rules)) return [];
    const compilation = compileRules(rules, ruleOptions(keys));
    if (!compilation.ok) return [];
    const codes = given !== undefined && isRuleJson(given, []) ? readCodes(given, []) : NO_CODES;
    const row = (field: string, name: string, index: number | null): ListedRule => {
      const rule = index === null ? name : `${name}[${index}]`;
      const code = codes.find(field, name, index);
      const declares = DECLARING.has(name);
      const { type } = code ?? { type: 'error' };
      return { module, field, rule, code: code?.code ?? rule, type, declares };
    };
    // Whether it is written or not: a value must be there unless the rules say otherwise.
    const nullable = Object.keys(rules).map((field) => row(field, 'nullable', null));
    const written = compilation.rules.rules.flatMap(({ field, rule }) => {
      const own = rules[field];
      const argument = isMapping(own) ? own[rule] : undefined;
      return LISTS.has(rule) && isRuleList(argument)
        ? indexesOf(argument).map((index) => row(field, rule, index))
        : [row(field, rule, null)];
    });
    return [...nullable, ...written];
  });
}
