import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shiftDates } from './date-shift.ts';
import { findUidBreach, isMoved, isSameValue } from './verify-values.ts';

describe('a moved date', () => {
  it.each([
    ['20240228', '20240301', 2],
    ['2024.02.28', '2024.03.01', 2],
    ['20240101\\20240201', '20240102\\20240202', 1],
    ['20240101-20240131', '20240102-20240201', 1],
    ['-20240131', '-20240201', 1],
    ['20240131-', '20240201-', 1],
    ['20240228101500.123456+0100', '20240301101500.123456+0100', 2],
    ['20240101-0500-20240102-0500', '20240102-0500-20240103-0500', 1],
    ['00010103', '00010101', -2],
  ])('is %s as %s', (before, after, days) => {
    expect(isMoved(before, after, days)).toBe(true);
  });

  it.each([
    ['20240228', '20240228', 0],
    ['20240228', '20240302', 2],
    ['20240228', '20240301 Musterfrau', 2],
    ['20240228Musterfrau', '20240301Musterfrau', 2],
    ['20240101\\20240201', '20240102\\20240201', 1],
    ['20240101-20240131', '20240102-20240131', 1],
    ['20240101', '20240102\\20240102', 1],
    ['20240228101500', '20240301101501', 2],
    ['20230229', '20230302', 1],
    ['Musterfrau', 'Musterfrau', 1],
    ['20240101', '', 1],
  ])('is not %s as %s', (before, after, days) => {
    expect(isMoved(before, after, days)).toBe(false);
  });

  it('is what the writer makes of any date, and nothing else is', () => {
    const day = fc.integer({ min: 1, max: 9999 * 365 });
    fc.assert(
      fc.property(day, fc.integer({ min: -400, max: 400 }), fc.integer(), (from, days, more) => {
        fc.pre(days !== 0);
        const text = new Date((from - 719_162) * 86_400_000).toISOString();
        fc.pre(/^\d{4}-/.test(text));
        const date = text.slice(0, 10).replaceAll('-', '');
        const moved = shiftDates(date, 'DA', days);
        fc.pre(moved !== null);
        expect(isMoved(date, moved ?? '', days)).toBe(true);
        if (more !== 0) expect(isMoved(date, moved ?? '', days + more)).toBe(false);
      }),
    );
  });
});

describe('a value that is kept', () => {
  it('is the source’s, but for one byte of padding', () => {
    const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
    expect(isSameValue(bytes('abc '), bytes('abc'))).toBe(true);
    expect(isSameValue(bytes('abc\0'), bytes('abc'))).toBe(true);
    expect(isSameValue(bytes('abcd'), bytes('abcd'))).toBe(true);
    expect(isSameValue(bytes('abcx'), bytes('abc'))).toBe(false);
    expect(isSameValue(bytes('abcd '), bytes('abcd'))).toBe(false);
    expect(isSameValue(bytes('ab'), bytes('abc'))).toBe(false);
  });
});

describe('a UID', () => {
  it('is the standard’s or a new one, and neither the source’s nor anybody else’s', () => {
    const source = new Set(['2.25.7', '1.2.826.0.1.9']);
    expect(findUidBreach('1.2.840.10008.5.1.4.1.1.2', source)).toBeNull();
    expect(findUidBreach('2.25.8\\', source)).toBeNull();
    expect(findUidBreach('2.25.8\\2.25.7', source)).toBe('uid-not-replaced');
    expect(findUidBreach('1.2.826.0.1.8', source)).toBe('uid-not-replaced');
    expect(findUidBreach('Musterfrau', source)).toBe('uid-invalid');
  });
});
