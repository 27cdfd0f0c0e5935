/**
 * Regular expressions of schemas (ECMA-262), run so that no text can make them take long. Those
 * that only ever go forward are given to the engine of JavaScript, which is the quickest; all
 * others to one whose time grows with the length of the text and with nothing else. Its price is
 * that look-around and back-references do not exist: a schema that needs them is refused.
 */
import { RE2JS } from 're2js';

/** Longest pattern, UTF-16 units. */
const LONGEST_PATTERN = 2000;

/**
 * A chain of single characters and sets from the start of the text, each repeated a fixed number
 * of times, and one of them at most any number of times: there is nothing to go back to.
 */
const ATOM = String.raw`(?:[^\\^$.|?*+()[\]{}]|\\[dwDW.\-/]|\[(?:[^\\[\]]|\\[dw.\-/])+\])`;
const FORWARD = new RegExp(
  String.raw`^\^(?:${ATOM}(?:\{\d{1,3}\})?)*(?:${ATOM}(?:[*+?]|\{\d{1,3},\d{0,3}\}))?(?:${ATOM}(?:\{\d{1,3}\})?)*\$?$`,
);

export interface Pattern {
  readonly test: (text: string) => boolean;
}

/** @throws SyntaxError with the reason, in words that go on after the pattern. */
export function compilePattern(source: string): Pattern {
  if (source.length > LONGEST_PATTERN) {
    throw new SyntaxError(`is longer than ${LONGEST_PATTERN} characters`);
  }
  assertPattern(source);
  if (FORWARD.test(source)) return new RegExp(source, 'u');
  try {
    const compiled = RE2JS.compile(translate(source));
    // The validator tells patterns apart by their text.
    return { test: (text) => compiled.test(text), toString: () => `/${source}/` } as Pattern;
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    const detail = reason.replace(/^error parsing regexp: /, '');
    throw new SyntaxError(`cannot be run in bounded time: ${detail}`, { cause: error });
  }
}

function assertPattern(source: string): void {
  try {
    new RegExp(source, 'u');
  } catch (error) {
    throw new SyntaxError('is not a regular expression', { cause: error });
  }
  const refused = /\(\?<?[=!]/.test(source)
    ? 'looks ahead or behind'
    : /\\(?:[1-9]|k<)/.test(source)
      ? 'refers back to a group'
      : null;
  if (refused !== null) {
    throw new SyntaxError(`${refused}, which cannot be run in bounded time; write it without`);
  }
}

const BLANKS = String.raw`\t-\r\x20\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}`;
const LINE_ENDS = String.raw`\n\r\x{2028}\x{2029}`;
const CATEGORIES: Readonly<Record<string, string>> = {
  Letter: 'L',
  Lowercase_Letter: 'Ll',
  Uppercase_Letter: 'Lu',
  Number: 'N',
  Decimal_Number: 'Nd',
  digit: 'Nd',
  Punctuation: 'P',
  punct: 'P',
  Symbol: 'S',
  Separator: 'Z',
  Mark: 'M',
};

/** The same expression as the other engine writes it. The text is known to be sound. */
function translate(source: string): string {
  const token =
    /\\u\{([\da-f]+)\}|\\u([\da-f]{4})\\u([\da-f]{4})|\\u([\da-f]{4})|\\c([a-z])|\\([pP])\{([^}]+)\}|\\([\s\S])|\(\?<([A-Za-z_]\w*)>|\[\^?|[\].$]/giu;
  let inside = false;
  return source.replace(token, (whole: string, ...given: (string | undefined)[]) => {
    const [wide, high, low, unit, control, property, category, escaped, group] = given;
    if (wide !== undefined) return codePoint(parseInt(wide, 16));
    if (high !== undefined && low !== undefined) return surrogates(high, low);
    if (unit !== undefined) return codePoint(parseInt(unit, 16));
    if (control !== undefined) return codePoint((control.codePointAt(0) ?? 0) % 32);
    if (property !== undefined && category !== undefined) {
      const name = category.replace(
        /^(?:General_Category|gc|Script|sc|Script_Extensions|scx)=/,
        '',
      );
      return `\\${property}{${CATEGORIES[name] ?? name}}`;
    }
    if (escaped !== undefined) return escape(escaped, inside);
    if (group !== undefined) return `(?P<${group}>`;
    if (whole === ']') {
      inside = false;
      return whole;
    }
    if (inside) return whole === '[' ? String.raw`\[` : whole;
    if (whole === '.') return `[^${LINE_ENDS}]`;
    if (whole === '$') return String.raw`\z`;
    inside = true;
    return whole;
  });
}

function codePoint(value: number): string {
  return `\\x{${value.toString(16)}}`;
}

function surrogates(high: string, low: string): string {
  const [first, second] = [parseInt(high, 16), parseInt(low, 16)];
  const isPair = first >= 0xd800 && first < 0xdc00 && second >= 0xdc00 && second < 0xe000;
  return isPair
    ? codePoint(0x10000 + (first - 0xd800) * 0x400 + (second - 0xdc00))
    : `${codePoint(first)}${codePoint(second)}`;
}

function escape(letter: string, inside: boolean): string {
  switch (letter) {
    case 's':
      return inside ? BLANKS : `[${BLANKS}]`;
    case 'S':
      // Within a set there is no way to write all but these; it is refused by the other engine.
      return inside ? String.raw`\C` : `[^${BLANKS}]`;
    case '0':
      return String.raw`\x00`;
    case 'b':
      return inside ? String.raw`\x08` : String.raw`\b`;
    default:
      return `\\${letter}`;
  }
}
