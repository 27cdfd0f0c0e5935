import { describe, expect, it } from 'vitest';
import { BUCKETS } from './subject.ts';
import { groupsInCommon, nameGroup, numberOfGroups, partOf, partsOf } from './subject-groups.ts';

const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];

describe('groups of subjects', () => {
  it('are a power of two, one at least and no more than there are buckets', () => {
    expect([0, 0.2, 1, 1.1, 2, 3, 64, 200, 9_999].map(numberOfGroups)).toEqual([
      ...[1, 1, 1, 2, 2, 4, 64, 256, 256],
    ]);
  });

  it('have those in common that have a bucket in common, and no others', () => {
    const inCommon = groupsInCommon();
    const members = new Map<string, Set<number>>();
    for (const groups of SIZES) {
      for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
        const name = nameGroup(bucket % groups, groups);
        members.set(name, (members.get(name) ?? new Set()).add(bucket));
      }
    }
    expect(new Set(inCommon.keys())).toEqual(new Set(members.keys()));
    for (const [name, buckets] of members) {
      const others = [...members].filter(([, some]) => [...some].some((one) => buckets.has(one)));
      expect(new Set(inCommon.get(name))).toEqual(new Set(others.map(([other]) => other)));
    }
  });
});

describe('the parts of a group', () => {
  it('share the buckets of the group among themselves, each bucket whole', () => {
    for (const groups of [1, 2, 32, 256]) {
      const buckets = Array.from({ length: BUCKETS }, (_, bucket) => bucket);
      const used = new Set(buckets.map((bucket) => partOf(bucket, groups)));
      expect(Math.max(...used)).toBeLessThan(partsOf(groups));
      expect(used.size).toBe(Math.min(partsOf(groups), 256 / groups));
    }
  });
});
