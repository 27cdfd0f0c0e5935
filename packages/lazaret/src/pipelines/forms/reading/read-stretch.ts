/** The records of a stretch: the one door to whoever works on them. */
import { matchColumns } from './csv/columns.ts';
import { readCsvStretch } from './csv/read-stretch.ts';
import type { FileForms } from './file-forms.ts';
import { flawFinding } from './flaw-finding.ts';
import { checksumOf, openFormFile } from './form-file.ts';
import { readJsonStretch } from './json/read-stretch.ts';
import type { ReadItem } from './read-item.ts';
import type { Flaw, Stretch, StretchContent } from './stretch.ts';

/**
 * Gives one for each item, in their order.
 * @throws what the file system throws, but for a file that is not there: that is found
 */
export function* readStretch(
  { path, stretch }: StretchContent,
  forms: FileForms,
  items: readonly number[],
): Generator<ReadItem> {
  if (stretch.flaw !== null) {
    yield unread(stretch, stretch.flaw, items[0] ?? 0, 0, forms);
    return;
  }
  const bytes = readBytes(path, stretch);
  if (bytes instanceof Uint8Array) {
    const { layout } = stretch;
    if (layout.format === 'csv') yield* readCsvStretch(bytes, stretch, layout, forms, items);
    else yield* readJsonStretch(bytes, stretch, layout, forms, items);
    return;
  }
  for (const [index, item] of items.entries()) {
    const { start: offset, firstLine: line } = stretch;
    const flaw: Flaw = { kind: bytes, line, offset, column: null };
    // The file may come back as it was: these can be read again then.
    yield { ...unread(stretch, flaw, item, index, forms), disposition: 'held' };
  }
}

function unread(
  { file, layout, firstRecord, firstLine, start }: Stretch,
  flaw: Flaw,
  item: number,
  index: number,
  { known }: FileForms,
): Extract<ReadItem, { kind: 'unreadable' }> {
  const record = firstRecord + index;
  const names = layout.format === 'csv' ? layout.columns : [];
  const shown = matchColumns(names, known).list.map((column) => column.shown);
  return {
    kind: 'unreadable',
    place: { file, record, line: firstLine, offset: start },
    findings: [flawFinding(flaw, { item, record, file }, shown)],
    disposition: 'rejected',
  };
}

/** The bytes of a stretch as they were when it was cut, or why they are not there. */
function readBytes(
  path: string,
  { start, end, checksum }: Stretch,
): Uint8Array | 'file-changed' | 'file-gone' {
  const file = openFormFile(path);
  if (file === null) return 'file-gone';
  try {
    const bytes = file.read(start, end - start);
    return checksumOf(bytes) === checksum && bytes.length === end - start ? bytes : 'file-changed';
  } finally {
    file.close();
  }
}
