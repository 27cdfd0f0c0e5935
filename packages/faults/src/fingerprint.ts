import { textOf } from './failure-chain.ts';
import type { Place } from './place.ts';

/** What makes two findings or faults the same problem. */
export interface ProblemTraits {
  /** The entry's name. */
  readonly code: string;
  readonly step: string;
  /** The place's field: column, tag, pointer or FHIRPath. Indexes in it do not matter. */
  readonly field?: string;
  /** The rule's own code, where sites write the rules. */
  readonly rule?: string;
  /** The system that the data came from. */
  readonly source?: string;
  /** The exception behind an unknown error. Anything that has a code of its own needs none. */
  readonly thrown?: unknown;
}

/** Changes whenever the same problem would get another fingerprint than before. */
const VERSION = 'v1';

/** Longest single part, UTF-16 units. */
const PART_LIMIT = 200;

/**
 * The fingerprint `v1|code|step|field|rule|source` by which findings are grouped into problems.
 * Row numbers, values and times are not in it.
 */
export function fingerprint(traits: ProblemTraits): string {
  const rule = traits.thrown === undefined ? (traits.rule ?? '') : exceptionTrait(traits.thrown);
  const parts = [traits.code, traits.step, withoutIndexes(traits.field ?? ''), rule];
  return [VERSION, ...[...parts, traits.source ?? ''].map(partText)].join('|');
}

/** The field of a place, the most exact notation first. */
export function fieldOf(place: Place): string {
  return place.column ?? place.tag ?? place.pointer ?? place.expression ?? '';
}

/**
 * A field path without what only counts: `[3]` of tags and FHIRPath, numbers between the slashes
 * of a JSON pointer. A column is left alone: `visit 2` is another field than `visit 1`.
 */
export function withoutIndexes(path: string): string {
  const bare = path.replace(/\[\d+\]/g, '[]');
  return bare.startsWith('/') ? bare.replace(/\/\d+(?=\/|$)/g, '/*') : bare;
}

/** A text with everything taken out that differs from one occurrence to the next. */
export function normalizeText(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<uuid>')
    .replace(/"[^"]*"|'[^']*'|`[^`]*`|«[^»]*»|“[^”]*”/g, '<text>')
    .replace(/(?:[A-Za-z]+:\/\/|[A-Za-z]:\\|\.{0,2}\/)[^\s,;)<>]+/g, '<path>')
    .replace(/\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '<hex>')
    .replace(/[-+]?\d+(?:[.,]\d+)*/g, '<n>')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * An unknown exception, by its class and a digest of its normalised text. The text itself stays
 * out, because nobody knows what it holds. Thirty-two bits are enough to tell problems apart, and
 * too few to prove a guess at what the text was.
 */
function exceptionTrait(thrown: unknown): string {
  const text = textOf(thrown, 'message') ?? (typeof thrown === 'string' ? thrown : '');
  const name = textOf(thrown, 'name') ?? typeof thrown;
  return `${/^\w{1,64}$/.test(name) ? name : 'error'}:${digest(normalizeText(text))}`;
}

/** FNV-1a, 32 bits, as eight hexadecimal digits. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}

/** Keeps the separator out of the parts. */
function partText(part: string): string {
  return part.slice(0, PART_LIMIT).replace(/[%|\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/gu, encodePart);
}

function encodePart(character: string): string {
  return `%${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`;
}
