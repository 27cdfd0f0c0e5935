/** Text of a finished file or of its source, decoded by the character set of the level it stands at. */
import { characterSet, DEFAULT_CHARACTER_SET, type CharacterSet } from './character-set.ts';
import { formatTag } from './dictionary.ts';
import type { Element, Tag, Walk } from './element.ts';
import { readCharacterSet } from './read-value.ts';
import type { ReadBack } from './verify-reader.ts';

/** Character sets by the prefix of the elements at a level: see `ReadElement`. */
export type CharacterSets = ReadonlyMap<string, CharacterSet>;

const CHARACTER_SET: Tag = 0x00080005;

/** Byte by byte, where all that matters is ASCII; padding at the end does not count. */
export function asciiText(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0)) end--;
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1');
}

/** The sets that a finished file names. */
export function characterSetsOf({ bytes, elements }: ReadBack): CharacterSets {
  const found = new Map<string, CharacterSet>();
  for (const { tag, prefix, offset, length } of elements) {
    if (tag !== CHARACTER_SET) continue;
    const terms = asciiText(bytes.subarray(offset, offset + length)).split('\\');
    found.set(prefix, characterSet(terms.map((term) => term.trim())));
  }
  return found;
}

/** The sets that a source names. */
export function sourceCharacterSets(source: Walk): CharacterSets {
  const found = new Map<string, CharacterSet>();
  const visit = (elements: readonly Element[], prefix: string): void => {
    for (const { tag, items } of elements) {
      if (tag === CHARACTER_SET) found.set(prefix, readCharacterSet(source, elements));
      items?.forEach((item, index) =>
        visit(item.elements, `${prefix}${formatTag(tag)}[${index}].`),
      );
    }
  };
  visit(source.elements, '');
  return found;
}

/** An item without a set has that of what is around it (PS3.5 section 6.1.2.3). */
export function characterSetAt(sets: CharacterSets, prefix: string): CharacterSet {
  let level = prefix;
  for (;;) {
    const found = sets.get(level);
    if (found !== undefined) return found;
    if (level === '') return DEFAULT_CHARACTER_SET;
    level = level.slice(0, level.lastIndexOf('('));
  }
}

export function decodeText(bytes: Uint8Array, vr: string, set: CharacterSet): string {
  return set.decode(bytes, vr).text.replace(/[\0 ]+$/, '');
}
