import { describe, expect, it } from 'vitest';
import { el, type BuildElement } from '../../../../../../fixtures/dicom/build.ts';
import { bufferSource, compositeSource } from '../../../bytes/byte-source.ts';
import { buildSample, sampleInput, walkBytes, walkSource } from './deidentify-sample.ts';
import { deidentify, type DeidentifyInput } from './deidentify.ts';
import type { ByteSource } from '../../../bytes/byte-source.ts';
import type { Editor, Rendition } from './element.ts';
import { harvest, scan } from './residual.ts';
import { keepAll, rewrite } from './rewrite.ts';
import { verify, type Breach } from './verify.ts';

const NESTED: readonly BuildElement[] = [
  el('00081199', 'SQ', [
    [
      el('00080020', 'DA', '20240115'),
      el('00081155', 'UI', '1.2.826.0.1.3680043.8.498.9'),
      el('00100010', 'PN', 'Musterfrau^Erika'),
    ],
  ]),
];

/** De-identifies the sample and lets `spoil` change the finished bytes. */
function spoiled(
  spoil: (bytes: Buffer) => Uint8Array,
  input: DeidentifyInput = sampleInput(),
): readonly Breach[] {
  const source = walkBytes(buildSample(NESTED));
  const { rendition } = deidentify(source, input);
  const bytes = Buffer.from(rendition.read(0, rendition.size));
  return verify({ ...bufferSource(spoil(bytes)), pixels: rendition.pixels }, source, input);
}

function overwrite(bytes: Buffer, what: string | Buffer, by: string | Buffer): Buffer {
  const at = bytes.indexOf(what);
  expect(at).toBeGreaterThan(0);
  bytes.set(Buffer.from(by), at);
  return bytes;
}

function setByte(bytes: Buffer, at: number, byte: number): Buffer {
  bytes.writeUInt8(byte, at);
  return bytes;
}

const kinds = (breaches: readonly Breach[]): string[] =>
  [...new Set(breaches.map(({ kind }) => kind))].sort();

/** A writer that is right but for what `leak` says about an element. */
function leaky(leak: Editor, more = NESTED): { breaches: readonly Breach[]; hits: number } {
  const source = walkBytes(buildSample(more));
  const input = sampleInput();
  const good = deidentify(source, input);
  const goodOutput = walkBytes(good.rendition.read(0, good.rendition.size));
  const read = (list: typeof goodOutput.elements) =>
    list.map(({ tag, vr, valueOffset, valueLength }) => ({
      ...{ tag, vr },
      value: goodOutput.source.read(valueOffset, valueLength),
    }));
  // The good output's marks and meta group, so that nothing but the leak gives it away.
  const marks = read(
    goodOutput.elements.filter(
      ({ tag }) =>
        [0x00080018, 0x00080050, 0x00100010, 0x00100020, 0x00280303].includes(tag) ||
        tag >>> 16 === 0x0012,
    ),
  );
  const rendition = rewrite(source, leak, { meta: read(goodOutput.meta), insert: marks });
  return {
    breaches: verify(rendition, source, input),
    hits: scan(rendition, harvest(source), input).length,
  };
}

describe('a de-identifier that is broken', () => {
  it('is caught by both looks when it keeps everything', () => {
    const { breaches, hits } = leaky(keepAll);
    expect(kinds(breaches)).toEqual([
      ...['not-emptied', 'not-removed', 'not-replaced', 'uid-not-replaced'],
    ]);
    expect(hits).toBeGreaterThan(3);
  });

  it('is caught by both looks when it leaks one nested name', () => {
    const source = walkBytes(buildSample(NESTED));
    const input = sampleInput();
    let leaked = 0;
    const editor: Editor = (element, path) => {
      if (path.length === 1 && element.tag === 0x00100010) {
        leaked += 1;
        return { kind: 'keep' };
      }
      if (element.items !== undefined) return { kind: 'descend' };
      return element.tag === 0x00081155 || element.tag === 0x00080020
        ? { kind: 'remove' }
        : path.length === 0 && [0x0008, 0x0010, 0x0020].includes(element.tag >>> 16)
          ? { kind: 'remove' }
          : { kind: 'keep' };
    };
    const { breaches, hits } = leaky(editor);
    expect(leaked).toBe(1);
    expect(breaches).toContainEqual({ kind: 'not-emptied', tag: '(0008,1199)[0].(0010,0010)' });
    expect(hits).toBeGreaterThan(0);
    expect(verify(deidentify(source, input).rendition, source, input)).toEqual([]);
  });

  it('is caught when it forgets to move one date', () => {
    const input = sampleInput(['retainLongitudinalModifiedDates']);
    const breaches = spoiled((bytes) => overwrite(bytes, '20231205', '20240115'), input);
    expect(kinds(breaches)).toEqual(['date-not-shifted']);
  });

  it('is caught when it moves dates by no day at all', () => {
    const input = { ...sampleInput(['retainLongitudinalModifiedDates']), shiftDays: 0 };
    expect(kinds(spoiled((bytes) => bytes, input))).toEqual(['date-not-shifted']);
  });
});

