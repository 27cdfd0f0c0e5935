/**
 * Rows whose cells slipped to one side: a value with a delimiter in it and no quotes, or a cell that
 * was left out. Where is told by what fits: before the place the cells fit their columns, behind it
 * they fit those that they would stand under without the slip.
 */
import type { RecordSchema } from '../../schema/record-schema.ts';
import { escapeName } from '../../schema/pointer.ts';
import type { Column } from './columns.ts';
import type { CsvReader } from './reader.ts';

/** Whether a text could stand in a column. */
export type Fits = (property: string, text: string) => boolean;

/** What was asked is remembered up to so many answers. */
const MAX_ANSWERS = 10_000;

/** As the schema has it: whatever it says of that value alone. */
export function fitsBy(schema: RecordSchema): Fits {
  const answers = new Map<string, boolean>();
  return (property, text) => {
    const question = JSON.stringify([property, text]);
    const known = answers.get(question);
    if (known !== undefined) return known;
    const value = schema.cast(property, text);
    const path = `/${escapeName(property)}`;
    const found = value === undefined ? [] : schema.check({ [property]: value });
    const fits = !found.some(({ pointer }) => pointer === path);
    if (answers.size < MAX_ANSWERS) answers.set(question, fits);
    return fits;
  };
}

/** Rows that differ by more are not explained by one slip. */
const MAX_SLIP = 8;
/** So many cells at least have to speak for it. */
const MIN_GAIN = 2;

/** In words, to be put behind the numbers of cells; '' where there is nothing to say. */
export function shiftOf(
  reader: CsvReader,
  { columns, fits }: { readonly columns: readonly Column[]; readonly fits: Fits },
): string {
  const slip = reader.count - columns.length;
  if (slip === 0 || Math.abs(slip) > MAX_SLIP) return '';
  const fitsAt = (cell: number, column: number): number => {
    const property = columns[column]?.property ?? null;
    const text = reader.cell(cell);
    if (property === null || text === null || text === '') return 0;
    return fits(property, text) ? 1 : -1;
  };
  const last = Math.min(reader.count, columns.length);
  // What speaks for the cells behind each column standing where they are, and standing slipped.
  let straight = 0;
  for (let column = 0; column < columns.length; column += 1) {
    if (column < last) straight += fitsAt(column, column);
  }
  let best = { score: straight, column: -1 };
  let before = 0;
  const behind = slippedScores(columns.length, slip, fitsAt);
  for (let column = 0; column <= last; column += 1) {
    const slipped = before + (behind[column + (slip < 0 ? -slip : 0)] ?? 0);
    // Of places that are as likely, the last one: from there on it holds wherever the slip is.
    if (slipped >= best.score) best = { score: slipped, column };
    if (column < last) before += fitsAt(column, column);
  }
  const { shown } = columns[best.column] ?? {};
  if (shown === undefined || best.score < straight + MIN_GAIN) return '';
  const width = Math.abs(slip) === 1 ? 'one column' : `${Math.abs(slip)} columns`;
  const side = slip > 0 ? 'right' : 'left';
  return `; from ${shown} on, the values seem to stand ${width} too far to the ${side}`;
}

/** For each column, what speaks for it and all behind it having its value `slip` cells further. */
function slippedScores(
  count: number,
  slip: number,
  fitsAt: (cell: number, column: number) => number,
): number[] {
  const scores = new Array<number>(count + 1).fill(0);
  for (let column = count - 1; column >= 0; column -= 1) {
    const cell = column + slip;
    scores[column] = (scores[column + 1] ?? 0) + (cell < 0 ? 0 : fitsAt(cell, column));
  }
  return scores;
}
