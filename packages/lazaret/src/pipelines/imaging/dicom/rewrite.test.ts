import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataSets, nativeSyntaxes } from '../../../../../../fixtures/dicom/arbitrary.ts';
import {
  build,
  el,
  encode,
  type BuildElement,
  type Syntax,
} from '../../../../../../fixtures/dicom/build.ts';
import { bufferSource } from '../../../bytes/byte-source.ts';
import type { Editor, Rendition, Walk } from './element.ts';
import { find } from './read-value.ts';
import { keepAll, rewrite } from './rewrite.ts';
import { isUnreadable, walk } from './walk.ts';

function read(file: Uint8Array): Walk {
  const result = walk(bufferSource(file));
  if (isUnreadable(result)) throw new Error(`unreadable: ${JSON.stringify(result)}`);
  return result;
}

const bytesOf = (rendition: Rendition): Buffer => Buffer.from(rendition.read(0, rendition.size));

/** The data set's bytes, without what is in front of it. */
function dataSetOf(file: Buffer): Buffer {
  const first = read(file).elements[0];
  return first === undefined ? Buffer.alloc(0) : file.subarray(first.offset);
}

const tagOfElement = ({ tag }: BuildElement): number => Number.parseInt(tag, 16);
/** Something is always left: a file without any element is not read. */
const isRemoved = (tag: number): boolean => tag % 3 === 0 && tag !== 0x00080016;
const REPLACEMENT = 'NOBODY';

/** What the editor below is expected to leave, as something to build a file from. */
function edited(elements: readonly BuildElement[]): BuildElement[] {
  return elements.flatMap((element) => {
    const tag = tagOfElement(element);
    if (isRemoved(tag) && element.vr !== 'SQ') return [];
    if (element.vr === 'PN' || element.vr === 'LO') return [{ ...element, value: REPLACEMENT }];
    if (element.vr === 'SQ') {
      const items = element.value as readonly BuildElement[][];
      return [{ ...element, value: items.map(edited) }];
    }
    return [element];
  });
}

function editorFor(implicitPrivate: ReadonlySet<number>): Editor {
  return ({ tag, vr, items }) => {
    if (items !== undefined || vr === 'SQ') return { kind: 'descend' };
    if (isRemoved(tag)) return { kind: 'remove' };
    if (vr === 'PN' || vr === 'LO' || implicitPrivate.has(tag)) {
      return { kind: 'replace', value: Buffer.from(REPLACEMENT) };
    }
    return { kind: 'keep' };
  };
}

/** Implicit files do not say that this private element is an LO. */
const PRIVATE_LO = 0x00091001;

describe('a file written anew', () => {
  it('has the same data set, byte for byte, when everything is kept', () => {
    fc.assert(
      fc.property(dataSets, nativeSyntaxes, (elements, syntax) => {
        const file = build(elements, { syntax });
        const before = read(file);
        expect(before.forgiven).toEqual([]);
        const kept = bytesOf(rewrite(before, keepAll, { meta: [] }));
        expect(dataSetOf(kept)).toEqual(encode(elements, syntax));
        const descended = rewrite(
          before,
          ({ items }) => ({ kind: items === undefined ? 'keep' : 'descend' }),
          { meta: [] },
        );
        expect(dataSetOf(bytesOf(descended))).toEqual(encode(elements, syntax));
      }),
    );
  });

  it('has exactly what the editor left, with the right lengths, at every depth', () => {
    fc.assert(
      fc.property(dataSets, nativeSyntaxes, (elements, syntax) => {
        const editor = editorFor(new Set(syntax === 'implicit-le' ? [PRIVATE_LO] : []));
        const written = bytesOf(rewrite(read(build(elements, { syntax })), editor, { meta: [] }));
        expect(dataSetOf(written)).toEqual(encode(edited(elements), syntax));
        expect(read(written).forgiven).toEqual([]);
      }),
    );
  });

  it('reads the same in pieces as at one go', () => {
    fc.assert(
      fc.property(dataSets, fc.integer({ min: 1, max: 64 }), (elements, step) => {
        const rendition = rewrite(read(build(elements)), editorFor(new Set()), { meta: [] });
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < rendition.size; at += step) pieces.push(rendition.read(at, step));
        expect(Buffer.concat(pieces)).toEqual(bytesOf(rendition));
      }),
    );
  });
});