describe('the finished bytes', () => {
  it('pass when they are right', () => {
    expect(spoiled((bytes) => bytes)).toEqual([]);
  });

  it.each<[string, (bytes: Buffer) => Uint8Array, string]>([
    ['a preamble with something in it', (b) => setByte(b, 5, 0x4d), 'preamble-not-zero'],
    [
      'bytes behind the end',
      (b) => Buffer.concat([b, Buffer.from('Musterfrau')]),
      'unreadable-output',
    ],
    ['zeros behind the end', (b) => Buffer.concat([b, Buffer.alloc(8)]), 'out-of-order'],
    ['a changed pixel', (b) => setByte(b, b.length - 1, 77), 'pixels-differ'],
    ['a missing end', (b) => b.subarray(0, -2), 'unreadable-output'],
    ['another pseudonym', (b) => overwrite(b, 'SUBJ-7', 'SUBJ-8'), 'pseudonym-missing'],
    ['a missing mark', (b) => overwrite(b, 'YES ', 'NO  '), 'marks-missing'],
    ['a wrong code', (b) => overwrite(b, '113100', '113101'), 'marks-missing'],
    ['a name among the codes', (b) => overwrite(b, 'Basic App', 'Erika Mus'), 'marks-missing'],
    ['another method', (b) => overwrite(b, 'lazaret 0.1', 'Musterfrau '), 'marks-missing'],
    ['a foreign version name', (b) => overwrite(b, 'LAZARET', 'OFFIS_X'), 'meta-not-rebuilt'],
    [
      'a foreign instance in the meta group',
      (b) => overwrite(b, '2.25.', '1.25.'),
      'meta-not-rebuilt',
    ],
    ['an invalid UID', (b) => overwrite(b, '2.25.', '2.x5.'), 'meta-not-rebuilt'],
    [
      'a VR that is not the element’s',
      (b) =>
        overwrite(
          b,
          Buffer.from([0x08, 0, 0x70, 0, 0x4c, 0x4f]),
          Buffer.from([0x08, 0, 0x70, 0, 0x53, 0x48]),
        ),
      'vr-not-of-element',
    ],
    [
      'a private group',
      (b) =>
        overwrite(b, Buffer.from([0x08, 0, 0x70, 0, 0x4c, 0x4f]), Buffer.from([0x09, 0, 0x70, 0])),
      'private-element',
    ],
    [
      'an unknown element',
      (b) =>
        overwrite(b, Buffer.from([0x08, 0, 0x70, 0, 0x4c, 0x4f]), Buffer.from([0x08, 0, 0x71, 0])),
      'unknown-element',
    ],
    [
      'a comment that should be gone',
      (b) =>
        overwrite(
          b,
          Buffer.from([0x08, 0, 0x70, 0, 0x4c, 0x4f]),
          Buffer.from([0x08, 0, 0x81, 0x10]),
        ),
      'unknown-element',
    ],
  ])('are refused for %s', (_what, spoil, kind) => {
    expect(kinds(spoiled(spoil))).toContain(kind);
  });

  it('are refused for an element that stands twice, which the reader itself hides', () => {
    const twice = (bytes: Buffer): Uint8Array => {
      const at = bytes.indexOf(Buffer.from([0x08, 0, 0x60, 0, 0x43, 0x53]));
      const element = bytes.subarray(at, at + 10);
      return Buffer.concat([bytes.subarray(0, at + 10), element, bytes.subarray(at + 10)]);
    };
    expect(kinds(spoiled(twice))).toContain('uncovered-bytes');
  });

  it('are named by place and kind alone, never by what stands there', () => {
    const text = JSON.stringify(leaky(keepAll).breaches);
    expect(text).not.toMatch(/Musterfrau|MRN|1\.2\.826/);
  });
});

describe('a file too large to be read at once', () => {
  const PIXELS = 80 * 1024 * 1024;

  /** Zeros without end: memory is only taken for what is read. */
  const zeros: ByteSource = { size: PIXELS, read: (_, length) => new Uint8Array(length) };

  function large(spoil: (byte: Uint8Array, offset: number) => Uint8Array): readonly Breach[] {
    const small = buildSample([el('7FE00010', 'OW', new Uint8Array(0), { length: PIXELS })]);
    const source = walkSource(compositeSource([whole(bufferSource(small)), whole(zeros)]));
    const { rendition } = deidentify(source, sampleInput());
    const output: Rendition = {
      ...{ size: rendition.size, pixels: rendition.pixels },
      read: (offset, length) => spoil(rendition.read(offset, length), offset),
    };
    return verify(output, source, sampleInput());
  }
  const whole = (source: ByteSource) => ({ source, offset: 0, length: source.size });

  it('is verified without its pixels, and these piece by piece', () => {
    expect(large((bytes) => bytes)).toEqual([]);
  });

  it('is refused when one far pixel differs', () => {
    const at = 50 * 1024 * 1024;
    const breaches = large((bytes, offset) => {
      if (offset > at || offset + bytes.length <= at) return bytes;
      const copy = Uint8Array.from(bytes);
      copy[at - offset] = 1;
      return copy;
    });
    expect(kinds(breaches)).toEqual(['pixels-differ']);
  });
});
