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

/** As the batches of a group are cut. */
export function nameGroup(number: number, groups: number): string {
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

/**
 * Parts of a lot where subjects are worked through in groups. A group is as large as the store
 * likes it; what is in memory at a time is better small, or collecting garbage is a fifth of the
 * work.
 */
const PARTS = 8;

/** In how many parts the lots of a run come, whichever stretch they are made of. */
export function partsOf(groups: number): number {
  return groups === 1 ? 1 : PARTS;
}

/** The part in which the subjects of a bucket are, in the lots of its group. */
export function partOf(bucket: number, groups: number): number {
  return Math.floor(bucket / groups) % partsOf(groups);
}
