/** How a CSV file is written, found out from its first bytes. */
import { detectEncoding } from '../encoding.ts';
import { MAX_COLUMNS } from '../limits.ts';
import type { CsvLayout, LayoutProblem } from '../stretch.ts';
import { openWindow } from '../text-window.ts';
import { detectDialect } from './dialect.ts';
import { CELL, CsvReader } from './reader.ts';

/**
 * @param head the file from its start, at least as much as a record may have
 * @param atEnd the file ends with it
 * @param known names of columns, in whatever case
 */
export function readCsvLayout(
  head: Uint8Array,
  atEnd: boolean,
  known: readonly string[],
): CsvLayout {
  const { encoding, markBytes } = detectEncoding(head);
  const window = openWindow(head.subarray(markBytes), encoding, markBytes);
  const names = new Set(known.map((name) => name.toLowerCase()));
  const dialect = detectDialect(window, atEnd, names);
  const { delimiter } = dialect;
  const base = { format: 'csv' as const, encoding, delimiter };
  const reader = new CsvReader(window, { delimiter, record: 0, line: 1, atEnd });
  const body = { bodyOffset: markBytes, bodyLine: 1, namePlaces: [] };
  if (!reader.next()) {
    // Either nothing but blanks, or a row that does not end.
    const problem: LayoutProblem | null = atEnd ? null : { kind: 'header-broken' };
    return { ...base, ...body, columns: [], problem };
  }
  const isBroken = reader.tooLong || (reader.flags & CELL.unclosed) !== 0;
  const problem = isBroken ? { kind: 'header-broken' as const } : problemOf(dialect, reader.count);
  // Without a header, the first row is one of the rows that cannot be read.
  if (problem !== null) return { ...base, ...body, columns: [], problem };
  return {
    ...base,
    columns: Array.from({ length: reader.count }, (_, cell) => nameAt(reader, cell)),
    namePlaces: Array.from({ length: reader.count }, (_, cell) => reader.placeOf(cell)),
    ...{ bodyOffset: reader.nextOffset, bodyLine: reader.nextLine },
    problem: null,
  };
}

function problemOf(
  { known, wrong }: { readonly known: number; readonly wrong: string | null },
  cells: number,
): LayoutProblem | null {
  if (cells > MAX_COLUMNS) return { kind: 'columns-too-many', found: cells };
  if (known > 0) return null;
  return wrong === null
    ? { kind: 'header-missing' }
    : { kind: 'delimiter-wrong', delimiter: wrong };
}

/** A name whose bytes are no text is shown as they most likely were meant; it fits no schema. */
function nameAt(reader: CsvReader, cell: number): string {
  return reader.cell(cell) ?? new TextDecoder('windows-1252').decode(reader.bytes(cell));
}
