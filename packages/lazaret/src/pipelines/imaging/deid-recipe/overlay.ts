/** A recipe of pydicom/deid over a policy: its lines become rules about single elements. */
import { createHash } from 'node:crypto';
import { imagingCodes } from '../codes.ts';
import { parsePolicy, policyProfile, type ImagingPolicy, type Policy } from '../policy.ts';
import type { Tag } from '../dicom/element.ts';
import type { Profile } from '../dicom/profile.ts';
import { isNamed, nameElement, titleOf } from '../policy/element-name.ts';
import { ruleProblems, type GivenRule } from '../policy/element-rules.ts';
import { actionWithout, doneWord } from '../policy/meaning.ts';
import { limitProblems } from '../../../settings/problems.ts';
import { readDeidRecipe } from './read.ts';
import { translate, type Candidate } from './translate.ts';

/** So much of a version may be the policy's own: the digest of the recipe follows it. */
const MAX_VERSION_CHARACTERS = 8;
const DIGEST_CHARACTERS = 7;

export interface Overlay {
  /** As an author would have written it; its version names the recipe, too. */
  readonly policy: ImagingPolicy;
  /** What the recipe says and the policy decides otherwise, or says already. */
  readonly notes: readonly string[];
}

/**
 * Puts a recipe over a policy. The policy decides about everything that the recipe does not name.
 * @throws PolicyInvalid for the policy; DeidRecipeUnequal with every line that has no equal.
 */
export function overlayRecipe(base: unknown, text: string): Overlay {
  const policy = parsePolicy(base);
  const profile = policyProfile(policy);
  const { candidates, problems: untranslated } = translate(readDeidRecipe(text));
  const problems = [...untranslated];
  const notes: string[] = [];
  const own = ownRules(policy);
  const rules: { readonly tag: Tag; readonly rule: GivenRule }[] = [];
  const missed = new Map<number, string[]>();
  for (const list of candidates.values()) {
    const chosen = choose(list, policy, problems, missed);
    if (chosen === null) continue;
    const { line, direct, element, rule } = chosen;
    const [tag = 0] = element.tags;
    const owner = own.get(tag);
    if (owner !== undefined) {
      const why = `line ${line}: ${titleOf(element)} has a rule in the policy already, elements.${owner}`;
      if (direct) problems.push(why);
      else notes.push(`${why}; that one holds`);
      continue;
    }
    // What the table says anyway is left out where an expression chose hundreds of elements.
    if (!direct && isDoneAnyway(rule, tag, profile)) continue;
    rules.push({ tag, rule });
  }
  if (policy.version.length > MAX_VERSION_CHARACTERS) {
    problems.push(
      `the version of the policy has more than ${MAX_VERSION_CHARACTERS} characters; ` +
        'the digest of the recipe could not follow it',
    );
  }
  if (problems.length > 0) {
    throw imagingCodes.fault('DeidRecipeUnequal', {
      problems: limitProblems(problems.toSorted(byLine)),
    });
  }
  for (const [line, titles] of missed) notes.push(noteOf(line, titles));
  const digest = createHash('sha256').update(text).digest('hex').slice(0, DIGEST_CHARACTERS);
  const merged = {
    ...policy,
    options: [...policy.options],
    version: `${policy.version}-${digest}`,
    elements: [
      ...(policy.elements ?? []),
      ...rules.toSorted((a, b) => a.tag - b.tag).map(({ rule }) => rule),
    ],
  };
  parsePolicy(merged);
  return { policy: merged, notes };
}

/** The strongest line that can be carried out; what a line names itself has to be. */
function choose(
  candidates: readonly Candidate[],
  policy: Policy,
  problems: string[],
  missed: Map<number, string[]>,
): Candidate | null {
  const [first] = candidates;
  if (first === undefined) return null;
  const rival = candidates.find(
    ({ line, rank, direct, rule }) =>
      line !== first.line && rank === first.rank && direct && rule.value !== first.rule.value,
  );
  if (rival !== undefined && first.direct) {
    problems.push(
      `line ${rival.line}: ${titleOf(first.element)} is given another value in line ${first.line}`,
    );
    return null;
  }
  for (const candidate of candidates) {
    const { line, direct, element, rule } = candidate;
    const [wrong] = ruleProblems([{ at: 0, rule }], new Set(policy.options));
    if (wrong === undefined) return candidate;
    if (direct) {
      problems.push(wrong.replace(/^elements\.0(?:\.\w+)?: /, `line ${line}: `));
      return null;
    }
    missed.set(line, [...(missed.get(line) ?? []), titleOf(element)]);
  }
  return null;
}

/** To clean a sequence is to look into it. */
function isDoneAnyway({ action }: GivenRule, tag: Tag, profile: Profile): boolean {
  const without = actionWithout(tag, profile);
  const isLookedInto = without === 'descend' && action === 'clean';
  return isLookedInto || doneWord(action) === doneWord(without);
}

/** What belongs to no line comes first. */
function byLine(a: string, b: string): number {
  const lineOf = (problem: string): number => Number(/^line (\d+):/.exec(problem)?.[1] ?? 0);
  return lineOf(a) - lineOf(b);
}

const MAX_NAMED = 5;

function noteOf(line: number, titles: readonly string[]): string {
  const some = titles.slice(0, MAX_NAMED).join(', ');
  const more = titles.length > MAX_NAMED ? ` and ${titles.length - MAX_NAMED} more` : '';
  return `line ${line}: cannot be said of ${some}${more}; the policy decides there`;
}

function ownRules({ elements = [] }: Policy): ReadonlyMap<Tag, number> {
  const own = new Map<Tag, number>();
  for (const [at, { element }] of elements.entries()) {
    const found = nameElement(element);
    if (isNamed(found)) for (const tag of found.tags) own.set(tag, at);
  }
  return own;
}
