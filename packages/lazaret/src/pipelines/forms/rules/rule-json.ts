/**
 * A rule file's content: plain JSON. It is checked once for its shape before anything is read from
 * it, so that the compilers below may walk it without a guard of their own.
 */
export type RuleJson =
  null | boolean | number | string | readonly RuleJson[] | { readonly [name: string]: RuleJson };

export type RuleMapping = Readonly<Record<string, RuleJson>>;

/** Why a rule file is refused, at one place. */
export interface RuleProblem {
  /** RFC 6901 pointer into the rule file. */
  readonly pointer: string;
  /** One plain sentence. It quotes the rule file, never a record. */
  readonly message: string;
}

/** Deepest nesting of a rule file. A person writes perhaps fifteen levels. */
export const DEEPEST_RULES = 64;

/** Most values in one rule file; the largest known has some 60,000. */
export const MOST_RULE_VALUES = 500_000;

/** Names that would reach an object's machinery instead of naming a field. */
const FORBIDDEN_NAMES = new Set(['__proto__']);

export function isMapping(value: unknown): value is RuleMapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isRuleList(value: RuleJson | undefined): value is readonly RuleJson[] {
  return Array.isArray(value);
}

/** Adds a step to an RFC 6901 pointer. */
export function pointTo(pointer: string, step: string | number): string {
  const text = String(step).replaceAll('~', '~0').replaceAll('/', '~1');
  return `${pointer}/${text}`;
}

/** Whether a value is plain JSON within the limits; what is wrong is added to `problems`. */
export function isRuleJson(value: unknown, problems: RuleProblem[]): value is RuleJson {
  const before = problems.length;
  const budget = { left: MOST_RULE_VALUES };
  inspect(value, '', 0, budget, problems);
  if (budget.left < 0)
    problems.push({ pointer: '', message: `The rules hold more than ${MOST_RULE_VALUES} values.` });
  return problems.length === before;
}

function inspect(
  value: unknown,
  pointer: string,
  depth: number,
  budget: { left: number },
  problems: RuleProblem[],
): void {
  budget.left -= 1;
  if (budget.left < 0) return;
  if (depth > DEEPEST_RULES) {
    problems.push({ pointer, message: `Rules are nested deeper than ${DEEPEST_RULES} levels.` });
    return;
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      problems.push({ pointer, message: 'A number in the rules is too great to be held.' });
    return;
  }
  if (Array.isArray(value)) {
    value.forEach((entry: unknown, index) =>
      inspect(entry, pointTo(pointer, index), depth + 1, budget, problems),
    );
    return;
  }
  if (!isMapping(value)) {
    problems.push({ pointer, message: `A ${typeof value} has no place in rules; they are JSON.` });
    return;
  }
  for (const name of Object.keys(value)) {
    const place = pointTo(pointer, name);
    if (FORBIDDEN_NAMES.has(name))
      problems.push({ pointer: place, message: `The name "${name}" may not be used in rules.` });
    else inspect(value[name], place, depth + 1, budget, problems);
  }
}
