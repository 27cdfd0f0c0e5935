import { lookUp } from './dictionary.ts';
import { isPixelData, type Header } from './header.ts';
import { SEQUENCE_DELIMITER } from './sequence.ts';
import { isNumberList, representationOf, representationOfCode } from './value-representation.ts';
import type { Encoding, WalkState } from './walk-state.ts';

/** Longer values are not looked through: what they hold is not a header that was swallowed. */
const SCANNED_BYTES = 256 * 1024;

/**
 * Checks what can be known of a value without reading it as what it means: a wrong length that
 * happens to end where an element begins shows here, and nowhere else. Returns false where the
 * value must not be copied as it is.
 */
export function checkValue(
  state: WalkState,
  at: number,
  header: Header,
  encoding: Encoding,
): boolean {
  const { tag, vr, valueOffset, length, entry } = header;
  const odd = length % 2 === 1;
  if (odd && !header.damaged) state.forgive('odd-length', at, tag);
  const facts = representationOf(vr);
  if (length === 0 || facts === undefined) return !odd;
  if (facts.text) {
    const text = state.bytes(valueOffset, Math.min(length, SCANNED_BYTES));
    if (hasControlCharacters(text)) state.forgive('control-characters', at, tag);
    return !odd;
  }
  if (isNumberList(facts)) {
    if (length % facts.width !== 0) state.forgive('length-not-multiple', at, tag);
    if (entry !== undefined && length > entry.maxVm * facts.width) {
      state.forgive('too-many-values', at, tag);
    }
  }
  if (!isPixelData(tag) && endsWithElement(state, header, encoding)) {
    state.forgive('swallowed-elements', at, tag);
  }
  return !odd;
}

/**
 * Whether the last bytes of a binary value are an element that ends exactly where the value does. If
 * the length is too great by some elements, the last of them does; by chance none does.
 */
function endsWithElement(state: WalkState, header: Header, encoding: Encoding): boolean {
  const { valueOffset, length } = header;
  if (length < 8 || length > SCANNED_BYTES) return false;
  const bytes = state.bytes(valueOffset, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { explicit, littleEndian } = encoding;
  const end = bytes.length;
  for (let at = 0; at + 8 <= end; at += 2) {
    if (explicit) {
      const facts = representationOfCode(view.getUint16(at + 4));
      if (facts === undefined) continue;
      if (!facts.long) {
        if (at + 8 + view.getUint16(at + 6, littleEndian) === end) return true;
      } else if (at + 12 <= end && at + 12 + view.getUint32(at + 8, littleEndian) === end) {
        return true;
      }
    } else if (at + 8 + view.getUint32(at + 4, littleEndian) === end) {
      const tag =
        ((view.getUint16(at, littleEndian) << 16) | view.getUint16(at + 2, littleEndian)) >>> 0;
      // The lowest tags are what small numbers look like. Of private ones nothing is known but that
      // they would follow in the same group.
      if (tag >= 0x00080000 && lookUp(tag) !== undefined) return true;
      if (tag >>> 16 === header.tag >>> 16 && tag > header.tag) return true;
    }
  }
  return end >= 8 && state.tagAt(valueOffset + end - 8, littleEndian) === SEQUENCE_DELIMITER;
}

/** Tab, line feed, form feed, carriage return and escape belong to text (PS3.5 section 6.1.3). */
function hasControlCharacters(text: Uint8Array): boolean {
  let end = text.length;
  // Zeros behind a text are common padding.
  while (end > 0 && text[end - 1] === 0) end -= 1;
  for (let index = 0; index < end; index += 1) {
    const byte = text[index] ?? 0;
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) {
      return true;
    }
  }
  return false;
}
