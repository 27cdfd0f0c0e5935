/** How a file is written, found out from its first bytes. */
import { readCsvLayout } from './csv/layout.ts';
import type { FormFile } from './form-file.ts';
import { cutCsv } from './csv/cut.ts';
import { cutJson } from './json/cut.ts';
import { isJsonFile, readJsonLayout } from './json/layout.ts';
import type { Cut, Layout, Piece } from './stretch.ts';

/**
 * @param path the file; only its name is looked at
 * @param head the file from its start, at least as much as a record may have
 * @param atEnd the file ends with it
 * @param known names of columns, in whatever case
 */
export function readLayout(
  path: string,
  head: Uint8Array,
  atEnd: boolean,
  known: readonly string[],
): Layout {
  return isJsonFile(path, head)
    ? readJsonLayout(path, head, atEnd)
    : readCsvLayout(head, atEnd, known);
}

/** Cuts the next stretch off a file. */
export function cutPiece(file: FormFile, layout: Layout, from: Cut): Piece {
  return layout.format === 'csv' ? cutCsv(file, layout, from) : cutJson(file, layout, from);
}
