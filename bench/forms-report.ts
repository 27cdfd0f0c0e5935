import type { Machine } from './machine.ts';
import type { Row } from './measure.ts';
import { formatFigure, formatTable } from './table.ts';

/** All that the bench of forms found; what `--json` prints. */
export interface FormsReport {
  readonly bench: 'forms';
  readonly machine: Machine;
  readonly data: { readonly rows: number; readonly bad: number; readonly sizeBytes: number };
  readonly rows: readonly Row[];
  /** How many times as fast `row` is as `to`. */
  readonly ratios: readonly {
    readonly row: string;
    readonly to: string;
    readonly times: number;
  }[];
}

const MEGABYTE = 1e6;

/** The report for people. */
export function renderFormsReport({ machine, data, rows, ratios }: FormsReport): string {
  const facts = [
    `${machine.cores} × ${machine.cpu}, ${formatFigure(machine.memoryBytes / 1e9)} GB, Linux ${machine.kernel}`,
    `Node ${machine.node}, commit ${machine.commit ?? 'unknown'}`,
    `${data.rows.toLocaleString('en')} rows of 20 columns, ${data.bad.toLocaleString('en')} of them with a mistake, ${data.sizeBytes.toLocaleString('en')} bytes`,
  ];
  const table = formatTable(
    ['', 'rows/s', 'MB/s', 'elapsed', 'peak memory', 'runs'],
    rows.map((row) =>
      'missing' in row
        ? [row.name, '–', '–', '–', '–', '0']
        : [
            row.name,
            formatFigure(data.rows / row.seconds),
            formatFigure(data.sizeBytes / MEGABYTE / row.seconds),
            `${formatFigure(row.seconds)} s`,
            `${formatFigure(row.peakBytes / MEGABYTE)} MB`,
            String(row.samples.length),
          ],
    ),
  );
  const notes = rows.flatMap((row) => {
    const note = 'missing' in row ? `not measured: ${row.missing}` : row.note;
    return note === undefined ? [] : [`${row.name}: ${note}`];
  });
  const speeds = formatTable(
    ['', 'times as fast as', ''],
    ratios.map(({ row, to, times }) => [row, to, times.toFixed(2)]),
  );
  return `${[facts.join('\n'), table, notes.join('\n'), ratios.length > 0 ? speeds : '']
    .filter((section) => section !== '')
    .join('\n\n')}\n`;
}
