/**
 * Values of many records, column by column: what stands below each other is alike, so that it is
 * written, compressed and read in half the time that records one by one take.
 */
import type { FormValue, FormValues } from './record.ts';
import { ValueShapes } from './value-shapes.ts';

export interface ValueColumns {
  readonly names: readonly string[];
  /** As many as names; null, or nothing behind the last value, stands for no value. */
  readonly columns: readonly (readonly (FormValue | null)[])[];
}

/** Collects names in the order in which they come up, and values below them. */
export class ValueTable implements ValueColumns {
  readonly names: string[] = [];
  readonly columns: (FormValue | null)[][] = [];
  readonly #positions = new Map<string, number>();
  #rows = 0;

  write(values: FormValues): void {
    let next = 0;
    for (const name in values) {
      // Most records have their names in one order.
      const at = this.names[next] === name ? next : this.#positionOf(name);
      next = at + 1;
      const column = this.columns[at];
      if (column === undefined) continue;
      while (column.length < this.#rows) column.push(null);
      column.push(values[name] ?? null);
    }
    this.#rows += 1;
  }

  #positionOf(name: string): number {
    const known = this.#positions.get(name);
    if (known !== undefined) return known;
    const at = this.names.length;
    this.#positions.set(name, at);
    this.names.push(name);
    this.columns.push([]);
    return at;
  }
}

/** Reads records out of a table. A null stands for no value: the two mean the same in a record. */
export class ValueReader {
  readonly #columns: ValueColumns['columns'];
  readonly #shapes: ValueShapes;
  readonly #row: (FormValue | undefined)[];

  constructor({ names, columns }: ValueColumns) {
    this.#columns = columns;
    this.#shapes = new ValueShapes(names);
    this.#row = names.map(() => undefined);
  }

  /** The values of a record, by its position. */
  read(position: number): FormValues {
    const columns = this.#columns;
    const row = this.#row;
    for (let at = 0; at < columns.length; at += 1) row[at] = columns[at]?.[position] ?? undefined;
    return this.#shapes.make(row);
  }
}
