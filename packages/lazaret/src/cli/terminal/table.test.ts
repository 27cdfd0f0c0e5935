import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileCharacter } from '@lazaret/faults/testing';
import { createStyle } from './style.ts';
import { renderTable, type Column } from './table.ts';
import { displayWidth } from './text-width.ts';

const plain = (width: number) => createStyle({ colour: false, unicode: true, width });
const COLUMNS: readonly Column[] = [
  { title: 'item' },
  { title: 'why', least: 6 },
  { title: 'count', align: 'right' },
];

describe('a table', () => {
  it('aligns words to the left and numbers to the right', () => {
    expect(
      renderTable(
        COLUMNS,
        [
          ['r_1/1', 'a reason', 1619],
          ['r_1/20', 'b', 3],
        ],
        plain(80),
      ),
    ).toBe(
      ['item    why       count', 'r_1/1   a reason  1,619', 'r_1/20  b             3', ''].join(
        '\n',
      ),
    );
  });

  it('counts wide characters as two columns', () => {
    const [, first, second] = renderTable(
      COLUMNS,
      [
        ['山田', 'x', 1],
        ['ab', 'y', 2],
      ],
      plain(80),
    ).split('\n');
    expect(first).toBe('山田  x        1');
    expect(second).toBe('ab    y        2');
  });

  it('makes the column narrower that may be, and marks what it cut', () => {
    const text = renderTable(COLUMNS, [['r_1/1', 'a reason that is long', 7]], plain(24));
    expect(text.split('\n')[1]).toBe('r_1/1  a reason…       7');
  });

  it('has no edge where the output is not a terminal', () => {
    const long = 'word '.repeat(100).trim();
    expect(renderTable(COLUMNS, [['x', long, 1]], plain(Infinity))).toContain(long);
  });

  it('lets the column leave that may, the highest number first, and says so', () => {
    const columns: Column[] = [
      { title: 'run' },
      { title: 'pipeline', leaves: 2 },
      { title: 'site', leaves: 1 },
    ];
    const text = renderTable(columns, [['r_8k2f3d', 'imaging', 'north']], plain(20));
    expect(text).toBe(
      [
        'run       site',
        'r_8k2f3d  north',
        'Left out for want of',
        'width: pipeline.',
        '--json has them.',
        '',
      ].join('\n'),
    );
  });

  it('wraps long text in its column, and below the row where that is too narrow', () => {
    const columns: Column[] = [{ title: 'code' }, { title: 'what', wraps: true }];
    const rows = [['IMG-004', 'The modality is not accepted at all.']];
    expect(renderTable(columns, rows, plain(40))).toBe(
      'code     what\nIMG-004  The modality is not accepted at\n         all.\n',
    );
    expect(renderTable(columns, rows, plain(24))).toBe(
      'code\nIMG-004\n  The modality is not\n  accepted at all.\n',
    );
  });

  it('lets nothing in a cell act on the terminal', () => {
    const hostile = 'a\u001b[2J\u001b]0;title\u0007\r\nb\u202ec\tq';
    const text = renderTable(COLUMNS, [[hostile, hostile, 1]], plain(Infinity));
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toContain('a\\u001b[2J\\u001b]0;title\\u0007\\r\\nb\\u202ec\\tq');
    for (const line of text.split('\n')) expect(hostileCharacter(line)).toBeNull();
  });

  it('paints whole cells and aligns them as if they had no colour', () => {
    const rows = [
      [{ text: 'x', colour: 'red' } as const, 'y', { text: '5', colour: 'yellow' } as const],
    ];
    const coloured = createStyle({ colour: true, unicode: true, width: 80 });
    const [, row = ''] = renderTable(COLUMNS, rows, coloured).split('\n');
    expect(row).toBe('\u001b[31mx\u001b[39m     y        \u001b[33m5\u001b[39m');
    expect(row.replace(/\u001b\[[\d;]*m/g, '')).toBe(
      renderTable(COLUMNS, rows, plain(80)).split('\n')[1],
    );
  });

  it('stays within the terminal, whatever is in the cells', () => {
    const cell = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, fc.nat())),
        fc.integer({ min: 20, max: 120 }),
        (rows, width) => {
          for (const line of renderTable(COLUMNS, rows, plain(width)).split('\n')) {
            expect(displayWidth(line)).toBeLessThanOrEqual(width);
            expect(hostileCharacter(line)).toBeNull();
          }
        },
      ),
    );
  });
});
