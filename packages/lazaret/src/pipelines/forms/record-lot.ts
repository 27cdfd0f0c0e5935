/** Records as the content of a lot: in the fewest bytes that are quick to read again. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { OnwardLot } from '../../engine/lot.ts';
import type { FormRecord, FormValues } from './record.ts';

/** Records of one file in one lot; names of values are written once. */
interface WrittenRecords {
  readonly names: readonly string[];
  readonly records: readonly (readonly [
    module: string,
    file: number,
    record: number,
    line: number,
    offset: number,
    pointer: string | 0,
    ...values: unknown[],
  ])[];
}

const MAX_LOT_BYTES = 1 << 30;
const FIXED = 6;

/** Puts records, in ascending order of their items, into a lot that is re-cut by `cut`. */
export function packRecords(records: readonly FormRecord[], cut: string | null): OnwardLot {
  const names = new Map<string, number>();
  const written = records.map(({ module, place, values }) => {
    const row: unknown[] = [
      ...[module, place.file, place.record, place.line, place.offset, place.pointer ?? 0],
    ];
    for (const name in values) {
      let at = names.get(name);
      if (at === undefined) {
        at = names.size;
        names.set(name, at);
      }
      row[FIXED + at] = values[name];
    }
    return row;
  });
  const plain = JSON.stringify({ names: [...names.keys()], records: written });
  return {
    cut,
    items: records.map(({ item }) => item),
    content: Uint8Array.from(zstdCompressSync(plain)),
  };
}

/** Null in a row stands for no value; a value that is null in JSON is not kept apart from it. */
export function unpackRecords({ items, content }: Omit<OnwardLot, 'cut'>): FormRecord[] {
  const plain = zstdDecompressSync(content, { maxOutputLength: MAX_LOT_BYTES });
  const { names, records } = JSON.parse(plain.toString('utf8')) as WrittenRecords;
  return records.map((row, index) => {
    const [module, file, record, line, offset, pointer] = row;
    const values: Record<string, FormValues[string]> = {};
    for (let at = FIXED; at < row.length; at += 1) {
      const value = row[at] as FormValues[string];
      const name = names[at - FIXED];
      if (value !== null && name !== undefined) values[name] = value;
    }
    const place = { file, record, line, offset, ...(pointer === 0 ? {} : { pointer }) };
    return { item: items[index] ?? 0, module, place, values };
  });
}
