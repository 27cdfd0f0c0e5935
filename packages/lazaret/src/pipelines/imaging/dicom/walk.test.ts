import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataSets, nativeSyntaxes } from '../../../../../../fixtures/dicom/arbitrary.ts';
import { build, el, encode, type Syntax } from '../../../../../../fixtures/dicom/build.ts';
import { bufferSource } from '../../../bytes/byte-source.ts';
import { formatTag } from './dictionary.ts';
import type { Element, Unreadable, Walk } from './element.ts';
import { DEFAULT_CHARACTER_SET } from './character-set.ts';
import { find, readText } from './read-value.ts';
import { isUnreadable, walk } from './walk.ts';
import type { WalkLimits } from './walk-limits.ts';

function read(file: Uint8Array): Walk {
  const result = walk(bufferSource(file));
  if (isUnreadable(result)) throw new Error(`unreadable: ${JSON.stringify(result)}`);
  return result;
}

const tagsOf = (elements: readonly Element[]): string[] =>
  elements.map(({ tag }) => formatTag(tag));
const kindsOf = (result: Walk): string[] => result.forgiven.map(({ kind }) => kind);

/** Tags, lengths and nesting, for comparing one walk with another. */
function outline(elements: readonly Element[], withTags = true): string {
  return elements
    .map(({ tag, valueLength, items }) => {
      const nested = items?.map((item) => outline(item.elements, withTags)).join('|') ?? '';
      return `${withTags ? formatTag(tag) : ''}${valueLength}[${nested}]`;
    })
    .join();
}

