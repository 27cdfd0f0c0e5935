/** What the source has at the place of an element of the finished file. */
import { formatTag, lookUp } from './dictionary.ts';
import type { Element, Tag, Walk } from './element.ts';
import { isStandardUid } from './uid.ts';
import { asciiText } from './verify-text.ts';
import { fatesBy } from './verify-structured.ts';
import type { Profile } from './profile.ts';
import type { ReadElement } from './verify-reader.ts';

/** No element of a finished file is at this place. */
const GONE = 'gone ';

export interface SourceIndex {
  /** The value at the same place, maybe a view; undefined where the source has none there. */
  valueAt(element: ReadElement): Uint8Array | undefined;
  /** Whether an element is of a content item whose value is retained (PS3.15 Table E.3.4-1). */
  isRetained(element: ReadElement): boolean;
  /** Every UID of the source that is not the standard's own. */
  readonly uids: ReadonlySet<string>;
}

/**
 * Goes through a source once. Values are read when they are asked for, but for the UIDs. Items that the
 * profile has removed are not counted: those behind them have moved up.
 */
export function indexSource(source: Walk, profile: Profile): SourceIndex {
  const fateOf = fatesBy(source, profile);
  const retained = new Set<string>();
  const levels = new Map<string, ReadonlyMap<Tag, Element>>();
  const uids = new Set<string>();
  const visit = (elements: readonly Element[], prefix: string): void => {
    const level = new Map<Tag, Element>();
    for (const element of elements) {
      level.set(element.tag, element);
      // A UN is what the dictionary knows it to be.
      const vr = element.vr === 'UN' ? lookUp(element.tag)?.vrs[0] : element.vr;
      if (vr === 'UI') {
        for (const uid of asciiText(valueOf(source, element)).split('\\')) {
          if (uid !== '' && !isStandardUid(uid)) uids.add(uid);
        }
      }
      let number = 0;
      for (const item of element.items ?? []) {
        const fate = fateOf(element.tag, item.elements);
        // Of what is gone the UIDs may not be found either.
        const place = fate === 'gone' ? GONE : `${prefix}${formatTag(element.tag)}[${number}].`;
        if (fate !== 'gone') number += 1;
        if (fate === 'retained') retained.add(place);
        visit(item.elements, place);
      }
    }
    levels.set(prefix, level);
  };
  visit(source.elements, '');
  return {
    uids,
    isRetained: ({ prefix }) => retained.has(prefix),
    valueAt: ({ prefix, tag }) => {
      const element = levels.get(prefix)?.get(tag);
      return element === undefined || element.items !== undefined
        ? undefined
        : valueOf(source, element);
    },
  };
}

function valueOf(source: Walk, element: Element): Uint8Array {
  return source.source.read(element.valueOffset, element.valueLength);
}
