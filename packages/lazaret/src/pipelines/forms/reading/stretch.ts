/**
 * A file as stretches of records: each is a part of the file that begins and ends at a record's
 * border, small enough to be read at once. The source lists stretches and counts their records;
 * whoever works on a stretch reads its records on a thread.
 */
import type { Encoding } from './encoding.ts';
import type { FileStamp } from './form-file.ts';

/** Why the records of a file cannot be read, though it has some. */
export type LayoutProblem =
  /** The first row cannot be read itself; what is said of it as a row says why. */
  | { readonly kind: 'header-broken' }
  | { readonly kind: 'header-missing' }
  | { readonly kind: 'delimiter-wrong'; readonly delimiter: string }
  | { readonly kind: 'columns-too-many'; readonly found: number };

export interface NamePlace {
  readonly line: number;
  readonly offset: number;
}

/** How the records of a file are written. Found out once, at its start. */
export interface CsvLayout {
  readonly format: 'csv';
  readonly encoding: Encoding;
  readonly delimiter: string;
  /** Names of the columns, as the header has them. */
  readonly columns: readonly string[];
  /** Where each of the names stands; only with the first stretch, where something is said of them. */
  readonly namePlaces: readonly NamePlace[];
  /** Bytes up to the first record, and its line. */
  readonly bodyOffset: number;
  readonly bodyLine: number;
  readonly problem: LayoutProblem | null;
}

/** Why a stretch is one record that is not to be read. */
export interface Flaw {
  readonly kind:
    | 'quote-unclosed'
    | 'cell-too-long'
    | 'record-too-long'
    /** Also of the rest of a file, where it cannot be told any more where a record begins. */
    | 'json-broken'
    /** The record stands for the rest of the file. */
    | 'file-changed'
    | 'file-gone'
    | 'file-not-text'
    | 'encoding-unclear'
    | 'file-not-taken';
  /** Of the cell in question, or of the record. */
  readonly line: number;
  readonly offset: number;
  /** Number of the column, from 0; null where it is about no cell. */
  readonly column: number | null;
  /** What else there is to say; may be shown to anyone. */
  readonly detail?: string;
}

/** The entries of a list, a record a line (NDJSON), or one record. */
export type JsonShape = 'list' | 'lines' | 'object';

export interface JsonLayout {
  readonly format: 'json';
  readonly encoding: Encoding;
  readonly shape: JsonShape;
  /** Bytes up to the first record, and its line. */
  readonly bodyOffset: number;
  readonly bodyLine: number;
  /** Nothing but blanks. */
  readonly isEmpty: boolean;
  readonly problem: null;
}

export type Layout = CsvLayout | JsonLayout;

export interface Stretch {
  /** Which file of the run, from 0. */
  readonly file: number;
  /** The file as it was when its reading began. */
  readonly stamp: FileStamp;
  readonly layout: Layout;
  /** Bytes in the file. */
  readonly start: number;
  readonly end: number;
  /** Number of its first record in the file, from 1, and the line on which that begins. */
  readonly firstRecord: number;
  readonly firstLine: number;
  readonly records: number;
  /** Physical lines of it. */
  readonly lines: number;
  /** It is the first of its file; the last one, with which the file ends. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** CRC-32 of its bytes when it was cut. */
  readonly checksum: number;
  readonly flaw: Flaw | null;
}

/** Where the stretch before ended. */
export interface Cut {
  readonly offset: number;
  readonly line: number;
  readonly record: number;
}

/** What is cut off; the file and its layout are the caller's to add. */
export type Piece = Pick<
  Stretch,
  | 'start'
  | 'end'
  | 'firstRecord'
  | 'firstLine'
  | 'records'
  | 'lines'
  | 'isLast'
  | 'checksum'
  | 'flaw'
>;

/** What a batch of records is: sealed where it is kept, because a path may name a person. */
export interface StretchContent {
  readonly path: string;
  readonly stretch: Stretch;
}
