import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAmong } from './erased.ts';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));

describe('a hash among those of what was erased', () => {
  it('is found where it is, and nowhere else', () => {
    fc.assert(
      fc.property(fc.array(hash, { maxLength: 20 }), hash, (hashes, other) => {
        const sorted = Buffer.concat(
          hashes.toSorted(Buffer.compare).map((one) => one.subarray(0, 16)),
        );
        for (const one of hashes) expect(isAmong(sorted, one.toString('hex'))).toBe(true);
        const isThere = hashes.some((one) => one.subarray(0, 16).equals(other.subarray(0, 16)));
        expect(isAmong(sorted, other.toString('hex'))).toBe(isThere);
      }),
    );
  });
});
