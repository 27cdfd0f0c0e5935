import type { Header } from './header.ts';
import { isNumberList, representationOf } from './value-representation.ts';
import type { WalkState } from './walk-state.ts';

/** A length of 16 bits cannot swallow more than this, so longer texts need not be looked through. */
const SCANNED_BYTES = 64 * 1024;

/**
 * Checks what can be known of a value without reading it as what it means: a wrong length that
 * happens to end where an element begins shows here, and nowhere else. Returns false where the
 * value must not be copied as it is.
 */
export function checkValue(state: WalkState, at: number, header: Header): boolean {
  const { tag, vr, valueOffset, length, entry } = header;
  const odd = length % 2 === 1;
  if (odd && !header.damaged) state.forgive('odd-length', at, tag);
  const facts = representationOf(vr);
  if (length === 0 || facts === undefined) return !odd;
  if (facts.text) {
    const text = state.bytes(valueOffset, Math.min(length, SCANNED_BYTES));
    if (hasControlCharacters(text)) state.forgive('control-characters', at, tag);
  } else if (isNumberList(facts)) {
    if (length % facts.width !== 0) state.forgive('length-not-multiple', at, tag);
    if (entry !== undefined && length > entry.maxVm * facts.width) {
      state.forgive('too-many-values', at, tag);
    }
  }
  return !odd;
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
