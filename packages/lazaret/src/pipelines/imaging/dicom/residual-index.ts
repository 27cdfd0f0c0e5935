/**
 * Finds many patterns in one pass. Every pattern has four bytes at least; a bit for each hash of
 * such a beginning says at most places that no pattern begins there. An automaton (Aho and
 * Corasick) would not need the comparison behind it, but takes longer to build than an image's
 * header takes to search, and the patterns are other ones for each image.
 */
import type { Pattern } from './residual-pattern.ts';

const HASH_BITS = 14;

export interface PatternIndex {
  readonly bits: Uint8Array;
  readonly byStart: ReadonlyMap<number, readonly Pattern[]>;
}

export function indexPatterns(patterns: readonly Pattern[]): PatternIndex {
  const bits = new Uint8Array(1 << HASH_BITS);
  const byStart = new Map<number, Pattern[]>();
  for (const pattern of patterns) {
    const [a = 0, b = 0, c = 0, d = 0] = pattern.bytes;
    const start = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    bits[hash(start)] = 1;
    const sharing = byStart.get(start);
    if (sharing === undefined) byStart.set(start, [pattern]);
    else sharing.push(pattern);
  }
  return { bits, byStart };
}

function hash(start: number): number {
  return Math.imul(start, 0x9e3779b1) >>> (32 - HASH_BITS);
}

/**
 * Calls `found` for each place of `folded` where a pattern stands whole.
 *
 * @param folded - bytes after `foldAscii`.
 */
export function search(
  folded: Uint8Array,
  index: PatternIndex,
  found: (pattern: Pattern, at: number) => void,
): void {
  const { bits, byStart } = index;
  let window = 0;
  for (let at = 0; at < folded.length; at++) {
    window = ((window << 8) | (folded[at] ?? 0)) >>> 0;
    if (at < 3 || bits[hash(window)] === 0) continue;
    const candidates = byStart.get(window);
    if (candidates === undefined) continue;
    for (const pattern of candidates) {
      const start = at - 3;
      if (start + pattern.bytes.length <= folded.length && standsAt(pattern.bytes, folded, start)) {
        found(pattern, start);
      }
    }
  }
}

function standsAt(pattern: Uint8Array, folded: Uint8Array, start: number): boolean {
  for (let index = 4; index < pattern.length; index++) {
    if (pattern[index] !== folded[start + index]) return false;
  }
  return true;
}
