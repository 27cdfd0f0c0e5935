/**
 * Records as the content of a lot: a header that says what has to be fetched or asked before they
 * can be judged, so that the main thread reads that much and no record; behind it the records,
 * compressed.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Lot, OnwardLot } from '../../engine/lot.ts';
import type { Origin } from './reading/value-places.ts';
import type { FormRecord, RecordPlace, ValueOffsets } from './record.ts';
import { readValues, ValueTable, type ValueRow } from './value-table.ts';

/** `[module, file, record, line, offset, pointer or 0, values, offsets of values where known]` */
type WrittenRecord = readonly [
  ...[module: string, file: number, record: number, line: number, offset: number],
  ...[pointer: string | 0, values: ValueRow, offsets?: ValueOffsets],
];

interface WrittenRecords {
  readonly names: readonly string[];
  readonly records: readonly WrittenRecord[];
  readonly origins: readonly Origin[];
}

/** Records with the files that they are from. */
export interface UnpackedRecords {
  readonly records: FormRecord[];
  readonly origins: readonly Origin[];
}

const MAX_LOT_BYTES = 1 << 30;

/** What the records of a lot need of the store and of services. */
export interface LotHeader {
  /** The buckets (0 to 255) of their subjects. */
  readonly buckets: readonly number[];
  /** Centre and participant, as a service is asked about them, each pair once. */
  readonly participants: readonly Participant[];
  /** Codes of drugs that a rule looks up, each once. */
  readonly drugs: readonly string[];
}

/** ADCID and PTID: the PTID without blanks around it and without leading zeros. */
export type Participant = readonly [centre: string, participant: string];

/** The header's length stands before it, in bytes. */
const LENGTH_BYTES = 4;

/** Puts records into a lot that is re-cut by `cut`, each under its item. Items ascend. */
export function packRecords(
  records: readonly FormRecord[],
  items: readonly number[],
  origins: readonly Origin[],
  header: LotHeader,
  cut: string,
): OnwardLot {
  const table = new ValueTable();
  const written = records.map(({ module, place, values, offsets }): WrittenRecord => {
    const { file, record, line, offset, pointer } = place;
    const row = table.write(values);
    return offsets === undefined
      ? [module, file, record, line, offset, pointer ?? 0, row]
      : [module, file, record, line, offset, pointer ?? 0, row, offsets];
  });
  const plain: WrittenRecords = { names: table.names, records: written, origins };
  const head = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(head.length);
  const packed = zstdCompressSync(JSON.stringify(plain));
  const content = Uint8Array.from(Buffer.concat([length, head, packed]));
  return { cut, items, content };
}

export function readHeader(content: Uint8Array): LotHeader {
  const head = content.subarray(LENGTH_BYTES, bodyOffset(content));
  return JSON.parse(Buffer.from(head).toString('utf8')) as LotHeader;
}

export function unpackRecords({ items, content }: Lot): UnpackedRecords {
  const packed = content.subarray(bodyOffset(content));
  const plain = zstdDecompressSync(packed, { maxOutputLength: MAX_LOT_BYTES });
  const { names, records: written, origins } = JSON.parse(plain.toString('utf8')) as WrittenRecords;
  const records = written.map(
    ([module, file, record, line, offset, pointer, row, offsets], index): FormRecord => {
      const place: RecordPlace = {
        ...{ file, record, line, offset },
        ...(pointer === 0 ? {} : { pointer }),
      };
      const made = { item: items[index] ?? 0, module, place, values: readValues(names, row) };
      return offsets === undefined ? made : { ...made, offsets };
    },
  );
  return { records, origins };
}

function bodyOffset({ buffer, byteOffset }: Uint8Array): number {
  return LENGTH_BYTES + new DataView(buffer, byteOffset).getUint32(0, true);
}
