/**
 * The data gate: stops a run that is going wrong, before it has rejected a million records for one
 * cause. A pure function over the tally; whoever keeps the tally asks it after every batch.
 */
import type { Fault } from '../fault.ts';
import { gates } from './codes.ts';

export interface DataLimits {
  /** No verdict on rate or problem before so many items were judged. */
  readonly afterItems: number;
  /** Highest rate of rejected items, 0 to 1. */
  readonly rejectRate: number;
  /** Highest part of the items that may have one problem, 0 to 1. */
  readonly problemShare: number;
  /** Normal quantile of the confidence: 1.96 is 95 % on both sides. */
  readonly z: number;
}

export const DEFAULT_DATA_LIMITS: DataLimits = {
  afterItems: 100,
  rejectRate: 0.5,
  problemShare: 0.9,
  z: 1.96,
};

/** What was counted so far. */
export interface DataCounts {
  /** Items that have a disposition. */
  readonly judged: number;
  readonly rejected: number;
  /** How many items have each problem at least once, by fingerprint. */
  readonly problems: ReadonlyMap<string, number>;
  /** How many items the source promised; 0 or null where it promised none. */
  readonly expected?: number | null;
  /** Whether the source has nothing more. */
  readonly ended: boolean;
}

export type DataVerdict =
  | { readonly goOn: true }
  | {
      readonly goOn: false;
      readonly reason: 'reject-rate';
      readonly rejected: number;
      readonly judged: number;
      readonly limit: number;
      /** Lower end of the confidence interval of the rate. */
      readonly lowerBound: number;
    }
  | {
      readonly goOn: false;
      readonly reason: 'one-problem';
      readonly fingerprint: string;
      readonly items: number;
      readonly judged: number;
      readonly limit: number;
    }
  | { readonly goOn: false; readonly reason: 'nothing-came'; readonly expected: number };

/**
 * Whether the run should go on. The rate is judged by its lower confidence bound, so a few early
 * rejects do not stop what is sound; one problem in nearly everything is told first, because it
 * explains more ("wrong file").
 */
export function judgeData(
  counts: DataCounts,
  limits: DataLimits = DEFAULT_DATA_LIMITS,
): DataVerdict {
  const { judged, rejected, problems, ended } = counts;
  const expected = counts.expected ?? 0;
  if (ended && judged === 0 && expected > 0) {
    return { goOn: false, reason: 'nothing-came', expected };
  }
  if (judged < limits.afterItems || judged === 0) return { goOn: true };
  let worst: readonly [string, number] = ['', 0];
  for (const problem of problems) if (problem[1] > worst[1]) worst = problem;
  const [fingerprint, items] = worst;
  if (items / judged > limits.problemShare) {
    const limit = limits.problemShare;
    return { goOn: false, reason: 'one-problem', fingerprint, items, judged, limit };
  }
  const lowerBound = wilsonLowerBound(rejected, judged, limits.z);
  if (lowerBound > limits.rejectRate) {
    const limit = limits.rejectRate;
    return { goOn: false, reason: 'reject-rate', rejected, judged, limit, lowerBound };
  }
  return { goOn: true };
}

/** The fault that a run fails with; null where it goes on. */
export function dataGateFault(verdict: DataVerdict): Fault | null {
  if (verdict.goOn) return null;
  switch (verdict.reason) {
    case 'reject-rate': {
      const { rejected, judged, limit } = verdict;
      const limitPercent = percent(limit);
      return gates.fault('DataGateTrippedByRate', { rejected, judged, limitPercent });
    }
    case 'one-problem': {
      const { items, judged, fingerprint, limit } = verdict;
      const limitPercent = percent(limit);
      return gates.fault('DataGateTrippedByProblem', {
        items,
        judged,
        problem: problemText(fingerprint),
        fingerprint,
        limitPercent,
      });
    }
    case 'nothing-came':
      return gates.fault('DataGateTrippedByNothing', { expected: verdict.expected });
  }
}

/**
 * Lower end of Wilson's score interval for a proportion (E. B. Wilson, 1927). Unlike the normal
 * approximation it is right near 0 and 1 and for small counts.
 */
export function wilsonLowerBound(hits: number, total: number, z: number): number {
  // At no hits the bound is 0; computing it would leave a rounding error above that.
  if (total <= 0 || hits <= 0) return 0;
  const rate = hits / total;
  const square = z * z;
  const centre = rate + square / (2 * total);
  const margin = z * Math.sqrt((rate * (1 - rate) + square / (4 * total)) / total);
  return Math.max(0, (centre - margin) / (1 + square / total));
}

/** A problem as people read it: the entry's name, and the field where there is one. */
function problemText(fingerprint: string): string {
  const [, code = '', , field = ''] = fingerprint.split('|');
  return field === '' ? code : `${code}, ${field}`;
}

function percent(rate: number): number {
  return Math.round(rate * 1000) / 10;
}
