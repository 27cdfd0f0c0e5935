/**
 * Private elements in a finished file: none, or with `retainSafePrivate` those that a list knows to
 * hold nothing about a person (PS3.15 Table E.3.10-1, and what the policy adds). An element is known
 * by creator, group, number within the creator's block, and VR (PS3.5 section 7.8.1): where one of
 * the four differs, it is another element. A creator may stand where the list knows its block.
 */
import facts from './facts/safe-private.json' with { type: 'json' };
import type { Tag } from './element.ts';
import type { Profile } from './profile.ts';
import type { KnownOption } from './profile-options.ts';

/** VRs by creator, group and number. */
const LISTED = new Map<string, string>();
/** Creators, with the group. */
const CREATORS = new Set<string>();
for (const [creator = '', group = '', elements = ''] of facts.blocks) {
  CREATORS.add(`${creator} ${Number.parseInt(group, 16)}`);
  for (const element of elements.split(' ')) {
    LISTED.set(
      `${creator} ${Number.parseInt(group, 16)} ${Number.parseInt(element.slice(0, 2), 16)}`,
      element.slice(2),
    );
  }
}

/**
 * The VR that a private element has by the lists; null where it may not stand at all.
 *
 * @param creatorAt - the text of the private creator with this tag, at the element's own level.
 */
export function safePrivateVr(
  tag: Tag,
  { options, safePrivate }: Profile,
  creatorAt: (tag: Tag) => string | undefined,
): string | null {
  const asked: ReadonlySet<KnownOption> = options;
  const number = tag & 0xffff;
  const isCreator = number >= 0x0010 && number < 0x0100;
  if (!asked.has('retainSafePrivate') || (!isCreator && number < 0x1000)) return null;
  const group = tag >>> 16;
  const block = isCreator ? number : number >>> 8;
  const creator = creatorAt(((group << 16) | block) >>> 0)?.trim() ?? '';
  const ofBlock = safePrivate.filter((known) => known.creator === creator && known.group === group);
  if (isCreator) return ofBlock.length > 0 || CREATORS.has(`${creator} ${group}`) ? 'LO' : null;
  const own = ofBlock.find(({ element }) => element === (number & 0xff))?.vr;
  return own ?? LISTED.get(`${creator} ${group} ${number & 0xff}`) ?? null;
}
