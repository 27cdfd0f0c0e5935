import { describe, expect, it } from 'vitest';
import {
  describeTemporalInformation,
  findOptionProblems,
  KNOWN_OPTIONS,
  OPTION_CODES,
  SUPPORTED_OPTIONS,
} from './profile-options.ts';

describe('profile options', () => {
  it('finds nothing wrong with any supported option alone', () => {
    for (const option of SUPPORTED_OPTIONS) expect(findOptionProblems([option])).toEqual([]);
  });

  it('refuses what is known and not supported, what is unknown, and what is said twice', () => {
    expect(
      findOptionProblems(['cleanPixelData', 'retainEverything', 'retainUids', 'retainUids']),
    ).toEqual([
      { kind: 'option-not-supported', options: ['cleanPixelData'] },
      { kind: 'unknown-option', options: ['retainEverything'] },
      { kind: 'option-repeated', options: ['retainUids'] },
    ]);
  });

  it('refuses full and modified dates together', () => {
    const dates = ['retainLongitudinalFullDates', 'retainLongitudinalModifiedDates'];
    expect(findOptionProblems(dates)).toEqual([{ kind: 'contradiction', options: dates }]);
  });

  it('gives each option one code of CID 7050 and a meaning that fits its VR', () => {
    const codes = KNOWN_OPTIONS.map((option) => OPTION_CODES[option]);
    expect(codes.map(({ value }) => value).sort()).toEqual(
      Array.from({ length: 12 }, (_, index) => String(113101 + index)),
    );
    for (const { meaning } of codes) expect(meaning.length).toBeLessThanOrEqual(64);
  });

  it('says what became of dates', () => {
    expect(describeTemporalInformation(new Set())).toBe('REMOVED');
    expect(describeTemporalInformation(new Set(['retainLongitudinalFullDates']))).toBe(
      'UNMODIFIED',
    );
    expect(describeTemporalInformation(new Set(['retainLongitudinalModifiedDates']))).toBe(
      'MODIFIED',
    );
  });
});
