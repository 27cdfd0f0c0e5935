import { describe, expect, it } from 'vitest';
import { isFault, packFault, unpackFault } from './fault.ts';
import { sampleCodes } from './testing/sample-codes.ts';
import { general } from './base/general.ts';

describe('defineCodes', () => {
  it('makes findings by makers that can be taken out of the vocabulary', () => {
    const { finding } = sampleCodes;
    const made = finding('SampleUnlikely', { field: 'weight', causes: ['high'] }, { record: 3 });
    expect(made).toEqual({
      code: 'SampleUnlikely',
      id: 'SMP-002',
      type: 'alert',
      parameters: { field: 'weight', causes: ['high'] },
      place: { record: 3 },
    });
  });

  it('refuses unknown names and missing parameters at compile time', () => {
    // @ts-expect-error -- no such name
    expect(() => sampleCodes.finding('Nothing', {})).toThrow('no entry');
    // @ts-expect-error -- `causes` is missing
    sampleCodes.finding('SampleUnlikely', { field: 'weight' });
    // @ts-expect-error -- a finding is not thrown
    sampleCodes.fault('SampleUnlikely', { field: 'weight', causes: [] });
  });
});

describe('Fault', () => {
  it('has a message of title and id alone', () => {
    const fault = general.fault('TimedOut', { dependency: 'the archive', timeoutMs: 5 });
    expect(fault.message).toBe('Took too long (GEN-003)');
  });

  it('is known by its shape, also after the way between threads', () => {
    const fault = general.fault('Aborted', {}, { place: { item: 4 }, cause: new Error('x') });
    const other = unpackFault(structuredClone(packFault(fault)));
    expect(isFault(other)).toBe(true);
    expect(other).toMatchObject({ code: 'Aborted', id: 'GEN-002', place: { item: 4 } });
    expect(other.stack).toBe(fault.stack);
    expect(isFault({ ...packFault(fault), name: 'Fault' })).toBe(true);
  });

  it('is not confused by other errors and by values that throw when looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const value of [new Error('x'), null, undefined, 'Fault', { name: 'Fault' }, proxy]) {
      expect(isFault(value)).toBe(false);
    }
  });
});
