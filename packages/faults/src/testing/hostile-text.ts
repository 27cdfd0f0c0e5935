/** First and last code point of what must never leave a renderer as it is. */
const HOSTILE: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
];

/**
 * The first character of a text that could forge a line, steer a terminal or turn the direction of
 * writing, as `U+202E`; null where there is none. Written apart from the escaping, to check it.
 */
export function hostileCharacter(text: string): string | null {
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (HOSTILE.some(([first, last]) => point >= first && point <= last)) {
      return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
    }
  }
  return null;
}
