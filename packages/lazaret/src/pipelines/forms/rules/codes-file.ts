import { nearestName } from '@lazaret/faults';
import { isMapping, isRuleList, pointTo, type RuleJson, type RuleProblem } from './rule-json.ts';

/** What the codes file says of one rule. */
export interface RuleCode {
  readonly code: string;
  readonly type: 'error' | 'alert';
  /** The author's words for it; null where ours will do. */
  readonly text: string | null;
}

/**
 * The codes file beside a rule file: `field → rule → code`, or for rules that are lists
 * `field → rule → index → code`, where a code is `{code, type, message}`. A list stands for the
 * indexes from 0.
 */
export interface RuleCodes {
  /** The code of a rule, or of one of its constraints. */
  readonly find: (field: string, rule: string, index: number | null) => RuleCode | null;
  /** Every entry with its place, for the lint. */
  readonly entries: readonly CodeEntry[];
}

export interface CodeEntry {
  readonly field: string;
  readonly rule: string;
  readonly index: number | null;
  readonly pointer: string;
  readonly code: RuleCode;
}

export const NO_CODES: RuleCodes = { find: () => null, entries: [] };

const NAMES = ['code', 'type', 'message'];

/** Reads a codes file. What is wrong with it is added to `problems`. */
export function readCodes(given: RuleJson, problems: RuleProblem[]): RuleCodes {
  if (!isMapping(given)) {
    problems.push({ pointer: '', message: 'The codes must be a mapping of fields.' });
    return NO_CODES;
  }
  const entries: CodeEntry[] = [];
  for (const [field, rules] of Object.entries(given)) {
    const place = pointTo('', field);
    if (!isMapping(rules)) {
      problems.push({
        pointer: place,
        message: 'The codes of a field must be a mapping of rules.',
      });
      continue;
    }
    for (const [rule, codes] of Object.entries(rules))
      entries.push(...readRuleCodes(field, rule, codes, pointTo(place, rule), problems));
  }
  const known = new Map(
    entries.map((entry) => [keyOf(entry.field, entry.rule, entry.index), entry]),
  );
  return {
    entries,
    find: (field, rule, index) =>
      (known.get(keyOf(field, rule, index)) ?? known.get(keyOf(field, rule, null)))?.code ?? null,
  };
}

function keyOf(field: string, rule: string, index: number | null): string {
  return JSON.stringify([field, rule, index]);
}

function readRuleCodes(
  field: string,
  rule: string,
  given: RuleJson,
  pointer: string,
  problems: RuleProblem[],
): CodeEntry[] {
  if (isMapping(given) && given['code'] !== undefined) {
    const code = readCode(given, pointer, problems);
    return code === null ? [] : [{ field, rule, index: null, pointer, code }];
  }
  if (!isMapping(given) && !isRuleList(given)) {
    problems.push({ pointer, message: 'A code must be a mapping with "code" and "type".' });
    return [];
  }
  return Object.entries(given).flatMap(([name, entry]) => {
    const place = pointTo(pointer, name);
    if (!/^\d+$/.test(name)) {
      problems.push({ pointer: place, message: `"${name}" is no index of a constraint.` });
      return [];
    }
    const code = readCode(entry, place, problems);
    return code === null ? [] : [{ field, rule, index: Number(name), pointer: place, code }];
  });
}

function readCode(given: RuleJson, pointer: string, problems: RuleProblem[]): RuleCode | null {
  if (!isMapping(given)) {
    problems.push({ pointer, message: 'A code must be a mapping with "code" and "type".' });
    return null;
  }
  for (const name of Object.keys(given).filter((name) => !NAMES.includes(name))) {
    const nearest = nearestName(name, NAMES);
    const hint = nearest === null ? `Known are ${NAMES.join(', ')}.` : `Did you mean "${nearest}"?`;
    problems.push({
      pointer: pointTo(pointer, name),
      message: `"${name}" has no meaning here. ${hint}`,
    });
  }
  const { code, type = 'error', message = null } = given;
  const isText = typeof message === 'string' || message === null;
  if (typeof code === 'string' && code !== '' && (type === 'error' || type === 'alert') && isText)
    return { code, type, text: message };
  problems.push({
    pointer,
    message:
      'A code needs a text as "code", "error" or "alert" as "type", and a text as "message".',
  });
  return null;
}
