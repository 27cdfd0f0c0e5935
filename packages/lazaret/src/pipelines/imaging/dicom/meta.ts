import { readElement } from './data-set.ts';
import type { Element, Tag } from './element.ts';
import { representationOfCode } from './value-representation.ts';
import {
  EXPLICIT_BE,
  EXPLICIT_LE,
  IMPLICIT_LE,
  type Encoding,
  type WalkState,
} from './walk-state.ts';

const PREAMBLE_BYTES = 128;
const DICM = 0x4449434d;
const GROUP_LENGTH = 0x00020000;

/** Where a file's meta group begins, and whether the preamble is whole (PS3.10 section 7.1). */
export interface Start {
  readonly offset: number;
  readonly preamble: boolean;
}

export function findStart(state: WalkState): Start {
  const { size } = state.source;
  if (size >= PREAMBLE_BYTES + 4 && state.u32(PREAMBLE_BYTES, false) === DICM) {
    return { offset: PREAMBLE_BYTES + 4, preamble: true };
  }
  state.forgive('no-preamble', 0);
  if (size >= 4 && state.u32(0, false) === DICM) return { offset: 4, preamble: false };
  const behindPreamble = [PREAMBLE_BYTES + 4, PREAMBLE_BYTES].find(
    (offset) => !startsMeta(state, 0) && startsMeta(state, offset),
  );
  return { offset: behindPreamble ?? 0, preamble: false };
}

/**
 * Walks the meta group by its tags, since its length is wrong in many files. Returns the offset of
 * the data set, or null after a failure.
 */
export function walkMeta(state: WalkState, start: number, into: Element[]): number | null {
  const { size } = state.source;
  const encoding = metaEncoding(state, start);
  if (encoding === null) {
    state.forgive('no-meta', start);
    return start;
  }
  if (encoding !== EXPLICIT_LE) state.forgive('meta-wrong-encoding', start);
  let position = start;
  let declaredEnd = -1;
  let last = -1;
  const seen = new Set<Tag>();
  while (size - position >= 8) {
    const tag = state.tagAt(position, encoding.littleEndian);
    if (tag >>> 16 !== 2) break;
    const element = readElement(state, position, size, encoding);
    if (element === null) return null;
    if (tag < last) state.forgive('out-of-order', position, tag);
    if (seen.has(tag)) state.forgive('duplicate-tag', position, tag);
    seen.add(tag);
    if (tag === GROUP_LENGTH && element.valueLength === 4 && position === start) {
      declaredEnd = element.end + state.u32(element.valueOffset, encoding.littleEndian);
    }
    last = tag;
    into.push(element);
    position = element.end;
  }
  if (declaredEnd === -1) state.forgive('meta-length-missing', start);
  else if (declaredEnd !== position) state.forgive('meta-length-wrong', start, GROUP_LENGTH);
  return position;
}

function startsMeta(state: WalkState, offset: number): boolean {
  return metaEncoding(state, offset) !== null;
}

function metaEncoding(state: WalkState, offset: number): Encoding | null {
  if (state.source.size - offset < 8) return null;
  const little = state.tagAt(offset, true);
  // The lowest 256 numbers hold all that the group defines.
  if (little >>> 8 === 0x000200) {
    if (representationOfCode(state.u16(offset + 4, false)) !== undefined) return EXPLICIT_LE;
    // Neither a VR nor a length that an implicit header could have: a corrupted VR.
    return state.u32(offset + 4, true) <= 0xffff ? IMPLICIT_LE : EXPLICIT_LE;
  }
  return state.tagAt(offset, false) >>> 8 === 0x000200 ? EXPLICIT_BE : null;
}
