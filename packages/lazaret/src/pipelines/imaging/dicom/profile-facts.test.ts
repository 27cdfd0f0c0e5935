import { describe, expect, it } from 'vitest';
import { CONCEPT_COUNT, decideContent, isPublishedScheme } from './profile-content.ts';
import { STANDARD_SAFE_PRIVATE_COUNT, safePrivateOf } from './profile-safe-private.ts';
import { definedTermsOf, wordsOf } from './profile-vocabulary.ts';
import safe from './facts/safe-private.json' with { type: 'json' };

describe('the list of safe private elements', () => {
  const list = safePrivateOf([
    { creator: 'OURS', group: 0x0029, element: 0x10, vr: 'DS' },
    { creator: 'ELSCINT1', group: 0x00e1, element: 0x21, vr: 'IS' },
  ]);

  it('has 479 elements, each once (PS3.15 2026d, Table E.3.10-1)', () => {
    expect(STANDARD_SAFE_PRIVATE_COUNT).toBe(479);
    expect(safe.count).toBe(479);
  });

  it.each([
    ['Philips PET Private Group', 0x7053, 0x00, 'DS'],
    ['SIEMENS MR HEADER', 0x0019, 0x0c, 'IS'],
    ['SIEMENS MR HEADER', 0x0019, 0x27, 'FD'],
    ['GEMS_PARM_01', 0x0043, 0x39, 'IS'],
    ['Philips Imaging DD 001', 0x2001, 0x5f, 'SQ'],
    ['NQRight', 0x0299, 0x16, 'FL'],
  ] as const)('knows %s (%i, %i) as %s', (creator, group, element, vr) => {
    expect(list.vrOf(creator, group, element)).toBe(vr);
  });

  it('takes in what the policy adds, which goes before the standard', () => {
    expect(list.vrOf('OURS', 0x0029, 0x10)).toBe('DS');
    expect(list.vrOf('ELSCINT1', 0x00e1, 0x21)).toBe('IS');
    expect(list.vrOf('OURS', 0x0029, 0x11)).toBeUndefined();
    expect(list.vrOf('SIEMENS MR HEADER', 0x0021, 0x0c)).toBeUndefined();
  });
});

describe('the concepts of structured content', () => {
  it('are 211 rows (PS3.15 2026a, Table E.3.4-1)', () => {
    expect(CONCEPT_COUNT).toBe(211);
  });

  it.each([
    ['DCM', '121008', 'PNAME', [], 'dummy'],
    ['DCM', '121022', 'TEXT', [], 'remove'],
    ['DCM', '121022', 'TEXT', ['cleanDescriptors', 'retainDeviceIdentity'], 'remove'],
    ['DCM', '121031', 'DATE', ['retainLongitudinalModifiedDates'], 'remove'],
    ['DCM', '121071', 'TEXT', [], 'dummy'],
    ['DCM', '121071', 'TEXT', ['cleanDescriptors'], 'clean'],
    ['DCM', '121013', 'TEXT', ['retainDeviceIdentity'], 'keep'],
    ['DCM', '121122', 'TEXT', ['cleanDescriptors', 'retainDeviceIdentity'], 'keep'],
    ['DCM', '113809', 'DATETIME', ['retainLongitudinalModifiedDates'], 'decide'],
    ['DCM', '121032', 'CODE', ['retainPatientCharacteristics'], 'keep'],
    ['SRT', 'F-02455', 'TEXT', [], 'remove'],
    ['NCDR [2.0b]', '53', 'TEXT', [], 'remove'],
    ['UMLS', 'C2348792', 'TEXT', ['cleanDescriptors'], 'clean'],
    ['DCM', '121071', 'CODE', [], 'decide'],
    ['99SITE', '121022', 'TEXT', [], 'decide'],
  ] as const)('%s %s %s with %j: %s', (scheme, code, type, options, action) => {
    expect(decideContent(scheme, code, type, new Set(options))).toBe(action);
  });

  it('tells published schemes from private ones', () => {
    for (const scheme of ['DCM', 'SCT', 'UCUM', 'RADLEX', 'NCIt', '99SDM', 'NCDR [2.0b]']) {
      expect(isPublishedScheme(scheme), scheme).toBe(true);
    }
    for (const scheme of ['99SITE', 'L', '', 'IRMCER']) {
      expect(isPublishedScheme(scheme), scheme).toBe(false);
    }
  });
});

describe('the vocabulary', () => {
  const words = wordsOf(new Map());

  it('knows body parts, planes, weightings and other languages, without accents', () => {
    for (const word of ['abdomen', 'tspine', 'sag', 't2', 'mprage', 'schadel', 'rodilla', 'buik']) {
      expect(words.hasWord(0x0008103e, word), word).toBe(true);
    }
  });

  it('knows no ages, no sexes and no plain names', () => {
    for (const word of ['y', 'f', 'm', 'smith', 'anna', 'doe']) {
      expect(words.hasWord(0x0008103e, word), word).toBe(false);
    }
  });

  it('has the terms of the standard for the elements they are defined for', () => {
    expect(definedTermsOf(0x00080060)?.has('mr')).toBe(true);
    expect(definedTermsOf(0x00180015)?.has('chestabdpelvis')).toBe(true);
    expect(definedTermsOf(0x00181250)).toBeUndefined();
  });
});
