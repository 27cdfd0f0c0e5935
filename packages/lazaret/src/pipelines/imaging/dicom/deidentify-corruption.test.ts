/**
 * One damaged header must not let a name out. Tools of the field write it in clear, mark the file
 * as de-identified and report nothing. Here each damage ends in one of two ways: the image is held
 * because the reader had to guess, or what comes out is clean.
 */
import { describe, expect, it } from 'vitest';
import { buildSample, passThrough, SAMPLE_ELEMENTS, sampleInput } from './deidentify-sample.ts';
import { bufferSource } from '../../../bytes/byte-source.ts';
import { deidentify } from './deidentify.ts';
import { findDoubts } from './forgiveness.ts';
import { harvest, scan } from './residual.ts';
import { verify } from './verify.ts';
import { isUnreadable, walk } from './walk.ts';

const SECRETS = [
  'Musterfrau',
  'Erika',
  'MRN-0081234',
  '0081234',
  'ACC4711007',
  'Wiesenthal',
  '19610523',
];

type Outcome = 'unreadable' | 'held by doubt' | 'held by verification' | 'clean' | 'LEAKED';

function outcomeOf(bytes: Buffer): Outcome {
  const source = walk(bufferSource(bytes));
  if (isUnreadable(source)) return 'unreadable';
  const { rendition } = deidentify(source, sampleInput());
  if (findDoubts(source.forgiven).length > 0) return 'held by doubt';
  const breaches = verify(rendition, source, sampleInput());
  const hits = scan(rendition, harvest(source), sampleInput());
  if (breaches.length + hits.length > 0) return 'held by verification';
  const output = Buffer.from(rendition.read(0, rendition.size)).toString('latin1').toLowerCase();
  return SECRETS.some((secret) => output.includes(secret.toLowerCase())) ? 'LEAKED' : 'clean';
}

const whole = buildSample();

/** Where the header of each element of the sample begins, in explicit little-endian encoding. */
const headers = SAMPLE_ELEMENTS.filter(({ tag }) => tag !== '7FE00010').map(({ tag, vr }) => {
  const header = Buffer.alloc(6);
  header.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  header.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  header.write(vr, 4, 'latin1');
  return { tag, at: whole.indexOf(header, 132) };
});

function damage(at: number, bytes: Uint8Array): Buffer {
  const copy = Buffer.from(whole);
  copy.set(bytes, at);
  return copy;
}

describe('a damaged header', () => {
  it('is looked for where the elements are', () => {
    expect(headers.every(({ at }) => at > 132)).toBe(true);
    expect(outcomeOf(whole)).toBe('clean');
  });

  const vrs = [
    '??',
    '\0\0',
    'XX',
    'pn',
    'P\0',
    'UN',
    'OB',
    'OW',
    'SQ',
    'UT',
    'DS',
    'US',
    'FD',
    'CS',
    'UI',
    'LO',
    'DA',
    'AT',
    'OV',
  ];

  it.each(headers)('never leaks, whatever the VR of $tag becomes', ({ at }) => {
    for (const vr of vrs) {
      expect(outcomeOf(damage(at + 4, Buffer.from(vr, 'latin1'))), vr).not.toBe('LEAKED');
    }
  });

  it.each(headers)('never leaks, whatever the length of $tag becomes', ({ at }) => {
    for (const length of [0, 1, 2, 6, 40, 255, 4096, 0xfffe, 0xffff]) {
      const bytes = Uint8Array.of(length & 0xff, length >>> 8);
      expect(outcomeOf(damage(at + 6, bytes)), String(length)).not.toBe('LEAKED');
    }
  });

  it.each(headers)('never leaks, whatever the tag $tag becomes', ({ at }) => {
    for (const [group, element] of [
      [0x0008, 0x0008],
      [0x0018, 0x0050],
      [0x0018, 0x1020],
      [0x0028, 0x0010],
      [0x0009, 0x1001],
      [0xfffe, 0xe00d],
      [0x7fe0, 0x0010],
      [0x0002, 0x0010],
      [0x0000, 0x0000],
    ] as const) {
      const bytes = Uint8Array.of(group & 0xff, group >>> 8, element & 0xff, element >>> 8);
      expect(outcomeOf(damage(at, bytes)), `${group},${element}`).not.toBe('LEAKED');
    }
  });

  it('holds the image of which two bytes of the name’s VR were lost', () => {
    const name = headers.find(({ tag }) => tag === '00100010');
    expect(outcomeOf(damage((name?.at ?? 0) + 4, Uint8Array.of(0xc3, 0x28)))).toBe('held by doubt');
  });

  it('never leaks, wherever one byte of the header is lost or doubled', () => {
    const end = whole.length - 8;
    for (let at = 132; at < end; at += 3) {
      const lost = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]);
      const doubled = Buffer.concat([whole.subarray(0, at), whole.subarray(at - 1)]);
      // A byte lost within an identifier changes it: its parts are searched for all the same.
      expect(outcomeOf(lost), `lost ${at}`).not.toBe('LEAKED');
      expect(outcomeOf(doubled), `doubled ${at}`).not.toBe('LEAKED');
    }
  });

  it('never leaks, wherever the file is cut', () => {
    for (let at = 140; at < whole.length; at += 5) {
      expect(outcomeOf(whole.subarray(0, at)), String(at)).not.toBe('LEAKED');
    }
  });
});

describe('the undamaged sample', () => {
  it('still comes out with its pixels', () => {
    expect(passThrough(whole).rendition.pixels?.length).toBe(8);
  });
});
