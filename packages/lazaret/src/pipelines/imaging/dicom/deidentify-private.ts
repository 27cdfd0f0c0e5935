/**
 * Which private elements of a data set or an item are known to be safe (PS3.15 E.3.10). A block is a
 * creator's where the same data set reserves it for that creator (PS3.5 section 7.8.1); a block that
 * is reserved twice is nobody's.
 */
import { isPrivate } from './dictionary.ts';
import type { Element } from './element.ts';
import type { SafePrivate } from './profile-safe-private.ts';

export interface SafeElement {
  /** The VR that the element has to be written with. */
  readonly vr: string;
}

export interface SafeBlocks {
  readonly safe: ReadonlyMap<Element, SafeElement>;
  /** The safe elements of each creator's block. */
  readonly creators: ReadonlyMap<Element, readonly Element[]>;
}

/** VRs whose values can be read for what they say. Bytes cannot, whoever lists them as safe. */
const READABLE = new Set(
  'AT CS DA DS DT FD FL IS LO LT SH SL SQ SS ST SV TM UC UI UL US UT UV'.split(' '),
);

const isCreator = (element: number): boolean => element >= 0x10 && element <= 0xff;

/** @param readText - of a creator: LO, without padding. */
export function findSafeBlocks(
  elements: readonly Element[],
  safePrivate: SafePrivate,
  readText: (element: Element) => string,
): SafeBlocks {
  const reserved = new Map<number, Element | null>();
  for (const element of elements) {
    const { tag } = element;
    if (!isPrivate(tag) || !isCreator(tag & 0xffff)) continue;
    // The block is the low byte of the creator's own element number.
    reserved.set(tag, reserved.has(tag) ? null : element);
  }
  const safe = new Map<Element, SafeElement>();
  const creators = new Map<Element, Element[]>();
  for (const element of elements) {
    const { tag } = element;
    const block = (tag & 0xffff) >>> 8;
    if (!isPrivate(tag) || !isCreator(block)) continue;
    const creator = reserved.get(((tag & 0xffff0000) | block) >>> 0);
    if (creator === undefined || creator === null) continue;
    const vr = safePrivate.vrOf(readText(creator), tag >>> 16, tag & 0xff);
    if (vr === undefined || !READABLE.has(vr)) continue;
    if (element.vr !== vr && element.vr !== 'UN') continue;
    safe.set(element, { vr });
    const others = creators.get(creator);
    if (others === undefined) creators.set(creator, [element]);
    else others.push(element);
  }
  return { safe, creators };
}
