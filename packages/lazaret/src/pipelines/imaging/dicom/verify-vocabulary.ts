/**
 * Whether a text is what cleaning may leave of another: words that are known, in the order that they
 * had, and short numbers (PS3.15 E.3.5, note 2). The vocabulary is data that the cleaner has too; how
 * it is read here is our own.
 */
import definedTerms from './facts/defined-terms.json' with { type: 'json' };
import facts from './facts/vocabulary.json' with { type: 'json' };
import type { Tag } from './element.ts';
import type { Profile, Vocabulary } from './profile.ts';

const FREE_TEXT = /^(?:AE|LO|LT|PN|SH|ST|UC|UR|UT)$/;

/** Whether a VR's values may say anything. Code strings are text, but of a list that is known. */
export function isFreeText(vr: string): boolean {
  return FREE_TEXT.test(vr);
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const RUN = /\d+|\D+/g;
/** Longer ones may be years or numbers of somebody. */
const DIGITS_MAX = 3;
/** Digits with little between them: a telephone number in pieces, or a day, a month and a year. */
const CHAIN = /\d(?:[\s./:,-]{0,3}\d){6}|(?<!\d)\d{1,2}([./-])\d{1,2}\1\d{2}(?!\d)/;

const WORDS: ReadonlySet<string> = new Set(
  [...Object.values(facts.topics), facts.bodyParts].flatMap((words) => fold(words).split(' ')),
);
const TERMS: ReadonlyMap<Tag, ReadonlySet<string>> = new Map(
  Object.entries(definedTerms.terms).map(([tag, terms]) => [
    Number.parseInt(tag, 16),
    new Set(fold(terms === '*bodyParts' ? facts.bodyParts : terms).split(' ')),
  ]),
);

/** Whether a word, in lower case, is one of protocols and reports, and hence no name of a folder. */
export function isKnownWord(word: string): boolean {
  return WORDS.has(fold(word));
}

const MANUFACTURER: Tag = 0x00080070;

/**
 * Whether the standard defines the word, in lower case, for the element: it tells nothing there. Of
 * makers several words may be written as one.
 */
export function isDefinedTerm(word: string, tag: Tag): boolean {
  const terms = TERMS.get(tag);
  if (terms === undefined) return false;
  return terms.has(word) || (tag === MANUFACTURER && isMadeOf(word, terms));
}

function isMadeOf(word: string, terms: ReadonlySet<string>): boolean {
  if (word === '') return true;
  for (let end = word.length; end > 1; end--) {
    if (terms.has(word.slice(0, end)) && isMadeOf(word.slice(end), terms)) return true;
  }
  return false;
}

/**
 * @param after - text of the finished file, decoded.
 * @param before - text of the source at the same place, decoded.
 */
export function isCleaned(after: string, before: string, tag: Tag, profile: Profile): boolean {
  const vocabularies = [profile.vocabularies.get(tag), profile.vocabularies.get(0)].filter(
    (vocabulary) => vocabulary !== undefined,
  );
  const source = fold(before).split('\\');
  return fold(after)
    .split('\\')
    .every((value) => {
      const text = value.trim();
      if (text === '') return true;
      if (knows(vocabularies, 'values', text)) return source.some((each) => each.trim() === text);
      return !CHAIN.test(text) && areKnownWords(text, fold(before), tag, vocabularies);
    });
}

function areKnownWords(
  text: string,
  before: string,
  tag: Tag,
  vocabularies: readonly Vocabulary[],
): boolean {
  const available: readonly string[] = before.match(WORD) ?? [];
  let next = 0;
  return (text.match(WORD) ?? []).every((word) => {
    // Each has to stand in the source, behind the one before it.
    next = available.indexOf(word, next) + 1;
    return next > 0 && isHarmless(word, tag, vocabularies);
  });
}

/** A known word, a short number, or the two together: "5mm", "t1". */
function isHarmless(word: string, tag: Tag, vocabularies: readonly Vocabulary[]): boolean {
  const known = (part: string): boolean =>
    WORDS.has(part) || isDefinedTerm(part, tag) || knows(vocabularies, 'words', part);
  if (known(word)) return true;
  const runs = word.match(RUN) ?? [];
  const digits = runs.filter((run) => /^\d/.test(run)).join('').length;
  return digits <= DIGITS_MAX && runs.every((run) => /^\d/.test(run) || known(run));
}

function knows(
  vocabularies: readonly Vocabulary[],
  list: 'values' | 'words',
  folded: string,
): boolean {
  return vocabularies.some((vocabulary) => foldedSet(vocabulary[list]).has(folded));
}

const foldedSets = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>();

/** Policies write their words in any case. */
function foldedSet(set: ReadonlySet<string>): ReadonlySet<string> {
  const known = foldedSets.get(set);
  if (known !== undefined) return known;
  const made = new Set([...set].map(fold));
  foldedSets.set(set, made);
  return made;
}

/** Without case and accents, blanks made one. */
function fold(text: string): string {
  const bare = text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');
  return bare.replace(/\s+/g, ' ').trim();
}
