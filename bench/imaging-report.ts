import type { ThreadProfile } from './cpu-profile.ts';
import type { Machine } from './machine.ts';
import type { Row } from './measure.ts';
import { formatFigure, formatTable } from './table.ts';

/** `row` takes 1 / `times` of the time that `to` takes. */
export interface Ratio {
  readonly row: string;
  readonly to: string;
  readonly times: number;
}

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

const MEGABYTE = 1e6;

/** The report for people. */
export function renderReport(report: ImagingReport): string {
  const { machine, batch, rows, starts, ratios, profiles } = report;
  const facts = [
    `${machine.cores} × ${machine.cpu}, ${formatFigure(machine.memoryBytes / 1e9)} GB, Linux ${machine.kernel}`,
    `Node ${machine.node}, commit ${machine.commit ?? 'unknown'}`,
    `${batch.images.toLocaleString('en')} images, ${batch.sizeBytes.toLocaleString('en')} bytes` +
      (batch.generatedSeconds === null
        ? ''
        : `, made in ${formatFigure(batch.generatedSeconds)} s`) +
      (batch.compression === null
        ? ''
        : `, gzip -1 makes it ${batch.compression.toFixed(2)} times smaller`),
  ];
  const table = formatTable(
    ['', 'images/s', 'MB/s', 'elapsed', 'peak memory', 'runs'],
    rows.map((row) =>
      'missing' in row
        ? [row.name, '–', '–', '–', '–', '0']
        : [
            row.name,
            formatFigure(batch.images / row.seconds),
            formatFigure(batch.sizeBytes / MEGABYTE / row.seconds),
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
  const startTable = formatTable(
    ['a run of one image', 'elapsed', 'peak memory', 'runs'],
    starts.map((row) =>
      'missing' in row
        ? [row.name, '–', '–', '0']
        : [
            row.name,
            `${formatFigure(row.seconds)} s`,
            `${formatFigure(row.peakBytes / MEGABYTE)} MB`,
            String(row.samples.length),
          ],
    ),
  );
  const sections = [
    facts.join('\n'),
    rows.length > 0 ? table : '',
    notes.join('\n'),
    starts.length > 0 ? startTable : '',
    ratios.length > 0 ? speeds : '',
    ...profiles.flatMap(({ row, threads }) => threads.map((thread) => renderProfile(row, thread))),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
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
