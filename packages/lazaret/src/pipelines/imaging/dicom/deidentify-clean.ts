/**
 * Cleans text that people write (PS3.15 E.3.3 to E.3.5): what is in the vocabulary stays, in its
 * order, and all else goes. A value that is known as a whole stays as it is.
 *
 * A *token* is a run of letters and digits. Numbers stay where they are short, as thicknesses and
 * counts are; never dates, and nothing that is long enough to be somebody's number. Whatever names
 * somebody in this source goes, whether or not the vocabulary knows it: "Dr. Hand" is no hand.
 */
import { squeeze, type SourceIdentity } from './deidentify-identity.ts';
import type { Tag } from './element.ts';
import { foldValue, foldWord, TITLES, UNITS, type Words } from './profile-vocabulary.ts';

const TOKEN = /[\p{L}\p{M}\p{N}]+/gu;
const RUN = /\d+|[\p{L}\p{M}]+/gu;
const NUMBER = /^\d+$/;
const LONG_NUMBER = /\d{4}/;
/** A longer number may be a date, a year of birth or an identifier. */
const DIGITS_MAX = 3;
/** Digits of numbers that follow each other: "12 34 56" is a telephone number. */
const CHAINED_DIGITS_MAX = 4;
/** One number with a decimal point. */
const DECIMAL_DIGITS_MAX = 5;
/** Words behind a title that may be of a name. */
const NAME_WORDS_MAX = 2;
/** Longer texts are nobody's description, and would take time. */
const TEXT_MAX_CHARACTERS = 65_536;

interface Token {
  readonly text: string;
  readonly folded: string;
  /** What stands between the token before and this one. */
  readonly before: string;
  stays: boolean;
}

/**
 * @param value - one value, decoded.
 * @returns the same string where all of it may stay; an empty one where nothing may.
 */
export function cleanValue(
  value: string,
  tag: Tag,
  words: Words,
  identity: SourceIdentity,
): string {
  const trimmed = value.trim();
  if (trimmed === '' || trimmed.length > TEXT_MAX_CHARACTERS || identity.overflow) return '';
  // Marks apart from their letters would not be the words that the vocabulary has.
  const text = trimmed.normalize('NFC');
  if (words.hasValue(tag, foldValue(text)) && !namesAnybody(text, identity)) return value;
  const { tokens, behind } = tokenise(text);
  for (const token of tokens) token.stays = isKnown(token.folded, tag, words);
  dropNames(tokens, identity);
  dropNumbers(tokens);
  const left = tokens.every(({ stays }) => stays) ? text : assemble(tokens);
  // Punctuation alone says nothing.
  if (!tokens.some(({ stays }) => stays) || identity.isWithin(squeeze(left))) return '';
  return left === text && isPlain(tokens, behind) ? value : assemble(tokens);
}

function namesAnybody(text: string, identity: SourceIdentity): boolean {
  return (
    identity.isWithin(squeeze(text)) ||
    tokenise(text).tokens.some(({ folded }) => identity.isNamed(folded))
  );
}

function tokenise(text: string): { readonly tokens: Token[]; readonly behind: string } {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const before = text.slice(end, match.index);
    tokens.push({ text: match[0], folded: foldWord(match[0]), before, stays: true });
    end = match.index + match[0].length;
  }
  return { tokens, behind: text.slice(end) };
}

/** "5mm", "T1" and "3D" are tokens too: each run of letters is a word, each of digits short. */
function isKnown(token: string, tag: Tag, words: Words): boolean {
  if (words.hasWord(tag, token)) return true;
  const runs = token.match(RUN) ?? [];
  let digits = 0;
  for (const [at, run] of runs.entries()) {
    if (NUMBER.test(run)) {
      digits += run.length;
      continue;
    }
    // Behind a number stands a unit: "55F" and "62Y" are patients.
    const glued = at > 0 && !UNITS.has(run) && !words.hasWord(tag, (runs[at - 1] ?? '') + run);
    if (glued || !words.hasWord(tag, run)) return false;
  }
  return runs.length > 0 && runs.join('') === token && digits <= DIGITS_MAX;
}

