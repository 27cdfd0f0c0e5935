import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shiftDates } from './date-shift.ts';

const DAY_MS = 86_400_000;
const civil = (time: number): string =>
  new Date(time).toISOString().slice(0, 10).replaceAll('-', '');

describe('moving dates', () => {
  it.each([
    ['20240228', 'DA', 2, '20240301'],
    ['20230228', 'DA', 1, '20230301'],
    ['20000229', 'DA', 366, '20010301'],
    ['19000228', 'DA', 1, '19000301'],
    ['20240101', 'DA', -1, '20231231'],
    ['2024.02.28', 'DA', 2, '2024.03.01'],
    ['00010102', 'DA', -1, '00010101'],
    ['20240228 ', 'DA', 1, '20240229'],
    ['20240101\\20240201', 'DA', 1, '20240102\\20240202'],
    ['20240101\\', 'DA', 1, '20240102\\'],
    ['20240101-20240131', 'DA', 1, '20240102-20240201'],
    ['-20240131', 'DA', 1, '-20240201'],
    ['20240131-', 'DA', 1, '20240201-'],
    ['', 'DA', 1, ''],
    ['20240228101500.123456+0100', 'DT', 2, '20240301101500.123456+0100'],
    ['20240228101500-0500', 'DT', 2, '20240301101500-0500'],
    ['20240228-0500', 'DT', 1, '20240229-0500'],
    ['20240101-0500-20240102-0500', 'DT', 1, '20240102-0500-20240103-0500'],
    ['2024022810', 'DT', 1, '2024022910'],
  ] as const)('%s as %s by %i', (value, vr, days, moved) => {
    expect(shiftDates(value, vr, days)).toBe(moved);
  });

  it.each([
    ['20230229', 'DA'],
    ['20241301', 'DA'],
    ['2024', 'DA'],
    ['2024', 'DT'],
    ['202401', 'DT'],
    ['-', 'DA'],
    ['00000101', 'DA'],
    ['99991231', 'DA'],
    ['MUSTERFRAU', 'DA'],
    ['20240101\\unknown', 'DA'],
    ['20240101-unknown', 'DA'],
    ['20240101Musterfrau', 'DT'],
  ] as const)('gives no value at all for %s as %s', (value, vr) => {
    expect(shiftDates(value, vr, 1)).toBeNull();
  });

  it('keeps the interval between any two dates', () => {
    const day = fc.integer({ min: -719_000, max: 2_900_000 });
    fc.assert(
      fc.property(day, fc.integer({ min: -3650, max: 3650 }), (start, days) => {
        const from = new Date(start * DAY_MS);
        const to = new Date((start + days) * DAY_MS);
        fc.pre([from, to].every((d) => d.getUTCFullYear() >= 1 && d.getUTCFullYear() <= 9999));
        expect(shiftDates(civil(from.getTime()), 'DA', days)).toBe(civil(to.getTime()));
      }),
    );
  });

  it('never gives back a part of what is no date', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const moved = shiftDates(text, 'DT', 10);
        expect(moved === null || /^[\d.+\-\\]*$/.test(moved)).toBe(true);
      }),
    );
  });
});
