/**
 * Private elements in a finished file: none, or with `retainSafePrivate` those that a list knows to
 * hold nothing about a person (PS3.15 E.3.10). An element is known by creator, group, number within
 * the creator's block, and VR (PS3.5 section 7.8.1): where one of the four differs, it is another.
 */
import type { Tag } from './element.ts';
import type { Profile } from './profile.ts';
import type { KnownOption } from './profile-options.ts';
import type { ReadElement } from './verify-reader.ts';

/**
 * @param besideOf - the text of the element with a tag, at the same level as this one.
 */
export function findPrivateBreach(
  { tag, vr }: ReadElement,
  { options, safePrivate }: Profile,
  besideOf: (tag: Tag) => string | undefined,
): 'private-element' | null {
  const asked: ReadonlySet<KnownOption> = options;
  const number = tag & 0xffff;
  if (!asked.has('retainSafePrivate') || number < 0x0010) return 'private-element';
  const group = tag >>> 16;
  const block = number < 0x0100 ? number : number >>> 8;
  const creator = besideOf(((group << 16) | block) >>> 0) ?? '';
  const creatorItself = number < 0x0100;
  if (!creatorItself && number < 0x1000) return 'private-element';
  const listed = safePrivate.some(
    (known) =>
      known.creator === creator &&
      known.group === group &&
      (creatorItself ? vr === 'LO' : known.element === (number & 0xff) && known.vr === vr),
  );
  return listed ? null : 'private-element';
}
