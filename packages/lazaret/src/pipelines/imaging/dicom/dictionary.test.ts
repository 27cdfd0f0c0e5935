import { describe, expect, it } from 'vitest';
import { formatPath, formatTag, lookUp, tagOf } from './dictionary.ts';

describe('the dictionary', () => {
  it('knows elements by tag and by keyword', () => {
    expect(lookUp(0x00100010)).toEqual({
      keyword: 'PatientName',
      vrs: ['PN'],
      vm: '1',
      maxVm: 1,
      retired: false,
    });
    expect(tagOf('PatientName')).toBe(0x00100010);
    expect(tagOf('PixelData')).toBe(0x7fe00010);
    expect(tagOf('')).toBeUndefined();
    expect(tagOf('NoSuchKeyword')).toBeUndefined();
  });

  it('knows alternatives, multiplicities and what is retired', () => {
    expect(lookUp(0x7fe00010)?.vrs).toEqual(['OB', 'OW']);
    expect(lookUp(0x00283006)?.vrs).toEqual(['US', 'OW']);
    expect(lookUp(0x00200037)?.maxVm).toBe(6);
    expect(lookUp(0x00080008)?.maxVm).toBe(Infinity);
    expect(lookUp(0x00084000)?.retired).toBe(true);
  });

  it('knows repeating groups, group lengths and private creators', () => {
    expect(lookUp(0x60003000)?.keyword).toBe('OverlayData');
    expect(lookUp(0x601e3000)?.keyword).toBe('OverlayData');
    expect(lookUp(0x50fe3000)?.keyword).toBe('CurveData');
    expect(lookUp(0x00203112)?.keyword).toBe('SourceImageIDs');
    expect(lookUp(0x12340000)?.vrs).toEqual(['UL']);
    expect(lookUp(0x00090010)?.keyword).toBe('PrivateCreator');
  });

  it('knows nothing of other private elements, or of tags that nobody has defined', () => {
    expect(lookUp(0x00091001)).toBeUndefined();
    expect(lookUp(0x60013000)).toBeUndefined();
    expect(lookUp(0x00100011)).toBeUndefined();
  });

  it('writes tags and paths as people know them', () => {
    expect(formatTag(0xfffee000)).toBe('(FFFE,E000)');
    expect(formatPath([{ tag: 0x0040a730, item: 2 }], 0x00080104)).toBe(
      '(0040,A730)[2].(0008,0104)',
    );
  });
});
