/** The lists of runs and of batches. */
import { escapeText } from '@lazaret/faults';
import type { Day } from '../../engine/throughput.ts';
import { emptyList } from './empty-list.ts';
import { formatAgo, formatBytes, formatCount, formatDuration } from './number.ts';
import type { BatchListRow, ListContext, RunListRow } from './rows.ts';
import { colourOfBatch, colourOfRun, colourOfStanding, type Standing } from './style.ts';
import { renderTable, type Cell, type Column } from './table.ts';

/** The dispositions with a column of their own; rare ones have it only where they occur. */
const STANDINGS = ['delivered', 'held', 'rejected', 'skipped', 'duplicate', 'pending'] as const;
const ALWAYS: readonly Standing[] = ['delivered', 'held', 'rejected'];

/** What needs nobody leaves first; what is held and what is pending stays to the end. */
function leavesOf(standing: Standing): Pick<Column, 'leaves'> {
  const order: readonly Standing[] = ['rejected', 'delivered', 'skipped', 'duplicate'];
  const at = order.indexOf(standing);
  return at === -1 ? {} : { leaves: 4 + 2 * at };
}

export function renderRuns(rows: readonly RunListRow[], context: ListContext): string {
  const { style, now, filters } = context;
  if (rows.length === 0) {
    return emptyList(
      'There are no runs in this store yet.',
      'Start one with lazaret run imaging <folder>, or look around with lazaret demo.',
      'No run fits',
      style,
      filters,
    );
  }
  const standings = STANDINGS.filter(
    (standing) => ALWAYS.includes(standing) || rows.some(({ items }) => items[standing] > 0),
  );
  const columns: Column[] = [
    { title: 'run' },
    { title: 'pipeline', leaves: 5 },
    { title: 'status' },
    { title: 'started', leaves: 3 },
    { title: 'elapsed', align: 'right', leaves: 6 },
    { title: 'received', align: 'right', leaves: 1 },
    ...standings.map((title): Column => ({ title, align: 'right', ...leavesOf(title) })),
  ];
  return renderTable(
    columns,
    rows.map((row): Cell[] => [
      row.run,
      row.pipeline,
      { text: row.status, colour: colourOfRun(row.status) },
      formatAgo(row.startedAt, now),
      formatDuration(row.elapsedSeconds),
      row.items.received,
      ...standings.map((standing) => standingCell(standing, row.items[standing])),
    ]),
    style,
  );
}

/** Zeros are grey, so that the eye stops only where there is something. */
function standingCell(standing: Standing, count: number): Cell {
  if (count === 0) return { text: '0', colour: 'grey' };
  const colour = standing === 'delivered' ? 'plain' : colourOfStanding(standing);
  return { text: formatCount(count), colour };
}

export function renderBatches(rows: readonly BatchListRow[], context: ListContext): string {
  const { style, filters } = context;
  if (rows.length === 0) {
    return emptyList(
      'There are no batches: nothing has arrived in a run yet.',
      'Look at the runs with lazaret status.',
      'No batch fits',
      style,
      filters,
    );
  }
  const severalRuns = new Set(rows.map(({ run }) => run)).size > 1;
  const hasRates = rows.some(({ megabytesPerHour }) => megabytesPerHour !== null);
  const severalAttempts = rows.some(({ attempt }) => attempt > 1);
  const columns: Column[] = [
    ...(severalRuns ? [{ title: 'run' }] : []),
    { title: 'batch', align: 'right' },
    { title: 'stage', least: 6 },
    { title: 'status' },
    { title: 'items', align: 'right' },
    ...(severalAttempts ? [{ title: 'attempt', align: 'right', leaves: 1 } satisfies Column] : []),
    { title: 'elapsed', align: 'right', leaves: 2 },
    ...(hasRates ? [{ title: 'MB/hour', align: 'right', leaves: 3 } satisfies Column] : []),
    { title: 'error' },
  ];
  const table = renderTable(
    columns,
    rows.map((row): Cell[] => [
      ...(severalRuns ? [row.run] : []),
      row.ordinal,
      row.stage,
      { text: row.status, colour: colourOfBatch(row.status) },
      row.items,
      ...(severalAttempts ? [row.attempt] : []),
      row.elapsedSeconds === null ? null : formatDuration(row.elapsedSeconds),
      ...(hasRates ? [rateCell(row.megabytesPerHour)] : []),
      errorCell(row),
    ]),
    style,
  );
  const ids = [...new Set(rows.flatMap(({ reason }) => (reason === null ? [] : [reason.id])))];
  if (ids.length === 0) return table;
  const commands = ids.slice(0, 3).map((id) => `lazaret explain ${escapeText(id)}`);
  return `${table}\n${commands.join('\n')}\n`;
}

function rateCell(megabytesPerHour: number | null): Cell {
  return megabytesPerHour === null ? null : formatCount(Math.round(megabytesPerHour));
}

/** Throughput, a line a day. */
export function renderDays(rows: readonly Day[], context: ListContext): string {
  const { style, filters } = context;
  if (rows.length === 0) {
    return emptyList(
      'There are no runs in this project yet.',
      'Start one with lazaret run imaging <folder>.',
      'No day fits',
      style,
      filters,
    );
  }
  const numbers = ['runs', 'items', 'delivered', 'held', 'size', 'work', 'MB/hour'];
  return renderTable(
    [{ title: 'day' }, ...numbers.map((title): Column => ({ title, align: 'right' }))],
    rows.map((row): Cell[] => [
      row.day,
      row.runs,
      row.items,
      row.delivered,
      standingCell('held', row.held),
      formatBytes(row.bytes),
      formatDuration(row.workSeconds),
      rateCell(row.megabytesPerHour),
    ]),
    style,
  );
}

function errorCell({ reason, hasError }: BatchListRow): Cell {
  if (reason !== null) return { text: reason.id, colour: 'red' };
  // A batch can be done and still have met an error with some of its items.
  return hasError ? { text: 'in findings', colour: 'red' } : null;
}
