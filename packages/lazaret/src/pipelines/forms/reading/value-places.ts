/**
 * Finds the values of a record in its file again, when something is to be said of one after the
 * record has gone on: most records are sound, and carry nothing for it.
 */
import type { FormRecord, ValueOffsets } from '../record.ts';
import { cellOffsets, propertyCells } from './csv/cell-offsets.ts';
import { matchColumns } from './csv/columns.ts';
import { CsvReader } from './csv/reader.ts';
import type { FileForms } from './file-forms.ts';
import { isSameStamp, openFormFile, type FileStamp, type FormFile } from './form-file.ts';
import { memberOffsets } from './json/member-offsets.ts';
import { parseRecord } from './json/parse.ts';
import { JsonReader } from './json/reader.ts';
import { MAX_RECORD_BYTES } from './limits.ts';
import type { CsvLayout, Layout, StretchContent } from './stretch.ts';
import { openWindow } from './text-window.ts';

/** A file that records are from, as it was when they were read. Sealed where it is kept: its path. */
export interface Origin {
  readonly path: string;
  readonly file: number;
  readonly stamp: FileStamp;
  readonly layout: Layout;
}

export function originOf({ path, stretch }: StretchContent): Origin {
  const { file, stamp, layout } = stretch;
  return { path, file, stamp, layout: withoutNamePlaces(layout) };
}

function withoutNamePlaces(layout: Layout): Layout {
  return layout.format === 'csv' ? { ...layout, namePlaces: [] } : layout;
}

/** Most records are shorter; a longer one is read in larger parts. */
const FIRST_BYTES = 4096;

/** The offsets of the values of a record that begins with the part; null where it is cut off in it. */
type FindOffsets = (part: Uint8Array, atEnd: boolean, place: FormRecord['place']) => Found;
type Found = ValueOffsets | null;

interface OpenOrigin {
  readonly file: FormFile;
  readonly find: FindOffsets;
}

/** Keeps files open until it is closed. */
export class ValuePlaces {
  readonly #origins = new Map<number, Origin>();
  readonly #formsOf: (origin: Origin) => FileForms;
  /** By number; null: it is gone, or another one now. */
  readonly #open = new Map<number, OpenOrigin | null>();

  constructor(formsOf: (origin: Origin) => FileForms) {
    this.#formsOf = formsOf;
  }

  add(origins: readonly Origin[]): void {
    for (const origin of origins) this.#origins.set(origin.file, origin);
  }

  /**
   * The record with the offsets of its values; as it is where its file is not what it was any more.
   *
   * @throws what the file system throws, but for a file that is not there
   */
  locate(record: FormRecord): FormRecord {
    if (record.offsets !== undefined) return record;
    const origin = this.#openOrigin(record.place.file);
    const offsets = origin === null ? null : findIn(origin, record.place);
    return offsets === null ? record : { ...record, offsets };
  }

  close(): void {
    for (const origin of this.#open.values()) origin?.file.close();
    this.#open.clear();
  }

  #openOrigin(number: number): OpenOrigin | null {
    const known = this.#open.get(number);
    if (known !== undefined) return known;
    const origin = this.#origins.get(number);
    const opened = origin === undefined ? null : this.#openFile(origin);
    this.#open.set(number, opened);
    return opened;
  }

  #openFile(origin: Origin): OpenOrigin | null {
    const file = openFormFile(origin.path);
    if (file === null) return null;
    if (!isSameStamp(file.stamp, origin.stamp)) {
      file.close();
      return null;
    }
    const { layout } = origin;
    const find =
      layout.format === 'csv'
        ? findCells(layout, this.#formsOf(origin))
        : findMembers(layout.encoding);
    return { file, find };
  }
}

function findIn({ file, find }: OpenOrigin, place: FormRecord['place']): Found {
  for (let bytes = FIRST_BYTES; ; bytes *= 8) {
    const part = file.read(place.offset, bytes);
    const atEnd = part.length < bytes;
    const found = find(part, atEnd, place);
    if (found !== null || atEnd || bytes > MAX_RECORD_BYTES) return found;
  }
}

function findCells({ encoding, delimiter, columns: names }: CsvLayout, forms: FileForms) {
  const columns = matchColumns(names, forms.known).list;
  const cells = propertyCells(columns);
  const find: FindOffsets = (part, atEnd, { record, line, offset }) => {
    const window = openWindow(part, encoding, offset);
    const reader = new CsvReader(window, { delimiter, record, line, atEnd });
    return reader.next() ? cellOffsets(reader, columns, cells) : null;
  };
  return find;
}

function findMembers(encoding: Layout['encoding']): FindOffsets {
  return (part, atEnd, { line, offset }) => {
    const window = openWindow(part, encoding, offset);
    // Wherever the record is from, it stands here as the first one of a list does.
    const reader = new JsonReader(window, { shape: 'list', record: 1, line, atEnd });
    if (!reader.next()) return null;
    return memberOffsets(reader, parseRecord(window, reader.begin, reader.end).starts);
  };
}
