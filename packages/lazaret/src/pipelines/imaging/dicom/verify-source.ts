/** What the source has at the place of an element of the finished file. */
import { formatTag, lookUp } from './dictionary.ts';
import type { Element, Tag, Walk } from './element.ts';
import { isStandardUid } from './uid.ts';
import { asciiText } from './verify-text.ts';
import type { ReadElement } from './verify-reader.ts';

export interface SourceIndex {
  /** The value at the same place, maybe a view; undefined where the source has none there. */
  valueAt(element: ReadElement): Uint8Array | undefined;
  /** Every UID of the source that is not the standard's own. */
  readonly uids: ReadonlySet<string>;
}

/** Goes through a source once. Values are read when they are asked for, but for the UIDs. */
export function indexSource(source: Walk): SourceIndex {
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
      element.items?.forEach((item, index) => {
        visit(item.elements, `${prefix}${formatTag(element.tag)}[${index}].`);
      });
    }
    levels.set(prefix, level);
  };
  visit(source.elements, '');
  return {
    uids,
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
