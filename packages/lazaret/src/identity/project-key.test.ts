import { createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { projectKeyFrom, secretOf } from './project-key.ts';

const secret = Uint8Array.from({ length: 32 }, (_, at) => at);
const key = projectKeyFrom(secret);

describe('a project key', () => {
  it('has an id and keyed bytes that never change between versions', () => {
    expect(key.keyId).toBe('ba157c1692a8e5e6');
    const subkey = Buffer.from(
      hkdfSync('sha256', secret, '', 'lazaret/project-key/v1/keyed/patient', 32),
    );
    expect(key.keyedBytes('patient', 'Müller')).toEqual(
      createHmac('sha256', subkey).update('Müller').digest(),
    );
  });

  it('gives unrelated bytes in another domain', () => {
    expect(key.keyedBytes('a', 'x')).not.toEqual(key.keyedBytes('b', 'x'));
  });

  it('is the same key on the other side of a thread', () => {
    const other = projectKeyFrom(structuredClone(secretOf(key)));
    expect(other.keyedBytes('uid', '1.2.3')).toEqual(key.keyedBytes('uid', '1.2.3'));
    expect(other.unsealJson(key.sealJson({ a: 1 }, 'c'), 'c')).toEqual({ a: 1 });
  });

  it('is not changed by who holds the bytes it was made from', () => {
    const bytes = Uint8Array.from(secret);
    const made = projectKeyFrom(bytes);
    const before = made.keyedBytes('a', 'x');
    bytes.fill(0);
    secretOf(made).fill(0);
    expect(made.keyedBytes('b', 'x')).toEqual(key.keyedBytes('b', 'x'));
    expect(made.keyedBytes('a', 'x')).toEqual(before);
  });

  it('opens what it sealed, in its place', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (plain, context) => {
        expect(Buffer.from(key.unseal(key.seal(plain, context), context))).toEqual(
          Buffer.from(plain),
        );
      }),
    );
  });

  it('seals the same value differently each time', () => {
    expect(key.seal(secret, 'c')).not.toEqual(key.seal(secret, 'c'));
  });

  it('opens nothing with one bit changed, cut short, made longer or moved', () => {
    const sealed = key.seal(Buffer.from('Jane Doe'), 'row 1');
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const bad = Uint8Array.from(sealed);
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => key.unseal(bad, 'row 1')).toThrow(/KEY-00[89]/);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => key.unseal(sealed.subarray(0, length), 'row 1')).toThrow(/KEY-008/);
    }
    expect(() => key.unseal(Buffer.concat([sealed, Buffer.of(0)]), 'row 1')).toThrow(/KEY-008/);
    expect(() => key.unseal(sealed, 'row 2')).toThrow(/KEY-008/);
  });

  it('names both keys where a value belongs to another', () => {
    const other = projectKeyFrom(new Uint8Array(32).fill(9));
    expect(() => key.unseal(other.seal(secret, 'c'), 'c')).toThrow(
      expect.objectContaining({
        code: 'SealKeyDiffers',
        parameters: { expected: key.keyId, found: other.keyId },
      }),
    );
  });

  it('refuses a sealed value that is not JSON without quoting it', () => {
    const sealed = key.seal(Buffer.from('Jane Doe'), 'c');
    let caught: unknown;
    try {
      key.unsealJson(sealed, 'c');
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: 'SealDamaged' });
    expect(String((caught as Error).cause)).not.toContain('Jane');
  });
});
