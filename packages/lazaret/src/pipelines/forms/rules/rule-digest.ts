import { createHash } from 'node:crypto';
import { isMapping, isRuleList, type RuleJson } from './rule-json.ts';

/** One text for one meaning: names in order, no spaces. */
export function canonicalJson(value: RuleJson): string {
  if (isRuleList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isMapping(value)) return JSON.stringify(value);
  const names = Object.keys(value).toSorted();
  const entries = names.map(
    (name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`,
  );
  return `{${entries.join(',')}}`;
}

/** What a rule shares with the rules around it and what therefore changes its meaning. */
export interface RuleSurroundings {
  /** The field the rule stands at. */
  readonly field: string;
  readonly rule: string;
  readonly argument: RuleJson;
  /** `type` and `formatting` of the field, which decide how values are read. */
  readonly type: RuleJson;
  readonly formatting: RuleJson;
  readonly nullable: RuleJson;
  readonly dialect: string;
}

/**
 * Digest of a rule, for the state hash of an alert: another digest means that the rule says
 * something else, so that a person must look again. Messages of the author are part of it, since
 * a person cleared what they read.
 *
 * @returns 32 hexadecimal digits
 */
export function ruleDigest(surroundings: RuleSurroundings): string {
  const { field, rule, argument, type, formatting, nullable, dialect } = surroundings;
  const text = canonicalJson({ field, rule, argument, type, formatting, nullable, dialect });
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
