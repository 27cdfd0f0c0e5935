/**
 * A file as stretches of records: each is a part of the file that begins and ends at a record's
 * border, small enough to be read at once. The source lists stretches and counts their records
 * without reading cells; whoever works on a stretch reads its records on a thread.
 */

/** How the records of a file are written. Found out once, at its start. */
export interface Layout {
  readonly format: 'csv';
  readonly delimiter: string;
  /** Names of the columns, as the header has them. */
  readonly columns: readonly string[];
  /** Bytes up to the first record, and its line. */
  readonly bodyOffset: number;
  readonly bodyLine: number;
}

export interface Stretch {
  /** Which file of the run, from 0. */
  readonly file: number;
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
}

/** A record as it stands in a CSV file. */
export interface RawRecord {
  readonly cells: readonly string[];
  readonly record: number;
  readonly line: number;
  readonly offset: number;
}
