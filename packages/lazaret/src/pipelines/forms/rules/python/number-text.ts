/** Texts as numbers, by the rules of Python's `int()` and `float()`. */

/** Longest text that is looked at; Python itself refuses integers above 4,300 digits. */
const LONGEST = 4300;

const PLAIN_INTEGER = /^-?\d{1,15}$/;
const INTEGER = /^[+-]?\d+(?:_\d+)*$/;
const FLOAT =
  /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const SPECIAL = /^([+-]?)(?:(inf|infinity)|(nan))$/i;
const OTHER_DIGIT = /[^\x00-\x7F]/;

/** The integer, or null where `int()` would refuse. Above 2^53 the nearest number is given. */
export function integerOf(text: string): number | null {
  if (PLAIN_INTEGER.test(text)) return Number(text);
  if (text.length > LONGEST) return null;
  const plain = plainDigits(trimmed(text));
  return INTEGER.test(plain) ? Number(plain.replaceAll('_', '')) : null;
}

/** The number, `nan` and `inf` among them, or null where `float()` would refuse. */
export function floatOf(text: string): number | null {
  if (PLAIN_INTEGER.test(text)) return Number(text);
  if (text.length > LONGEST) return null;
  const plain = plainDigits(trimmed(text));
  if (FLOAT.test(plain)) return Number(plain.replaceAll('_', ''));
  const special = SPECIAL.exec(plain);
  if (special === null) return null;
  if (special[3] !== undefined) return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const EDGE_SPACE = /^[\s\x1C-\x1F\x85]+|[\s\x1C-\x1F\x85]+$/g;

/** Without what Python counts as white space: the Unicode spaces and four separators. */
function trimmed(text: string): string {
  // JavaScript counts the byte order mark as white space, Python does not.
  return text.startsWith('\uFEFF') || text.endsWith('\uFEFF') ? text : text.replace(EDGE_SPACE, '');
}

/** With the decimal digits of every script written as 0 to 9. */
function plainDigits(text: string): string {
  if (!OTHER_DIGIT.test(text)) return text;
  return text.replaceAll(/\p{Nd}/gu, (digit) => String(digitValue(digit)));
}

const DECIMAL = /^\p{Nd}$/u;

/**
 * The value of a decimal digit. Unicode keeps the ten digits of a script together and in order,
 * so the place in the unbroken row of digits gives it.
 */
export function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  if (code < 0x80) return code - 0x30;
  let before = 0;
  while (DECIMAL.test(String.fromCodePoint(code - before - 1))) before += 1;
  return before % 10;
}