const PIXELS = el('7FE00010', 'OW', Buffer.alloc(64, 5));
const NAME = el('00100010', 'PN', 'Doe^Jane');

describe('the frame of a written file', () => {
  it('is an empty preamble and a meta group with its true length and transfer syntax', () => {
    const file = build([NAME, PIXELS], { preamble: Buffer.alloc(128, 7), syntax: 'explicit-be' });
    const written = bytesOf(
      rewrite(read(file), keepAll, {
        meta: [
          { tag: 0x00020012, vr: 'UI', value: Buffer.from('1.2.9\0') },
          { tag: 0x00020002, vr: 'UI', value: Buffer.from('1.2.3\0') },
        ],
      }),
    );
    expect(written.subarray(0, 128).every((byte) => byte === 0)).toBe(true);
    const again = read(written);
    expect(again.forgiven).toEqual([]);
    expect(again.meta.map(({ tag }) => tag)).toEqual([
      0x00020000, 0x00020002, 0x00020010, 0x00020012,
    ]);
    expect(again.syntax.uid).toBe('1.2.840.10008.1.2.2');
  });

  it('names explicit little-endian for what was deflated', () => {
    const file = build([], {
      syntaxUid: '1.2.840.10008.1.2.1.99',
      trailing: deflateRawSync(encode([NAME, PIXELS])),
    });
    const written = bytesOf(rewrite(read(file), keepAll, { meta: [] }));
    expect(read(written).syntax.uid).toBe('1.2.840.10008.1.2.1');
    expect(dataSetOf(written)).toEqual(encode([NAME, PIXELS]));
  });

  it('has no group lengths, no padding, and no meta elements in the data set', () => {
    const file = build(
      [
        el('00080000', 'UL', 20),
        el('00020012', 'UI', '1.2'),
        el('00080016', 'UI', '1.2.3.4'),
        PIXELS,
        el('FFFCFFFC', 'OB', Buffer.alloc(16)),
      ].toSorted(() => 0),
      { trailing: Buffer.alloc(32) },
    );
    const written = read(bytesOf(rewrite(read(file), keepAll, { meta: [] })));
    expect(written.elements.map(({ tag }) => tag)).toEqual([0x00080016, 0x7fe00010]);
  });
});

