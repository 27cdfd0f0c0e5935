/** Text that a project knows, and that may therefore stay where text is cleaned. */
import { z } from 'zod';
import type { Tag } from '../dicom/element.ts';
import type { Vocabulary } from '../dicom/profile.ts';
import { isNamed, nameElement, titleOf } from './element-name.ts';
import { isCleanable, type PlacedRule } from './element-rules.ts';
import { identifiesDirectly } from './fixed-elements.ts';

const MAX_VOCABULARIES = 500;
const MAX_TERMS = 20_000;

/** The name of a vocabulary that holds for every element. */
export const EVERY_ELEMENT = '*';

const term = z
  .string()
  .max(1_024)
  .refine((text) => text.trim() !== '', 'is empty');

export const vocabularySchema = z.strictObject({
  element: z.string().max(64).describe('As in `elements`; `*` for every element.'),
  values: z.array(term).max(MAX_TERMS).optional().describe('Whole values that may stay.'),
  words: z
    .array(term.refine((text) => !/\s/.test(text.trim()), 'must be one word'))
    .max(MAX_TERMS)
    .optional()
    .describe('Words that may stay; those that are not known are taken out.'),
});

export const vocabulariesSchema = z.array(vocabularySchema).max(MAX_VOCABULARIES);

export type GivenVocabulary = z.infer<typeof vocabularySchema>;

export interface PlacedVocabulary {
  readonly at: number;
  readonly vocabulary: GivenVocabulary;
}

export function vocabularyProblems(
  vocabularies: readonly PlacedVocabulary[],
  rules: readonly PlacedRule[],
): string[] {
  const ruleOf = new Map<Tag, PlacedRule>();
  for (const placed of rules) {
    const found = nameElement(placed.rule.element);
    if (isNamed(found)) for (const tag of found.tags) ruleOf.set(tag, placed);
  }
  const owners = new Map<Tag, number>();
  return vocabularies.flatMap(({ at, vocabulary }) => {
    const place = `vocabularies.${at}`;
    const problems: string[] = [];
    const { values = [], words = [], element } = vocabulary;
    if (values.length + words.length === 0) problems.push(`${place}: has neither values nor words`);
    const found = element === EVERY_ELEMENT ? null : nameElement(element);
    if (found !== null && !isNamed(found)) {
      return [...problems, `${place}.element: ${JSON.stringify(element)} ${found.problem}`];
    }
    const tags = found === null ? [0] : found.tags;
    const [tag = 0] = tags;
    const title = found === null ? 'every element' : titleOf(found);
    const earlier = owners.get(tag);
    if (earlier !== undefined) {
      problems.push(`${place}: ${title} has a vocabulary already, vocabularies.${earlier}`);
    }
    for (const each of tags) owners.set(each, at);
    if (found === null) return problems;
    if (!isCleanable(found.vr) || found.vr === 'SQ') {
      problems.push(`${place}: ${title} holds no text that a vocabulary could know`);
    } else if (identifiesDirectly(tag, found.vr)) {
      problems.push(`${place}: ${title} identifies directly: nothing of it stays`);
    }
    const rule = ruleOf.get(tag);
    if (rule !== undefined && rule.rule.action !== 'clean') {
      problems.push(
        `${place}: has no effect, because elements.${rule.at} says ${rule.rule.action} of ${title}`,
      );
    }
    return problems;
  });
}

/** The vocabularies by tag, of a policy in which `vocabularyProblems` finds nothing. */
export function vocabulariesByTag(
  vocabularies: readonly GivenVocabulary[],
): ReadonlyMap<Tag, Vocabulary> {
  return new Map(
    vocabularies.flatMap(({ element, values = [], words = [] }) => {
      const known = { values: trimmed(values), words: trimmed(words) };
      if (element === EVERY_ELEMENT) return [[0, known] as const];
      const found = nameElement(element);
      if (!isNamed(found)) throw new TypeError('A policy has to be checked before it is used.');
      return found.tags.map((tag) => [tag, known] as const);
    }),
  );
}

/** Case and blanks within are for whoever compares; those around a term are slips of the pen. */
function trimmed(terms: readonly string[]): ReadonlySet<string> {
  return new Set(terms.map((each) => each.trim()));
}
