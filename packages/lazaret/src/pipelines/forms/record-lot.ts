/**
 * Records as the content of a lot: a header that says what has to be fetched or asked before they
 * can be judged, so that the main thread reads that much and no record; behind it the records,
 * compressed.
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
  header: LotHeader,
  cut: string,
): OnwardLot {
  const table = new ValueTable();
  const written = records.map(({ module, place, values }): WrittenRecord => {
    const { file, record, line, offset, pointer } = place;
    return [module, file, record, line, offset, pointer ?? 0, table.write(values)];
  });
  const plain: WrittenRecords = { names: table.names, records: written };
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

export function unpackRecords({ items, content }: Lot): FormRecord[] {
  const packed = content.subarray(bodyOffset(content));
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

function bodyOffset({ buffer, byteOffset }: Uint8Array): number {
  return LENGTH_BYTES + new DataView(buffer, byteOffset).getUint32(0, true);
}
