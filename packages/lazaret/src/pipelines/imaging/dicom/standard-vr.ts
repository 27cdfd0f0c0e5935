import type { DictionaryEntry } from './dictionary.ts';
import { representationOf, type ValueRepresentation } from './value-representation.ts';
import { UNDEFINED_LENGTH, type WalkState } from './walk-state.ts';

/**
 * Whether the standard allows this VR for the element. UN is always allowed (PS3.5 section 6.2.2), and
 * bytes or words, signed or not, change neither the form of the header nor the nesting. A retired
 * element may have had another VR once; that is let pass under the same condition.
 */
export function isAllowed(
  entry: DictionaryEntry | undefined,
  written: ValueRepresentation,
): boolean {
  const { vr } = written;
  if (entry === undefined || vr === 'UN' || entry.vrs.includes(vr)) return true;
  const other = ALIKE[vr];
  if (other !== undefined && entry.vrs.includes(other)) return true;
  if (!entry.retired || vr === 'SQ') return false;
  const first = representationOf(entry.vrs[0] ?? 'UN');
  return first !== undefined && first.vr !== 'SQ' && first.long === written.long;
}

const ALIKE: Readonly<Record<string, string>> = { OB: 'OW', OW: 'OB', US: 'SS', SS: 'US' };

/** The VR of an element that does not say its own, by the dictionary and PS3.5 annex A.1. */
export function impliedVr(
  state: WalkState,
  entry: DictionaryEntry | undefined,
  at: number,
): string {
  if (entry === undefined) {
    // Only a sequence may have an undefined length in a group that nobody knows.
    return state.u32(at + 4, true) === UNDEFINED_LENGTH ? 'SQ' : 'UN';
  }
  if (entry.vrs.length === 1) return entry.vrs[0] ?? 'UN';
  if (entry.vrs.includes('OW')) return 'OW';
  return entry.vrs.includes('SS') && state.signedPixels ? 'SS' : 'US';
}
