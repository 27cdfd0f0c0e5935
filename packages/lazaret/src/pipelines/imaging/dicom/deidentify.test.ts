import { describe, expect, it } from 'vitest';
import { el, type BuildElement, type Syntax } from '../../../../../../fixtures/dicom/build.ts';
import { deidentify } from './deidentify.ts';
import { dummyValue } from './deidentify-dummy.ts';
import { buildSample, passThrough, sampleInput, walkBytes } from './deidentify-sample.ts';
import type { Element, Walk } from './element.ts';
import { representationOf } from './value-representation.ts';

function textAt(walk: Walk, ...tags: number[]): string | undefined {
  let elements: readonly Element[] = walk.elements;
  let found: Element | undefined;
  for (const tag of tags) {
    found = elements.find((element) => element.tag === tag);
    elements = found?.items?.[0]?.elements ?? [];
  }
  if (found === undefined) return undefined;
  const bytes = walk.source.read(found.valueOffset, found.valueLength);
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[ \0]+$/, '');
}

describe('de-identification', () => {
  const { bytes, record, breaches, hits, doubts } = passThrough(buildSample());
  const output = walkBytes(bytes);

  it('puts the pseudonym in the place of name, identifier and accession', () => {
    expect(textAt(output, 0x00100010)).toBe('SUBJ-7');
    expect(textAt(output, 0x00100020)).toBe('SUBJ-7');
    expect(textAt(output, 0x00080050)).toBe('A-19');
  });

  it('leaves what research needs', () => {
    expect(textAt(output, 0x00180050)).toBe('2.5');
    expect(textAt(output, 0x00200032)).toBe('-120\\-130.5\\12');
    expect(textAt(output, 0x00080008)).toBe('ORIGINAL\\PRIMARY\\AXIAL');
    expect(textAt(output, 0x00080070)).toBe('Acme Scanners');
  });

  it('removes, empties and replaces as the table says', () => {
    expect(textAt(output, 0x0008103e)).toBeUndefined();
    expect(textAt(output, 0x00080080)).toBeUndefined();
    expect(textAt(output, 0x00101010)).toBeUndefined();
    expect(textAt(output, 0x00080020)).toBe('');
    expect(textAt(output, 0x00100030)).toBe('');
    expect(textAt(output, 0x00080018)).toMatch(/^2\.25\.\d+$/);
    expect(textAt(output, 0x00081111, 0x00081155)).toMatch(/^2\.25\.\d+$/);
  });

  it('marks the file with what was done', () => {
    expect(textAt(output, 0x00120062)).toBe('YES');
    expect(textAt(output, 0x00120063)).toBe('lazaret 0.1, policy 1');
    expect(textAt(output, 0x00120064, 0x00080100)).toBe('113100');
    expect(textAt(output, 0x00280303)).toBe('REMOVED');
    expect(textAt(output, 0x00280301)).toBeUndefined();
  });

  it('names the new instance in a meta group of its own', () => {
    const meta = new Map(output.meta.map((element) => [element.tag, element]));
    expect([...meta.keys()].map((tag) => tag & 0xffff)).toEqual([0, 1, 2, 3, 0x10, 0x12, 0x13]);
    const instance = meta.get(0x00020003);
    const text = Buffer.from(
      output.source.read(instance?.valueOffset ?? 0, instance?.valueLength ?? 0),
    ).toString('latin1');
    expect(text.replace(/\0$/, '')).toBe(textAt(output, 0x00080018));
  });

  it('satisfies the verification and the search, with nothing to forgive', () => {
    expect(doubts).toEqual([]);
    expect(breaches).toEqual([]);
    expect(hits).toEqual([]);
  });

  it('records what was done without a value of the source', () => {
    const text = JSON.stringify(record);
    for (const value of ['Musterfrau', '0081234', 'ACC4711', '19610523', 'Wiesenthal', '1.2.826']) {
      expect(text).not.toContain(value);
    }
    expect(record.actions).toContainEqual({ tag: '(0008,103E)', action: 'remove', count: 1 });
    expect(record.counts.keep).toBeGreaterThan(5);
  });

  it('makes the same bytes from the same source and key', () => {
    expect(passThrough(buildSample()).bytes).toEqual(bytes);
  });
});

describe('de-identification under options', () => {
  it('moves dates and says so', () => {
    const passage = passThrough(
      buildSample(),
      sampleInput(['retainLongitudinalModifiedDates', 'retainPatientCharacteristics']),
    );
    const output = walkBytes(passage.bytes);
    expect(textAt(output, 0x00080020)).toBe('20231205');
    expect(textAt(output, 0x00080030)).toBe('101500');
    expect(textAt(output, 0x00101010)).toBe('062Y');
    expect(textAt(output, 0x00280303)).toBe('MODIFIED');
    expect(passage.breaches).toEqual([]);
    expect(passage.hits).toEqual([]);
  });

  it('gives up a date that cannot be moved and records it', () => {
    const passage = passThrough(
      buildSample([el('00080020', 'DA', '2024'), el('00080022', 'DA', 'spring')]),
      sampleInput(['retainLongitudinalModifiedDates']),
    );
    const output = walkBytes(passage.bytes);
    expect(textAt(output, 0x00080020)).toBe('');
    expect(textAt(output, 0x00080022)).toBeUndefined();
    expect(passage.record.notes).toEqual([
      { kind: 'date-not-shiftable', tag: '(0008,0020)', count: 1 },
      { kind: 'date-not-shiftable', tag: '(0008,0022)', count: 1 },
    ]);
    expect(passage.breaches).toEqual([]);
  });

  it.each([
    ['retainUids'],
    ['retainInstitutionIdentity'],
    ['retainLongitudinalFullDates'],
  ] as const)('passes its own verification with %s', (option) => {
    const passage = passThrough(buildSample(), sampleInput([option]));
    expect(passage.breaches).toEqual([]);
    expect(passage.hits).toEqual([]);
  });

  it('refuses options that nobody has checked', () => {
    const source = walkBytes(buildSample());
    const both = sampleInput(['retainLongitudinalFullDates', 'retainLongitudinalModifiedDates']);
    expect(() => deidentify(source, both)).toThrow(TypeError);
    expect(() => deidentify(source, { ...sampleInput(), pseudonym: 'A\\B' })).toThrow(TypeError);
    expect(() => deidentify(source, { ...sampleInput(), shiftDays: 0.5 })).toThrow(TypeError);
  });
});