const NAME = el('00100010', 'PN', 'Doe^Jane');
const PIXELS = el('7FE00010', 'OW', Buffer.alloc(256, 5));
const INSTANCE = [el('00081150', 'UI', '1.2'), el('00081155', 'UI', '1.2.3.4')];
/** A header of all kinds: text, numbers, bytes, private elements, both forms of sequences. */
const IMAGE = [
  el('00080005', 'CS', 'ISO_IR 100'),
  el('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
  el('00080018', 'UI', '1.2.3'),
  el('00080050', 'SH', ''),
  el('00081115', 'SQ', [[el('0020000E', 'UI', '1.2.9')]], { undefinedLength: true }),
  el('00081140', 'SQ', [INSTANCE, INSTANCE]),
  el('00090010', 'LO', 'ACME'),
  el('00091001', 'LO', 'hidden'),
  el('00091002', 'OB', Buffer.from([1, 2, 3, 4])),
  el('00091003', 'SH', ''),
  NAME,
  el('00100020', 'LO', 'MRN123'),
  el('00189087', 'FD', [1.5]),
  el('00280010', 'US', 64),
  el('0040A160', 'UT', 'text'),
  PIXELS,
];
const SYNTAXES: readonly Syntax[] = ['implicit-le', 'explicit-le', 'explicit-be'];

describe('a walk', () => {
  it('finds the same elements in every encoding', () => {
    const outlines = SYNTAXES.map((syntax) => outline(read(build(IMAGE, { syntax })).elements));
    // Headers of undefined-length content are longer or shorter, so sequences differ in length.
    const withoutSequences = outlines.map((text) => text.replaceAll(/\d+\[(?=[^\]])/g, '['));
    expect(new Set(withoutSequences).size).toBe(1);
  });

  it('finds in deflated data what is in the same data inflated', () => {
    const plain = read(build(IMAGE));
    const deflated = read(
      build([], {
        syntaxUid: '1.2.840.10008.1.2.1.99',
        trailing: deflateRawSync(encode(IMAGE)),
      }),
    );
    expect(outline(deflated.elements)).toBe(outline(plain.elements));
    expect(deflated.syntax.deflated).toBe(true);
    const name = find(deflated.elements, 0x00100010);
    const syntax = find(deflated.meta, 0x00020010);
    if (name === undefined || syntax === undefined) throw new Error('not found');
    expect(readText(deflated, name, DEFAULT_CHARACTER_SET)).toBe('Doe^Jane');
    expect(readText(deflated, syntax, DEFAULT_CHARACTER_SET)).toBe('1.2.840.10008.1.2.1.99');
  });

  it('guesses the encoding of a file without meta group, with and without preamble', () => {
    for (const syntax of SYNTAXES) {
      const expected = read(build(IMAGE, { syntax }));
      for (const preamble of [true, false]) {
        const result = read(build(IMAGE, { syntax, preamble, meta: false }));
        expect(result.syntax).toEqual(expected.syntax);
        expect(outline(result.elements)).toBe(outline(expected.elements));
        expect(kindsOf(result)).toEqual([
          ...(preamble ? [] : ['no-preamble']),
          'no-meta',
          'syntax-missing',
        ]);
      }
    }
  });

  it('lets pass a VR that only differs in bytes or words, or in the sign', () => {
    const file = build(
      [
        el('00280010', 'SS', 64),
        el('00281201', 'OB', Buffer.alloc(8)),
        el('00084000', 'LO', 'a retired text'),
      ].toSorted((a, b) => (a.tag < b.tag ? -1 : 1)),
    );
    expect(read(file).forgiven).toEqual([]);
  });

  it('takes no more than one pass over zeros that are no padding', () => {
    const source = bufferSource(
      build([el('00080016', 'UI', '1.2')], {
        syntax: 'implicit-le',
        trailing: Buffer.concat([Buffer.alloc(160_000), Buffer.of(1)]),
      }),
    );
    let most = 0;
    const result = walk({
      size: source.size,
      read(offset, length) {
        most += length;
        return source.read(offset, length);
      },
    });
    expect(isUnreadable(result)).toBe(false);
    expect(most).toBeLessThan(5 * source.size);
  });

  it('follows fragments by their lengths, whatever their bytes look like', () => {
    const delimiters = Buffer.from('feffdde000000000feff00e008000000', 'hex');
    const file = build([NAME, el('7FE00010', 'OB', delimiters, { encapsulated: true })], {
      syntax: 'encapsulated',
    });
    const result = read(file);
    expect(result.forgiven).toEqual([]);
    const fragments = result.elements[1]?.fragments ?? [];
    expect(fragments.map(({ length }) => length)).toEqual([0, 16]);
    expect(result.elements[1]?.end).toBe(file.length);
  });

  it('reports pixels that end within a fragment', () => {
    const file = build([NAME, el('7FE00010', 'OB', Buffer.alloc(64), { encapsulated: true })], {
      syntax: 'encapsulated',
    });
    const result = read(file.subarray(0, -20));
    expect(kindsOf(result)).toEqual(['truncated-pixels']);
    expect(result.elements[1]?.fragments?.[1]?.length).toBe(52);
  });

  it('reads a sequence of VR UN in implicit little-endian, with either kind of length', () => {
    const body = encode([el('00091010', 'SQ', [[NAME]])], 'implicit-le').subarray(8);
    for (const undefinedLength of [true, false]) {
      const file = build([el('00091010', 'UN', body, { undefinedLength }), PIXELS]);
      const result = read(file);
      expect(result.forgiven).toEqual([]);
      expect(tagsOf(result.elements[0]?.items?.[0]?.elements ?? [])).toEqual(['(0010,0010)']);
    }
  });

  it('leaves a UN that only begins like a sequence as plain bytes', () => {
    const file = build([el('00091010', 'UN', Buffer.from('feff00e0ffff0000', 'hex')), PIXELS]);
    const result = read(file);
    expect(result.forgiven).toEqual([]);
    expect(result.elements[0]?.items).toBeUndefined();
  });

  it('goes on behind the pixels, where private groups may stand', () => {
    const file = build([NAME, PIXELS, el('7FE10010', 'LO', 'ACME'), el('7FE11001', 'LO', 'MRN')]);
    expect(tagsOf(read(file).elements)).toEqual([
      '(0010,0010)',
      '(7FE0,0010)',
      '(7FE1,0010)',
      '(7FE1,1001)',
    ]);
  });

  it('reads a signed value as such in implicit encoding', () => {
    const file = (representation: number): Buffer =>
      build([el('00280103', 'US', representation), el('00280106', 'SS', -5)], {
        syntax: 'implicit-le',
      });
    expect(read(file(1)).elements[1]?.vr).toBe('SS');
    expect(read(file(0)).elements[1]?.vr).toBe('US');
  });

  it('touches no bytes of the pixels', () => {
    const file = build([NAME, el('7FE00010', 'OW', Buffer.alloc(1 << 20))]);
    const source = bufferSource(file);
    let most = 0;
    const result = walk({
      size: source.size,
      read(offset, length) {
        most += length;
        return source.read(offset, length);
      },
    });
    expect(isUnreadable(result)).toBe(false);
    expect(most).toBeLessThan(200_000);
  });
});

describe('a corrupted VR', () => {
  const at = build(IMAGE).indexOf(encode([NAME]).subarray(0, 6)) + 4;

  it('never hides the elements behind it, and is always reported', () => {
    const sound = outline(read(build(IMAGE)).elements);
    const letters = ['OB', 'UN', 'SQ', 'UT', 'ZZ', 'Pn', '\0\0', 'US', 'O\0'];
    for (const vr of letters) {
      const file = build(IMAGE);
      file.write(vr, at, 'latin1');
      const result = read(file);
      expect(outline(result.elements), vr).toBe(sound);
      expect(result.forgiven[0]?.tag, vr).toBe('(0010,0010)');
      expect(result.forgiven[0]?.readAs, vr).toMatch(/16-bit length$/);
    }
  });

  it('is either reported or without effect, for every pair of letters and every element', () => {
    const file = build(IMAGE);
    const sound = read(file);
    const expected = outline(sound.elements);
    const codes = [0, 0x20, 0x41, 0x42, 0x4e, 0x4f, 0x51, 0x53, 0x54, 0x55, 0x57, 0x7f, 0xff];
    for (const { offset } of sound.elements) {
      for (const first of codes) {
        for (const second of codes) {
          const copy = Buffer.from(file);
          copy[offset + 4] = first;
          copy[offset + 5] = second;
          const result = walk(bufferSource(copy));
          if (isUnreadable(result) || result.forgiven.length > 0) continue;
          expect(outline(result.elements)).toBe(expected);
        }
      }
    }
  });
});

describe('one corrupted byte of a header', () => {
  for (const syntax of SYNTAXES) {
    it(`is reported, or changes no length and no nesting, in ${syntax}`, () => {
      const file = build(IMAGE, { syntax });
      const sound = read(file);
      const expected = [outline(sound.meta, false), outline(sound.elements, false)];
      const end = sound.elements.at(-1)?.valueOffset ?? 0;
      // A tag that names a sequence, or none, makes the same bytes nest otherwise: not lengths.
      const isTag = (at: number): boolean =>
        [...sound.meta, ...sound.elements].some(({ offset }) => at >= offset && at < offset + 4);
      for (let at = 128; at < end; at += 1) {
        for (const flip of [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff, 0x0a]) {
          const copy = Buffer.from(file);
          copy[at] = (copy[at] ?? 0) ^ flip;
          const result = walk(bufferSource(copy));
          if (isUnreadable(result) || result.forgiven.length > 0) continue;
          if (syntax === 'implicit-le' && isTag(at)) continue;
          expect([outline(result.meta, false), outline(result.elements, false)]).toEqual(expected);
        }
      }
    });
  }
});

describe('any input', () => {
  const limits: WalkLimits = {
    depth: 8,
    elements: 500,
    fragments: 500,
    forgiven: 200,
    inflatedBytes: 10_000,
  };

  it('gives a walk or a reason, and every element lies within the file and in a row', () => {
    const check = (file: Uint8Array): void => {
      const result = walk(bufferSource(file), limits);
      if (isUnreadable(result)) {
        expect(result.offset).toBeGreaterThanOrEqual(0);
        return;
      }
      const size = result.source.size;
      const visit = (elements: readonly Element[], start: number, end: number): void => {
        let position = start;
        for (const element of elements) {
          expect(element.offset).toBeGreaterThanOrEqual(position);
          expect(element.valueOffset).toBeGreaterThan(element.offset);
          expect(element.valueLength).toBeGreaterThanOrEqual(0);
          expect(element.valueOffset + element.valueLength).toBeLessThanOrEqual(element.end);
          expect(element.end).toBeLessThanOrEqual(end);
          for (const item of element.items ?? []) {
            visit(item.elements, item.offset, item.offset + item.length);
          }
          position = element.end;
        }
      };
      visit(result.elements, 0, size);
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), check));
    fc.assert(
      fc.property(
        dataSets,
        nativeSyntaxes,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.nat(),
        (elements, syntax, changes, cut) => {
          const file = build(elements, { syntax });
          for (const [at, byte] of changes) file[128 + (at % (file.length - 128))] = byte;
          check(file);
          check(file.subarray(0, cut % file.length));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what cannot be read', () => {
  const reasonFor = (file: Uint8Array, limits: Partial<WalkLimits> = {}): Unreadable => {
    const result = walk(bufferSource(file), limits);
    if (!isUnreadable(result)) throw new Error('was read');
    return result;
  };

  it('is told apart', () => {
    expect(reasonFor(Buffer.alloc(0)).unreadable).toBe('empty');
    expect(reasonFor(Buffer.from('%PDF-1.7 and so on, for a while')).unreadable).toBe('not-dicom');
    expect(reasonFor(Buffer.alloc(500)).unreadable).toBe('not-dicom');
    expect(reasonFor(build([])).unreadable).toBe('truncated');
    const xml = build(IMAGE, { syntaxUid: '1.2.840.10008.1.2.6.2' });
    expect(reasonFor(xml).unreadable).toBe('unsupported-syntax');
    const garbage = build([NAME], { trailing: Buffer.from('this is no element at all') });
    expect(reasonFor(garbage)).toMatchObject({
      unreadable: 'malformed',
      offset: garbage.length - 25,
    });
  });

  it('may be what exceeds a limit, which is named', () => {
    let nested = [NAME];
    for (let depth = 0; depth < 5; depth += 1) nested = [el('00081140', 'SQ', [nested])];
    const fragments = build([el('7FE00010', 'OB', Buffer.alloc(8), { encapsulated: true })], {
      syntax: 'encapsulated',
    });
    const deflated = build([], {
      syntaxUid: '1.2.840.10008.1.2.1.99',
      trailing: deflateRawSync(Buffer.alloc(100_000)),
    });
    const untidy = build(IMAGE, { preamble: false, meta: false });
    expect(reasonFor(build(nested), { depth: 4 }).limit).toBe('depth');
    expect(walk(bufferSource(build(nested)), { depth: 5 })).toHaveProperty('elements');
    expect(reasonFor(build(IMAGE), { elements: 10 }).limit).toBe('elements');
    expect(reasonFor(fragments, { fragments: 1 }).limit).toBe('fragments');
    expect(reasonFor(deflated, { inflatedBytes: 50_000 }).limit).toBe('inflatedBytes');
    expect(reasonFor(untidy, { forgiven: 1 }).limit).toBe('forgiven');
  });
});
