import { lookUp } from './dictionary.ts';
import type { Tag } from './element.ts';
import { ITEM } from './sequence.ts';
import { representationOfCode } from './value-representation.ts';
import {
  EXPLICIT_BE,
  EXPLICIT_LE,
  IMPLICIT_LE,
  UNDEFINED_LENGTH,
  type Encoding,
  type WalkState,
} from './walk-state.ts';

/** So many elements in a row are looked at; one alone may look right by chance. */
const SAMPLE = 3;

/**
 * How many of the first elements make sense in this encoding, SAMPLE at most: their VRs exist or, in
 * implicit encoding, their tags are known, they are in order, and their lengths fit.
 */
export function scoreEncoding(state: WalkState, start: number, encoding: Encoding): number {
  const { size } = state.source;
  let position = start;
  let last = -1;
  for (let count = 0; count < SAMPLE; count += 1) {
    if (position === size && count > 0) return SAMPLE;
    if (size - position < 12) return size - position === 8 && count > 0 ? count + 1 : count;
    const tag = state.tagAt(position, encoding.littleEndian);
    // A data set begins with the groups of directory, study, equipment or patient.
    const group = tag >>> 16;
    if (tag <= last || group === 0 || (count === 0 && group > 0x00ff)) return count;
    const facts = representationOfCode(state.u16(position + 4, false));
    if (encoding.explicit ? facts === undefined : !isImplicit(state, position, tag)) return count;
    let header = 8;
    let length: number;
    if (!encoding.explicit) length = state.u32(position + 4, encoding.littleEndian);
    else if (facts?.long === true) {
      header = 12;
      length = state.u32(position + 8, encoding.littleEndian);
    } else length = state.u16(position + 6, encoding.littleEndian);
    if (length === UNDEFINED_LENGTH) return count + 1;
    position += header + length;
    if (position > size) return count;
    last = tag;
  }
  return SAMPLE;
}

/** A tag that is known or, in a group that nobody knows, a sequence that shows its first item. */
function isImplicit(state: WalkState, at: number, tag: Tag): boolean {
  if (lookUp(tag) !== undefined) return true;
  return state.u32(at + 4, true) === UNDEFINED_LENGTH && state.tagAt(at + 8, true) === ITEM;
}

/** The encoding that explains the first elements best, or null where none explains anything. */
export function guessEncoding(state: WalkState, start: number): Encoding | null {
  let best: Encoding | null = null;
  let bestScore = 0;
  for (const encoding of [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE]) {
    const score = scoreEncoding(state, start, encoding);
    if (score > bestScore) {
      best = encoding;
      bestScore = score;
    }
  }
  return best;
}

/** Whether another encoding explains the first elements, and the declared one not even the first. */
export function contradicts(state: WalkState, start: number, declared: Encoding): Encoding | null {
  const score = scoreEncoding(state, start, declared);
  if (score >= 2) return null;
  const other = guessEncoding(state, start);
  if (other === null || scoreEncoding(state, start, other) < score + 1) return null;
  const same = other.explicit === declared.explicit && other.littleEndian === declared.littleEndian;
  return same ? null : other;
}
