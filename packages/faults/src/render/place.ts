import type { Place } from '../place.ts';
import { safeText } from './escape.ts';

/** Longest part of a place that is shown, UTF-16 units. */
const PART_LIMIT = 120;

/**
 * A place in words, from the outside to the inside: `Row 214, PTID` or `Item 7, (0010,0010)`.
 * Empty where nothing is known. The record number is what a spreadsheet's user counts; the
 * physical line stands in where there is none.
 */
export function placeText(place: Place): string {
  const parts: string[] = [];
  if (place.item !== undefined) parts.push(`item ${place.item}`);
  if (place.record !== undefined) parts.push(`row ${place.record}`);
  else if (place.line !== undefined) parts.push(`line ${place.line}`);
  for (const name of [place.column, place.tag, place.pointer, place.expression]) {
    if (name !== undefined && name !== '') parts.push(safeText(name, PART_LIMIT));
  }
  if (place.offset !== undefined) parts.push(`byte ${place.offset}`);
  const text = parts.join(', ');
  // Only our own word gets a capital: a column stays as the sender wrote it.
  return /^(item|row|line|byte) \d/.test(text)
    ? text.charAt(0).toUpperCase() + text.slice(1)
    : text;
}