describe('de-identification of every encoding', () => {
  const nested: BuildElement[] = [
    el('00081199', 'SQ', [
      [
        el('00081150', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
        el('00081155', 'UI', '1.2.826.0.1.3680043.8.498.9'),
        el('00100010', 'PN', 'Musterfrau^Erika'),
        el('00110010', 'LO', 'MRN-0081234'),
      ],
    ]),
    el('0040A730', 'SQ', [[el('0040A160', 'UT', 'Erika Musterfrau has a cough')]]),
    el('00091001', 'LO', 'Musterfrau'),
  ];

  it.each(['explicit-le', 'implicit-le', 'explicit-be'] as const)('%s', (syntax: Syntax) => {
    const passage = passThrough(buildSample(nested, { syntax }));
    expect(passage.breaches).toEqual([]);
    expect(passage.hits).toEqual([]);
    expect(Buffer.from(passage.bytes).includes('Musterfrau')).toBe(false);
    const output = walkBytes(passage.bytes);
    expect(textAt(output, 0x00081199, 0x00081155)).toMatch(/^2\.25\./);
    expect(textAt(output, 0x00081199, 0x00081150)).toBe('1.2.840.10008.5.1.4.1.1.2');
    expect(textAt(output, 0x0040a730, 0x0040a160)).toBe('REMOVED');
  });

  it('leaves encapsulated pixels as they are', () => {
    const pixels = el('7FE00010', 'OB', Uint8Array.of(9, 8, 7, 6), { encapsulated: true });
    const passage = passThrough(buildSample([pixels], { syntax: 'encapsulated' }));
    expect(passage.breaches).toEqual([]);
  });

  it('drops a private group behind the pixels', () => {
    const passage = passThrough(
      buildSample([el('7FE10010', 'LO', 'ACME'), el('7FE11001', 'LO', 'Musterfrau^Erika')]),
    );
    expect(passage.breaches).toEqual([]);
    expect(passage.hits).toEqual([]);
  });
});

describe('dummy values', () => {
  const SHAPES: Readonly<Record<string, RegExp>> = {
    AE: /^[A-Z]{1,16}$/,
    AS: /^\d{3}[DWMY]$/,
    CS: /^[A-Z0-9 _]{1,16}$/,
    DA: /^\d{8}$/,
    DS: /^\d+$/,
    DT: /^\d{8}/,
    IS: /^\d+$/,
    TM: /^\d{6}$/,
    UR: /^[a-z]+:\S+$/,
  };
  const vrs =
    'AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SS ST SV TM UC UL UN UR US UT UV';

  it.each(vrs.split(' '))('are valid for %s, of even length and not empty', (vr) => {
    const value = dummyValue(vr);
    expect(value.length).toBeGreaterThan(0);
    expect(value.length % 2).toBe(0);
    const facts = representationOf(vr);
    if (facts?.text === true) {
      expect(Buffer.from(value).toString('latin1').trimEnd()).toMatch(SHAPES[vr] ?? /^[A-Z]+$/);
    } else {
      expect(value.length % Math.max(1, facts?.width ?? 1)).toBe(0);
    }
  });
});

describe('a file whose elements have all become UN', () => {
  it('gets its VRs back, and loses nobody’s geometry and every name', () => {
    const un = (tag: string, text: string): BuildElement =>
      el(tag, 'UN', Buffer.from(text.length % 2 === 0 ? text : `${text} `));
    const passage = passThrough(
      buildSample([
        un('00080016', '1.2.840.10008.5.1.4.1.1.2'),
        un('00080018', '1.2.826.0.1.3680043.8.498.1001'),
        un('00080090', 'Wiesenthal^Greta'),
        un('00100010', 'Musterfrau^Erika'),
        un('00180050', '2.50'),
        el('00280010', 'UN', Uint8Array.of(2, 0)),
      ]),
    );
    const output = walkBytes(passage.bytes);
    expect(textAt(output, 0x00180050)).toBe('2.50');
    expect(output.elements.find(({ tag }) => tag === 0x00280010)?.vr).toBe('US');
    expect(passage.doubts).toEqual([]);
    expect(passage.breaches).toEqual([]);
    expect(passage.hits).toEqual([]);
  });

  it('loses a sequence that cannot be looked into, and says so', () => {
    const sequence = el('00081199', 'UN', Uint8Array.of(0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0));
    const { record, breaches } = passThrough(buildSample([sequence]));
    expect(record.notes).toEqual([{ kind: 'unknown-vr-removed', tag: '(0008,1199)', count: 1 }]);
    expect(breaches).toEqual([]);
  });
});
