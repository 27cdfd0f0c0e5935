/** Any table, written in any dialect and encoding, is read back with the exact place of each record. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../encoding.ts';
import type { FormFile } from '../form-file.ts';
import { openWindow } from '../text-window.ts';
import type { Piece } from '../stretch.ts';
import { cutCsv } from './cut.ts';
import { CsvReader } from './reader.ts';

interface WrittenTable {
  readonly text: string;
  readonly delimiter: string;
  readonly rows: readonly (readonly string[])[];
  /** Of each row: its first line, from 1, and where it begins in the text. */
  readonly places: readonly { readonly line: number; readonly index: number }[];
}

const cell = fc.string({
  unit: fc.constantFrom(
    'a',
    'ß',
    '漢',
    '🙂',
    '7',
    ' ',
    '"',
    ',',
    ';',
    '\t',
    '|',
    '\n',
    '\r\n',
    '\r',
  ),
  maxLength: 6,
});

/** Rows with at least one cell that is more than a blank, so that none of them is a blank line. */
const row = fc
  .array(cell, { minLength: 1, maxLength: 5 })
  .map((cells) => (/^[ \t]*$/.test(cells.join('')) ? ['x', ...cells] : cells));

const writtenTable = fc
  .record({
    rows: fc.array(row, { maxLength: 12 }),
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    quoteAll: fc.boolean(),
    endsWithLine: fc.boolean(),
    blanks: fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
  })
  .map(({ rows, delimiter, lineEnd, quoteAll, endsWithLine, blanks }): WrittenTable => {
    let text = '';
    let line = 1;
    const places = rows.map((cells, at) => {
      if (blanks.includes(at)) {
        text += lineEnd;
        line += 1;
      }
      const place = { line, index: text.length };
      text += cells.map((each) => writeCell(each, delimiter, quoteAll)).join(delimiter);
      line += 1 + (cells.join('\0').match(/\r\n|\r|\n/g)?.length ?? 0);
      if (endsWithLine || at < rows.length - 1) text += lineEnd;
      return place;
    });
    return { text, delimiter, rows, places };
  });

function writeCell(text: string, delimiter: string, always: boolean): string {
  const needed = text.includes(delimiter) || /["\r\n]/.test(text);
  return always || needed ? `"${text.replaceAll('"', '""')}"` : text;
}

function encode(text: string, encoding: Encoding): Uint8Array {
  if (encoding === 'utf-8') return new Uint8Array(Buffer.from(text));
  const bytes = Buffer.from(text, 'utf16le');
  return new Uint8Array(encoding === 'utf-16be' ? bytes.swap16() : bytes);
}

function memoryFile(bytes: Uint8Array): Pick<FormFile, 'stamp' | 'read'> {
  return {
    stamp: { size: bytes.length, modified: '', inode: '' },
    read: (offset, length) => bytes.slice(offset, offset + length),
  };
}

interface ReadRow {
  readonly cells: readonly (string | null)[];
  readonly record: number;
  readonly line: number;
  readonly offset: number;
}

function readAll(
  bytes: Uint8Array,
  encoding: Encoding,
  at: { readonly delimiter: string; readonly record: number; readonly line: number },
  start = 0,
): ReadRow[] {
  const reader = new CsvReader(openWindow(bytes, encoding, start), { ...at, atEnd: true });
  const rows: ReadRow[] = [];
  while (reader.next()) {
    const { record, line, offset, count } = reader;
    const cells = Array.from({ length: count }, (_, cell) => reader.cell(cell));
    rows.push({ cells, record, line, offset });
  }
  return rows;
}

const encodings = fc.constantFrom<Encoding>('utf-8', 'utf-16le', 'utf-16be');

describe('CSV', () => {
  it('is read back as it was written, with number, line and offset of each record', () => {
    fc.assert(
      fc.property(writtenTable, encodings, ({ text, delimiter, rows, places }, encoding) => {
        const read = readAll(encode(text, encoding), encoding, { delimiter, record: 1, line: 1 });
        expect(read).toEqual(
          rows.map((cells, at) => ({
            ...{ cells, record: at + 1, line: places[at]?.line },
            offset: encode(text.slice(0, places[at]?.index), encoding).length,
          })),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same records however it is cut into stretches', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          writtenTable.map(({ text }) => text),
          fc.string({ unit: anything, maxLength: 60 }),
        ),
        encodings,
        fc.integer({ min: 4, max: 40 }).map((units) => units * 2),
        (text, encoding, stretchBytes) => {
          const bytes = encode(text, encoding);
          const delimiter = ',';
          const whole = readAll(bytes, encoding, { delimiter, record: 1, line: 1 });
          const pieces = cutAll(bytes, encoding, stretchBytes);
          const found = pieces.flatMap((piece) => {
            const { start, end, firstRecord: record, firstLine: line, flaw } = piece;
            const part = bytes.slice(start, end);
            const rows = readAll(part, encoding, { delimiter, record, line }, start);
            // What was too long to be read in one piece is still one record, at its place.
            expect(rows.length).toBe(piece.records);
            if (flaw !== null) expect(end - start).toBeGreaterThan(stretchBytes - 8);
            return rows;
          });
          expect(found).toEqual(whole);
          expect(pieces.at(-1)?.end).toBe(bytes.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});

const anything = fc.constantFrom('a', 'ß', ' ', '"', ',', '\n', '\r', '\0');

function cutAll(bytes: Uint8Array, encoding: Encoding, stretchBytes: number): Piece[] {
  const pieces: Piece[] = [];
  let at = { offset: 0, line: 1, record: 1 };
  for (;;) {
    const piece = cutCsv(memoryFile(bytes), { encoding, delimiter: ',' }, at, stretchBytes);
    pieces.push(piece);
    if (piece.isLast) return pieces;
    const { end, firstLine, lines, firstRecord, records } = piece;
    at = { offset: end, line: firstLine + lines, record: firstRecord + records };
  }
}
