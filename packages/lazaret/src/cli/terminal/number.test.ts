import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countOf,
  formatAgo,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
} from './number.ts';

describe('counts', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1619, '1,619'],
    [12_345_678, '12,345,678'],
    [-1000, '-1,000'],
    [1234.5, '1,234.5'],
  ])('writes %d as %s', (count, text) => expect(formatCount(count)).toBe(text));

  it('reads back as the number that it was', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (count) => {
        expect(Number(formatCount(count).replaceAll(',', ''))).toBe(count);
      }),
    );
  });

  it('knows one from many', () => {
    expect(countOf(1, 'image')).toBe('1 image');
    expect(countOf(0, 'image')).toBe('0 images');
    expect(countOf(2000, 'delivery', 'deliveries')).toBe('2,000 deliveries');
  });
});

describe('sizes, times and rates', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1234, '1.2 kB'],
    [118_234_567, '118 MB'],
    [999_600, '1 MB'],
    [9_960_000, '10 MB'],
    [1_240_000_000, '1.2 GB'],
    [5e18, '5,000 PB'],
  ])('writes %d bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0.2, '0:00'],
    [3, '0:03'],
    [59.6, '1:00'],
    [754, '12:34'],
    [3599.6, '1 h 00 min'],
    [3720, '1 h 02 min'],
    [183_600, '2 d 03 h'],
    [-4, '0:00'],
  ])('writes %d seconds as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it('gives a rate in the unit that is easiest to picture', () => {
    expect(formatRate(2120, 10, 'images')).toBe('212 images/s');
    expect(formatRate(25, 10, 'images')).toBe('2.5 images/s');
    expect(formatRate(5, 10, 'images')).toBe('30 images/min');
    expect(formatRate(1, 120, 'images')).toBe('30 images/h');
  });

  it('gives no rate from nothing or from no time', () => {
    expect(formatRate(0, 10, 'images')).toBeNull();
    expect(formatRate(10, 0, 'images')).toBeNull();
  });

  it.each([
    [-60, 'just now'],
    [4, 'just now'],
    [40, '40 seconds ago'],
    [60, '1 minute ago'],
    [200, '3 minutes ago'],
    [7200, '2 hours ago'],
    [90_000, '1 day ago'],
    [100 * 86_400, '2026-03-23'],
  ])('says how long ago %d seconds are', (seconds, text) => {
    const now = new Date('2026-07-01T12:00:00Z');
    expect(formatAgo(new Date(now.getTime() - seconds * 1000), now)).toBe(text);
  });
});
