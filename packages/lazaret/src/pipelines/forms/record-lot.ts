/**
 * Records as the content of a lot: a header that says what has to be fetched or asked before they
 * can be judged, so that the main thread reads that much and no record; behind it the records,
 * compressed, in parts that are opened one after the other.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Lot, OnwardLot } from '../../engine/lot.ts';
import type { Origin } from './reading/value-places.ts';
import type { FormRecord, ValueOffsets } from './record.ts';
import { ValueReader, ValueTable, type ValueColumns } from './value-table.ts';

/** Records of a part, column by column. */
interface WrittenRecords {
  /** Which of the lot's items these are, counted from 0, in the order of the records: `[from, how many]`. */
  readonly items: readonly (readonly [number, number])[];
  readonly modules: readonly string[];
  readonly files: readonly number[];
  readonly numbers: readonly number[];
  readonly lines: readonly number[];
  readonly offsets: readonly number[];
  /** By the position of the record; of JSON only. */
  readonly pointers: Readonly<Record<number, string>>;
  /** By the position of the record, where the places of values are known. */
  readonly valueOffsets: Readonly<Record<number, ValueOffsets>>;
  readonly values: ValueColumns;
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

/** Stands before the head, with the head's length in bytes. */
const LENGTH_BYTES = 4;

interface Head extends LotHeader {
  /** The files that the records are from. */
  readonly origins: readonly Origin[];
  /** Bytes of each part. */
  readonly parts: readonly number[];
}

/** Puts records into a lot that is re-cut by `cut`. */
export function packRecords(
  parts: readonly RecordPart[],
  origins: readonly Origin[],
  header: LotHeader,
  cut: string,
): OnwardLot {
  const items = parts.flatMap((part) => part.items);
  const isAscending = items.every((item, at) => at === 0 || (items[at - 1] ?? item) < item);
  if (!isAscending) items.sort((a, b) => a - b);
  const positions = new Map(isAscending ? [] : items.map((item, at) => [item, at]));
  let before = 0;
  const packed = parts.map((part) => {
    const ranges = isAscending
      ? ([[before, part.items.length]] as const)
      : rangesOf(part.items, positions);
    before += part.items.length;
    return part.pack(ranges);
  });
  const head: Head = { ...header, origins, parts: packed.map(({ length }) => length) };
  const written = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(written.length);
  const content = Uint8Array.from(Buffer.concat([length, written, ...packed]));
  return { cut, items, content };
}

/** Items of several stretches stand between each other. */
function rangesOf(
  items: readonly number[],
  positions: ReadonlyMap<number, number>,
): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (const item of items) {
    const at = positions.get(item) ?? 0;
    const last = ranges.at(-1);
    if (last !== undefined && last[0] + last[1] === at) last[1] += 1;
    else ranges.push([at, 1]);
  }
  return ranges;
}

/** Records that are opened together. It keeps their values, and not the records. */
export class RecordPart {
  /** Of each record its item, ascending; whoever adds records adds them. */
  readonly items: number[] = [];
  readonly #table = new ValueTable();
  readonly #modules: string[] = [];
  readonly #files: number[] = [];
  readonly #numbers: number[] = [];
  readonly #lines: number[] = [];
  readonly #offsets: number[] = [];
  readonly #pointers: Record<number, string> = {};
  readonly #valueOffsets: Record<number, ValueOffsets> = {};

  get length(): number {
    return this.#modules.length;
  }

  add({ module, place, values, offsets }: FormRecord): void {
    const at = this.#modules.push(module) - 1;
    this.#files.push(place.file);
    this.#numbers.push(place.record);
    this.#lines.push(place.line);
    this.#offsets.push(place.offset);
    if (place.pointer !== undefined) this.#pointers[at] = place.pointer;
    if (offsets !== undefined) this.#valueOffsets[at] = offsets;
    this.#table.write(values);
  }

  pack(items: WrittenRecords['items']): Buffer {
    const plain: WrittenRecords = {
      items,
      modules: this.#modules,
      files: this.#files,
      numbers: this.#numbers,
      lines: this.#lines,
      offsets: this.#offsets,
      pointers: this.#pointers,
      valueOffsets: this.#valueOffsets,
      values: { names: this.#table.names, columns: this.#table.columns },
    };
    const written = Buffer.from(JSON.stringify(plain));
    // Told how much comes, the compressor takes no more room than that needs.
    return zstdCompressSync(written, { pledgedSrcSize: written.length });
  }
}

export function readHeader(content: Uint8Array): LotHeader {
  const { buckets, participants, drugs } = readHead(content);
  return { buckets, participants, drugs };
}

/** The files that the records of a lot are from. */
export function originsOf({ content }: Lot): readonly Origin[] {
  return readHead(content).origins;
}

function readHead(content: Uint8Array): Head {
  const head = content.subarray(LENGTH_BYTES, bodyOffset(content));
  return JSON.parse(Buffer.from(head).toString('utf8')) as Head;
}

/** The records of one part of a lot; none where it has no such part. */
export function unpackPart({ items, content }: Lot, part: number): FormRecord[] {
  const { parts } = readHead(content);
  const length = parts[part];
  if (length === undefined) return [];
  const from = parts.slice(0, part).reduce((sum, bytes) => sum + bytes, bodyOffset(content));
  const plain = zstdDecompressSync(content.subarray(from, from + length), {
    maxOutputLength: MAX_LOT_BYTES,
  });
  const written = JSON.parse(plain.toString('utf8')) as WrittenRecords;
  const { modules, files, numbers, lines, offsets, pointers, valueOffsets, values } = written;
  const own = written.items.flatMap(([first, count]) => items.slice(first, first + count));
  const reader = new ValueReader(values);
  return modules.map((module, at): FormRecord => {
    const place = {
      ...{ file: files[at] ?? 0, record: numbers[at] ?? 0 },
      ...{ line: lines[at] ?? 0, offset: offsets[at] ?? 0 },
    };
    const pointer = pointers[at];
    const known = valueOffsets[at];
    return {
      ...{ item: own[at] ?? 0, module },
      place: pointer === undefined ? place : { ...place, pointer },
      values: reader.read(at),
      ...(known === undefined ? {} : { offsets: known }),
    };
  });
}

/** All records, in the order of their items. */
export function unpackRecords(lot: Lot): FormRecord[] {
  const { parts } = readHead(lot.content);
  return parts.flatMap((_, part) => unpackPart(lot, part)).sort((a, b) => a.item - b.item);
}

function bodyOffset({ buffer, byteOffset }: Uint8Array): number {
  return LENGTH_BYTES + new DataView(buffer, byteOffset).getUint32(0, true);
}
