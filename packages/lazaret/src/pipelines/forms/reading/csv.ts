/** CSV (RFC 4180, and what people make of it): borders of records, and their cells. */
import type { Layout, RawRecord, Stretch } from './stretch.ts';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/** The border behind the last whole record of a buffer, and how many records and lines lie before. */
export interface Border {
  readonly end: number;
  readonly records: number;
  readonly lines: number;
}

/** Finds the last record border of a buffer; `atEnd` where the file ends with it. */
export function findBorder(bytes: Uint8Array, atEnd: boolean): Border {
  let inQuotes = false;
  let lines = 0;
  let records = 0;
  let border: Border = { end: 0, records: 0, lines: 0 };
  let from = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) inQuotes = !inQuotes;
    if (byte !== LINE_FEED) continue;
    lines += 1;
    if (inQuotes) continue;
    if (!isBlank(bytes, from, at)) records += 1;
    from = at + 1;
    border = { end: at + 1, records, lines };
  }
  if (!atEnd || border.end === bytes.length) return border;
  return {
    end: bytes.length,
    records: records + (isBlank(bytes, from, bytes.length) ? 0 : 1),
    lines: lines + 1,
  };
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  return to === from || (to === from + 1 && bytes[from] === RETURN);
}

/** The records of a stretch, in their order. */
export function* readRecords(text: string, stretch: Stretch): Generator<RawRecord> {
  const delimiter = stretch.layout.delimiter.charCodeAt(0);
  let at = 0;
  let line = stretch.firstLine;
  let record = stretch.firstRecord;
  let offset = stretch.start;
  while (at < text.length) {
    const begun = at;
    const begunLine = line;
    const cells: string[] = [];
    for (;;) {
      const cell = readCell(text, at, delimiter);
      cells.push(cell.value);
      line += cell.lines;
      at = cell.end;
      if (text.charCodeAt(at) === delimiter) at += 1;
      else break;
    }
    if (text.charCodeAt(at) === RETURN) at += 1;
    if (text.charCodeAt(at) === LINE_FEED) at += 1;
    line += 1;
    const whole = text.slice(begun, at);
    if (cells.length > 1 || cells[0] !== '') {
      yield { cells, record, line: begunLine, offset };
      record += 1;
    }
    offset += Buffer.byteLength(whole);
  }
}

function readCell(
  text: string,
  from: number,
  delimiter: number,
): { readonly value: string; readonly end: number; readonly lines: number } {
  if (text.charCodeAt(from) !== QUOTE) {
    let end = from;
    for (; end < text.length; end += 1) {
      const code = text.charCodeAt(end);
      if (code === delimiter || code === LINE_FEED || code === RETURN) break;
    }
    return { value: text.slice(from, end), end, lines: 0 };
  }
  let value = '';
  let lines = 0;
  let start = from + 1;
  for (;;) {
    const quote = text.indexOf('"', start);
    const piece = text.slice(start, quote < 0 ? text.length : quote);
    value += piece;
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) lines += 1;
    if (quote < 0) return { value, end: text.length, lines };
    if (text.charCodeAt(quote + 1) !== QUOTE) return { value, end: quote + 1, lines };
    value += '"';
    start = quote + 2;
  }
}

/** Reads the header. */
export function readLayout(bytes: Uint8Array): Layout {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const start = hasMark ? 3 : 0;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
    start,
  );
  const whole: Stretch = {
    file: 0,
    layout: { format: 'csv', delimiter: ',', columns: [], bodyOffset: 0, bodyLine: 1 },
    start,
    end: bytes.length,
    firstRecord: 0,
    firstLine: 1,
    records: 0,
    lines: 0,
  };
  const records = readRecords(text, whole);
  const header = records.next();
  const body = records.next();
  const columns = header.done === true ? [] : header.value.cells;
  return {
    format: 'csv',
    delimiter: ',',
    columns,
    bodyOffset: body.done === true ? bytes.length : body.value.offset,
    bodyLine: body.done === true ? 1 : body.value.line,
  };
}
