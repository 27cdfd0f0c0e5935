/**
 * Finds many patterns in one pass. Every pattern has four bytes at least; a bit for each hash of
 * such an ending says at most places that no pattern ends there. Endings and not beginnings, because
 * the UIDs of one study all begin alike. An automaton (Aho and Corasick) would not need the
 * comparison behind it, but takes longer to build than an image's header takes to search, and the
 * patterns are other ones for each image.
 */
import type { Pattern } from './residual-pattern.ts';

const HASH_BITS = 16;

export interface PatternIndex {
  readonly bits: Uint8Array;
  readonly byEnd: ReadonlyMap<number, readonly Pattern[]>;
}

export function indexPatterns(patterns: readonly Pattern[]): PatternIndex {
  const bits = new Uint8Array(1 << HASH_BITS);
  const byEnd = new Map<number, Pattern[]>();
  for (const pattern of patterns) {
    const [a = 0, b = 0, c = 0, d = 0] = pattern.bytes.subarray(-4);
    const end = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    bits[hash(end)] = 1;
    const sharing = byEnd.get(end);
    if (sharing === undefined) byEnd.set(end, [pattern]);
    else sharing.push(pattern);
  }
  return { bits, byEnd };
}

function hash(end: number): number {
  return Math.imul(end, 0x9e3779b1) >>> (32 - HASH_BITS);
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
  const { bits, byEnd } = index;
  let window = 0;
  for (let at = 0; at < folded.length; at++) {
    window = ((window << 8) | (folded[at] ?? 0)) >>> 0;
    if (at < 3 || bits[hash(window)] === 0) continue;
    const candidates = byEnd.get(window);
    if (candidates === undefined) continue;
    for (const pattern of candidates) {
      const start = at + 1 - pattern.bytes.length;
      if (start >= 0 && standsAt(pattern.bytes, folded, start)) found(pattern, start);
    }
  }
}

/** The last four bytes are known to be the same. */
function standsAt(pattern: Uint8Array, folded: Uint8Array, start: number): boolean {
  for (let index = pattern.length - 5; index >= 0; index--) {
    if (pattern[index] !== folded[start + index]) return false;
  }
  return true;
}
