import type { Tag } from './element.ts';
import { representationOf } from './value-representation.ts';
import type { Encoding } from './walk-state.ts';

/** The greatest length that a header of 16 bits can give; it must be even as well. */
const SHORT_MAX = 0xfffe;

/** The VR under which a value is written, or null in implicit encoding, which has none. */
export function writtenVr(vr: string, length: number, encoding: Encoding): string | null {
  if (!encoding.explicit) return null;
  const facts = representationOf(vr);
  // PS3.5 section 6.2.2 gives UN for a value too long for its VR's 16 bits, and for unknown VRs.
  return facts === undefined || (!facts.long && length > SHORT_MAX) ? 'UN' : vr;
}

/** The header of an element (PS3.5 section 7.1), as long as its encoding, VR and length demand. */
export function encodeHeader(tag: Tag, vr: string, length: number, encoding: Encoding): Uint8Array {
  const written = writtenVr(vr, length, encoding);
  const long = written !== null && representationOf(written)?.long === true;
  const bytes = new Uint8Array(long ? 12 : 8);
  const view = new DataView(bytes.buffer);
  const { littleEndian } = encoding;
  writeTag(view, tag, littleEndian);
  if (written === null) {
    view.setUint32(4, length, littleEndian);
    return bytes;
  }
  bytes[4] = written.charCodeAt(0);
  bytes[5] = written.charCodeAt(1);
  if (long) view.setUint32(8, length, littleEndian);
  else view.setUint16(6, length, littleEndian);
  return bytes;
}

/** An item tag or a delimiter with its length. */
export function encodeMarker(tag: Tag, length: number, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  writeTag(view, tag, littleEndian);
  view.setUint32(4, length, littleEndian);
  return bytes;
}

function writeTag(view: DataView, tag: Tag, littleEndian: boolean): void {
  view.setUint16(0, tag >>> 16, littleEndian);
  view.setUint16(2, tag & 0xffff, littleEndian);
}
