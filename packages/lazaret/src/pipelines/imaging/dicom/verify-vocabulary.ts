/**
 * Whether a text is what cleaning may leave of another: words that are known, in the order that they
 * had, and short numbers. The vocabulary is data; how it is read here is our own.
 */
import type { Tag } from './element.ts';
import type { Profile, Vocabulary } from './profile.ts';

const FREE_TEXT = /^(?:AE|LO|LT|PN|SH|ST|UC|UR|UT)$/;

/** Whether a VR's values may say anything. Code strings are text, but of a list that is known. */
export function isFreeText(vr: string): boolean {
  return FREE_TEXT.test(vr);
}

/** Words end at blanks and brackets; at the other marks only if the whole is not a word itself. */
const BLANKS = /[\s()[\]{}"\0]+/;
const MARKS = /[\s^=,;:/\\|<>&+*#'_.!?~-]+/;

/** A number of three digits at most, with a decimal or a unit: what protocols are full of. */
const SHORT_NUMBER = /^\d{1,3}(?:[.,]\d{1,3})?(?:%|°|[a-zµ]{1,3}\d?)?$/;

/**
 * @param after - text of the finished file.
 * @param before - text of the source at the same place.
 */
export function isCleaned(
  after: string,
  before: string,
  tag: Tag,
  vr: string,
  profile: Profile,
): boolean {
  if (!isFreeText(vr) && vr !== 'CS') return false;
  const vocabularies = [profile.vocabularies.get(tag), profile.vocabularies.get(0)].filter(
    (vocabulary) => vocabulary !== undefined,
  );
  const original = fold(before);
  const available = original.split(MARKS).flatMap((word) => word.split(BLANKS));
  let next = 0;
  /** Each word has to stand in the source, behind the one before it. */
  const taken = (word: string): boolean => {
    const at = available.indexOf(word, next);
    if (at < 0) return false;
    next = at + 1;
    return true;
  };
  return fold(after)
    .split('\\')
    .every((value) => {
      const whole = value.trim();
      if (whole === '') return true;
      if (knowsValue(whole, vocabularies)) return original.includes(whole);
      return whole.split(BLANKS).every((token) => isKnownToken(token, vocabularies, taken));
    });
}

function isKnownToken(
  token: string,
  vocabularies: readonly Vocabulary[],
  taken: (word: string) => boolean,
): boolean {
  const parts = token.split(MARKS).filter((part) => part !== '');
  if (!parts.every(taken)) return false;
  return isKnownWord(token, vocabularies) || parts.every((part) => isKnownWord(part, vocabularies));
}

function isKnownWord(word: string, vocabularies: readonly Vocabulary[]): boolean {
  return SHORT_NUMBER.test(word) || vocabularies.some(({ words }) => has(words, word));
}

function knowsValue(value: string, vocabularies: readonly Vocabulary[]): boolean {
  return vocabularies.some(({ values }) => has(values, value));
}

/** Policies write their words in any case. */
function has(set: ReadonlySet<string>, folded: string): boolean {
  return foldedSet(set).has(folded);
}

const foldedSets = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>();

function foldedSet(set: ReadonlySet<string>): ReadonlySet<string> {
  const known = foldedSets.get(set);
  if (known !== undefined) return known;
  const made = new Set([...set].map(fold));
  foldedSets.set(set, made);
  return made;
}

function fold(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