/**
 * Takes out numbers that follow each other too closely to be measures, with the words between them
 * gone already: two passes would else find what one has made.
 */
function dropNumbers(tokens: readonly Token[]): void {
  dropDates(tokens);
  // Whether a token stands next to the one before it, or has lost what was between them.
  const joint: boolean[] = [];
  const left = tokens.filter(({ stays }, at) => {
    if (stays) joint.push(tokens[at - 1]?.stays !== false);
    return stays;
  });
  let at = 0;
  while (at < left.length) {
    let end = at;
    const follows = (): boolean => joint[end] === false || isChained(left[end]);
    while (end < left.length && isNumber(left[end]) && (end === at || follows())) end += 1;
    const chain = left.slice(at, end);
    const digits = chain.reduce((sum, { text }) => sum + text.length, 0);
    const decimal = chain.length === 2 && joint[at + 1] === true && isDecimal(chain[1]);
    const most = decimal ? DECIMAL_DIGITS_MAX : CHAINED_DIGITS_MAX - 1;
    if (chain.length > 1 && digits > most) for (const token of chain) token.stays = false;
    at = Math.max(end, at + 1);
  }
}

/** A number that hangs on a long one is of the same date or identifier. */
function dropDates(tokens: readonly Token[]): void {
  const spread = (token: Token | undefined, neighbour: Token | undefined, between: Token): void => {
    if (token === undefined || neighbour === undefined || !isNumber(token)) return;
    const long = LONG_NUMBER.test(neighbour.text) || (isNumber(neighbour) && !neighbour.stays);
    if (long && isChained(between)) token.stays = false;
  };
  for (const [at, token] of tokens.entries()) spread(token, tokens[at - 1], token);
  for (let at = tokens.length - 1; at > 0; at--) {
    const between = tokens[at];
    if (between !== undefined) spread(tokens[at - 1], tokens[at], between);
  }
}

function isDecimal(token: Token | undefined): boolean {
  return /^[.,]$/.test(token?.before ?? '');
}

function isNumber(token: Token | undefined): boolean {
  return token !== undefined && NUMBER.test(token.text);
}

function isChained(token: Token | undefined): boolean {
  const { before = '', text = '' } = token ?? {};
  // A ratio to one is a pitch, and no date.
  if (before === ':' && text === '1') return false;
  return /^[\s./:,-]{1,3}$/.test(before);
}

function dropNames(tokens: readonly Token[], identity: SourceIdentity): void {
  let names = 0;
  for (const token of tokens) {
    if (identity.isNamed(token.folded) || identity.isWithin(token.folded)) token.stays = false;
    if (TITLES.has(token.folded)) {
      token.stays = false;
      names = NAME_WORDS_MAX;
    } else if (names > 0 && !NUMBER.test(token.text)) {
      // The first word that could have stayed is the name that is a word as well.
      names = token.stays ? 0 : names - 1;
      token.stays = false;
    }
  }
}

/** The tokens that stay: between neighbours what stood between them, else one blank. */
function assemble(tokens: readonly Token[]): string {
  let text = '';
  let gap = true;
  for (const token of tokens) {
    if (!token.stays) {
      gap = true;
      continue;
    }
    if (text !== '') text += gap ? ' ' : plainSeparator(token.before);
    text += token.text;
    gap = false;
  }
  return text;
}

const PLAIN = /^[\s\p{P}\p{S}]*$/u;
const SEPARATOR_MAX = 8;

function plainSeparator(separator: string): string {
  return PLAIN.test(separator) && separator.length <= SEPARATOR_MAX ? separator : ' ';
}

/** Whether only what a text has between words stands between them, and in no great length. */
function isPlain(tokens: readonly Token[], behind: string): boolean {
  const separators = [...tokens.map(({ before }) => before), behind];
  return separators.every((separator) => plainSeparator(separator) === separator);
}
