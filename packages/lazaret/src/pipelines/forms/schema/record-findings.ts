/** What a schema says of a record, as findings with their place in the file. */
import type { Finding, Place } from '@lazaret/faults';
import type { FormRecord } from '../record.ts';
import { placeOfValue } from '../record-place.ts';
import { namesOf } from './pointer.ts';
import type { Violation } from './violation.ts';

type Placed = Pick<FormRecord, 'item' | 'place' | 'offsets'>;

export function recordFindings(record: Placed, violations: readonly Violation[]): Finding[] {
  return violations.map(({ finding, pointer, knownPointer }) => ({
    ...finding,
    place: placeOf(record, pointer, knownPointer),
  }));
}

/**
 * In a file of rows, the cell; in JSON, a pointer from the file's root. A name in JSON that the
 * schema does not know is the sender's, and may be a person's: the pointer ends before it.
 */
function placeOf(record: Placed, pointer: string, knownPointer: string): Place {
  const [name = ''] = namesOf(pointer);
  const place = placeOfValue(record, name);
  const { pointer: within } = record.place;
  return within === undefined ? place : { ...place, pointer: `${within}${knownPointer}` };
}
