import type { Element, Item, Tag } from './element.ts';
import { FAILED, UNDEFINED_LENGTH, type Encoding, type WalkState } from './walk-state.ts';

/** Tags without a VR, whatever the encoding (PS3.5 section 7.5). */
export const ITEM = 0xfffee000;
export const ITEM_DELIMITER = 0xfffee00d;
export const SEQUENCE_DELIMITER = 0xfffee0dd;
export const DELIMITER_BYTES = 8;

/** The elements of one data set or item, as they are found. */
export interface Level {
  readonly elements: Element[];
  /** Copying the level's bytes would carry a fault on. */
  damaged: boolean;
}

export interface Items {
  readonly items: Item[];
  /** Behind the last item, before the delimiter. */
  valueEnd: number;
  damaged: boolean;
}

/** Where a sequence or item lies, and whether a delimiter rather than `end` closes it. */
export interface Extent {
  readonly start: number;
  readonly end: number;
  readonly undefinedLength: boolean;
}

/** Walks the elements of an item: `walkElements`, handed in since the two call each other. */
export type WalkLevel = (
  state: WalkState,
  extent: Extent,
  encoding: Encoding,
  into: Level,
) => number;

/** Walks a sequence's items. Returns the offset behind the sequence, or FAILED. */
export function walkSequence(
  state: WalkState,
  tag: Tag,
  extent: Extent,
  encoding: Encoding,
  walkLevel: WalkLevel,
  into: Items,
): number {
  if (state.path.length >= state.limits.depth) {
    state.fail({ unreadable: 'limit', limit: 'depth', offset: extent.start });
    return FAILED;
  }
  const { end, undefinedLength } = extent;
  let position = extent.start;
  while (end - position >= DELIMITER_BYTES) {
    const marker = state.tagAt(position, encoding.littleEndian);
    const length = state.u32(position + 4, encoding.littleEndian);
    if (marker === ITEM) {
      position = walkItem(state, tag, position, length, end, encoding, walkLevel, into);
      if (position === FAILED) return FAILED;
    } else if (marker === SEQUENCE_DELIMITER || marker === ITEM_DELIMITER) {
      if (length !== 0) damage(state, into, 'delimiter-length', position, tag);
      if (marker === SEQUENCE_DELIMITER && undefinedLength) {
        into.valueEnd = position;
        return position + DELIMITER_BYTES;
      }
      damage(state, into, 'stray-delimiter', position, tag);
      position += DELIMITER_BYTES;
    } else if (undefinedLength) {
      // Another element begins: the delimiter is missing, if this is an element at all.
      damage(state, into, 'missing-delimiter', position, tag);
      into.valueEnd = position;
      return position;
    } else {
      state.malformed(position, tag);
      return FAILED;
    }
    if (state.failure !== null) return FAILED;
  }
  into.valueEnd = position;
  if (undefinedLength) damage(state, into, 'missing-delimiter', position, tag);
  if (position < end && !undefinedLength) {
    damage(state, into, 'stray-bytes-in-sequence', position, tag);
    return end;
  }
  return position;
}

function walkItem(
  state: WalkState,
  tag: Tag,
  position: number,
  length: number,
  sequenceEnd: number,
  encoding: Encoding,
  walkLevel: WalkLevel,
  into: Items,
): number {
  if (!state.countElement(position)) return FAILED;
  const start = position + DELIMITER_BYTES;
  const undefinedLength = length === UNDEFINED_LENGTH;
  let end = undefinedLength ? sequenceEnd : start + length;
  if (end > sequenceEnd) {
    damage(state, into, 'length-overrun', position, tag);
    end = sequenceEnd;
  }
  const level: Level = { elements: [], damaged: false };
  state.path.push({ tag, item: into.items.length });
  let behind = walkLevel(state, { start, end, undefinedLength }, encoding, level);
  state.path.pop();
  if (behind === FAILED) return FAILED;
  const valueEnd = behind;
  if (undefinedLength) {
    const closes =
      sequenceEnd - behind >= DELIMITER_BYTES &&
      state.tagAt(behind, encoding.littleEndian) === ITEM_DELIMITER;
    if (closes) {
      if (state.u32(behind + 4, encoding.littleEndian) !== 0) {
        damage(state, into, 'delimiter-length', behind, tag);
      }
      behind += DELIMITER_BYTES;
    } else {
      damage(state, into, 'missing-delimiter', behind, tag);
    }
  }
  if (level.damaged) into.damaged = true;
  into.items.push({
    offset: start,
    length: valueEnd - start,
    undefinedLength,
    elements: level.elements,
  });
  return behind;
}

function damage(
  state: WalkState,
  into: Items,
  kind:
    | 'delimiter-length'
    | 'stray-delimiter'
    | 'missing-delimiter'
    | 'length-overrun'
    | 'stray-bytes-in-sequence',
  offset: number,
  tag: Tag,
): void {
  state.forgive(kind, offset, tag);
  into.damaged = true;
}
