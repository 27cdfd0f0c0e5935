import { assert, property, array, constantFrom, integer, record, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormRecord } from './record.ts';
import type { Origin } from './reading/value-places.ts';
import { packRecords, readHeader, unpackRecords, type LotHeader } from './record-lot.ts';

const header = record({
  buckets: array(integer({ min: 0, max: 255 })),
  participants: array(tuple(string(), string())),
  drugs: array(string()),
});

const origin: Origin = {
  ...{ path: '/in/uds.json', file: 0, stamp: { size: 9, modified: '1', inode: '2' } },
  layout: {
    ...{ format: 'json', encoding: 'utf-8', shape: 'lines' },
    ...{ bodyOffset: 0, bodyLine: 1, isEmpty: false, problem: null },
  },
};

function recordOf(item: number, name: string, value: string): FormRecord {
  const place = { file: 0, record: item, line: item + 1, offset: item * 10 };
  const made = { item, module: 'UDS', place, values: { [`field ${name}`]: value } };
  // What was sent in again may know where its values stand.
  return item % 2 === 0 ? made : { ...made, offsets: { [`field ${name}`]: [1, 9, 'Field'] } };
}

describe('a lot of records', () => {
  it('gives back its header and its records, whatever stands in them', () => {
    const cells = array(tuple(constantFrom('a', 'b', 'ü'), string()), { maxLength: 20 });
    assert(
      property(header, cells, (given: LotHeader, values) => {
        const records = values.map(([name, value], index) => recordOf(index + 1, name, value));
        const lot = packRecords(
          records,
          records.map(({ item }) => item),
          [origin],
          given,
          'group 1',
        );
        expect(readHeader(lot.content)).toEqual(given);
        expect(unpackRecords(lot)).toEqual({ records, origins: [origin] });
      }),
    );
  });

  it('is read where it lies in a larger buffer', () => {
    const records = [recordOf(1, 'a', 'x')];
    const given = { buckets: [7, 255], participants: [], drugs: ['197361'] };
    const { content } = packRecords(
      records,
      records.map(({ item }) => item),
      [origin],
      given,
      'group 1',
    );
    const larger = new Uint8Array(content.length + 9);
    larger.set(content, 9);
    const part = larger.subarray(9);
    expect(readHeader(part)).toEqual(given);
    expect(unpackRecords({ items: [1], content: part }).records).toEqual(records);
  });
});
