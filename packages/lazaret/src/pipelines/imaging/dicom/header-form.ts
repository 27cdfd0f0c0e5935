import { lookUp } from './dictionary.ts';
import type { Tag } from './element.ts';
import { representationOfCode } from './value-representation.ts';
import { UNDEFINED_LENGTH, type Encoding, type WalkState } from './walk-state.ts';

/** The forms of a header: without VR, or with a VR and a length of 16 or 32 bits. */
export type Form = 'implicit' | 'short' | 'long';

/** A header read in one of the forms. */
export interface Reading {
  readonly form: Form;
  readonly vr: string;
  readonly valueOffset: number;
  readonly length: number;
}

export const FORM_NAMES: Readonly<Record<Form, string>> = {
  implicit: '32-bit length without VR',
  short: '16-bit length',
  long: '32-bit length',
};

/**
 * How likely it is that an element ends where this reading says: 0 not, 1 something like an element
 * follows, 2 an element that is in order follows, or nothing more.
 */
export function plausibility(
  state: WalkState,
  reading: Reading,
  end: number,
  encoding: Encoding,
  tag: Tag,
): 0 | 1 | 2 {
  if (!fits(reading, end)) return 0;
  const undefinedLength = reading.length === UNDEFINED_LENGTH;
  const next = undefinedLength ? reading.valueOffset : reading.valueOffset + reading.length;
  if (next === end) return undefinedLength ? 0 : 2;
  if (end - next < 8) return 0;
  const nextTag = state.tagAt(next, encoding.littleEndian);
  const nextLength = state.u32(next + 4, encoding.littleEndian);
  if (undefinedLength) return nextTag === 0xfffee000 || nextTag === 0xfffee0dd ? 2 : 0;
  if (nextTag === 0xfffee00d || nextTag === 0xfffee0dd) return nextLength === 0 ? 2 : 0;
  const inOrder = nextTag > tag ? 2 : 1;
  const nextVr = representationOfCode(state.u16(next + 4, false));
  if (nextVr !== undefined) {
    const form = nextVr.long ? 'long' : 'short';
    const following = readForm(state, next, end, encoding, form, nextVr.vr);
    if (following !== null && fits(following, end)) return inOrder;
  }
  // Without a VR to recognise it by, only an element that is known and in order will do.
  const known = inOrder === 2 && lookUp(nextTag) !== undefined;
  return known && (nextLength === UNDEFINED_LENGTH || next + 8 + nextLength <= end) ? 2 : 0;
}

/** Reads the header in this form, or null where it does not fit before `end`. */
export function readForm(
  state: WalkState,
  at: number,
  end: number,
  { littleEndian }: Encoding,
  form: Form,
  vr: string,
): Reading | null {
  if (form === 'short') {
    return { form, vr, valueOffset: at + 8, length: state.u16(at + 6, littleEndian) };
  }
  if (form === 'implicit') {
    return { form, vr, valueOffset: at + 8, length: state.u32(at + 4, littleEndian) };
  }
  if (end - at < 12) return null;
  return { form, vr, valueOffset: at + 12, length: state.u32(at + 8, littleEndian) };
}

/** Whether the value ends before what surrounds the element does. */
export function fits(reading: Reading, end: number): boolean {
  return (
    (reading.length === UNDEFINED_LENGTH && reading.form !== 'short') ||
    reading.valueOffset + reading.length <= end
  );
}
