/** Under which VR an element is written: its own, whatever the file says. */
import { textKindOf } from './deidentify-value.ts';
import { isPrivate, lookUp } from './dictionary.ts';
import type { Edit, Element, Tag, Walk } from './element.ts';
import { paddingOf, representationOf } from './value-representation.ts';

/** Greatest even length of a value whose VR has a 16-bit length. */
export const SHORT_MAX_BYTES = 0xfffe;
/** Values that are copied through memory: beyond this an element of unknown VR goes. */
const UNNAMED_MAX_BYTES = 16 * 1024 * 1024;

/** Bytes or words, signed or not: the same bytes under another name. */
const ALIKE: Readonly<Record<string, string>> = { OB: 'OW', OW: 'OB', US: 'SS', SS: 'US' };

const KEEP: Edit = { kind: 'keep' };
const REMOVE: Edit = { kind: 'remove' };

/**
 * Gives a known element its VR back. Left as UN it could not be checked by whoever reads the output
 * without a dictionary, the verification included.
 */
export function nameVr(walk: Walk, element: Element, vr: string): Edit {
  if (element.vr === vr || ALIKE[vr] === element.vr) return KEEP;
  if (element.vr !== 'UN' && lookUp(element.tag)?.vrs.includes(element.vr) === true) return KEEP;
  const facts = representationOf(vr);
  const unnamed = element.vr === 'UN';
  // Numbers in a UN are little-endian (PS3.5 section 6.2.2), and a 16-bit length may be too short.
  const swapped = unnamed && !walk.syntax.littleEndian && (facts?.width ?? 1) > 1;
  const limit = facts?.long === true ? UNNAMED_MAX_BYTES : SHORT_MAX_BYTES;
  const uneven = (facts?.width ?? 0) > 0 && element.valueLength % (facts?.width ?? 1) !== 0;
  if (swapped || uneven || vr === 'UN' || vr === 'SQ' || element.valueLength > limit) {
    return REMOVE;
  }
  const bytes = walk.source.read(element.valueOffset, element.valueLength);
  const value = new Uint8Array(bytes.length + (bytes.length % 2)).fill(paddingOf(vr));
  value.set(bytes);
  return { kind: 'replace', value, vr };
}

/** Whether the file has the element under a VR that it can have. */
export function isOwnVr(tag: Tag, given: string, judged: string): boolean {
  // Text under another VR of text is judged, and written, as what it should be.
  if (given === 'UN' || given === judged || isPrivate(tag)) return true;
  const entry = lookUp(tag);
  if (entry === undefined || entry.vrs.includes(given)) return true;
  const other = ALIKE[given];
  if (other !== undefined && entry.vrs.includes(other)) return true;
  return textKindOf(given) !== undefined && textKindOf(judged) !== undefined;
}
