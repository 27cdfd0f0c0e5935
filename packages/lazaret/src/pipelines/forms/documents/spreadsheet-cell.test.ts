import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spreadsheetCell, spreadsheetLine } from './spreadsheet-cell.ts';

/** Cells as a spreadsheet cuts a line at this delimiter: quotes count only where a cell begins. */
function cutAt(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  for (let at = 0; at <= line.length;) {
    let cell = '';
    if (line[at] === '"') {
      at += 1;
      for (; at < line.length; at += 1) {
        if (line[at] !== '"') cell += line[at] ?? '';
        else if (line[at + 1] === '"') {
          cell += '"';
          at += 1;
        } else break;
      }
      at += 1;
    }
    for (; at < line.length && line[at] !== delimiter; at += 1) cell += line[at] ?? '';
    cells.push(cell);
    at += 1;
  }
  return cells;
}

const ACTING = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]/u;

describe('a cell for a spreadsheet', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1', `" '=1"`],
    ['\uff1dcmd', "'\uff1dcmd"],
    ['\t=1', '\\t=1'],
    ['\r=1', '\\r=1'],
    ['x;=1', `"x;'=1"`],
    ['say "=1"', `"say ""'=1"""`],
    ['110-001', '110-001'],
    ['2024-01-10', '2024-01-10'],
  ])('is text, whatever it begins with: %j', (cell, safe) => {
    expect(spreadsheetCell(cell)).toBe(safe);
  });

  it('is a number where it is one of ours', () => {
    expect(spreadsheetCell(-3)).toBe('-3');
  });

  it('comes out of a reader of RFC 4180 as it went in, where nothing in it acts', () => {
    const calm = fc.string({ unit: fc.constantFrom('a', 'Z', '0', ' ', ',', '"', ';', 'é', '漢') });
    fc.assert(
      fc.property(fc.array(calm, { minLength: 1, maxLength: 5 }), (cells) => {
        expect(cutAt(spreadsheetLine(cells).slice(0, -2), ',')).toEqual(cells);
      }),
    );
  });

  it('begins no formula in any country, wherever its spreadsheet cuts the line', () => {
    const nasty = fc.string({
      unit: fc.oneof(
        fc.constantFrom(
          '=',
          '+',
          '-',
          '@',
          '\uff1d',
          '"',
          "'",
          ',',
          ';',
          '|',
          '\t',
          '\r',
          '\n',
          ' ',
        ),
        fc.constantFrom('a', '1', '('),
      ),
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.array(nasty, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(',', ';', '|', '\t'),
        (cells, delimiter) => {
          const line = spreadsheetLine(cells);
          expect(line.slice(0, -2)).not.toMatch(/[\t\r\n]/);
          for (const cell of cutAt(line.slice(0, -2), delimiter)) {
            expect(cell).not.toMatch(ACTING);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
