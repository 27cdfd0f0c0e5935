/**
 * Records as the content of a lot: the buckets of their subjects, so that whoever works on them can
 * fetch their histories without reading the records, and the records themselves.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Lot, OnwardLot } from '../../engine/lot.ts';
import type { FormRecord, RecordPlace } from './record.ts';
import { readValues, ValueTable, type ValueRow } from './value-table.ts';

/** `[module, file, record, line, offset, pointer or 0, values]` */
type WrittenRecord = readonly [string, number, number, number, number, string | 0, ValueRow];

interface WrittenRecords {
  readonly names: readonly string[];
  readonly records: readonly WrittenRecord[];
}

const MAX_LOT_BYTES = 1 << 30;

/** Puts records, in ascending order of their items, into a lot that is re-cut by `cut`. */
export function packRecords(
  records: readonly FormRecord[],
  buckets: ReadonlySet<number>,
  cut: string,
): OnwardLot {
  const table = new ValueTable();
  const written = records.map(({ module, place, values }): WrittenRecord => {
    const { file, record, line, offset, pointer } = place;
    return [module, file, record, line, offset, pointer ?? 0, table.write(values)];
  });
  const plain: WrittenRecords = { names: table.names, records: written };
  const packed = zstdCompressSync(JSON.stringify(plain));
  const content = new Uint8Array(2 + buckets.size + packed.length);
  content[0] = buckets.size & 0xff;
  content[1] = buckets.size >> 8;
  content.set([...buckets], 2);
  content.set(packed, 2 + buckets.size);
  return { cut, items: records.map(({ item }) => item), content };
}

/** The buckets (0 to 255) of the subjects in a lot. */
export function bucketsOf(content: Uint8Array): Uint8Array {
  return content.subarray(2, 2 + bucketCount(content));
}

export function unpackRecords({ items, content }: Lot): FormRecord[] {
  const packed = content.subarray(2 + bucketCount(content));
  const plain = zstdDecompressSync(packed, { maxOutputLength: MAX_LOT_BYTES });
  const { names, records } = JSON.parse(plain.toString('utf8')) as WrittenRecords;
  return records.map(([module, file, record, line, offset, pointer, row], index) => {
    const place: RecordPlace = {
      ...{ file, record, line, offset },
      ...(pointer === 0 ? {} : { pointer }),
    };
    return { item: items[index] ?? 0, module, place, values: readValues(names, row) };
  });
}

function bucketCount(content: Uint8Array): number {
  return (content[0] ?? 0) + ((content[1] ?? 0) << 8);
}
