/** Where the cells of a row stand, by the names that the schema has for what they hold. */
import type { ValueOffset, ValueOffsets } from '../../record.ts';
import type { Column } from './columns.ts';
import type { CsvReader } from './reader.ts';

/** The cell of each name that the header has. */
export function propertyCells(columns: readonly Column[]): ReadonlyMap<string, number> {
  return new Map(
    columns.flatMap(({ property }, cell) => (property === null ? [] : [[property, cell]])),
  );
}

/** Of the current row of the reader. @param cells as {@link propertyCells} gives them */
export function cellOffsets(
  reader: CsvReader,
  columns: readonly Column[],
  cells: ReadonlyMap<string, number>,
): ValueOffsets {
  const offsets: [string, ValueOffset][] = [];
  for (const [property, cell] of cells) {
    const { line, offset } = reader.placeOf(cell);
    const behind = [line - reader.line, offset - reader.offset] as const;
    const shown = columns[cell]?.shown ?? property;
    offsets.push([property, shown === property ? behind : [...behind, shown]]);
  }
  return Object.fromEntries(offsets);
}
