/**
 * The ways in which people and programs write an identifier: other order, other separators, other
 * notation, other letters. What comes out is text; `residual-pattern.ts` makes bytes of it.
 */
import type { Identifier } from './residual-harvest.ts';

/** A UID shorter than this may be a version number somewhere. */
const UID_MIN = 10;

/** From so many letters on, a part is found wherever it stands: see `residual-pattern.ts`. */
export const WORD_CHARACTERS = 6;

/** All spellings of one identifier, as plain text; the first is the one of the source. */
export function spell({ kind, text }: Identifier): readonly string[] {
  switch (kind) {
    case 'patient-name':
    case 'person-name':
      return spellName(text);
    case 'birth-date':
      return spellDate(text);
    case 'uid':
      return text.length < UID_MIN ? [] : [text];
    case 'telephone':
      return spellTelephone(text);
    case 'address':
    case 'institution':
      return spellPlace(text);
    case 'patient-id':
    case 'accession':
    case 'other-id':
      return spellId(text);
    case 'path':
      return [text];
    default:
      return kind satisfies never;
  }
}

/**
 * Each part of each representation (PS3.5 section 6.2.1.1), each word of each part; and where no part
 * is long enough to be found within other letters, any two parts in either order, and an initial with
 * the other part: "LiWei", "E. Li". Separators are taken out before the search, so they do not matter
 * here.
 */
function spellName(text: string): readonly string[] {
  return text.split('=').flatMap((group) => {
    const parts = group
      .split('^')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const words = parts.flatMap((part) => part.split(/[\s\-,.]+/)).filter((word) => word !== '');
    const spellings = [...parts, ...words.filter((word) => word.length >= 2)];
    if (parts.some((part) => part.length >= WORD_CHARACTERS)) return spellings;
    const [family = '', given = '', middle = ''] = parts;
    for (const [one, other] of [
      [family, given],
      [family, middle],
      [given, middle],
    ]) {
      if (one === undefined || other === undefined || one === '' || other === '') continue;
      spellings.push(one + other, other + one);
    }
    if (family !== '' && given !== '') {
      const initial = String.fromCodePoint(given.codePointAt(0) ?? 0);
      spellings.push(initial + family, family + initial);
      if (middle !== '') {
        spellings.push(family + given + middle, given + middle + family);
        spellings.push(initial + String.fromCodePoint(middle.codePointAt(0) ?? 0) + family);
      }
    }
    return spellings;
  });
}

/** The identifier, without the zeros in front, and the parts of it that others may use alone. */
function spellId(text: string): readonly string[] {
  // In MRN-0081234 the number is the identifier, whatever a site has put in front of it.
  const numbers = text.match(/\d{5,}/g) ?? [];
  const parts = text.split(/[^\p{L}\d]+/u).filter((part) => part.length >= 5 && /\d/.test(part));
  return [text, ...numbers, ...parts].flatMap((part) => {
    const stripped = part.replace(/^0+/, '');
    return stripped !== part && stripped.length >= 4 ? [part, stripped] : [part];
  });
}

/** The last seven digits are the same with and without the country's and the town's prefix. */
function spellTelephone(text: string): readonly string[] {
  const digits = text.replace(/\D/g, '');
  return digits.length >= 9 ? [text, digits.slice(-7)] : [text];
}

function spellPlace(text: string): readonly string[] {
  const parts = text.split(/[,;^\r\n]+/).map((part) => part.trim());
  return [text, ...parts.filter((part) => part.length >= 5 && /\p{L}/u.test(part))];
}

/** Languages in which a report may name a month. */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt'];
/** Names of each month, short and long, letters only. */
const MONTH_NAMES: readonly (readonly string[])[] = Array.from({ length: 12 }, (_, month) => {
  const date = new Date(Date.UTC(2000, month, 15));
  const names = LANGUAGES.flatMap((language) =>
    (['short', 'long'] as const).map((style) =>
      new Intl.DateTimeFormat(language, { month: style, timeZone: 'UTC' })
        .format(date)
        .replace(/[^\p{L}]/gu, '')
        .toLowerCase(),
    ),
  );
  return [...new Set(names)];
});

/**
 * The notations of a birth date, separators aside. A year of two digits is too short to be searched
 * for without its separators, so these forms come with them, and count as whole words only.
 */
function spellDate(text: string): readonly string[] {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})/.exec(text);
  if (match === null) return text.length >= 6 ? [text] : [];
  const [, year = '', month = '', day = ''] = match;
  const [shortMonth, shortDay] = [String(Number(month)), String(Number(day))];
  const days = day === shortDay ? [day] : [day, shortDay];
  const names = MONTH_NAMES[Number(month) - 1] ?? [];
  return [
    year + month + day,
    day + month + year,
    month + day + year,
    shortDay + shortMonth + year,
    shortMonth + shortDay + year,
    ...names.flatMap((name) => days.map((each) => each + name + year)),
    ...names.flatMap((name) => days.map((each) => name + each + year)),
  ];
}

/** `23.5.61`, `05/23/61`, `610523`: as they stand, since their digits alone are few. */
export function spellShortDate(text: string): readonly string[] {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})/.exec(text);
  if (match === null) return [];
  const [, year = '', month = '', day = ''] = match;
  const short = year.slice(2);
  const [shortMonth, shortDay] = [String(Number(month)), String(Number(day))];
  const orders = [
    [day, month, short],
    [shortDay, shortMonth, short],
    [month, day, short],
    [shortMonth, shortDay, short],
    [short, month, day],
  ];
  const long = orders.filter((parts) => parts.every((part) => part.length === 2));
  return [
    ...orders.flatMap((parts) => ['.', '/', '-'].map((separator) => parts.join(separator))),
    ...long.map((parts) => parts.join('')),
  ];
}
