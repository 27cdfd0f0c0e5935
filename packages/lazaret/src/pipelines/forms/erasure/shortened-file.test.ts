import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeDeliveries } from '../delivery-file.ts';
import type { FormRecord } from '../record.ts';
import { linesOf, shorten, shortenRecall } from './shortened-file.ts';

const KEYS = {
  ...{ centre: 'adcid', participant: 'ptid', visit: 'visitnum', date: 'visitdate' },
  ...{ subject: 'naccid', initials: 'initials' },
};
const SCHEMAS = new Map([['UDS', { columns: ['ptid', 'note'] }]]);

/** As a run delivers them. */
function written(notes: readonly string[], delivery: 'csv' | 'ndjson'): string {
  const records = notes.map((note, at): FormRecord => {
    const place = { file: 0, record: at + 1, line: at + 2, offset: 0 };
    return { item: at + 1, module: 'UDS', place, values: { ptid: `P${at}`, note } };
  });
  return writeDeliveries(records, { delivery, keys: KEYS }, SCHEMAS)[0]?.text ?? '';
}

const note = fc.oneof(
  fc.string(),
  fc.constantFrom('"', '""', 'a\nb', 'a\r\nb', ',', ' blank ', '"\r\n"', '\n', ''),
);

describe('a shortened file', () => {
  it('is what would have been written without these records, whatever is in them', () => {
    const rows = fc.array(fc.tuple(note, fc.boolean()), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(rows, fc.constantFrom('csv' as const, 'ndjson' as const), (given, delivery) => {
        const whole = written(
          given.map(([text]) => text),
          delivery,
        );
        const lines = linesOf(`a.${delivery}`, whole);
        expect(lines.records).toHaveLength(given.length);
        const left = shorten(lines, (at) => given[at]?.[1] === true);
        // Participants are numbered by their place, so they are put beside what is left by hand.
        const kept = lines.records.filter((_, at) => given[at]?.[1] !== true);
        expect(left).toBe(kept.length === 0 ? null : lines.head + kept.join(''));
        for (const [at] of given.entries()) {
          const isThere = left?.includes(delivery === 'csv' ? `P${at},` : `"P${at}"`) ?? false;
          if (given[at]?.[1] === true && !given.some(([text]) => text.includes('P'))) {
            expect(isThere).toBe(false);
          }
        }
      }),
    );
  });

  it('keeps the header of CSV, and is nothing where no record is left', () => {
    const lines = linesOf('a.csv', 'ptid,note\r\nP0,"two\r\nlines"\r\nP1,one\r\n');
    expect(lines.records).toEqual(['P0,"two\r\nlines"\r\n', 'P1,one\r\n']);
    expect(shorten(lines, (at) => at === 0)).toBe('ptid,note\r\nP1,one\r\n');
    expect(shorten(lines, () => true)).toBeNull();
  });
});

describe('a shortened document of recalls', () => {
  const text = `${JSON.stringify(
    {
      kind: 'recall',
      notices: [
        { item: 'a/1', why: [] },
        { item: 'a/2', why: [] },
      ],
    },
    null,
    2,
  )}\n`;

  it('has the notices about others as they were', () => {
    expect(shortenRecall(text, (item) => item === 'a/1')).toBe(
      `${JSON.stringify({ kind: 'recall', notices: [{ item: 'a/2', why: [] }] }, null, 2)}\n`,
    );
    expect(shortenRecall(text, () => false)).toBe(text);
    expect(shortenRecall(text, () => true)).toBeNull();
  });
});
