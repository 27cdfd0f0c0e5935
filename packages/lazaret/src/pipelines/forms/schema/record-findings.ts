/** What a schema says of a record, as findings with their place in the file. */
import type { Finding, Place } from '@lazaret/faults';
import type { FormRecord } from '../record.ts';
import { namesOf } from './pointer.ts';
import type { Violation } from './violation.ts';

export function recordFindings(
  record: Pick<FormRecord, 'item' | 'place'>,
  violations: readonly Violation[],
): Finding[] {
  return violations.map(({ finding, pointer, knownPointer }) => ({
    ...finding,
    place: placeOf(record, pointer, knownPointer),
  }));
}

/**
 * In a file of rows, the column; in JSON, a pointer from the file's root. A name in JSON that the
 * schema does not know is the sender's, and may be a person's: the pointer ends before it.
 */
function placeOf(
  { item, place }: Pick<FormRecord, 'item' | 'place'>,
  pointer: string,
  knownPointer: string,
): Place {
  const { line, record, offset, pointer: within } = place;
  if (within !== undefined) return { item, record, offset, pointer: `${within}${knownPointer}` };
  const [column] = namesOf(pointer);
  return { item, line, record, offset, ...(column === undefined ? {} : { column }) };
}
