/** Proves rows of a file sound, cell by cell. */
import type { QuickCheck, QuickColumn } from '../../schema/quick-check.ts';
import type { Column } from './columns.ts';
import type { CsvReader } from './reader.ts';

/** One for each cell of a row; null: nothing may stand in it. */
export type QuickRow = readonly (QuickColumn | null)[];

/** Null where rows of such a header cannot be proven sound by their cells. */
export function quickRow(check: QuickCheck | null, columns: readonly Column[]): QuickRow | null {
  if (check === null) return null;
  const has = new Set(columns.map(({ property }) => property));
  if (check.required.some((name) => !has.has(name))) return null;
  const row: (QuickColumn | null)[] = [];
  for (const { property, refusal } of columns) {
    const column = property === null || refusal !== null ? null : check.columns.get(property);
    row.push(column ?? null);
  }
  return row;
}

/** True: the current row of the reader, which has as many cells, is sound. False: that is not known. */
export function provesRow(row: QuickRow, reader: CsvReader): boolean {
  let isBlank = true;
  for (let cell = 0; cell < row.length; cell += 1) {
    const column = row[cell] ?? null;
    if (reader.isEmpty(cell)) {
      if (column !== null && !column.mayBeEmpty) return false;
      continue;
    }
    isBlank = false;
    if (column === null || !reader.proves(cell, column)) return false;
  }
  return !isBlank;
}
