/** A delivered file without some of its records: all others are byte for byte as they were. */
import type { FormValues } from '../record.ts';

/** A file as it is written: what stands before the records, and each record with its line end. */
export interface DeliveredLines {
  readonly head: string;
  readonly records: readonly string[];
}

/** @param key of the delivery: its ending says how it is written */
export function linesOf(key: string, text: string): DeliveredLines {
  return key.endsWith('.csv') ? csvLines(text) : plainLines(text);
}

/** The records, as far as they are read here: values of CSV are texts. */
export function* valuesOf({ head, records }: DeliveredLines): Generator<FormValues> {
  const names = head === '' ? null : cellsOf(head);
  for (const record of records) {
    if (names === null) {
      yield JSON.parse(record) as FormValues;
      continue;
    }
    const cells = cellsOf(record);
    yield Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
  }
}

const CELL = /"((?:[^"]|"")*)"|[^,]*/y;

/** The cells of a line of CSV, as `DeliveryWriter` writes it. */
function cellsOf(line: string): string[] {
  const text = line.replace(/\r?\n$/, '');
  const cells: string[] = [];
  for (let at = 0; at <= text.length;) {
    CELL.lastIndex = at;
    const [whole = '', quoted] = CELL.exec(text) ?? [];
    cells.push(quoted === undefined ? whole : quoted.replaceAll('""', '"'));
    // Behind the comma.
    at += whole.length + 1;
  }
  return cells;
}

/**
 * @param isGone by the position of a record, from 0
 * @returns null where no record is left
 */
export function shorten(
  { head, records }: DeliveredLines,
  isGone: (position: number) => boolean,
): string | null {
  const left = records.filter((_, position) => !isGone(position));
  return left.length === 0 ? null : head + left.join('');
}

/** NDJSON: line ends within texts are escaped. */
function plainLines(text: string): DeliveredLines {
  return { head: '', records: text.split(/(?<=\n)/).filter((line) => line !== '') };
}

/** CSV as `DeliveryWriter` writes it (RFC 4180): what is quoted may have line ends in it. */
function csvLines(text: string): DeliveredLines {
  const lines: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    // A doubled quote closes and opens again.
    if (character === '"') isQuoted = !isQuoted;
    else if (character === '\n' && !isQuoted) {
      lines.push(text.slice(start, at + 1));
      start = at + 1;
    }
  }
  if (start < text.length) lines.push(text.slice(start));
  const [head = '', ...records] = lines;
  return { head, records };
}

interface Recall {
  readonly kind: 'recall';
  readonly notices: readonly { readonly item: string }[];
}

/**
 * A document of recalls without the notices about some items.
 * @param isGone by run and item that brought the visit, `<run>/<item>`
 * @returns null where no notice is left
 */
export function shortenRecall(text: string, isGone: (item: string) => boolean): string | null {
  const document = JSON.parse(text) as Recall;
  const notices = document.notices.filter(({ item }) => !isGone(item));
  return notices.length === 0 ? null : `${JSON.stringify({ ...document, notices }, null, 2)}\n`;
}
