/**
 * Text that stays as it is, because it belongs to devices and not to people (a kernel, a coil, a
 * model): no vocabulary could know it all, and without it the image is worth less. What goes is each
 * word that the source itself uses to name somebody, and what no device would write.
 */
import { squeeze, type SourceIdentity } from './deidentify-identity.ts';
import { definedTermsOf, foldWord, isBuiltIn } from './profile-vocabulary.ts';
import type { Tag } from './element.ts';

const BLANKS = /([\s^=,;:/()'"_]+)/;
const WORDS = /[\p{L}\p{M}\p{N}]+/gu;
const ADDRESS = /@|:\/\//;
/** Shorter words are in many codes, and tell nobody's name there. */
const CODE_WORD_MIN = 3;
const UID_LIKE = /^\d+(?:\.\d+){4,}$/;

/**
 * One value without the words that name somebody; the same string where none does.
 *
 * @param code - a code string: a name within a word that is known is none, or there would be one in
 *   every STANDARD.
 */
export function screenValue(
  value: string,
  tag: Tag,
  identity: SourceIdentity,
  code: boolean,
): string {
  const terms = definedTermsOf(tag);
  const folded = foldWord(value);
  if (terms?.has(folded) === true) return value;
  const parts = value.split(BLANKS);
  let gone = false;
  for (let at = 0; at < parts.length; at += 2) {
    const part = parts[at] ?? '';
    if (part === '' || !namesSomebody(part, identity, terms, code)) continue;
    parts[at] = '';
    gone = true;
  }
  const left = gone ? tidy(parts.join('')) : value;
  if (code || left === '') return left;
  // A name that is written with blanks or dots in it is in no single word.
  return isFree(left, identity, terms) ? left : '';
}

function namesSomebody(
  part: string,
  identity: SourceIdentity,
  terms: ReadonlySet<string> | undefined,
  code: boolean,
): boolean {
  const word = foldWord(part);
  if (terms?.has(word) === true) return false;
  if (code && (word.length < CODE_WORD_MIN || /^\d{1,3}$/.test(word))) return false;
  if (identity.isNamed(word) || ADDRESS.test(part) || UID_LIKE.test(part)) return true;
  if (identity.isNamed(squeeze(part))) return true;
  // 2 is not in "2.1", but a name is in "Muster-CT".
  for (const inner of word.match(WORDS) ?? []) {
    if (inner.length >= 2 && !/^\d{1,3}$/.test(inner) && identity.isNamed(inner)) return true;
  }
  // STAN is in STANDARD; in a word that nobody knows, a name is a name.
  return !(code && isBuiltIn(word)) && identity.isWithin(squeeze(part));
}

function isFree(
  text: string,
  identity: SourceIdentity,
  terms: ReadonlySet<string> | undefined,
): boolean {
  if (terms === undefined) return !identity.isWithin(squeeze(text));
  const unknown = text.split(/\s+/).filter((word) => !terms.has(foldWord(word)));
  return !identity.isWithin(squeeze(unknown.join(' ')));
}

function tidy(text: string): string {
  return text
    .replace(/[\s^=,;:/()'"_]{2,}/g, ' ')
    .replace(/^[\s^=,;:/()'"_]+|[\s^=,;:/()'"_]+$/g, '');
}
