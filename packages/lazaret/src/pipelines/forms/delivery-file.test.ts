import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { deliveredColumns, DeliveryWriter } from './delivery-file.ts';
import { CsvReader } from './reading/csv/reader.ts';
import { openWindow } from './reading/text-window.ts';
import type { FormRecord, FormValues } from './record.ts';
import { subjectKeysSchema } from './study.ts';

const place = { file: 0, record: 1, line: 2, offset: 0 };
const keys = subjectKeysSchema.parse({});
const schemas = new Map([['UDS', { columns: ['adcid', 'ptid', 'note'] }]]);

const record = (item: number, values: FormValues, module = 'UDS'): FormRecord => ({
  ...{ item, module, place, values },
});

const deliver = (delivery: 'csv' | 'ndjson', parts: readonly (readonly FormRecord[])[]) => {
  const writer = new DeliveryWriter({ delivery, keys }, schemas);
  for (const records of parts) writer.write(records);
  return { items: writer.items(), files: writer.files() };
};

const csv = (...records: readonly FormRecord[]): string =>
  deliver('csv', [records]).files[0]?.text ?? '';

describe('deliveries', () => {
  it('have a file a module, with records in the order of their items', () => {
    const [a, b, c] = [record(5, { ptid: 'A' }), record(3, { ptid: 'B' }), record(1, {}, 'NP')];
    expect(deliver('ndjson', [[a, b], [], [c, record(2, { ptid: 'C' })]])).toEqual({
      items: [1, 2, 3, 5],
      files: [
        {
          ...{ module: 'UDS', extension: 'ndjson', items: [2, 3, 5] },
          text: '{"ptid":"C"}\n{"ptid":"B"}\n{"ptid":"A"}\n',
        },
        { module: 'NP', extension: 'ndjson', items: [1], text: '{}\n' },
      ],
    });
    expect(deliver('ndjson', [[]])).toEqual({ items: [], files: [] });
  });
});

describe('deliveries as CSV', () => {
  it('have the columns of the schema in its order, and the id behind them', () => {
    expect(csv(record(1, { naccid: 'NACC000001', ptid: 'A', adcid: 1 }))).toBe(
      'adcid,ptid,note,naccid\r\n1,A,,NACC000001\r\n',
    );
  });

  it('keep columns that only some records have', () => {
    expect(csv(record(1, { ptid: 'A' }), record(2, { ptid: 'B', extra: true }))).toBe(
      'adcid,ptid,note,extra\r\n,A,,\r\n,B,,true\r\n',
    );
  });

  it('come back as they were, whatever stands in a cell', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (note) => {
        const bytes = Buffer.from(csv(record(1, { adcid: 1, ptid: 'A', note })));
        const start = { delimiter: ',', record: 0, line: 1, atEnd: true };
        const reader = new CsvReader(openWindow(bytes, 'utf-8', 0), start);
        expect(reader.next() && reader.next()).toBe(true);
        const cells = [0, 1, 2].map((cell) => reader.cell(cell));
        expect(cells).toEqual(['1', 'A', Buffer.from(note).toString('utf8')]);
      }),
    );
  });
});

describe('the recipe of deliveries', () => {
  const names = ['ptid', 'note', 'adcid'];
  const modules = (order: readonly string[]) => [
    {
      name: 'UDS',
      schema: { properties: Object.fromEntries(order.map((name) => [name, { type: 'string' }])) },
    },
  ];

  it('has the order of columns in it, which is that of the schema, and of nothing else', () => {
    expect(deliveredColumns({ delivery: 'csv', modules: modules(names) })).toEqual({ UDS: names });
    const turned = deliveredColumns({ delivery: 'csv', modules: modules(names.toReversed()) });
    expect(turned).toEqual({ UDS: names.toReversed() });
    expect(deliveredColumns({ delivery: 'ndjson', modules: modules(names) })).toBeNull();
  });
});
