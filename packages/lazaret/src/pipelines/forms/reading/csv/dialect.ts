/** Which character separates the cells of a file, by what makes its first row a header. */
import type { TextWindow } from '../text-window.ts';
import { CsvReader } from './reader.ts';

/** In the order in which they are preferred where nothing speaks for one of them. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/** Not read, but recognised, so that the right thing is said. */
const WRONG_DELIMITERS = [':', '^', '~', ' ', '\u001f', '#', '/'] as const;

export interface Dialect {
  readonly delimiter: string;
  /** Cells of the first row that name a column of the schema, whatever their case. */
  readonly known: number;
  /** Something else separates them. */
  readonly wrong: string | null;
}

export function detectDialect(
  window: TextWindow,
  atEnd: boolean,
  known: ReadonlySet<string>,
): Dialect {
  const split = (delimiter: string): { readonly delimiter: string; known: number; all: number } => {
    const cells = firstRow(window, delimiter, atEnd);
    const found = cells.filter((cell) => known.has(cell.trim().toLowerCase()));
    return { delimiter, known: found.length, all: cells.length };
  };
  const tried = DELIMITERS.map(split).toSorted((a, b) => b.known - a.known || b.all - a.all);
  const [best] = tried;
  if (best === undefined) throw new Error('There is a delimiter to try.');
  if (best.known > 0) return { delimiter: best.delimiter, known: best.known, wrong: null };
  const other = WRONG_DELIMITERS.map(split).toSorted((a, b) => b.known - a.known)[0];
  const wrong = other !== undefined && other.known > 0 ? other.delimiter : null;
  return { delimiter: best.delimiter, known: 0, wrong };
}

function firstRow(window: TextWindow, delimiter: string, atEnd: boolean): string[] {
  const reader = new CsvReader(window, { delimiter, record: 0, line: 1, atEnd });
  if (!reader.next()) return [];
  return Array.from({ length: reader.count }, (_, cell) => reader.cell(cell) ?? '');
}

const NAMES: Readonly<Record<string, string>> = {
  ',': 'a comma',
  ';': 'a semicolon',
  '\t': 'a tab',
  '|': 'a bar (|)',
  ':': 'a colon',
  ' ': 'a blank',
  '\u001f': 'a unit separator (U+001F)',
};

export function delimiterInWords(delimiter: string): string {
  return NAMES[delimiter] ?? `the character ${delimiter}`;
}
