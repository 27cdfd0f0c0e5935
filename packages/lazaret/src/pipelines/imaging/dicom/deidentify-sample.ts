/** A small CT image with a patient in it, and the whole way of an image through this folder: for tests. */
import { createHmac } from 'node:crypto';
import {
  build,
  el,
  type BuildElement,
  type BuildOptions,
} from '../../../../../../fixtures/dicom/build.ts';
import { bufferSource } from '../../../bytes/byte-source.ts';
import { deidentify, type Deidentified, type DeidentifyInput } from './deidentify.ts';
import type { ByteSource } from '../../../bytes/byte-source.ts';
import type { Forgiven, Walk } from './element.ts';
import { findDoubts } from './forgiveness.ts';
import { profileOf } from './profile.ts';
import type { SupportedOption } from './profile-options.ts';
import { harvest, scan, type Hit } from './residual.ts';
import { verify, type Breach } from './verify.ts';
import { isUnreadable, walk } from './walk.ts';

export const SAMPLE_ELEMENTS: readonly BuildElement[] = [
  el('00080005', 'CS', 'ISO_IR 192'),
  el('00080008', 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'),
  el('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
  el('00080018', 'UI', '1.2.826.0.1.3680043.8.498.1001'),
  el('00080020', 'DA', '20240115'),
  el('00080023', 'DA', '20240115'),
  el('00080030', 'TM', '101500'),
  el('00080050', 'SH', 'ACC4711007'),
  el('00080060', 'CS', 'CT'),
  el('00080070', 'LO', 'Acme Scanners'),
  el('00080080', 'LO', 'Saint Elsewhere'),
  el('00080090', 'PN', 'Wiesenthal^Greta'),
  el('0008103E', 'LO', 'Thorax of Musterfrau'),
  el('00081111', 'SQ', [
    [
      el('00081150', 'UI', '1.2.840.10008.3.1.2.3.3'),
      el('00081155', 'UI', '1.2.826.0.1.3680043.8.498.77'),
    ],
  ]),
  el('00100010', 'PN', 'Musterfrau^Erika'),
  el('00100020', 'LO', 'MRN-0081234'),
  el('00100030', 'DA', '19610523'),
  el('00100040', 'CS', 'F'),
  el('00101010', 'AS', '062Y'),
  el('00180050', 'DS', '2.5'),
  el('00180060', 'DS', '120'),
  el('0020000D', 'UI', '1.2.826.0.1.3680043.8.498.2001'),
  el('0020000E', 'UI', '1.2.826.0.1.3680043.8.498.3001'),
  el('00200010', 'SH', '1'),
  el('00200032', 'DS', '-120\\-130.5\\12'),
  el('00280010', 'US', 2),
  el('00280011', 'US', 2),
  el('7FE00010', 'OW', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
];

/** The sample with elements put in or replaced, in the order of their tags. */
export function buildSample(
  more: readonly BuildElement[] = [],
  options: BuildOptions = {},
): Buffer {
  const tags = new Set(more.map(({ tag }) => tag));
  const elements = [...SAMPLE_ELEMENTS.filter(({ tag }) => !tags.has(tag)), ...more];
  elements.sort((a, b) => (a.tag < b.tag ? -1 : 1));
  return build(elements, options);
}

/** A key for tests; not one that anything is protected by. */
export const sampleKey = (domain: string, value: string): Uint8Array =>
  createHmac('sha256', 'a key for tests').update(`${domain}\0${value}`).digest();

export function sampleInput(options: readonly SupportedOption[] = []): DeidentifyInput {
  return {
    profile: profileOf(new Set(options)),
    policyLabel: 'lazaret 0.1, policy 1',
    keyedBytes: sampleKey,
    pseudonym: 'SUBJ-7',
    accession: 'A-19',
    shiftDays: -41,
  };
}

export function walkBytes(bytes: Uint8Array): Walk {
  return walkSource(bufferSource(bytes));
}

export function walkSource(source: ByteSource): Walk {
  const result = walk(source);
  if (isUnreadable(result)) throw new Error(`The sample cannot be read: ${result.unreadable}`);
  return result;
}

export interface Passage extends Deidentified {
  readonly source: Walk;
  readonly bytes: Uint8Array;
  readonly doubts: readonly Forgiven[];
  readonly breaches: readonly Breach[];
  readonly hits: readonly Hit[];
}

/** Walks, de-identifies, verifies and searches. */
export function passThrough(bytes: Uint8Array, input: DeidentifyInput = sampleInput()): Passage {
  const source = walkBytes(bytes);
  const done = deidentify(source, input);
  const { rendition } = done;
  return {
    ...done,
    source,
    bytes: rendition.read(0, rendition.size),
    doubts: findDoubts(source.forgiven),
    breaches: verify(rendition, source, input),
    hits: scan(rendition, harvest(source), input),
  };
}
