/**
 * Whether drawings may stay (PS3.15 E.3.3). A bitmap cannot be searched for a name, so an overlay
 * plane stays only where its own group says that it is a region of interest: graphics are what burnt
 * in annotations used to be. A curve stays where it is one of the kinds that PS3.3 (1998, C.10.2)
 * had and its data is exactly the numbers that its other elements promise.
 */
import type { Element, Tag } from './element.ts';

export type ReadString = (element: Element) => string;
export type ReadUnsigned = (element: Element) => number | undefined;

const OVERLAY_TYPE = 0x0040;
const OVERLAY_DATA = 0x3000;
const CURVE_DIMENSIONS = 0x0005;
const CURVE_POINTS = 0x0010;
const CURVE_TYPE = 0x0020;
const CURVE_REPRESENTATION = 0x0103;
const CURVE_DATA = 0x3000;

const CURVE_TYPES = new Set([
  ...['TAC', 'PROF', 'HIST', 'ROI', 'TABL', 'FILT', 'POLY', 'ECG', 'PRESSURE', 'FLOW', 'PHYSIO'],
  'RESP',
]);
/** Bytes of one value by Data Value Representation (50xx,0103). */
const WIDTHS: readonly number[] = [2, 2, 4, 8, 4];

/**
 * @param siblings - the elements of the data set that the drawing is in.
 * @returns false for any bytes that are no drawing.
 */
export function mayStay(
  { tag, valueLength }: Element,
  siblings: readonly Element[],
  readString: ReadString,
  readUnsigned: ReadUnsigned,
): boolean {
  const group = tag & 0xffff0000;
  const at = (number: number): Element | undefined =>
    siblings.find((sibling) => sibling.tag === (group | number) >>> 0);
  if (isOverlay(tag) && (tag & 0xffff) === OVERLAY_DATA) {
    const type = at(OVERLAY_TYPE);
    return type !== undefined && readString(type) === 'R';
  }
  if (!isCurve(tag) || (tag & 0xffff) !== CURVE_DATA) return false;
  const type = at(CURVE_TYPE);
  if (type === undefined || !CURVE_TYPES.has(readString(type))) return false;
  const numbers = [CURVE_DIMENSIONS, CURVE_POINTS, CURVE_REPRESENTATION].map((number) => {
    const element = at(number);
    return element === undefined ? undefined : readUnsigned(element);
  });
  const [dimensions = 0, points = 0, representation = -1] = numbers;
  const bytes = dimensions * points * (WIDTHS[representation] ?? 0);
  return bytes > 0 && valueLength === bytes + (bytes % 2);
}

export function isOverlay(tag: Tag): boolean {
  return tag >>> 24 === 0x60;
}

export function isCurve(tag: Tag): boolean {
  return tag >>> 24 === 0x50;
}
