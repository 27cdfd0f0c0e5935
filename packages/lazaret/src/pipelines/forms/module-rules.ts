/** The rules of a module: compiled, or refused with all that is wrong. */
import type { Fault } from '@lazaret/faults';
import { makeChecker, type Checker } from './checker.ts';
import { judgingCodes } from './judging/codes.ts';
import { readCodes } from './rules/codes-file.ts';
import { compileRules, type RuleOptions } from './rules/compile-rules.ts';
import { isRuleJson, type RuleProblem } from './rules/rule-json.ts';
import type { FormModule, SubjectKeys } from './study.ts';

/**
 * How rules of a study are compiled. Which columns there may be is the schema's to say, so that a
 * rule file need not name them all.
 */
export function ruleOptions(keys: SubjectKeys): RuleOptions {
  return { primaryKey: keys.participant, allowUnknown: true };
}

/**
 * @returns null where the module has no rules.
 * @throws RulesInvalid with everything that is wrong with the rules and with their codes.
 */
export function compileModuleRules(
  { name, rules, codes }: FormModule,
  keys: SubjectKeys,
): Checker | null {
  if (rules === undefined) return null;
  const options = ruleOptions(keys);
  const alone = compileRules(rules, options);
  const ofCodes: RuleProblem[] = [];
  if (codes !== undefined && isRuleJson(codes, ofCodes)) readCodes(codes, ofCodes);
  const problems = [
    ...(alone.ok ? [] : alone.problems.map((problem) => sentence('rules', problem))),
    ...ofCodes.map((problem) => sentence('codes', problem)),
  ];
  if (problems.length > 0) throw refused(name, problems);
  const compiled = codes === undefined ? alone : compileRules(rules, { ...options, codes });
  if (!compiled.ok) throw new Error('Rules and codes that were looked over do not go together.');
  return makeChecker(compiled.rules);
}

function refused(module: string, problems: readonly string[]): Fault {
  return judgingCodes.fault('RulesInvalid', { module, problems });
}

/** With its place, and without the full stop: it becomes part of a list in a sentence. */
function sentence(file: 'rules' | 'codes', { pointer, message }: RuleProblem): string {
  const place = pointer === '' ? file : `${file}, ${pointer}`;
  return `${place}: ${message.replace(/\.$/, '')}`;
}
