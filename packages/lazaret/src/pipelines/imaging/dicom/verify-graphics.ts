/**
 * Drawings that may stay when graphics are cleaned (PS3.15 E.3.3): planes that mark a region (PS3.3
 * C.9.2, type R), since one of type G may be writing; and curves whose values are the numbers that
 * their other elements promise, and nothing behind them (PS3.3-1998 C.10.2).
 */
import type { Tag } from './element.ts';
import { isFreeText } from './verify-vocabulary.ts';

const OVERLAY = 0x60;
const CURVE = 0x50;
const DATA = 0x3000;
const CURVE_TYPE = 0x0020;
const KINDS = /^(?:TAC|PROF|HIST|ROI|TABL|FILT|POLY|ECG|PRESSURE|FLOW|PHYSIO|RESP)$/;
/** Bytes of a value by Data Value Representation (50xx,0103). */
const WIDTHS: readonly number[] = [2, 2, 4, 8, 4];

/** The elements of the same drawing, by the lower half of their tags. */
export interface Drawing {
  textAt(number: number): string | undefined;
  unsignedAt(number: number): number | undefined;
}

export function isDrawing(tag: Tag): boolean {
  return tag >>> 24 === OVERLAY || tag >>> 24 === CURVE;
}

/** What a cleaned drawing's element may be; null where nothing is known that could keep it. */
export function drawingPermit(
  tag: Tag,
  vr: string,
  length: number,
  drawing: Drawing,
): 'source' | 'cleaned' | null {
  if (isFreeText(vr)) return 'cleaned';
  const number = tag & 0xffff;
  if (tag >>> 24 === OVERLAY) {
    return number === DATA && drawing.textAt(0x0040) !== 'R' ? null : 'source';
  }
  if (!KINDS.test(drawing.textAt(CURVE_TYPE) ?? '')) return null;
  if (number === CURVE_TYPE || number === DATA) {
    if (number === CURVE_TYPE) return 'source';
    const [dimensions = 0, points = 0] = [drawing.unsignedAt(0x0005), drawing.unsignedAt(0x0010)];
    const bytes = dimensions * points * (WIDTHS[drawing.unsignedAt(0x0103) ?? -1] ?? 0);
    return bytes > 0 && length === bytes + (bytes % 2) ? 'source' : null;
  }
  return /^(?:US|SS)$/.test(vr) ? 'source' : null;
}
