import {
  characterSet,
  DEFAULT_CHARACTER_SET,
  isDivided,
  type CharacterSet,
} from './character-set.ts';
import type { Element, Tag, Walk } from './element.ts';

const SPECIFIC_CHARACTER_SET = 0x00080005;

/** The first element with this tag at this level. */
export function find(elements: readonly Element[], tag: Tag): Element | undefined {
  return elements.find((element) => element.tag === tag);
}

/** The bytes of a value, maybe a view: do not write. */
export function readBytes(walk: Walk, element: Element): Uint8Array {
  return walk.source.read(element.valueOffset, element.valueLength);
}

/**
 * The character set of a data set or an item; an item without one has that of what is around it
 * (PS3.5 section 6.1.2.3), which is to be given as `outer`.
 */
export function readCharacterSet(
  walk: Walk,
  elements: readonly Element[],
  outer: CharacterSet = DEFAULT_CHARACTER_SET,
): CharacterSet {
  const element = find(elements, SPECIFIC_CHARACTER_SET);
  return element === undefined
    ? outer
    : characterSet(readStrings(walk, element, DEFAULT_CHARACTER_SET));
}

/** The whole value as one text, without its padding. Backslashes stay in it. */
export function readText(walk: Walk, element: Element, charset: CharacterSet): string {
  return charset.decode(readBytes(walk, element), element.vr).text.replace(/[\0 ]+$/, '');
}

/** The values, each trimmed as its VR demands (PS3.5 section 6.2). None for an empty element. */
export function readStrings(walk: Walk, element: Element, charset: CharacterSet): string[] {
  const text = readText(walk, element, charset);
  if (text === '') return [];
  if (!isDivided(element.vr)) return [text];
  // Leading spaces have a meaning in UC only.
  const trim = element.vr === 'UC' ? /[\0 ]+$/ : /^ +|[\0 ]+$/g;
  return text.split('\\').map((value) => value.replace(trim, ''));
}

type ReadNumber = (view: DataView, at: number, littleEndian: boolean) => number;

const BINARY: Readonly<Record<string, { readonly width: number; readonly read: ReadNumber }>> = {
  US: { width: 2, read: (view, at, little) => view.getUint16(at, little) },
  SS: { width: 2, read: (view, at, little) => view.getInt16(at, little) },
  UL: { width: 4, read: (view, at, little) => view.getUint32(at, little) },
  SL: { width: 4, read: (view, at, little) => view.getInt32(at, little) },
  FL: { width: 4, read: (view, at, little) => view.getFloat32(at, little) },
  FD: { width: 8, read: (view, at, little) => view.getFloat64(at, little) },
};

/**
 * The numbers of a US, SS, UL, SL, FL, FD, IS or DS; NaN for a text that is no number, and none for
 * any other VR. Within a sequence of VR UN numbers are little-endian, whatever the file is.
 */
export function readNumbers(
  walk: Walk,
  element: Element,
  littleEndian: boolean = walk.syntax.littleEndian,
): number[] {
  const { vr } = element;
  if (vr === 'IS' || vr === 'DS') {
    return readStrings(walk, element, DEFAULT_CHARACTER_SET).map((text) =>
      text === '' ? Number.NaN : Number(text),
    );
  }
  const binary = BINARY[vr];
  if (binary === undefined) return [];
  const bytes = readBytes(walk, element);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers: number[] = [];
  for (let at = 0; at + binary.width <= bytes.length; at += binary.width) {
    numbers.push(binary.read(view, at, littleEndian));
  }
  return numbers;
}
