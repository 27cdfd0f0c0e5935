import type { Element, Tag } from './element.ts';
import { ElementOrder } from './element-order.ts';
import { walkFragments, type Fragments } from './fragments.ts';
import { isPixelData, readHeader, type Header } from './header.ts';
import {
  DELIMITER_BYTES,
  ITEM,
  ITEM_DELIMITER,
  SEQUENCE_DELIMITER,
  walkSequence,
  type Extent,
  type Items,
  type Level,
} from './sequence.ts';
import { checkValue } from './value-check.ts';
import { representationOf } from './value-representation.ts';
import {
  FAILED,
  IMPLICIT_LE,
  UNDEFINED_LENGTH,
  type Encoding,
  type WalkState,
} from './walk-state.ts';

const PIXEL_REPRESENTATION = 0x00280103;

/**
 * Walks the elements of a data set or an item. Returns the offset at which they end (before an
 * item's delimiter, which is the caller's), or FAILED.
 */
export function walkElements(
  state: WalkState,
  extent: Extent,
  encoding: Encoding,
  into: Level,
): number {
  const { end, undefinedLength } = extent;
  const outermost = state.path.length === 0;
  const order = new ElementOrder(encoding.littleEndian);
  let position = extent.start;
  while (end - position >= DELIMITER_BYTES) {
    const tag = state.tagAt(position, encoding.littleEndian);
    if (tag >>> 16 === 0xfffe) {
      if (undefinedLength && tag !== 0xfffe0000 && isMarker(tag)) break;
      if (tag === ITEM) {
        if (outermost && state.pixelsPassed) break;
        state.malformed(position, tag);
        return FAILED;
      }
      if (isMarker(tag)) {
        state.forgive('stray-delimiter', position, tag);
        into.damaged = true;
        position += DELIMITER_BYTES;
        continue;
      }
      state.forgive('group-fffe', position, tag);
    }
    if (tag === 0 && outermost && state.onlyZerosFrom(position)) break;
    const marked = state.forgiven.length;
    const element = readElement(state, position, end, encoding);
    if (element === null) {
      if (!outermost || !state.pixelsPassed || state.failure?.unreadable !== 'malformed') {
        return FAILED;
      }
      // Behind the pixels of an image there may be anything; it is not read and never copied.
      state.failure = null;
      state.path.length = 0;
      state.forgiven.length = marked;
      break;
    }
    order.add(state, element);
    if (outermost) reportGroup(state, element);
    into.elements.push(element);
    if (element.damaged === true) into.damaged = true;
    if (outermost && isPixelData(tag)) state.pixelsPassed = true;
    position = element.end;
  }
  order.close(state, position, into.elements);
  if (position < end && !undefinedLength) {
    const zeros = outermost && state.onlyZerosFrom(position);
    state.forgive(zeros ? 'trailing-padding' : 'trailing-bytes', position);
    into.damaged = true;
    position = end;
  }
  return state.failure === null ? position : FAILED;
}

/** Reads one element with all that is nested in it. Null after a failure. */
export function readElement(
  state: WalkState,
  at: number,
  end: number,
  encoding: Encoding,
): Element | null {
  if (!state.countElement(at)) return null;
  const header = readHeader(state, at, end, encoding);
  if (header === null || state.failure !== null) return null;
  const element =
    header.length === UNDEFINED_LENGTH
      ? readUndefined(state, at, end, encoding, header)
      : readDefined(state, at, encoding, header);
  return state.failure === null ? element : null;
}

function readDefined(
  state: WalkState,
  at: number,
  encoding: Encoding,
  header: Header,
): Element | null {
  const { tag, vr, valueOffset, length } = header;
  const end = valueOffset + length;
  if (vr === 'SQ') return readSequence(state, at, end, encoding, header, false);
  if (vr === 'UN' && mayBeSequence(state, header)) {
    const sequence = readUnknownSequence(state, at, end, encoding, header);
    if (sequence !== null || state.failure !== null) return sequence;
  }
  const plain = {
    tag,
    vr,
    offset: at,
    valueOffset,
    valueLength: length,
    end,
    undefinedLength: false,
  };
  if (isPixelData(tag) && length > 0 && state.path.length === 0) {
    const marker = length >= 8 ? state.tagAt(valueOffset, encoding.littleEndian) : 0;
    if (state.encapsulated) state.forgive('encapsulation-contradicted', at, tag);
    if (state.encapsulated && marker === ITEM) {
      const fragments = readFragmentsWithin(state, header, end, encoding);
      if (fragments !== null) return { ...plain, fragments, damaged: true };
    }
  }
  const damaged = !checkValue(state, at, header, encoding) || header.damaged;
  if (tag === PIXEL_REPRESENTATION && length === 2) {
    state.signedPixels = state.u16(valueOffset, encoding.littleEndian) === 1;
  }
  return damaged ? { ...plain, damaged } : plain;
}

