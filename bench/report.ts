/** What the reports of all benches have in common: the machine, the rows, and how they compare. */
import type { Machine } from './machine.ts';
import type { Row } from './measure.ts';
import { formatFigure, formatTable } from './table.ts';

export const MEGABYTE = 1e6;

/** `row` takes 1 / `times` of the time that `to` takes. */
export interface Ratio {
  readonly row: string;
  readonly to: string;
  readonly times: number;
}

/** How many times as fast Lazaret's rows are as each peer's: above 1 is faster. */
export function ratiosOf(rows: readonly Row[]): Ratio[] {
  const measured = rows.flatMap((row) => ('missing' in row ? [] : [row]));
  const own = measured.filter(({ name }) => name.startsWith('lazaret'));
  const peers = measured.filter(({ name }) => !name.startsWith('lazaret'));
  return own.flatMap((row) =>
    peers.map((peer) => ({ row: row.name, to: peer.name, times: peer.seconds / row.seconds })),
  );
}

export function renderMachine({ cores, cpu, memoryBytes, kernel, node, commit }: Machine): string {
  return [
    `${cores} × ${cpu}, ${formatFigure(memoryBytes / 1e9)} GB, Linux ${kernel}`,
    `Node ${node}, commit ${commit ?? 'unknown'}`,
  ].join('\n');
}

/** @param unit what went in, in the plural */
export function renderRows(
  rows: readonly Row[],
  unit: string,
  { count, sizeBytes }: { readonly count: number; readonly sizeBytes: number },
): string {
  return formatTable(
    ['', `${unit}/s`, 'MB/s', 'elapsed', 'peak memory', 'runs'],
    rows.map((row) =>
      'missing' in row
        ? [row.name, '–', '–', '–', '–', '0']
        : [
            row.name,
            formatFigure(count / row.seconds),
            formatFigure(sizeBytes / MEGABYTE / row.seconds),
            ...renderSample(row),
          ],
    ),
  );
}

/** Runs whose size does not matter: what a start costs. */
export function renderStarts(rows: readonly Row[], title: string): string {
  return formatTable(
    [title, 'elapsed', 'peak memory', 'runs'],
    rows.map((row) =>
      'missing' in row ? [row.name, '–', '–', '0'] : [row.name, ...renderSample(row)],
    ),
  );
}

function renderSample(row: Extract<Row, { readonly seconds: number }>): string[] {
  return [
    `${formatFigure(row.seconds)} s`,
    `${formatFigure(row.peakBytes / MEGABYTE)} MB`,
    String(row.samples.length),
  ];
}

/** What there is to say of rows, and why some are not measured. */
export function renderNotes(rows: readonly Row[]): string {
  return rows
    .flatMap((row) => {
      const note = 'missing' in row ? `not measured: ${row.missing}` : row.note;
      return note === undefined ? [] : [`${row.name}: ${note}`];
    })
    .join('\n');
}

export function renderRatios(ratios: readonly Ratio[]): string {
  if (ratios.length === 0) return '';
  return formatTable(
    ['', 'times as fast as', ''],
    ratios.map(({ row, to, times }) => [row, to, times.toFixed(2)]),
  );
}

/** Leaves out what is empty. */
export function joinSections(sections: readonly string[]): string {
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}
