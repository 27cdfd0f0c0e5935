/**
 * Private elements that are known to hold nothing about a person (PS3.15 Table E.3.10-1, and what
 * the policy adds). What a file says of its own blocks in (0008,0300) is not believed: it is a
 * claim of whoever wrote the file.
 */
import facts from './facts/safe-private.json' with { type: 'json' };
import type { SafePrivateElement } from './profile.ts';

export interface SafePrivate {
  /**
   * The VR that an element has to have.
   *
   * @param element - its number within the block: 0 to 255.
   * @returns undefined where the element is not known to be safe.
   */
  vrOf(creator: string, group: number, element: number): string | undefined;
}

export function safePrivateKey(creator: string, group: number, element: number): string {
  return `${creator}\n${group}\n${element}`;
}

const STANDARD: ReadonlyMap<string, string> = new Map(
  facts.blocks.flatMap(([creator = '', group = '', elements = '']) =>
    elements
      .split(' ')
      .map((element) => [
        safePrivateKey(
          creator,
          Number.parseInt(group, 16),
          Number.parseInt(element.slice(0, 2), 16),
        ),
        element.slice(2),
      ]),
  ),
);

/** How many elements the standard lists. */
export const STANDARD_SAFE_PRIVATE_COUNT = STANDARD.size;

export function safePrivateOf(more: readonly SafePrivateElement[]): SafePrivate {
  const added = new Map(
    more.map(({ creator, group, element, vr }) => [safePrivateKey(creator, group, element), vr]),
  );
  return {
    vrOf(creator, group, element) {
      const key = safePrivateKey(creator, group, element);
      return added.get(key) ?? STANDARD.get(key);
    },
  };
}
