import { describe, expect, it } from 'vitest';
import { defaultPolicy, outputPart, parsePolicy, type ImagingPolicy } from '../policy.ts';
import { meaningOf } from './meaning.ts';

const base = JSON.parse(JSON.stringify(defaultPolicy())) as ImagingPolicy;
const reason = 'needed by the study';

function warningsOf(changes: Partial<ImagingPolicy>): readonly string[] {
  return meaningOf(parsePolicy({ ...base, ...changes })).warnings;
}

describe('the meaning of a policy', () => {
  it('accounts for each attribute of the table once, and moves those that rules are about', () => {
    const plain = meaningOf(parsePolicy(base));
    const sum = (counts: Readonly<Record<string, number>>): number =>
      Object.values(counts).reduce((total, count) => total + count, 0);
    expect(sum(plain.attributes)).toBe(621);
    const elements = [{ element: 'PatientSex', action: 'keep' as const, reason }];
    const ruled = meaningOf(parsePolicy({ ...base, elements }));
    expect(sum(ruled.attributes)).toBe(621);
    expect(ruled.attributes['kept']).toBe((plain.attributes['kept'] ?? 0) + 1);
    expect(ruled.rules).toEqual([
      { keyword: 'PatientSex', tag: '(0010,0040)', without: 'emptied', action: 'kept', reason },
    ]);
  });

  it('names the options with their codes and each screen with the code under which it holds', () => {
    const { options, screens } = meaningOf(
      parsePolicy({
        ...base,
        screens: {
          burnedIn: 'holdUnlessNo',
          holdImageTypes: ['SECONDARY'],
          holdSopClasses: ['1.2.840.10008.5.1.4.1.1.7'],
        },
      }),
    );
    expect(options.map(({ code }) => code)).toEqual(['113100', '113107']);
    expect(screens.map(({ id }) => id)).toEqual(['IMG-005', 'IMG-050', 'IMG-051', 'IMG-052']);
  });

  it('warns of nothing in the policy that comes with Lazaret', () => {
    expect(warningsOf({})).toEqual([]);
  });

  it.each<readonly [string, Partial<ImagingPolicy>, RegExp]>([
    [
      'UIDs beside shifted dates',
      { options: ['retainUids', 'retainLongitudinalModifiedDates'] },
      /^UIDs are kept while dates are shifted/,
    ],
    ['full dates', { options: ['retainLongitudinalFullDates'] }, /^Dates leave as they are/],
    ['modalities with text in their pixels', { modalities: ['CT', 'US'] }, /^Modalities are taken/],
    [
      'ids of several issuers',
      { patientId: { ...base.patientId, issuer: 'ignore' } },
      /^Equal ids of two issuers/,
    ],
    [
      'a vocabulary that nothing asks',
      { vocabularies: [{ element: '*', words: ['axial'] }] },
      /^The vocabularies have no effect/,
    ],
    [
      'a rule that changes nothing',
      { elements: [{ element: 'StudyDescription', action: 'remove', reason }] },
      /^The rule about StudyDescription \(0008,1030\) says what is done anyway: removed/,
    ],
    [
      'free text that stays',
      { elements: [{ element: 'StudyDescription', action: 'keep', reason }] },
      /^Free text stays as it is in StudyDescription/,
    ],
  ])('warns of %s', (_, changes, said) => {
    expect(warningsOf(changes)).toEqual([expect.stringMatching(said)]);
  });

  it('does not call a vocabulary idle that a rule asks, or an option', () => {
    const vocabularies = [{ element: '*', words: ['axial'] }];
    const elements = [{ element: 'StudyDescription', action: 'clean' as const, reason }];
    expect(warningsOf({ vocabularies, elements })).toEqual([]);
    expect(warningsOf({ vocabularies, options: ['cleanDescriptors'] })).toEqual([]);
  });
});

describe('what of a policy makes an image', () => {
  it('is not the reason of a rule, but all else of it', () => {
    const ruled = (rule: Partial<NonNullable<ImagingPolicy['elements']>[number]>): unknown =>
      outputPart(
        parsePolicy({
          ...base,
          elements: [{ element: 'PatientSex', action: 'keep', reason, ...rule }],
        }),
      );
    expect(ruled({ reason: 'said in better words' })).toEqual(ruled({}));
    expect(ruled({ action: 'remove' })).not.toEqual(ruled({}));
  });
});
