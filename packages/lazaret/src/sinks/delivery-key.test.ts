import { join, normalize, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asideName, isAside, lockName, splitKey } from './delivery-key.ts';

const accepts = (key: string): boolean => {
  try {
    splitKey(key);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'DeliveryKeyInvalid' });
    return false;
  }
};

describe('a delivery key', () => {
  it('is a relative path without surprises', () => {
    for (const key of ['a', 'a/b.tar.gz', 'größe/1', 'x'.repeat(255), 'a b/c_d-e']) {
      expect([key, accepts(key)]).toEqual([key, true]);
    }
    const bad = ['', '/', '/a', 'a/', 'a//b', '.', '..', 'a/../b', '../a', '.a', 'a/.b.1.tmp'];
    const worse = ['a\\b', 'c:a', 'a\0', 'a\nb', 'a\u202eb', 'a.', 'a ', 'a?', '\ud800'];
    const long = ['x'.repeat(256), 'é'.repeat(128), 'ab/'.repeat(400) + 'a', 'a/'.repeat(32) + 'a'];
    for (const key of [...bad, ...worse, ...long])
      expect([key, accepts(key)]).toEqual([key, false]);
  });

  it('never leads out of its folder', () => {
    const parts = fc.constantFrom('a', '.', '..', '/', '\\', '~', ' ', '\0', 'C:', '%2e', 'é');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (chosen) => {
        const key = chosen.join('');
        if (!accepts(key)) return;
        expect(normalize(join('/root', key))).toBe(`/root${sep}${key.split('/').join(sep)}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('has names aside that fit, differ, and are told from deliveries', () => {
    const attempt = 'a'.repeat(64);
    for (const name of ['a.tar.gz', 'x'.repeat(255), `${'x'.repeat(254)}y`]) {
      for (const aside of [
        asideName(name, attempt, 1),
        asideName(name, attempt, 99),
        lockName(name),
      ]) {
        expect(Buffer.byteLength(aside)).toBeLessThanOrEqual(255);
        expect(isAside(aside)).toBe(true);
        expect(accepts(aside)).toBe(false);
      }
    }
    expect(asideName('x'.repeat(255), '1', 1)).not.toBe(asideName(`${'x'.repeat(254)}y`, '1', 1));
  });
});
