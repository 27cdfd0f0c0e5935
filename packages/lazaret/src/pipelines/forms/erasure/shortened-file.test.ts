import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeliveryWriter } from '../delivery-file.ts';
import type { FormRecord } from '../record.ts';
import { linesOf, shorten, shortenRecall, valuesOf } from './shortened-file.ts';

const KEYS = {
  ...{ centre: 'adcid', participant: 'ptid', visit: 'visitnum', date: 'visitdate' },
  ...{ subject: 'naccid', initials: 'initials' },
};
const SCHEMAS = new Map([['UDS', { columns: ['ptid', 'note'] }]]);

type Written = readonly [participant: string, note: string];

/** As a run delivers them. */
function written(rows: readonly Written[], delivery: 'csv' | 'ndjson'): string {
  const records = rows.map(([ptid, note], at): FormRecord => {
    const place = { file: 0, record: at + 1, line: at + 2, offset: 0 };
    return { item: at + 1, module: 'UDS', place, values: { ptid, note } };
  });
  const writer = new DeliveryWriter({ delivery, keys: KEYS }, SCHEMAS);
  writer.write(records);
  return writer.files()[0]?.text ?? '';
}

const text = fc.oneof(
  fc.string(),
  fc.constantFrom('"', '""', 'a\nb', 'a\r\nb', ',', ' blank ', '"\r\n"', '\n', ''),
);
const rows = fc.array(fc.record({ row: fc.tuple(text, text), isGone: fc.boolean() }), {
  ...{ minLength: 1, maxLength: 8 },
});
const ways = fc.constantFrom('csv' as const, 'ndjson' as const);

describe('a shortened file', () => {
  it('is what would have been written without these records, whatever is in them', () => {
    fc.assert(
      fc.property(rows, ways, (given, way) => {
        const whole = written(
          given.map(({ row }) => row),
          way,
        );
        const others = given.filter(({ isGone }) => !isGone).map(({ row }) => row);
        expect(shorten(linesOf(`a.${way}`, whole), (at) => given[at]?.isGone === true)).toBe(
          others.length === 0 ? null : written(others, way),
        );
      }),
    );
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(rows, ways, (given, way) => {
        const whole = written(
          given.map(({ row }) => row),
          way,
        );
        const read = [...valuesOf(linesOf(`a.${way}`, whole))];
        expect(read.map(({ ptid, note }) => [ptid, note])).toEqual(given.map(({ row }) => row));
      }),
    );
  });

  it('keeps the header of CSV, and is nothing where no record is left', () => {
    const lines = linesOf('a.csv', 'ptid,note\r\nP0,"two\r\nlines"\r\nP1,one\r\n');
    expect(lines.records).toEqual(['P0,"two\r\nlines"\r\n', 'P1,one\r\n']);
    expect(shorten(lines, (at) => at === 0)).toBe('ptid,note\r\nP1,one\r\n');
    expect(shorten(lines, () => true)).toBeNull();
  });
});

describe('a shortened document of recalls', () => {
  const whole = `${JSON.stringify(
    {
      kind: 'recall',
      notices: [
        { item: 'a/1', why: [] },
        { item: 'a/2', why: [] },
      ],
    },
    null,
    2,
  )}\n`;

  it('has the notices about others as they were', () => {
    expect(shortenRecall(whole, (item) => item === 'a/1')).toBe(
      `${JSON.stringify({ kind: 'recall', notices: [{ item: 'a/2', why: [] }] }, null, 2)}\n`,
    );
    expect(shortenRecall(whole, () => false)).toBe(whole);
    expect(shortenRecall(whole, () => true)).toBeNull();
  });
});