describe('elements', () => {
  const insert = [
    { tag: 0x7fe10010, vr: 'LO', value: Buffer.from('ZZ') },
    { tag: 0x00120062, vr: 'CS', value: Buffer.from('YES ') },
    { tag: 0x00080005, vr: 'CS', value: Buffer.from('ISO_IR 100') },
  ];

  it('are inserted where their tags belong', () => {
    const written = rewrite(read(build([NAME, PIXELS])), keepAll, { insert, meta: [] });
    const again = read(bytesOf(written));
    expect(again.elements.map(({ tag }) => tag)).toEqual([
      0x00080005, 0x00100010, 0x00120062, 0x7fe00010, 0x7fe10010,
    ]);
    expect(again.forgiven).toEqual([]);
  });

  it('take the place of those with the same tag, which the editor does not see', () => {
    const seen: number[] = [];
    const file = build([el('00120062', 'CS', 'NO'), PIXELS]);
    const written = rewrite(
      read(file),
      ({ tag }) => {
        seen.push(tag);
        return { kind: 'keep' };
      },
      { insert, meta: [] },
    );
    const again = read(bytesOf(written));
    expect(seen).toEqual([0x7fe00010]);
    expect(again.elements.filter(({ tag }) => tag === 0x00120062)).toHaveLength(1);
  });

  it('are put in the order of their tags', () => {
    const file = build([el('00100020', 'LO', 'MRN'), NAME, PIXELS]);
    const again = read(bytesOf(rewrite(read(file), keepAll, { meta: [] })));
    expect(again.elements.map(({ tag }) => tag)).toEqual([0x00100010, 0x00100020, 0x7fe00010]);
  });

  it('become UN where their value is too long for the 16 bits of their VR', () => {
    const long = Buffer.alloc(70_000, 'a');
    const written = rewrite(
      read(build([NAME, PIXELS])),
      ({ tag }) => (tag === 0x00100010 ? { kind: 'replace', value: long } : { kind: 'keep' }),
      { meta: [] },
    );
    const name = find(read(bytesOf(written)).elements, 0x00100010);
    expect(name).toMatchObject({ vr: 'UN', valueLength: 70_000 });
  });

  it('take another VR where the editor gives one', () => {
    const written = rewrite(
      read(build([el('00091001', 'SH', 'ab'), PIXELS])),
      ({ tag }) =>
        tag === 0x00091001
          ? { kind: 'replace', vr: 'UT', value: Buffer.from('cdef') }
          : { kind: 'keep' },
      { meta: [] },
    );
    const again = read(bytesOf(written));
    expect(again.elements[0]).toMatchObject({ vr: 'UT', valueLength: 4 });
    expect(again.forgiven).toEqual([]);
  });

  it('are edited within a sequence of VR UN in its own, implicit encoding', () => {
    for (const [syntax, undefinedLength] of [
      ['explicit-le', true],
      ['explicit-le', false],
      ['explicit-be', false],
    ] as const satisfies readonly (readonly [Syntax, boolean])[]) {
      const body = (name: string): Buffer =>
        encode([el('00081140', 'SQ', [[el('00100010', 'PN', name)]])], 'implicit-le').subarray(8);
      const file = (name: string): BuildElement[] => [
        el('00081140', 'UN', body(name), { undefinedLength }),
        PIXELS,
      ];
      const written = rewrite(
        read(build(file('Doe^Jane'), { syntax })),
        ({ tag, items }, path) => {
          if (items !== undefined) return { kind: 'descend' };
          if (tag !== 0x00100010) return { kind: 'keep' };
          expect(path).toEqual([{ tag: 0x00081140, item: 0 }]);
          return { kind: 'replace', value: Buffer.from('AB') };
        },
        { meta: [] },
      );
      expect(dataSetOf(bytesOf(written))).toEqual(encode(file('AB'), syntax));
    }
  });
});

describe('the place of the pixels', () => {
  it('is known after edits, native and encapsulated', () => {
    const pixels = Buffer.alloc(64, 5);
    for (const syntax of ['implicit-le', 'explicit-le', 'explicit-be', 'encapsulated'] as const) {
      const encapsulated = syntax === 'encapsulated';
      const element = el('7FE00010', encapsulated ? 'OB' : 'OW', pixels, { encapsulated });
      const written = rewrite(
        read(build([NAME, element], { syntax })),
        ({ tag }) => ({ kind: tag === 0x00100010 ? 'remove' : 'keep' }),
        { meta: [] },
      );
      const found = find(read(bytesOf(written)).elements, 0x7fe00010);
      expect(written.pixels).toEqual({ offset: found?.valueOffset, length: found?.valueLength });
      expect(found?.valueLength).toBe(encapsulated ? 80 : 64);
    }
  });

  it('is none where they were removed, and the new one where they were replaced', () => {
    const source = read(build([NAME, PIXELS]));
    expect(rewrite(source, () => ({ kind: 'remove' }), { meta: [] }).pixels).toBeNull();
    const written = rewrite(
      source,
      ({ tag }) =>
        tag === 0x7fe00010 ? { kind: 'replace', value: Buffer.from('wxyz') } : { kind: 'keep' },
      { meta: [] },
    );
    const { offset, length } = written.pixels ?? { offset: 0, length: 0 };
    expect(Buffer.from(written.read(offset, length)).toString()).toBe('wxyz');
  });

  it('holds what is left of pixels that were cut', () => {
    const cut = build([NAME, PIXELS]).subarray(0, -10);
    const written = rewrite(read(cut), keepAll, { meta: [] });
    const found = find(read(bytesOf(written)).elements, 0x7fe00010);
    expect(written.pixels).toEqual({ offset: found?.valueOffset, length: 54 });
  });
});
