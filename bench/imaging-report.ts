import type { ThreadProfile } from './cpu-profile.ts';
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
import { formatFigure, formatTable } from './table.ts';

/** All that one bench found; what `--json` prints. */
export interface ImagingReport {
  readonly bench: 'imaging';
  readonly machine: Machine;
  readonly batch: {
    readonly images: number;
    readonly sizeBytes: number;
    /** Null where the folder was given. */
    readonly generatedSeconds: number | null;
    /** How many times smaller level 1 of gzip makes it; null where that was not measured. */
    readonly compression: number | null;
  };
  readonly rows: readonly Row[];
  /** Runs of one image: what a start costs. */
  readonly starts: readonly Row[];
  readonly ratios: readonly Ratio[];
  readonly profiles: readonly {
    readonly row: string;
    readonly threads: readonly ThreadProfile[];
  }[];
}

/** The report for people. */
export function renderReport(report: ImagingReport): string {
  const { machine, batch, rows, starts, ratios, profiles } = report;
  const { images, sizeBytes, generatedSeconds, compression } = batch;
  const facts =
    `${images.toLocaleString('en')} images, ${sizeBytes.toLocaleString('en')} bytes` +
    (generatedSeconds === null ? '' : `, made in ${formatFigure(generatedSeconds)} s`) +
    (compression === null ? '' : `, gzip -1 makes it ${compression.toFixed(2)} times smaller`);
  return joinSections([
    `${renderMachine(machine)}\n${facts}`,
    rows.length > 0 ? renderRows(rows, 'images', { count: images, sizeBytes }) : '',
    renderNotes(rows),
    starts.length > 0 ? renderStarts(starts, 'a run of one image') : '',
    renderRatios(ratios),
    ...profiles.flatMap(({ row, threads }) => threads.map((thread) => renderProfile(row, thread))),
  ]);
}

function renderProfile(row: string, thread: ThreadProfile): string {
  const { kind, threads, busySeconds, idleSeconds, top } = thread;
  const head = `${row}: ${kind}, ${threads} thread${threads === 1 ? '' : 's'}, busy ${formatFigure(busySeconds)} s, idle ${formatFigure(idleSeconds)} s`;
  const lines = top.map((line) => [
    `  ${line.name}`,
    `${(line.share * 100).toFixed(1)} %`,
    `${formatFigure(line.seconds)} s`,
    line.place,
  ]);
  return `${head}\n${formatTable(['  self time', 'share', 'seconds', 'place'], lines)}`;
}
