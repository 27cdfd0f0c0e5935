import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DataCounts, dataGateFault, judgeData, wilsonLowerBound } from './data-gate.ts';

const LIMITS = { afterItems: 100, rejectRate: 0.2, problemShare: 0.9, z: 1.96 };

function counts(change: Partial<DataCounts>): DataCounts {
  return { judged: 0, rejected: 0, problems: new Map(), expected: null, ended: false, ...change };
}

describe('judgeData', () => {
  it('says nothing before enough items were judged', () => {
    const early = counts({ judged: 99, rejected: 99, problems: new Map([['f', 99]]) });
    expect(judgeData(early, LIMITS)).toEqual({ goOn: true });
  });

  it('stops when the rate is over the limit beyond doubt', () => {
    expect(judgeData(counts({ judged: 100, rejected: 25 }), LIMITS)).toEqual({ goOn: true });
    expect(judgeData(counts({ judged: 1000, rejected: 250 }), LIMITS)).toMatchObject({
      goOn: false,
      reason: 'reject-rate',
    });
  });

  it('stops when one problem is in nearly everything, though nothing is rejected', () => {
    const problems = new Map([
      ['v1|A|s|||', 3],
      ['v1|B|s|||', 95],
    ]);
    expect(judgeData(counts({ judged: 100, problems }), LIMITS)).toMatchObject({
      reason: 'one-problem',
      fingerprint: 'v1|B|s|||',
      items: 95,
    });
    expect(judgeData(counts({ judged: 1000, problems }), LIMITS)).toEqual({ goOn: true });
  });

  it('stops when nothing came though something was expected, and only at the end', () => {
    expect(judgeData(counts({ expected: 5, ended: true }), LIMITS)).toEqual({
      goOn: false,
      reason: 'nothing-came',
      expected: 5,
    });
    expect(judgeData(counts({ expected: 5 }), LIMITS)).toEqual({ goOn: true });
    expect(judgeData(counts({ ended: true }), LIMITS)).toEqual({ goOn: true });
  });
});

describe('dataGateFault', () => {
  it('has the code of the reason', () => {
    const codeOf = (change: Partial<DataCounts>): string | undefined =>
      dataGateFault(judgeData(counts(change), LIMITS))?.code;
    expect(codeOf({ judged: 500, rejected: 400 })).toBe('DataGateTrippedByRate');
    expect(codeOf({ judged: 500, problems: new Map([['f', 500]]) })).toBe(
      'DataGateTrippedByProblem',
    );
    expect(codeOf({ expected: 1, ended: true })).toBe('DataGateTrippedByNothing');
    expect(codeOf({})).toBeUndefined();
  });

  it('names the one problem by code and field', () => {
    const problems = new Map([['v1|IncorrectColumnName|file-validator|PTID||', 500]]);
    const fault = dataGateFault(judgeData(counts({ judged: 500, problems }), LIMITS));
    expect(fault?.parameters['problem']).toBe('IncorrectColumnName, PTID');
  });

  it('gives the limit in per cent', () => {
    const fault = dataGateFault(judgeData(counts({ judged: 500, rejected: 400 }), LIMITS));
    expect(fault?.parameters).toEqual({ rejected: 400, judged: 500, limitPercent: 20 });
  });
});

describe('wilsonLowerBound', () => {
  it('agrees with published values', () => {
    // Newcombe (1998), table I: 81 of 263 is 0.2553 to 0.3662; 15 of 148 is 0.0624 to 0.1605;
    // 1 of 29 is 0.0061 to 0.1718.
    expect(wilsonLowerBound(81, 263, 1.959964)).toBeCloseTo(0.2553, 4);
    expect(wilsonLowerBound(15, 148, 1.959964)).toBeCloseTo(0.0624, 4);
    expect(wilsonLowerBound(1, 29, 1.959964)).toBeCloseTo(0.0061, 4);
    expect(wilsonLowerBound(0, 20, 1.96)).toBe(0);
    expect(wilsonLowerBound(0, 0, 1.96)).toBe(0);
  });

  it('is never above the rate, and comes nearer the more was counted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(1000), (total, part) => {
        const hits = Math.min(part, total);
        const bound = wilsonLowerBound(hits, total, 1.96);
        expect(bound).toBeGreaterThanOrEqual(0);
        expect(bound).toBeLessThanOrEqual(hits / total + 1e-12);
        expect(wilsonLowerBound(hits * 10, total * 10, 1.96)).toBeGreaterThanOrEqual(bound - 1e-12);
      }),
    );
  });
});
