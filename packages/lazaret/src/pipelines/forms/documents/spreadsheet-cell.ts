/**
 * Cells of a CSV that people open in a spreadsheet (RFC 4180). A spreadsheet takes a cell that begins
 * with one of a few characters for a formula and carries it out, so such a cell gets an apostrophe
 * in front, which spreadsheets show as text. The same holds behind every character at which another
 * country's spreadsheet may cut a line into cells: there a quoted comma ends nothing, and what
 * follows a semicolon is a cell of its own.
 */
import { safeText } from '@lazaret/faults';

/** With the wide forms that East Asian spreadsheets take for the same. */
const ACTS = '=+\\-@\uff1d\uff0b\uff0d\uff20';
const CELL_STARTS = new RegExp(`(^|[;,|"'])(\\s*)([${ACTS}])`, 'gu');

/** UTF-16 units of a cell; a spreadsheet takes 32,767, and nobody reads them. */
const MAX_LENGTH = 1_000;

/** A line of cells, ended as the standard has it. */
export function spreadsheetLine(cells: readonly (string | number)[]): string {
  return `${cells.map(spreadsheetCell).join(',')}\r\n`;
}

/** A number is ours and safe; a text may be anybody's. */
export function spreadsheetCell(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  // Tabs and line breaks become visible, and can begin neither a cell nor a line.
  const safe = safeText(cell, MAX_LENGTH).replace(CELL_STARTS, "$1$2'$3");
  return /[",;|\s]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
