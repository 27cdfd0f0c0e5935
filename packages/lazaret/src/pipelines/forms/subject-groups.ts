/**
 * Groups of subjects: the buckets that a run works through together, more groups for larger sources.
 * Their number is a power of two, so that of two runs a group of the one lies in one of the other.
 */
import { BUCKETS } from './subject.ts';

/** As many as there are buckets of subjects. */
const MAX_GROUPS = BUCKETS;

/** The smallest power of two that is not less, up to the number of buckets. */
export function numberOfGroups(wanted: number): number {
  return Math.min(MAX_GROUPS, 2 ** Math.ceil(Math.log2(Math.max(1, wanted))));
}

/** @param groups a power of two */
export function groupOf(bucket: number, groups: number): string {
  return nameGroup(bucket % groups, groups);
}

function nameGroup(number: number, groups: number): string {
  return `group ${number} of ${groups}`;
}

/** Of every group that there can be, those that have subjects in common with it: itself among them. */
export function groupsInCommon(): ReadonlyMap<string, readonly string[]> {
  const sizes = Array.from({ length: Math.log2(MAX_GROUPS) + 1 }, (_, power) => 2 ** power);
  const inCommon = new Map<string, string[]>();
  for (const groups of sizes) {
    for (let number = 0; number < groups; number += 1) {
      inCommon.set(
        nameGroup(number, groups),
        sizes.flatMap((others) => {
          if (others <= groups) return [nameGroup(number % others, others)];
          return Array.from({ length: others / groups }, (_, turn) =>
            nameGroup(number + turn * groups, others),
          );
        }),
      );
    }
  }
  return inCommon;
}
