/** The lists of findings and of log lines. */
import { escapeText, renderText, type Catalogue } from '@lazaret/faults';
import { emptyList } from './empty-list.ts';
import type { FindingListRow, ListContext, LogListRow } from './rows.ts';
import { colourOfLevel, colourOfType } from './style.ts';
import { renderTable, type Cell, type Column } from './table.ts';
import { codeInWords } from './words.ts';

export function renderFindings(rows: readonly FindingListRow[], context: ListContext): string {
  const { style, catalogue, filters } = context;
  if (rows.length === 0) {
    return emptyList(
      'There are no findings: nothing was wrong with what came in.',
      'Look at the runs with lazaret status.',
      'No finding fits',
      style,
      filters,
    );
  }
  const hasItems = rows.some(({ item }) => item !== null);
  const hasCounts = rows.some(({ count }) => count !== 1) || !hasItems;
  const columns: Column[] = [
    { title: 'code' },
    { title: 'type', leaves: 1 },
    ...(hasItems ? [{ title: 'item' }] : []),
    ...(hasCounts ? [{ title: 'count', align: 'right' } satisfies Column] : []),
    { title: 'what', wraps: true },
  ];
  return renderTable(
    columns,
    rows.map((row): Cell[] => [
      codeInWords(catalogue, row.code).id,
      { text: row.type, colour: colourOfType(row.type) },
      ...(hasItems ? [row.item] : []),
      ...(hasCounts ? [row.count] : []),
      findingText(row, catalogue),
    ]),
    style,
  );
}

/**
 * A finding in words, as the operator may read it. Several at once have no parameters in common,
 * so their title stands for the message.
 */
export function findingText(row: FindingListRow, catalogue: Catalogue): string {
  const entry = catalogue.get(row.code);
  if (entry === undefined) return escapeText(row.code);
  if (row.parameters === null) return `${entry.title}.`;
  // An item that has a column of its own need not be named again.
  const { item, ...inside } = row.place;
  const place = item !== undefined && row.item === null ? row.place : inside;
  return renderText(entry, row.parameters, place, 'operator');
}

/** Lines of the log as they are; on a terminal in the colour of their level. */
export function renderLogs(rows: readonly LogListRow[], context: ListContext): string {
  const { style, filters } = context;
  if (rows.length === 0) {
    return emptyList(
      'The log is empty: nothing has run in this store yet.',
      'Warnings, errors and the life of runs are kept here.',
      'No line of the log fits',
      style,
      filters,
    );
  }
  return `${rows.map((row) => renderLogLine(row, context)).join('\n')}\n`;
}

/** One line, without its end: for those that follow the log. */
export function renderLogLine({ level, line }: LogListRow, { style }: ListContext): string {
  // The tabs are the line's own columns; everything between them is escaped, once more if need be.
  const safe = line
    .split('\t')
    .map((part) => escapeText(part))
    .join('\t');
  return style.paint(colourOfLevel(level), safe);
}
