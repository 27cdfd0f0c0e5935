import type { Place } from '../place.ts';
import { safeText } from './escape.ts';

/** Longest part of a place that is shown, UTF-16 units. */
const PART_LIMIT = 120;

/**
 * A place in words, from the outside to the inside: `Row 214 (line 215), PTID`,
 * `Record 4, /3/PTID` or `Item 7, (0010,0010)`. Empty where nothing is known.
 *
 * Rows are counted without the header, as people count what they send; editors and spreadsheets
 * number lines, with the header among them. In JSON nobody counts lines.
 */
export function placeText(place: Place): string {
  const parts: string[] = [];
  if (place.item !== undefined) parts.push(`item ${place.item}`);
  const inFile = inFileText(place);
  if (inFile !== null) parts.push(inFile);
  for (const name of [place.column, place.tag, place.pointer, place.expression]) {
    if (name !== undefined && name !== '') parts.push(safeText(name, PART_LIMIT));
  }
  if (place.offset !== undefined) parts.push(`byte ${place.offset}`);
  const text = parts.join(', ');
  // Only our own word gets a capital: a column stays as the sender wrote it.
  return /^(item|record|row|line|byte) \d/.test(text)
    ? text.charAt(0).toUpperCase() + text.slice(1)
    : text;
}

function inFileText({ record, line, pointer }: Place): string | null {
  if (record === undefined) return line === undefined ? null : `line ${line}`;
  if (pointer !== undefined) return `record ${record}`;
  return line === undefined ? `row ${record}` : `row ${record} (line ${line})`;
}
