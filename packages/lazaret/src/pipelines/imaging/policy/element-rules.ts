/** What a policy says about single elements: each rule is refused where it cannot be meant. */
import { z } from 'zod';
import { isPrivate } from '../dicom/dictionary.ts';
import type { Tag } from '../dicom/element.ts';
import type { ElementRule, RuleAction } from '../dicom/profile.ts';
import { OPTION_LETTERS, type ProfileOptions } from '../dicom/profile-options.ts';
import { findProfileRow } from '../dicom/profile-table.ts';
import { isNamed, nameElement, titleOf, type NamedElement } from './element-name.ts';
import { identifiesDirectly, isStructure, writtenBecause } from './fixed-elements.ts';
import { valueProblem } from './rule-value.ts';

export const RULE_ACTIONS = [
  'keep',
  'remove',
  'empty',
  'dummy',
  'clean',
  'shift',
  'uid',
  'replace',
] as const satisfies readonly RuleAction[];

/** More rules than the table has rows, and twice over. */
const MAX_RULES = 2_000;

export const elementRuleSchema = z.strictObject({
  element: z
    .string()
    .max(64)
    .describe('A keyword, a tag `(0008,1030)`, or a tag of a repeating group `(60xx,3000)`.'),
  action: z.enum(RULE_ACTIONS).describe('What is done, at every depth, whatever the table says.'),
  value: z.string().max(10_240).optional().describe('What stands there instead; with `replace`.'),
  reason: z
    .string()
    .max(500)
    .refine((text) => text.trim().length >= 3, 'says nothing')
    .describe('Why: whoever signs the policy reads it.'),
});

export const elementRulesSchema = z.array(elementRuleSchema).max(MAX_RULES);

export type GivenRule = z.infer<typeof elementRuleSchema>;

/** A rule at its place in the policy: others before it may have been left out as unreadable. */
export interface PlacedRule {
  readonly at: number;
  readonly rule: GivenRule;
}

/** Everything that is wrong with the rules of a policy, each with its place. */
export function ruleProblems(rules: readonly PlacedRule[], options: ProfileOptions): string[] {
  const problems: string[] = [];
  const owners = new Map<Tag, number>();
  for (const { at, rule } of rules) {
    const place = `elements.${at}`;
    const found = nameElement(rule.element);
    if (!isNamed(found)) {
      problems.push(`${place}.element: ${printed(rule.element)} ${found.problem}`);
      continue;
    }
    const earlier = found.tags.map((tag) => owners.get(tag)).find((owner) => owner !== undefined);
    if (earlier !== undefined) {
      problems.push(`${place}: ${titleOf(found)} has a rule already, elements.${earlier}`);
    }
    for (const tag of found.tags) owners.set(tag, at);
    const fixed = fixedProblem(found, rule);
    if (fixed !== null) {
      problems.push(`${place}: ${titleOf(found)} ${fixed}`);
      continue;
    }
    problems.push(
      ...actionProblems(found, rule, options).map((why) => `${place}: ${titleOf(found)} ${why}`),
    );
  }
  return problems;
}

/** The rules by tag, of a policy in which `ruleProblems` finds nothing. */
export function rulesByTag(rules: readonly GivenRule[]): ReadonlyMap<Tag, ElementRule> {
  return new Map(
    rules.flatMap(({ element, action, value, reason }) => {
      const found = nameElement(element);
      if (!isNamed(found)) throw new TypeError('A policy has to be checked before it is used.');
      // That these are kept goes without saying, and nobody else is asked about them.
      const [first = 0] = found.tags;
      if (isStructure(first)) return [];
      return found.tags.map((tag) => {
        const rule = { tag, action, reason, ...(value === undefined ? {} : { value }) };
        return [tag, rule] as const;
      });
    }),
  );
}

/** Why nobody decides about an element, or not in this way; null where a policy may. */
function fixedProblem({ tags }: NamedElement, { action }: GivenRule): string | null {
  const [tag = 0] = tags;
  const group = tag >>> 16;
  if (isPrivate(tag)) return 'is private: all such go, but for what safePrivate lists';
  if (group === 0x0000 || group === 0x0002 || (tag & 0xffff) === 0 || group >= 0xfffc) {
    return 'is not decided about: it belongs to how the file is written';
  }
  const written = writtenBecause(tag);
  if (written !== null) return `is not decided about here: ${written}`;
  if (isStructure(tag) && action !== 'keep') {
    return `can only be kept: without it, or with another value, the file is another image`;
  }
  return null;
}

