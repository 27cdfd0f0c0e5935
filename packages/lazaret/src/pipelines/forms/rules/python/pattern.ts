import { RE2JS } from 're2js';

/**
 * Regular expressions written for Python's `re`, run by an engine whose time grows with the
 * length of the text and with nothing else: `(a+)+$` cannot hang a run. Its price is that look-
 * around, back-references and atomic groups do not exist; they are refused when rules are read.
 */

/** Longest pattern, UTF-16 units. */
export const LONGEST_PATTERN = 2000;

/** Most repetitions that the engine unrolls. */
const MOST_REPETITIONS = 1000;

export type PatternOutcome =
  | { readonly ok: true; readonly matches: (text: string) => boolean }
  | { readonly ok: false; readonly reason: string };

/**
 * Compiles a pattern with the meaning of `re.match(pattern + '$', text)`: it starts at the first
 * character; where the pattern does not end with `$`, one is appended as it stands, so that
 * `a|b` lets everything through that starts with an a.
 */
export function compilePattern(pattern: string): PatternOutcome {
  if (pattern.length > LONGEST_PATTERN)
    return refuse(`is longer than ${LONGEST_PATTERN} characters`);
  const translation = new Translation(pattern.endsWith('$') ? pattern : `${pattern}$`);
  const reason = translation.run();
  if (reason !== null) return refuse(reason);
  const flags = translation.flags === '' ? '' : `(?${translation.flags})`;
  try {
    const compiled = RE2JS.compile(`${flags}\\A(?:${translation.output})`);
    return { ok: true, matches: (text) => compiled.test(text) };
  } catch (error) {
    return refuse(engineReason(error));
  }
}

function refuse(reason: string): PatternOutcome {
  return { ok: false, reason };
}

function engineReason(error: unknown): string {
  const text = error instanceof Error ? error.message : '';
  const detail = text.startsWith('error parsing regexp: ') ? text.slice(22) : text;
  return detail === '' ? 'is not a regular expression' : `is not a regular expression: ${detail}`;
}

const SPACES = String.raw`\t-\r\x1C-\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}`;
const WORDS = String.raw`\p{L}\p{N}_`;

/** What Python's classes hold for text: every script's digits and letters, not ASCII's alone. */
const CLASSES: Readonly<Record<string, string>> = {
  d: String.raw`\p{Nd}`,
  w: WORDS,
  s: SPACES,
};
const OUTSIDE_CLASS: Readonly<Record<string, string>> = {
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  w: `[${WORDS}]`,
  W: `[^${WORDS}]`,
  s: `[${SPACES}]`,
  S: `[^${SPACES}]`,
  A: String.raw`\A`,
  Z: String.raw`\z`,
  b: String.raw`\b`,
  B: String.raw`\B`,
};
const CONTROLS: Readonly<Record<string, string>> = {
  a: String.raw`\x07`,
  f: String.raw`\f`,
  n: String.raw`\n`,
  r: String.raw`\r`,
  t: String.raw`\t`,
  v: String.raw`\x0B`,
};

/** One pattern on its way from Python's syntax to the engine's. */
class Translation {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  #multiline = false;
  output = '';
  flags = '';

  constructor(source: string) {
    this.#source = source;
  }

  /** Fills `output` and `flags`; returns why the pattern cannot be used, or null. */
  run(): string | null {
    const flags = /^\(\?([aiLmsux]+)\)/.exec(this.#source);
    if (flags !== null) {
      const letters = flags[1] ?? '';
      if (/[xL]/.test(letters)) return 'uses a flag that is not supported here; write it out';
      this.flags = [...new Set(letters.replaceAll(/[au]/g, ''))].join('');
      this.#multiline = letters.includes('m');
      this.#at = flags[0].length;
    }
    while (this.#at < this.#source.length) {
      const reason = this.#step();
      if (reason !== null) return reason;
    }
    return this.#depth === 0 ? null : 'has a bracket ( that is never closed';
  }

  #step(): string | null {
    const character = this.#source[this.#at] ?? '';
    switch (character) {
      case '\\':
        return this.#escape();
      case '[':
        return this.#set();
      case '(':
        return this.#group();
      case ')':
        this.#depth -= 1;
        if (this.#depth < 0) return 'has a bracket ) that was never opened';
        return this.#put(')', 1);
      case '$':
        // Python's end also stands before a last line break.
        return this.#put(this.#multiline ? '$' : String.raw`(?:\n?\z)`, 1);
      case '*':
      case '+':
      case '?':
        return this.#quantifier(character);
      case '{':
        return this.#braces();
      default:
        return this.#put(/[}\]]/.test(character) ? `\\${character}` : character, 1);
    }
  }

  #put(text: string, width: number): null {
    this.output += text;
    this.#at += width;
    return null;
  }

