import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import facts from './facts/standard-uids.json' with { type: 'json' };
import { isStandardUid, isValidUid, replaceUid } from './uid.ts';

const keyed =
  (key: string) =>
  (domain: string, value: string): Uint8Array =>
    createHmac('sha256', key).update(`${domain}\0${value}`).digest();

describe('new UIDs', () => {
  it('are valid, under 2.25 and of at most 64 characters for any key and any input', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, uid) => {
        const fresh = replaceUid(uid, keyed(key));
        expect(isValidUid(fresh)).toBe(true);
        expect(fresh).toMatch(/^2\.25\.\d{1,39}$/);
      }),
    );
  });

  it('are the same for the same UID and key, and differ by either', () => {
    const fresh = replaceUid('1.2.3', keyed('a'));
    expect(replaceUid('1.2.3', keyed('a'))).toBe(fresh);
    expect(replaceUid('1.2.4', keyed('a'))).not.toBe(fresh);
    expect(replaceUid('1.2.3', keyed('b'))).not.toBe(fresh);
  });

  it('never begin with a zero, whatever the key gives', () => {
    expect(replaceUid('1', () => new Uint8Array(32))).toMatch(/^2\.25\.[1-9]\d*$/);
    expect(replaceUid('1', () => new Uint8Array(32).fill(255)).length).toBeLessThanOrEqual(64);
  });
});

describe('UIDs of the standard', () => {
  it('are told from what rides on the standard’s root', () => {
    expect(isStandardUid('1.2.840.10008.5.1.4.1.1.481.25')).toBe(true);
    expect(isStandardUid('1.2.840.10008.1.2')).toBe(true);
    expect(isStandardUid('1.2.840.100080.1')).toBe(false);
    expect(isStandardUid('1.2.840.10008.5.1.4.1.1.2.20240115101500')).toBe(false);
  });

  it('are all that the standard registers, and what it may yet put beside them', () => {
    for (const uid of facts.uids) expect(isStandardUid(facts.root + uid), uid).toBe(true);
    expect(isStandardUid('1.2.840.10008.6.1.1330')).toBe(true);
    expect(isStandardUid('1.2.840.10008.5.1.4.1.1.999')).toBe(true);
  });

  it('are not what has a number in components that look like theirs', () => {
    const numbers = [
      '7731.4902.1183',
      '5.1.4.1.1.7731',
      '1.4.7731.4902',
      '6.1.13301',
      '6.1.1.7731',
    ];
    for (const uid of numbers) expect(isStandardUid(facts.root + uid), uid).toBe(false);
    expect(isStandardUid('1.2.840.10008.1.2 ')).toBe(false);
  });

  it('and valid ones have no leading zeros', () => {
    expect(isValidUid('1.2.03')).toBe(false);
    expect(isValidUid('1.2.0')).toBe(true);
    expect(isValidUid(`1.${'2'.repeat(63)}`)).toBe(false);
  });
});
