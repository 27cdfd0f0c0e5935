import { describe, expect, it } from 'vitest';
import type { ItemContext } from '../../../engine/pipeline.ts';
import { projectKeyFrom } from '../../../identity/keys.ts';
import type { Image, ImageHeader } from '../image.ts';
import { defaultPolicy, parsePolicy, type ImagingPolicy } from '../policy.ts';
import { makeTools, type ImagingTools } from '../tools.ts';
import { screen } from './screen.ts';

const base = JSON.parse(JSON.stringify(defaultPolicy())) as ImagingPolicy;
const CT = '1.2.840.10008.5.1.4.1.1.2';

const header: ImageHeader = {
  patientId: 'TEST-0001',
  issuer: '',
  birthDate: '19600101',
  accession: 'ACC-0001',
  studyUid: '1.2.3.1',
  studyDate: '20240105',
  seriesUid: '1.2.3.2',
  instanceUid: '1.2.3.3',
  sopClass: CT,
  modality: 'CT',
  burnedIn: '',
  imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
  hasPixels: true,
};

/** The codes under which an image with this header waits, and with what it may go on. */
async function screened(
  changes: Partial<ImageHeader>,
  screens: ImagingPolicy['screens'],
): Promise<{ readonly codes: readonly string[]; readonly releasable: boolean }> {
  const policy = parsePolicy({ ...base, screens });
  const tools = makeTools(
    { policy, out: 'out' },
    { key: projectKeyFrom(Buffer.alloc(32, 7)), recipe: 'r' },
  );
  const image: Image = {
    file: { path: '/x', encoding: 'utf8', kind: 'file', size: 1 },
    digest: 'd',
    size: 1,
    header: { ...header, ...changes },
    facts: {},
    doubt: null,
  };
  const batch = { run: 'r', batch: 'b', attempt: 1, staging: '/x' };
  const context: ItemContext<ImagingTools> = { item: 1, batch, tools };
  const result = await screen.apply(image, context);
  return {
    codes: result.findings.map(({ code }) => code),
    releasable: result.kind === 'stop' && result.onward !== undefined,
  };
}

describe('the screen', () => {
  it('lets an image pass that says nothing of annotations, unless the policy wants a NO', async () => {
    expect((await screened({}, undefined)).codes).toEqual([]);
    expect((await screened({}, { burnedIn: 'hold' })).codes).toEqual([]);
    for (const burnedIn of ['', 'MAYBE']) {
      expect(await screened({ burnedIn }, { burnedIn: 'holdUnlessNo' })).toEqual({
        codes: ['BurnedInNotDenied'],
        releasable: true,
      });
    }
    expect((await screened({ burnedIn: 'NO' }, { burnedIn: 'holdUnlessNo' })).codes).toEqual([]);
  });

  it('holds an image that says YES under its own code, however strict the policy is', async () => {
    for (const burnedIn of ['hold', 'holdUnlessNo'] as const) {
      const { codes } = await screened({ burnedIn: 'YES' }, { burnedIn });
      expect(codes).toEqual(['BurnedInAnnotation']);
    }
  });

  it('holds an image whose type has one of the values that the policy names', async () => {
    const screens = { holdImageTypes: ['SECONDARY', 'SCREEN SAVE'] };
    const imageType = ['DERIVED', 'SECONDARY', 'SCREEN SAVE', 'Testperson'];
    expect(await screened({ imageType }, screens)).toEqual({
      codes: ['ImageTypeHeld'],
      releasable: true,
    });
    expect((await screened({}, screens)).codes).toEqual([]);
  });

  it('holds objects of the classes that the policy names', async () => {
    expect(await screened({}, { holdSopClasses: ['1.2.840.10008.5.1.4.1.1.7', CT] })).toEqual({
      codes: ['SopClassHeld'],
      releasable: true,
    });
  });

  it('tells all that stops an image at once', async () => {
    const { codes } = await screened(
      { modality: 'OT', imageType: ['SECONDARY'], hasPixels: false },
      { burnedIn: 'holdUnlessNo', holdImageTypes: ['SECONDARY'], holdSopClasses: [CT] },
    );
    expect(codes).toEqual([
      'ModalityNotAccepted',
      'BurnedInNotDenied',
      'ImageTypeHeld',
      'SopClassHeld',
      'PixelsMissing',
    ]);
  });
});
