import {
  array,
  assert,
  constantFrom,
  dictionary,
  integer,
  oneof,
  property,
  string,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormValues } from './record.ts';
import { ValueReader, ValueTable } from './value-table.ts';

describe('a table of values', () => {
  it('gives back the values of each record, whatever names it has and in whatever order', () => {
    const values = dictionary(
      constantFrom('a', 'b', 'c', 'd', '1'),
      oneof(string(), integer(), constantFrom(0.5, true, false, null)),
    );
    assert(
      property(array(values), (records: readonly FormValues[]) => {
        const table = new ValueTable();
        for (const record of records) table.write(record);
        const { names, columns } = table;
        const written = JSON.parse(JSON.stringify({ names, columns })) as typeof table;
        const reader = new ValueReader(written);
        for (const [row, record] of records.entries()) {
          const filled = Object.entries(record).filter(([, value]) => value !== null);
          expect(reader.read(row)).toEqual(Object.fromEntries(filled));
        }
      }),
    );
  });
});
