/** Where the members of a record of JSON stand, by their names. */
import type { ValueOffset, ValueOffsets } from '../../record.ts';
import type { JsonReader } from './reader.ts';

/** Of the current record of the reader. @param starts of its parsed members, in their order */
export function memberOffsets(
  reader: JsonReader,
  starts: ReadonlyMap<string, number>,
): ValueOffsets {
  const offset = reader.offsetOf(reader.begin);
  return Object.fromEntries(
    [...starts].map(([name, unit]): [string, ValueOffset] => [
      name,
      [reader.lineOf(unit) - reader.line, reader.offsetOf(unit) - offset],
    ]),
  );
}
