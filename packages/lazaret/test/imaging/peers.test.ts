/** Where others fail without a word: each of these goes wrong in a tool of the field. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { el, type BuildElement } from '../../../../fixtures/dicom/build.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { buildSample, walkBytes } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { unpackAll, type Unpacked } from './archive-reader.ts';
import { filesBelow, openWorkbench, type Workbench } from './workbench.ts';

const uid = (number: number): string => `1.2.826.0.1.3680043.8.498.14.${number}`;

let bench: Workbench;
let summary: RunSummary;
let archives: Unpacked[];

beforeAll(async () => {
  bench = await openWorkbench();
  mkdirSync(join(bench.source, 'mixed'), { recursive: true });
  const write = (name: string, ...more: readonly BuildElement[]): void =>
    writeFileSync(join(bench.source, 'mixed', name), buildSample(more));
  // One folder, two patients; in the first one's study two images of one number in one series.
  write('1.dcm', el('00080018', 'UI', uid(1)), el('00200013', 'IS', '7'));
  write('2.dcm', el('00080018', 'UI', uid(2)), el('00200013', 'IS', '7'));
  write(
    '3.dcm',
    el('00080018', 'UI', uid(3)),
    el('00100020', 'LO', 'OTHER-42'),
    el('0020000D', 'UI', uid(30)),
  );
  write('4.dcm', el('00080018', 'UI', uid(4)), el('00080060', 'CS', 'US'));
  writeFileSync(join(bench.source, 'mixed', '5.dcm'), 'Musterfrau^Erika, and no image');
  summary = await bench.run();
  mkdirSync(join(bench.folder, 'unpacked'));
  archives = unpackAll(bench.out, join(bench.folder, 'unpacked'));
}, 60_000);
afterAll(() => bench.close());

const textOf = (bytes: Uint8Array, tag: number): string => {
  const found = walkBytes(bytes).elements.find((element) => element.tag === tag);
  if (found === undefined) return '';
  const { source } = walkBytes(bytes);
  return Buffer.from(source.read(found.valueOffset, found.valueLength)).toString('latin1').trim();
};

describe('unlike its peers', () => {
  it('does not give every patient of a folder the number of the first', () => {
    const subjects = archives.map(({ key }) => key.split('/')[2]);
    expect(new Set(subjects).size).toBe(2);
    for (const { key, images } of archives) {
      for (const bytes of images.values()) {
        expect(textOf(bytes, 0x00100020)).toBe(key.split('/')[2]);
      }
    }
  });

  it('does not overwrite an image by another one of the same series and instance number', () => {
    const counts = archives.map(({ images }) => images.size).toSorted((a, b) => a - b);
    expect(counts).toEqual([1, 2]);
    expect(summary.items.delivered).toBe(3);
  });

  it('leaves times as they are where it moves dates', () => {
    for (const { images } of archives) {
      for (const bytes of images.values()) {
        expect(textOf(bytes, 0x00080030)).toBe('101500');
        expect(textOf(bytes, 0x00080020)).not.toBe('20240115');
        expect(textOf(bytes, 0x00080020)).toMatch(/^\d{8}$/);
      }
    }
  });

  it('lets nothing through that it cannot parse, and gives what it keeps back a reason', async () => {
    const standing = await bench.standing(summary.run);
    expect(standing.get('mixed/5.dcm')).toMatchObject({ disposition: 'rejected', id: 'IMG-002' });
    expect(standing.get('mixed/4.dcm')).toMatchObject({ disposition: 'held', id: 'IMG-004' });
    for (const bytes of filesBelow(join(bench.folder, 'unpacked')).values()) {
      expect(bytes.includes('Musterfrau')).toBe(false);
    }
  });

  it('keeps the description of a series and the name of the institution from everybody', () => {
    for (const { images } of archives) {
      for (const bytes of images.values()) {
        expect(bytes.includes('Thorax of')).toBe(false);
        expect(bytes.includes('Saint Elsewhere')).toBe(false);
      }
    }
  });
});