function readUndefined(
  state: WalkState,
  at: number,
  end: number,
  encoding: Encoding,
  header: Header,
): Element | null {
  const { tag, vr, valueOffset } = header;
  if (vr === 'SQ') return readSequence(state, at, end, encoding, header, true);
  if (isPixelData(tag) || (vr.startsWith('O') && representationOf(vr) !== undefined)) {
    if (!isPixelData(tag)) state.forgive('undefined-length-not-allowed', at, tag);
    else if (!state.encapsulated) state.forgive('encapsulation-contradicted', at, tag);
    const into: Fragments = { fragments: [], valueEnd: valueOffset, damaged: header.damaged };
    const behind = walkFragments(state, tag, valueOffset, end, encoding.littleEndian, into);
    if (behind === FAILED) return null;
    return {
      tag,
      vr,
      offset: at,
      valueOffset,
      valueLength: into.valueEnd - valueOffset,
      end: behind,
      undefinedLength: true,
      fragments: into.fragments,
      ...(into.damaged ? { damaged: true } : {}),
    };
  }
  // A sequence of unknown VR is in implicit little-endian, whatever is around it (PS3.5 6.2.2 note 2).
  if (vr === 'UN') return readSequence(state, at, end, IMPLICIT_LE, header, true);
  state.forgive('undefined-length-not-allowed', at, tag);
  if (end - valueOffset >= DELIMITER_BYTES) {
    const marker = state.tagAt(valueOffset, encoding.littleEndian);
    if (marker === ITEM || marker === SEQUENCE_DELIMITER) {
      const taken = { ...header, vr: 'SQ', damaged: true };
      return readSequence(state, at, end, encoding, taken, true);
    }
  }
  state.malformed(at, tag);
  return null;
}

function readSequence(
  state: WalkState,
  at: number,
  end: number,
  encoding: Encoding,
  header: Header,
  undefinedLength: boolean,
): Element | null {
  const { tag, vr, valueOffset } = header;
  const into: Items = { items: [], valueEnd: valueOffset, damaged: header.damaged };
  const extent = { start: valueOffset, end, undefinedLength };
  const behind = walkSequence(state, tag, extent, encoding, walkElements, into);
  if (behind === FAILED) return null;
  return {
    tag,
    vr,
    offset: at,
    valueOffset,
    valueLength: into.valueEnd - valueOffset,
    end: behind,
    undefinedLength,
    items: into.items,
    ...(into.damaged ? { damaged: true } : {}),
  };
}

/** UN by its header, but a sequence by the dictionary or by what its value begins with. */
function mayBeSequence(state: WalkState, { entry, valueOffset, length }: Header): boolean {
  if (entry !== undefined) return entry.vrs[0] === 'SQ';
  return length >= DELIMITER_BYTES && state.tagAt(valueOffset, true) === ITEM;
}

/**
 * A sequence under the VR UN with a defined length: its value is in implicit little-endian, as PS3.5
 * section 6.2.2 has it. In implicit encoding a private sequence looks the same. Null where the value
 * does not read as one to the last byte, without a failure: it is plain bytes then. There is one
 * attempt a level, so that the time stays linear.
 */
function readUnknownSequence(
  state: WalkState,
  at: number,
  end: number,
  encoding: Encoding,
  header: Header,
): Element | null {
  const marked = state.forgiven.length;
  const depth = state.path.length;
  const taken = encoding.explicit ? header : { ...header, vr: 'SQ' };
  const element = readSequence(state, at, end, IMPLICIT_LE, taken, false);
  if (element !== null && state.forgiven.length === marked) return element;
  if (state.failure !== null && state.failure.unreadable !== 'malformed') return null;
  state.failure = null;
  state.forgiven.length = marked;
  state.path.length = depth;
  if (header.entry !== undefined) state.forgive('opaque-sequence', at, header.tag);
  return null;
}

/** Fragments under a defined length, which no standard allows but which exist. */
function readFragmentsWithin(
  state: WalkState,
  { tag, valueOffset }: Header,
  end: number,
  encoding: Encoding,
): Fragments['fragments'] | null {
  const marked = state.forgiven.length;
  const into: Fragments = { fragments: [], valueEnd: valueOffset, damaged: false };
  const behind = walkFragments(state, tag, valueOffset, end, encoding.littleEndian, into);
  if (behind !== FAILED && into.valueEnd === end) {
    state.forgiven.length = marked;
    return into.fragments;
  }
  if (state.failure?.unreadable === 'malformed') state.failure = null;
  state.forgiven.length = marked;
  return null;
}

function isMarker(tag: Tag): boolean {
  return tag === ITEM || tag === ITEM_DELIMITER || tag === SEQUENCE_DELIMITER;
}

function reportGroup(state: WalkState, { tag, offset }: Element): void {
  const group = tag >>> 16;
  if (group === 0) state.forgive('command-in-data-set', offset, tag);
  if (group === 2) state.forgive('meta-in-data-set', offset, tag);
}
