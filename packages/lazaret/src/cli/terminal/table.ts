/** Tables in columns: aligned, within the terminal's width, and with nothing in a cell that acts. */
import { safeText } from '@lazaret/faults';
import { formatCount } from './number.ts';
import type { Colour, Style } from './style.ts';
import { displayWidth, pad, truncate, wrap } from './text-width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Narrowest that the column is made where space is short. Without it, it keeps its width. */
  readonly least?: number;
  /**
   * Left out where the narrowest columns do not fit; the highest number goes first. Without it, the
   * column stays.
   */
  readonly leaves?: number;
  /**
   * Goes on in further lines instead of being cut, and below its row where it would be too narrow
   * to read. For the last column.
   */
  readonly wraps?: boolean;
}

export type Cell = string | number | null | { readonly text: string; readonly colour: Colour };

const GAP = 2;

/** Narrowest that wrapped text is given before other columns leave for it. */
const LEAST_WRAPPED = 24;

/** Longest text of a cell, UTF-16 units; beyond it a cell is an attack or a mistake. */
const CELL_LIMIT = 4_000;

interface Laid {
  readonly text: string;
  readonly colour: Colour;
}

/**
 * Lays rows out in columns, numbers to the right, under a line of titles. What does not fit is cut
 * with a mark; columns that had to leave are named in a last line.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  style: Style,
): string {
  const laid = rows.map((row) => columns.map((_, index) => layCell(row[index] ?? null)));
  const natural = columns.map((column, index) =>
    Math.max(
      displayWidth(column.title),
      ...laid.map((row) => displayWidth(row[index]?.text ?? '')),
    ),
  );
  const all = columns.map((_, index) => index);
  const beside = chooseColumns(columns, natural, all, style.width);
  const isTooWide = totalOf(leastOfAll(columns, natural, beside)) > style.width;
  const below = isTooWide ? columns.findIndex(({ wraps }) => wraps === true) : -1;
  const shown =
    below === -1
      ? beside
      : chooseColumns(
          columns,
          natural,
          all.filter((index) => index !== below),
          style.width,
        );
  const widths = fitWidths(columns, natural, shown, style.width);
  const titles = columns.map(({ title }): Laid => ({ text: title, colour: 'grey' }));
  const lines = renderRow(columns, titles, shown, widths, style);
  for (const row of laid) {
    lines.push(...renderRow(columns, row, shown, widths, style));
    const { text, colour } = row[below] ?? { text: '', colour: 'plain' };
    if (text === '') continue;
    for (const line of wrap(text, style.width - GAP)) {
      lines.push(`${' '.repeat(GAP)}${style.paint(colour, line)}`);
    }
  }
  const gone = columns
    .filter((_, index) => index !== below && !shown.includes(index))
    .map(({ title }) => title);
  if (gone.length > 0) {
    const note = `Left out for want of width: ${gone.join(', ')}. --json has them.`;
    for (const line of wrap(note, style.width)) lines.push(style.paint('grey', line));
  }
  return `${lines.join('\n')}\n`;
}

function layCell(cell: Cell): Laid {
  if (cell === null) return { text: '', colour: 'plain' };
  if (typeof cell === 'number') return { text: formatCount(cell), colour: 'plain' };
  if (typeof cell === 'string') return { text: safeText(cell, CELL_LIMIT), colour: 'plain' };
  return { text: safeText(cell.text, CELL_LIMIT), colour: cell.colour };
}

/** Sum of the columns' widths and of the gaps between them. */
function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);
}

function leastOf(column: Column | undefined, natural: number): number {
  const least = column?.wraps === true ? LEAST_WRAPPED : column?.least;
  return Math.min(natural, least ?? natural);
}

function leastOfAll(
  columns: readonly Column[],
  natural: readonly number[],
  shown: readonly number[],
): readonly number[] {
  return shown.map((index) => leastOf(columns[index], natural[index] ?? 0));
}

/** The columns that stay, so that their narrowest widths fit if that can be. */
function chooseColumns(
  columns: readonly Column[],
  natural: readonly number[],
  from: readonly number[],
  width: number,
): readonly number[] {
  let shown = from;
  while (totalOf(leastOfAll(columns, natural, shown)) > width) {
    const [first] = shown
      .filter((index) => columns[index]?.leaves !== undefined)
      .sort((a, b) => (columns[b]?.leaves ?? 0) - (columns[a]?.leaves ?? 0));
    if (first === undefined) break;
    shown = shown.filter((index) => index !== first);
  }
  return shown;
}

/** Takes columns away from the widest first; what still does not fit is cut at the edge. */
function fitWidths(
  columns: readonly Column[],
  natural: readonly number[],
  shown: readonly number[],
  width: number,
): readonly number[] {
  const widths = [...natural];
  const shownWidths = (): number[] => shown.map((index) => widths[index] ?? 0);
  let over = totalOf(shownWidths()) - width;
  while (over > 0) {
    let widest = -1;
    for (const index of shown) {
      const own = widths[index] ?? 0;
      if (own <= leastOf(columns[index], natural[index] ?? 0)) continue;
      if (own > (widths[widest] ?? -1)) widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over -= 1;
  }
  // Columns that may not be narrower, on a terminal that is: the right edge cuts.
  for (let at = shown.length - 1; at >= 0 && over > 0; at -= 1) {
    const index = shown[at] ?? 0;
    const cut = Math.min(over, (widths[index] ?? 0) - 1);
    widths[index] = (widths[index] ?? 0) - cut;
    over -= cut;
  }
  return widths;
}

function renderRow(
  columns: readonly Column[],
  row: readonly Laid[],
  shown: readonly number[],
  widths: readonly number[],
  style: Style,
): string[] {
  const cells = shown.map((index) => {
    const column = columns[index];
    const { text, colour } = row[index] ?? { text: '', colour: 'plain' };
    const width = widths[index] ?? 0;
    const lines =
      column?.wraps === true && width >= LEAST_WRAPPED
        ? wrap(text, width)
        : [truncate(text, width, style.marks.ellipsis)];
    return { lines, colour, width, align: column?.align ?? 'left' };
  });
  const height = Math.max(1, ...cells.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, at) => {
    const parts = cells.map(({ lines, colour, width, align }) => {
      const text = lines[at] ?? '';
      const padding = pad('', width - displayWidth(text));
      const painted = style.paint(colour, text);
      return align === 'right' ? `${padding}${painted}` : `${painted}${padding}`;
    });
    return parts.join(' '.repeat(GAP)).trimEnd();
  });
}
