/**
 * The words that may stay in text that is cleaned (PS3.15 E.3.5, note 2): those that come with
 * Lazaret, and those of the policy. What is no word of either is taken out.
 */
import definedTerms from './facts/defined-terms.json' with { type: 'json' };
import facts from './facts/vocabulary.json' with { type: 'json' };
import type { Tag } from './element.ts';
import type { Vocabulary } from './profile.ts';

export interface Words {
  /** Whether a whole value, folded with `foldValue`, is known for the element. */
  hasValue(tag: Tag, folded: string): boolean;
  /** Whether a word, folded with `foldWord`, is known for the element. */
  hasWord(tag: Tag, folded: string): boolean;
}

/** Marks that go with a letter: ä is found as a as well, in whichever form a file has it. */
const MARKS = /\p{M}/gu;
const ASCII = /^[\x00-\x7f]*$/;

/** A word without case and accents. */
export function foldWord(word: string): string {
  const lower = word.toLowerCase();
  return ASCII.test(lower) ? lower : lower.normalize('NFD').replace(MARKS, '').normalize('NFC');
}

/** A value without case and accents, its blanks made one. */
export function foldValue(value: string): string {
  return foldWord(value).replace(/\s+/g, ' ').trim();
}

const BUILT_IN: ReadonlySet<string> = new Set(
  [...Object.values(facts.topics), facts.bodyParts]
    .flatMap((words) => words.split(' '))
    .map((word) => foldWord(word)),
);

/** What stands before a name: the words behind it are somebody's, known or not ("Dr. Hand"). */
export const TITLES: ReadonlySet<string> = new Set(facts.titles.split(' '));

/** Units that may be written behind a number without a blank. "55M" is no length but a man. */
export const UNITS: ReadonlySet<string> = new Set(facts.topics.units.split(' '));

export function isBuiltIn(word: string): boolean {
  return BUILT_IN.has(word);
}

const TERMS: ReadonlyMap<Tag, ReadonlySet<string>> = new Map(
  Object.entries(definedTerms.terms).map(([tag, terms]) => [
    Number.parseInt(tag, 16),
    new Set(
      (terms === '*bodyParts' ? facts.bodyParts : terms).split(' ').map((term) => foldWord(term)),
    ),
  ]),
);

/**
 * The terms of the standard for an element, folded. One of them tells nothing about anybody there,
 * even where somebody's name is the same: a modality CT, a body part HAND.
 */
export function definedTermsOf(tag: Tag): ReadonlySet<string> | undefined {
  return TERMS.get(tag);
}

/** The vocabulary in force, the policy's words put to Lazaret's own. */
export function wordsOf(vocabularies: ReadonlyMap<Tag, Vocabulary>): Words {
  const values = new Map<Tag, ReadonlySet<string>>();
  const words = new Map<Tag, ReadonlySet<string>>();
  for (const [tag, vocabulary] of vocabularies) {
    values.set(tag, new Set([...vocabulary.values].map((value) => foldValue(value))));
    words.set(tag, new Set([...vocabulary.words].map((word) => foldWord(word))));
  }
  const everywhere = { values: values.get(0), words: words.get(0) };
  return {
    hasValue: (tag, folded) =>
      values.get(tag)?.has(folded) === true || everywhere.values?.has(folded) === true,
    hasWord: (tag, folded) =>
      BUILT_IN.has(folded) ||
      TERMS.get(tag)?.has(folded) === true ||
      words.get(tag)?.has(folded) === true ||
      everywhere.words?.has(folded) === true,
  };
}