function actionProblems(
  element: NamedElement,
  rule: GivenRule,
  options: ProfileOptions,
): readonly string[] {
  const { action, value } = rule;
  const { vr, tags, maxVm } = element;
  const [tag = 0] = tags;
  const problems: string[] = [];
  if (action === 'replace') {
    if (value === undefined) problems.push('is to be replaced, and there is no value');
    else if (vr === undefined) problems.push('cannot be replaced: its VR is not known');
    else {
      const wrong = valueProblem(value, vr, maxVm);
      if (wrong !== null) problems.push(`cannot have this value: it ${wrong}`);
    }
  } else if (value !== undefined) {
    problems.push(`has a value, which only replace takes, and not ${action}`);
  }
  if ((action === 'keep' || action === 'clean') && identifiesDirectly(tag, vr)) {
    problems.push('identifies directly: it cannot be kept, or cleaned and kept in part');
  }
  const impossible = vrProblem(action, vr);
  if (impossible !== null) problems.push(impossible);
  problems.push(...optionProblems(action, element, options));
  return problems;
}

/** VRs of text that may say anything, which a vocabulary can look through. */
const CLEANABLE = new Set(['CS', 'LO', 'LT', 'SH', 'ST', 'UC', 'UT', 'SQ']);

/** Whether cleaning means something for a VR: text for people, or items to go through. */
export function isCleanable(vr: string | undefined): boolean {
  return vr !== undefined && CLEANABLE.has(vr);
}

function vrProblem(action: RuleAction, vr: string | undefined): string | null {
  switch (action) {
    case 'shift':
      return vr === 'DA' || vr === 'DT' ? null : `cannot be shifted: it is no date (${named(vr)})`;
    case 'uid':
      return vr === 'UI' ? null : `cannot get a new UID: it holds none (${named(vr)})`;
    case 'clean':
      return isCleanable(vr)
        ? null
        : `cannot be cleaned: it is neither text nor a sequence (${named(vr)})`;
    case 'keep':
      return vr === 'SQ'
        ? 'is a sequence, whose items are decided about one by one: say clean, not keep'
        : null;
    case 'dummy':
      return vr === undefined ? 'can have no dummy: its VR is not known' : null;
    case 'remove':
    case 'empty':
    case 'replace':
      return null;
    default:
      return action satisfies never;
  }
}

/**
 * Where a rule and the options say two things of which the output can carry only one. A rule may
 * always take away more than the options do.
 */
function optionProblems(
  action: RuleAction,
  { tags, vr }: NamedElement,
  options: ProfileOptions,
): readonly string[] {
  const [tag = 0] = tags;
  const isDate = vr === 'DA' || vr === 'DT';
  if (action === 'uid' && options.has('retainUids')) {
    return ['gets a new UID, but retainUids keeps them all: references to it would break'];
  }
  if (action === 'keep' && vr === 'UI' && !options.has('retainUids') && isTabled(tag)) {
    return ['keeps its UID, while references to it get new ones: take the option retainUids'];
  }
  if (action === 'shift' && isDate && !options.has('retainLongitudinalModifiedDates')) {
    return ['is to be shifted, which the option retainLongitudinalModifiedDates does'];
  }
  const isTime = isDate || vr === 'TM';
  if (action === 'keep' && isTime && !keepsTime(vr, options) && !retainedAnyway(tag, options)) {
    return [
      'is to be kept, while the dates beside it are not: from it the others could be found; ' +
        'take the option retainLongitudinalFullDates, or shift it',
    ];
  }
  return [];
}

/** A time of day says nothing beside a date that was moved by whole days. */
function keepsTime(vr: string | undefined, options: ProfileOptions): boolean {
  if (options.has('retainLongitudinalFullDates')) return true;
  return vr === 'TM' && options.has('retainLongitudinalModifiedDates');
}

function retainedAnyway(tag: Tag, options: ProfileOptions): boolean {
  const row = findProfileRow(tag);
  return [...options].some((option) => row?.options.get(OPTION_LETTERS[option]) === 'K');
}

function isTabled(tag: Tag): boolean {
  return findProfileRow(tag) !== undefined;
}

function named(vr: string | undefined): string {
  return vr ?? 'VR unknown';
}

/** As it was typed, as far as anybody wants to see it. */
function printed(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
