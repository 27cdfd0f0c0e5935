import type { ByteRange } from '../../../bytes/byte-source.ts';
import type { Tag } from './element.ts';
import { DELIMITER_BYTES, ITEM, SEQUENCE_DELIMITER } from './sequence.ts';
import { FAILED, UNDEFINED_LENGTH, type WalkState } from './walk-state.ts';

/** Encapsulated pixel data (PS3.5 annex A.4), walked by its lengths, whatever its bytes look like. */
export interface Fragments {
  readonly fragments: ByteRange[];
  /** Behind the last fragment, before the delimiter. */
  valueEnd: number;
  damaged: boolean;
}

/** Returns the offset behind the delimiter, or FAILED. */
export function walkFragments(
  state: WalkState,
  tag: Tag,
  start: number,
  end: number,
  littleEndian: boolean,
  into: Fragments,
): number {
  let position = start;
  while (end - position >= DELIMITER_BYTES) {
    const marker = state.tagAt(position, littleEndian);
    const length = state.u32(position + 4, littleEndian);
    if (marker === SEQUENCE_DELIMITER) {
      if (length !== 0) {
        state.forgive('delimiter-length', position, tag);
        into.damaged = true;
      }
      into.valueEnd = position;
      return position + DELIMITER_BYTES;
    }
    if (marker !== ITEM || length === UNDEFINED_LENGTH) {
      state.malformed(position, tag);
      return FAILED;
    }
    if (!state.countFragment(position)) return FAILED;
    const offset = position + DELIMITER_BYTES;
    if (offset + length > end) {
      into.fragments.push({ offset, length: end - offset });
      return breakOff(state, tag, end, into);
    }
    if (length % 2 === 1) {
      state.forgive('odd-length', position, tag);
      into.damaged = true;
    }
    into.fragments.push({ offset, length });
    position = offset + length;
  }
  return breakOff(state, tag, end, into);
}

function breakOff(state: WalkState, tag: Tag, end: number, into: Fragments): number {
  // Pixel data of nothing but whole fragments may still have lost some: both are one kind.
  state.forgive('truncated-pixels', end, tag);
  into.damaged = true;
  into.valueEnd = end;
  return end;
}
