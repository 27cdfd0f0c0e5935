/**
 * Characters that must not reach a terminal, a log or a page as they are: controls (Cc: a line
 * break forges a log line, ESC steers a terminal), line and paragraph separators (Zl, Zp), format
 * characters (Cf: overrides of writing direction make text read as something else, others are not
 * seen at all) and halves of surrogate pairs (Cs), which are no characters.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeCharacter(character: string): string {
  return SHORT[character] ?? Array.from({ length: character.length }, unitOf, character).join('');
}

function unitOf(this: string, _: unknown, index: number): string {
  return `\\u${this.charCodeAt(index).toString(16).padStart(4, '0')}`;
}

/** The text on one line with nothing in it that acts: unsafe characters become `\n` or `\u202e`. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, escapeCharacter);
}

/**
 * JSON with nothing in it that acts. `JSON.stringify` leaves DEL, C1, U+2028/9 and the direction
 * controls as they are; as `\uXXXX` inside a string they mean the same to every reader of JSON.
 */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, escapeCharacter);
}

/** Cuts a text to at most `limit` UTF-16 units and says how much went. Never splits a character. */
export function capText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = limit;
  const unit = text.charCodeAt(end - 1);
  if (unit >= 0xd800 && unit <= 0xdbff) end -= 1;
  return `${text.slice(0, end)}… (+${text.length - end} characters)`;
}

/** First cut, then escaped, so that escaping cannot be used to outgrow or to split an escape. */
export function safeText(text: string, limit: number): string {
  return escapeText(capText(text, limit));
}
