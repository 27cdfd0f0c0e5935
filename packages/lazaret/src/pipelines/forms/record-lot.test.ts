import { assert, property, array, constantFrom, integer, record, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormRecord } from './record.ts';
import type { Origin } from './reading/value-places.ts';
import {
  originsOf,
  packRecords,
  readHeader,
  unpackPart,
  unpackRecords,
  type LotHeader,
  RecordPart,
} from './record-lot.ts';

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

const partsFrom = (...parts: readonly (readonly FormRecord[])[]): readonly RecordPart[] =>
  parts.map((records) => {
    const part = new RecordPart();
    for (const record of records) {
      part.add(record);
      part.items.push(record.item);
    }
    return part;
  });

describe('a lot of records', () => {
  it('gives back its header and its records, part by part, whatever stands in them', () => {
    const cells = array(tuple(constantFrom('a', 'b', 'ü'), string(), integer({ min: 0, max: 2 })), {
      maxLength: 20,
    });
    assert(
      property(header, cells, (given: LotHeader, values) => {
        const records = values.map(([name, value], index) => recordOf(index + 1, name, value));
        // The items of a part stand between those of others, as those of several stretches do.
        const parts = [0, 1, 2].map((part) =>
          records.filter((_, index) => values[index]?.[2] === part),
        );
        const lot = packRecords(partsFrom(...parts), [origin], given, 'group 1');
        expect(readHeader(lot.content)).toEqual(given);
        expect(originsOf(lot)).toEqual([origin]);
        expect(lot.items).toEqual(records.map(({ item }) => item));
        expect(unpackRecords(lot)).toEqual(records);
        expect([0, 1, 2, 3].map((part) => unpackPart(lot, part))).toEqual([...parts, []]);
      }),
    );
  });

  it('is read where it lies in a larger buffer', () => {
    const records = [recordOf(1, 'a', 'x')];
    const given = { buckets: [7, 255], participants: [], drugs: ['197361'] };
    const { content } = packRecords(partsFrom(records), [origin], given, 'group 1');
    const larger = new Uint8Array(content.length + 9);
    larger.set(content, 9);
    const part = larger.subarray(9);
    expect(readHeader(part)).toEqual(given);
    expect(unpackRecords({ items: [1], content: part })).toEqual(records);
  });
});
