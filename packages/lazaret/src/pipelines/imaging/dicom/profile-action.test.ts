import { describe, expect, it } from 'vitest';
import { decide, type ProfileAction } from './profile-action.ts';
import type { SupportedOption } from './profile-options.ts';
import { profileOf } from './profile.ts';

function act(tag: number, vr: string, ...options: SupportedOption[]): ProfileAction {
  return decide(profileOf(new Set(options)), tag, false, vr).action;
}

describe('what the Basic Profile does', () => {
  it.each([
    ['a name of another person', 0x00081050, 'PN', 'remove'],
    ['a referring physician', 0x00080090, 'PN', 'empty'],
    ['a SOP Instance UID', 0x00080018, 'UI', 'uid'],
    ['a study date', 0x00080020, 'DA', 'empty'],
    ['a content date of unknown type', 0x00080023, 'DA', 'dummy'],
    ['an X/Z/D of unknown type', 0x00080080, 'LO', 'dummy'],
    ['an X/D of unknown type', 0x00181030, 'LO', 'dummy'],
    ['an X/Z of unknown type', 0x00321060, 'LO', 'empty'],
    ['referenced images', 0x00081140, 'SQ', 'descend'],
    ['referenced procedure steps', 0x00081111, 'SQ', 'descend'],
    ['a content tree', 0x0040a730, 'SQ', 'dummy'],
    ['request attributes', 0x00400275, 'SQ', 'remove'],
    ['a private element', 0x00091010, 'LO', 'remove'],
    ['an unknown element of an even group', 0x00082345, 'LO', 'remove'],
    ['a group length', 0x00080000, 'UL', 'remove'],
    ['trailing padding', 0xfffcfffc, 'OB', 'remove'],
    ['a stray meta element', 0x00020010, 'UI', 'remove'],
    ['a stray command element', 0x00000002, 'UI', 'remove'],
    ['an image position', 0x00200032, 'DS', 'keep'],
    ['a SOP Class UID', 0x00080016, 'UI', 'foreign-uid'],
    ['a shared functional group', 0x52009229, 'SQ', 'descend'],
    ['a retired text', 0x00080010, 'SH', 'remove'],
    ['a retired number', 0x00280005, 'US', 'keep'],
    ['overlay data', 0x60023000, 'OW', 'remove'],
    ['overlay rows', 0x60020010, 'US', 'keep'],
    ['a known element that came as plain bytes', 0x00180050, 'UN', 'keep'],
    ['a name that came as plain bytes', 0x00080090, 'UN', 'empty'],
    ['a sequence that came as plain bytes', 0x00081199, 'UN', 'remove'],
    ['a date that the table does not name', 0x00140102, 'DA', 'dummy'],
    ['a name that the table does not name', 0x00140104, 'PN', 'dummy'],
  ] as const)('%s', (_what, tag, vr, action) => {
    expect(act(tag, vr)).toBe(action);
  });

  it('lets the type decide where the information object is known', () => {
    const type = (tag: number, vr: string): ProfileAction =>
      decide(profileOf(new Set()), tag, true, vr).action;
    expect(type(0x00080080, 'LO')).toBe('remove');
    expect(type(0x00080023, 'DA')).toBe('empty');
    expect(act(0x00080080, 'LO')).toBe('dummy');
  });
});

describe('what the options change', () => {
  it('keeps what the option keeps, and nothing else', () => {
    expect(act(0x00080018, 'UI', 'retainUids')).toBe('keep');
    expect(act(0x0040a124, 'UI', 'retainUids')).toBe('uid');
    expect(act(0x00181000, 'LO', 'retainDeviceIdentity')).toBe('keep');
    expect(act(0x00080080, 'LO', 'retainInstitutionIdentity')).toBe('keep');
    expect(act(0x00101010, 'AS', 'retainPatientCharacteristics')).toBe('keep');
    expect(act(0x00100010, 'PN', 'retainPatientCharacteristics')).toBe('empty');
  });

  it('cleans what an option would only clean', () => {
    expect(act(0x00102110, 'LO', 'retainPatientCharacteristics')).toBe('clean');
    expect(act(0x00080055, 'AE', 'retainDeviceIdentity')).toBe('clean');
    expect(act(0x0008103e, 'LO', 'cleanDescriptors')).toBe('clean');
    expect(act(0x0040a730, 'SQ', 'cleanStructuredContent')).toBe('descend');
    expect(act(0x00700001, 'SQ', 'cleanGraphics')).toBe('descend');
    expect(act(0x60003000, 'OW', 'cleanGraphics')).toBe('clean');
    expect(act(0x0016002b, 'OB', 'cleanDescriptors')).toBe('remove');
  });

  it('moves dates, keeps times, and never keeps a birth date', () => {
    const option = 'retainLongitudinalModifiedDates';
    expect(act(0x00080020, 'DA', option)).toBe('shift');
    expect(act(0x0008002a, 'DT', option)).toBe('shift');
    expect(act(0x00080030, 'TM', option)).toBe('keep');
    expect(act(0x00080201, 'SH', option)).toBe('remove');
    expect(act(0x00100030, 'DA', option)).toBe('empty');
    expect(act(0x00080020, 'DA', 'retainLongitudinalFullDates')).toBe('keep');
    expect(act(0x00100030, 'DA', 'retainLongitudinalFullDates')).toBe('empty');
  });

  it('never copies a sequence as a whole, even one that an option keeps', () => {
    expect(act(0x00080082, 'SQ', 'retainInstitutionIdentity')).toBe('descend');
  });
});
