/** Characters that stand in no entry of a form, and that PostgreSQL and spreadsheets stumble over. */

export interface UnwantedCharacter {
  /** In the text, UTF-16 units. */
  readonly index: number;
  readonly code: number;
}

/**
 * Control characters other than tab and line ends; a byte-order mark inside of a text (files that
 * were joined); the replacement character, which stands where something was lost before.
 */
const UNWANTED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff\ufffd]/;

export function unwantedCharacter(text: string): UnwantedCharacter | null {
  const index = text.search(UNWANTED);
  return index < 0 ? null : { index, code: text.charCodeAt(index) };
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, 'NUL'],
  [0x08, 'backspace'],
  [0x0b, 'vertical tab'],
  [0x0c, 'form feed'],
  [0x1a, 'substitute'],
  [0x1b, 'escape'],
  [0x7f, 'delete'],
  [0xfeff, 'byte-order mark'],
  [0xfffd, 'replacement character'],
]);

export function nameOfCharacter(code: number): string {
  const number = code.toString(16).toUpperCase().padStart(4, '0');
  return `${NAMES.get(code) ?? 'control character'} (U+${number})`;
}
