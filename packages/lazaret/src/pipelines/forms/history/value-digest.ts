/** Digests of the values of records: the same values, in whatever order, have the same digest. */
import { hash } from 'node:crypto';
import { canonicalJson } from '../../../engine/canonical-json.ts';
import type { FormValue, FormValues } from '../record.ts';

/**
 * Half of a SHA-256: enough to tell the versions of one visit apart, and half of what would be kept
 * of each.
 */
const DIGEST_CHARACTERS = 32;

/**
 * Digests records that have mostly the same names. Sorting the names of each record would cost more
 * than all of its rules, so the names are sorted once, and again when one comes up that is new.
 */
export class ValueDigests {
  #names: readonly string[] = [];

  /** The first half of a SHA-256, hexadecimal. */
  of(values: FormValues): string {
    let text = this.#textOf(values);
    if (text === null) {
      this.#names = [...new Set([...this.#names, ...Object.keys(values)])].sort();
      text = this.#textOf(values) ?? '';
    }
    return hash('sha256', text, 'hex').slice(0, DIGEST_CHARACTERS);
  }

  /** Null where the record has a name that is not known yet. */
  #textOf(values: FormValues): string | null {
    let text = '';
    let left = Object.keys(values).length;
    for (const name of this.#names) {
      const value = values[name];
      if (value === undefined) continue;
      left -= 1;
      if (value !== null) text += `${name.length}:${name}${written(value)}`;
    }
    return left > 0 ? null : text;
  }
}

/** Each with its length or an end, so that no two records are written alike. */
function written(value: Exclude<FormValue, null>): string {
  switch (typeof value) {
    case 'string':
      return `"${value.length}:${value}`;
    case 'object': {
      const text = canonicalJson(value);
      return `{${text.length}:${text}`;
    }
    default:
      return `=${value};`;
  }
}

/**
 * The digest of some values, made when somebody asks for it: most versions are never compared with
 * another one.
 */
export class LazyDigest {
  #values: FormValues | null;
  #text: string | null;

  private constructor(values: FormValues | null, text: string | null) {
    this.#values = values;
    this.#text = text;
  }

  /** @param values must stay as they are: they may be digested much later. */
  static of(values: FormValues): LazyDigest {
    return new LazyDigest(values, null);
  }

  static known(text: string): LazyDigest {
    return new LazyDigest(null, text);
  }

  get text(): string {
    if (this.#text !== null) return this.#text;
    this.#text = digests.of(this.#values ?? {});
    this.#values = null;
    return this.#text;
  }

  equals(other: LazyDigest): boolean {
    return this === other || this.text === other.text;
  }
}

const digests = new ValueDigests();
