/**
 * How many columns of a terminal a text takes, and cutting, padding and wrapping by that measure.
 * Counted code point by code point, as terminals do it: those that know clusters draw a cluster
 * narrower than the sum of its parts, so a line that is measured here never runs over the edge.
 */

/** First and last code points that take two columns (Unicode Standard Annex 11: W and F). */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18d08],
  [0x1aff0, 0x1b2fb],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
];

/** Marks that stand over another character, and the parts of a Hangul syllable behind its first. */
const NO_WIDTH = /^[\p{Mn}\p{Me}\u1160-\u11ff\u200b-\u200f\u2060]$/u;
const EMOJI = /^\p{Emoji_Presentation}$/u;
const PICTOGRAPH = /^\p{Extended_Pictographic}$/u;
const EMOJI_SELECTOR = '\ufe0f';
const PLAIN = /^[\x20-\x7e]*$/;

function characterWidth(character: string, before: string): number {
  if (PLAIN.test(character)) return 1;
  // The selector asks for the coloured form of the character before it, which is twice as wide.
  if (character === EMOJI_SELECTOR) {
    return PICTOGRAPH.test(before) && characterWidth(before, '') === 1 ? 1 : 0;
  }
  if (NO_WIDTH.test(character)) return 0;
  const point = character.codePointAt(0) ?? 0;
  const wide = WIDE.some(([first, last]) => point >= first && point <= last);
  return wide || EMOJI.test(character) ? 2 : 1;
}

/** Columns that a text without control characters takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  let before = '';
  for (const character of text) {
    width += characterWidth(character, before);
    before = character;
  }
  return width;
}

/** The longest start of a text that takes at most `width` columns. Never splits a character. */
export function takeWidth(text: string, width: number): string {
  if (PLAIN.test(text)) return text.slice(0, Math.max(0, width));
  let taken = '';
  let used = 0;
  let before = '';
  for (const character of text) {
    used += characterWidth(character, before);
    if (used > width) return taken;
    taken += character;
    before = character;
  }
  return taken;
}

/** Cuts a text to at most `width` columns; the mark shows that something went. */
export function truncate(text: string, width: number, mark = '…'): string {
  if (width === Infinity || displayWidth(text) <= width) return text;
  const room = width - displayWidth(mark);
  return room < 0 ? takeWidth(mark, width) : `${takeWidth(text, room).trimEnd()}${mark}`;
}

/** Fills a text with spaces to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? `${text}${spaces}` : `${spaces}${text}`;
}

/** Narrowest column that is still wrapped; below it, lines would be single syllables. */
const NARROWEST_WRAP = 12;

/**
 * Breaks a text at spaces into lines of at most `width` columns. A word that is longer than a line
 * is broken within. A line is never empty, so there is always at least one.
 */
export function wrap(text: string, width: number): readonly string[] {
  if (width === Infinity) return [text];
  const limit = Math.max(width, NARROWEST_WRAP);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && displayWidth(line) + 1 + displayWidth(rest) <= limit) {
      line = `${line} ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (displayWidth(rest) > limit) {
      const part = takeWidth(rest, limit);
      lines.push(part);
      rest = rest.slice(part.length);
    }
    line = rest;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}
