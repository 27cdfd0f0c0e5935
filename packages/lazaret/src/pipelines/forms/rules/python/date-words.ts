/** The words that a date may be written with, and the pieces that a text falls into. */

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

const MONTH_NUMBERS = new Map([
  ...MONTHS.flatMap((name, index): [string, number][] => [
    [name, index + 1],
    [name.slice(0, 3), index + 1],
  ]),
  ['sept', 9],
]);
const WEEKDAY_NUMBERS = new Map(
  WEEKDAYS.flatMap((name, index): [string, number][] => [
    [name, index],
    [name.slice(0, 3), index],
  ]),
);
const TIME_UNITS = new Map([
  ...['h', 'hour', 'hours'].map((name): [string, number] => [name, 0]),
  ...['m', 'minute', 'minutes'].map((name): [string, number] => [name, 1]),
  ...['s', 'second', 'seconds'].map((name): [string, number] => [name, 2]),
]);
const HALVES = new Map([
  ['am', 0],
  ['a', 0],
  ['pm', 1],
  ['p', 1],
]);
const FILLERS = new Set(
  [' ', '.', ',', ';', '-', '/', "'", 'at', 'on', 'and', 'ad', 'm', 't', 'of'].concat([
    'st',
    'nd',
    'rd',
    'th',
  ]),
);
const UTC_NAMES = new Set(['utc', 'gmt', 'z']);

/** 1 to 12, or null. */
export function monthOf(word: string | undefined): number | null {
  return MONTH_NUMBERS.get(word?.toLowerCase() ?? '') ?? null;
}

/** 0 (Monday) to 6, or null. */
export function weekdayOf(word: string): number | null {
  return WEEKDAY_NUMBERS.get(word.toLowerCase()) ?? null;
}

/** 0 hours, 1 minutes, 2 seconds, or null. */
export function timeUnitOf(word: string | undefined): number | null {
  return TIME_UNITS.get(word?.toLowerCase() ?? '') ?? null;
}

/** 0 before noon, 1 after, or null. */
export function halfOfDay(word: string | undefined): number | null {
  return HALVES.get(word?.toLowerCase() ?? '') ?? null;
}

/** Whether a piece only stands between others. */
export function isFiller(piece: string | undefined): boolean {
  return FILLERS.has(piece?.toLowerCase() ?? '');
}

export function isUtcName(word: string): boolean {
  return UTC_NAMES.has(word.toLowerCase());
}

const LETTER = /^\p{L}$/u;
const DIGIT = /^\p{Nd}$/u;
const SPACE = /^[\s\x1C-\x1F\x85]$/u;

export function isDigits(piece: string | undefined): boolean {
  return piece !== undefined && /^\p{Nd}+$/u.test(piece);
}

/**
 * Cuts a text into words, numbers and single other characters. A point belongs to a number (`21.5`)
 * unless letters or a second point show that it separates (`Sep.20.2009`), so a dotted run is read
 * to its end before it is cut.
 */
export function piecesOf(text: string): string[] {
  const characters = Array.from(text).filter((character) => character !== '\0');
  const pieces: string[] = [];
  let at = 0;
  while (at < characters.length) {
    const end = endOfRun(characters, at);
    const run = characters.slice(at, end).join('');
    pieces.push(...cutRun(run, end === characters.length));
    at = end;
  }
  return pieces;
}

function endOfRun(characters: readonly string[], start: number): number {
  const first = characters[start] ?? '';
  if (!LETTER.test(first) && !DIGIT.test(first)) return start + 1;
  let inWord = LETTER.test(first);
  let dotted = false;
  let end = start + 1;
  for (; end < characters.length; end += 1) {
    const next = characters[end] ?? '';
    const afterDot = characters[end - 1] === '.';
    const letter = LETTER.test(next);
    const digit = DIGIT.test(next);
    const comma = next === ',' && !inWord && !dotted && end - start >= 2;
    if (next === '.' || comma) dotted = true;
    else if (inWord ? letter : digit) continue;
    else if (dotted && afterDot && (letter || digit)) inWord = letter;
    else break;
  }
  return end;
}

function cutRun(run: string, endsText: boolean): string[] {
  if (SPACE.test(run)) return [' '];
  if (!/[.,]/.test(run)) return [run];
  const points = run.split('.').length - 1;
  // A letter that is the text's very last character comes too late to make the points separate.
  const letters = /\p{L}/u.test(endsText ? run.slice(0, -1) : run);
  if (letters || points > 1 || /[.,]$/.test(run))
    return run.split(/([.,])/).filter((piece) => piece !== '');
  return [points === 0 ? run.replace(',', '.') : run];
}
