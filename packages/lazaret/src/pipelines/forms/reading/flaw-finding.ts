/** What is to be said of a stretch that is one record nobody reads. */
import type { Finding, Place } from '@lazaret/faults';
import { readingCodes } from './codes.ts';
import { MAX_CELL_BYTES, MAX_RECORD_BYTES } from './limits.ts';
import type { Flaw } from './stretch.ts';

/**
 * @param of the record; its file, from 0, for what is about that
 * @param columns the names of the columns, as they are shown
 */
export function flawFinding(
  { kind, line, offset, column, detail = '' }: Flaw,
  {
    item,
    record,
    file = 0,
  }: { readonly item: number; readonly record: number; readonly file?: number },
  columns: readonly string[],
): Finding {
  const shown = column === null ? {} : { column: columns[column] ?? `#${column + 1}` };
  const place: Place = { item, record, line, offset, ...shown };
  switch (kind) {
    case 'quote-unclosed':
      return readingCodes.finding('QuoteUnclosed', { value: '', expected: '' }, place);
    case 'cell-too-long': {
      const parameters = { value: '', expected: '', limit: MAX_CELL_BYTES };
      return readingCodes.finding('CellTooLong', parameters, place);
    }
    case 'record-too-long':
      return readingCodes.finding('RecordTooLong', { limit: MAX_RECORD_BYTES }, place);
    case 'json-broken':
      return readingCodes.finding('JsonBroken', {}, place);
    case 'file-changed':
      return readingCodes.finding('FormFileChanged', {}, place);
    case 'file-gone':
      return readingCodes.finding('FormFileGone', {}, place);
    case 'file-not-text':
      return readingCodes.finding('FileNotText', { likely: detail }, { item, record });
    case 'encoding-unclear':
      return readingCodes.finding('EncodingUnclear', {}, { item, record });
    case 'file-not-taken':
      return readingCodes.finding(
        'FileNotTaken',
        { number: file + 1, why: detail },
        { item, record },
      );
    default:
      return kind satisfies never;
  }
}
