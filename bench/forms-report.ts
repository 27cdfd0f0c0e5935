import type { Machine } from './machine.ts';
import type { Row } from './measure.ts';
import {
  joinSections,
  renderMachine,
  renderNotes,
  renderRatios,
  renderRows,
  renderStarts,
  type Ratio,
} from './report.ts';

/** All that the bench of forms found; what `--json` prints. */
export interface FormsReport {
  readonly bench: 'forms';
  readonly machine: Machine;
  readonly data: { readonly rows: number; readonly bad: number; readonly sizeBytes: number };
  readonly rows: readonly Row[];
  /** Runs of one row: what a start and an idle store take. */
  readonly starts: readonly Row[];
  readonly ratios: readonly Ratio[];
}

/** The report for people. */
export function renderFormsReport(report: FormsReport): string {
  const { machine, data, rows, starts, ratios } = report;
  const { sizeBytes } = data;
  const facts = `${data.rows.toLocaleString('en')} rows of 20 columns, ${data.bad.toLocaleString('en')} of them with a mistake, ${sizeBytes.toLocaleString('en')} bytes`;
  return joinSections([
    `${renderMachine(machine)}\n${facts}`,
    rows.length > 0 ? renderRows(rows, 'rows', { count: data.rows, sizeBytes }) : '',
    renderNotes([...rows, ...starts]),
    starts.length > 0 ? renderStarts(starts, 'a run of one row') : '',
    renderRatios(ratios),
  ]);
}
