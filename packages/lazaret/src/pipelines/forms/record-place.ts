/** The place of a record, and of one of its values, as findings have it. */
import type { Place } from '@lazaret/faults';
import type { FormRecord } from './record.ts';
import { escapeName } from './schema/pointer.ts';

type Placed = Pick<FormRecord, 'item' | 'place' | 'offsets'>;

export function placeOfRecord({ item, place }: Placed): Place {
  const { line, record, offset, pointer } = place;
  return { item, line, record, offset, ...(pointer === undefined ? {} : { pointer }) };
}

/**
 * The cell of a value with the line on which it begins, its byte offset and its column; in JSON a
 * pointer to it. Line and offset are those of the record where it has no such value.
 *
 * @param name as the schema or the rules have it; '' for the record as a whole
 */
export function placeOfValue(record: Placed, name: string): Place {
  const of = placeOfRecord(record);
  if (name === '') return of;
  const [lines, bytes, column = name] = offsetOf(record, name);
  const { line, offset, pointer } = record.place;
  const place = { ...of, line: line + lines, offset: offset + bytes };
  return pointer === undefined
    ? { ...place, column }
    : { ...place, pointer: `${pointer}/${escapeName(name)}` };
}

function offsetOf({ offsets }: Placed, name: string): readonly [number, number, string?] {
  const known = offsets !== undefined && Object.hasOwn(offsets, name) ? offsets[name] : undefined;
  return known ?? [0, 0];
}
