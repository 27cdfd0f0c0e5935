/**
 * A record of a form on its way. Glossary:
 *
 * - **module**: a form of the study (`UDS`, `NP`), with a schema and rules of its own.
 * - **subject**: who a record is about: centre (ADCID) and participant (PTID) until the identifier
 *   is looked up, then also the study's own id (NACCID).
 * - **visit**: one record of one module of one subject, named by its visit number.
 */

/** A value as the schema types it. An empty cell is no value at all. */
export type FormValue = string | number | boolean | null | readonly FormValue[] | FormValues;

export interface FormValues {
  readonly [name: string]: FormValue;
}

/** Where a record stands in its file. */
export interface RecordPlace {
  /** Which file of the run, from 0. */
  readonly file: number;
  /** Record number in the file, from 1; a header is none. */
  readonly record: number;
  /** Physical line on which it begins, from 1. */
  readonly line: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** RFC 6901 pointer to it, in JSON. */
  readonly pointer?: string;
}

/**
 * Where a value stands: lines and bytes behind the place of its record, and the name of its column
 * where the sender wrote it otherwise than the schema does.
 */
export type ValueOffset = readonly [lines: number, bytes: number, column?: string];

/** Of the values of a record, by the names that the schema has for them; also of empty cells. */
export type ValueOffsets = Readonly<Record<string, ValueOffset>>;

export interface FormRecord {
  readonly item: number;
  readonly module: string;
  readonly place: RecordPlace;
  readonly values: FormValues;
  /** Only of a record of which something was found. */
  readonly offsets?: ValueOffsets;
}