  #quantifier(text: string): string | null {
    const width = text.length;
    const next = this.#source[this.#at + width];
    if (next === '+') return 'uses a possessive quantifier, which this engine has no need of';
    return next === '?' ? this.#put(`${text}?`, width + 1) : this.#put(text, width);
  }

  #braces(): string | null {
    const repeat = /^\{(\d*)(,?)(\d*)\}/.exec(this.#source.slice(this.#at));
    // Python takes a brace that is no repetition for itself.
    if (repeat === null || (repeat[1] === '' && repeat[2] === ''))
      return this.#put(String.raw`\{`, 1);
    const [whole, low = '', comma = '', high = ''] = repeat;
    if (Math.max(Number(low), Number(high)) > MOST_REPETITIONS)
      return `repeats more than ${MOST_REPETITIONS} times`;
    const text = `{${low === '' ? '0' : low}${comma}${high}}`;
    const reason = this.#quantifier(whole);
    if (reason === null) this.output = this.output.replace(/\{[\d,]*\}(\??)$/, `${text}$1`);
    return reason;
  }

  #group(): string | null {
    const rest = this.#source.slice(this.#at);
    if (rest.startsWith('(?#')) {
      const end = rest.indexOf(')');
      if (end < 0) return 'has a comment that is never closed';
      return this.#put('', end + 1);
    }
    if (/^\(\?(?:[=!]|<[=!])/.test(rest)) return 'looks ahead or behind, which is not supported';
    if (/^\(\?(?:>|\()/.test(rest))
      return 'uses an atomic or conditional group, which is not supported';
    if (rest.startsWith('(?P=')) return 'refers back to a group, which is not supported';
    const opening = /^\((?:\?:|\?P<[A-Za-z_]\w*>|\?[aimsu]*(?:-[ims]+)?:|(?!\?))/.exec(rest);
    if (opening === null) return 'has a group that is not understood';
    this.#depth += 1;
    const local = /^\(\?([aimsu]*)((?:-[ims]+)?):/.exec(opening[0]);
    const kept =
      local === null ? '' : `${(local[1] ?? '').replaceAll(/[au]/g, '')}${local[2] ?? ''}`;
    return this.#put(local === null ? opening[0] : `(?${kept}:`, opening[0].length);
  }

  #escape(): string | null {
    const next = this.#source[this.#at + 1];
    if (next === undefined) return 'ends with a backslash';
    if (/[1-9]/.test(next)) return 'refers back to a group, which is not supported';
    const known = OUTSIDE_CLASS[next];
    if (known !== undefined) return this.#put(known, 2);
    return this.#character(next);
  }

  /** An escape that stands for one character, inside a set or outside. */
  #character(next: string): string | null {
    const control = CONTROLS[next];
    if (control !== undefined) return this.#put(control, 2);
    const code = /^\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(0[0-7]{0,2}))/.exec(
      this.#source.slice(this.#at),
    );
    if (code !== null) {
      const digits = code[1] ?? code[2] ?? code[3];
      const value = digits === undefined ? parseInt(code[4] ?? '0', 8) : parseInt(digits, 16);
      return this.#put(`\\x{${value.toString(16)}}`, code[0].length);
    }
    if (/[A-Za-z0-9]/.test(next)) return `has the unknown escape \\${next}`;
    return this.#put(quoted(next), 2);
  }

  #set(): string | null {
    const source = this.#source;
    this.#put('[', 1);
    if (source[this.#at] === '^') this.#put('^', 1);
    let first = true;
    for (;;) {
      const character = source[this.#at];
      if (character === undefined) return 'has a set [ that is never closed';
      if (character === ']' && !first) return this.#put(']', 1);
      first = false;
      if (character === '\\') {
        const reason = this.#escapeInSet();
        if (reason !== null) return reason;
      } else {
        this.#put(/[[\]^&~|]/.test(character) ? `\\${character}` : character, 1);
      }
    }
  }

  #escapeInSet(): string | null {
    const next = this.#source[this.#at + 1];
    if (next === undefined) return 'ends with a backslash';
    if (next === 'b') return this.#put(String.raw`\x08`, 2);
    const known = CLASSES[next];
    if (known !== undefined) return this.#put(known, 2);
    if (next === 'D') return this.#put(String.raw`\P{Nd}`, 2);
    if (next === 'W' || next === 'S') return `uses \\${next} inside a set, which is not supported`;
    return this.#character(next);
  }
}

function quoted(character: string): string {
  return /[\\^$.*+?()[\]{}|\-/]/.test(character) ? `\\${character}` : character;
}
