/** Cuts the next stretch off a CSV file: as many whole records as fit, or one that never would. */
import type { FormFile } from '../form-file.ts';
import { checksumOf } from '../form-file.ts';
import { MAX_STRETCH_BYTES } from '../limits.ts';
import type { Cut, CsvLayout, Piece } from '../stretch.ts';
import { openWindow } from '../text-window.ts';
import { CsvReader } from './reader.ts';
import { RecordSkimmer } from './skim.ts';

/** @param stretchBytes how much is looked at in one piece */
export function cutCsv(
  file: Pick<FormFile, 'stamp' | 'read'>,
  { encoding, delimiter }: Pick<CsvLayout, 'encoding' | 'delimiter'>,
  from: Cut,
  stretchBytes = MAX_STRETCH_BYTES,
): Piece {
  const { size } = file.stamp;
  let start = { offset: from.offset, line: from.line, record: from.record };
  for (;;) {
    const bytes = file.read(start.offset, stretchBytes);
    const atEnd = start.offset + bytes.length >= size;
    const window = openWindow(bytes, encoding, start.offset);
    const reader = new CsvReader(window, {
      ...{ delimiter, record: start.record, line: start.line, atEnd },
    });
    let records = 0;
    while (reader.next()) records += 1;
    const end = Math.min(reader.nextOffset, start.offset + bytes.length);
    const isLast = end >= size || bytes.length === 0;
    if (records > 0 || isLast) {
      return {
        ...{ start: start.offset, end, firstRecord: start.record, firstLine: start.line },
        ...{ records, lines: reader.nextLine - start.line, isLast, flaw: null },
        checksum: checksumOf(bytes.subarray(0, end - start.offset)),
      };
    }
    // Nothing but blank lines: on with what follows them.
    if (end > start.offset) start = { ...start, offset: end, line: reader.nextLine };
    else return skimRecord(file, { encoding, delimiter }, start, stretchBytes);
  }
}

function skimRecord(
  file: Pick<FormFile, 'stamp' | 'read'>,
  { encoding, delimiter }: Pick<CsvLayout, 'encoding' | 'delimiter'>,
  from: Cut,
  stretchBytes: number,
): Piece {
  const { size } = file.stamp;
  const skimmer = new RecordSkimmer(from, delimiter);
  let ended = false;
  while (!ended && skimmer.offset < size) {
    const bytes = file.read(skimmer.offset, stretchBytes);
    if (bytes.length === 0) break;
    ended = skimmer.skim(openWindow(bytes, encoding, skimmer.offset));
  }
  const end = Math.min(skimmer.offset, size);
  return {
    ...{ start: from.offset, end, firstRecord: from.record, firstLine: from.line, records: 1 },
    ...{ lines: skimmer.line - from.line, isLast: end >= size, checksum: 0 },
    flaw: skimmer.flaw(!ended),
  };
}
