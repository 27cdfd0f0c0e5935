/** Ten inputs that will come, each through the pipeline as it is: what becomes of it, and why. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { el, type BuildElement } from '../../../../fixtures/dicom/build.ts';
import { dicomdir } from '../../../../fixtures/dicom/demo-faults.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { defaultPolicy } from '../../src/pipelines/imaging/policy.ts';
import { unpackAll, type Unpacked } from './archive-reader.ts';
import { openWorkbench, type Standing, type Workbench } from './workbench.ts';

const uid = (number: number): string => `1.2.826.0.1.3680043.8.498.13.${number}`;
const instance = (number: number): BuildElement => el('00080018', 'UI', uid(number));
const study = (number: number): BuildElement => el('0020000D', 'UI', uid(1_000 + number));
const patient = (id: string): BuildElement => el('00100020', 'LO', id);
const KANJI = Buffer.from('Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=', 'latin1');
/** Past the size up to which a file is read whole. */
const MANY_FRAMES = 70;
const FRAME_BYTES = 1024 * 1024;

let bench: Workbench;
let summary: RunSummary;
let standing: Map<string, Standing>;
let archives: Unpacked[];

beforeAll(async () => {
  bench = await openWorkbench();
  const write = (path: string, bytes: Uint8Array | string): void => {
    mkdirSync(dirname(join(bench.source, path)), { recursive: true });
    writeFileSync(join(bench.source, path), bytes);
  };
  // Each input has a study, and so an archive, of its own.
  write('01/no-preamble.dcm', buildSample([instance(1), study(1)], { preamble: false }));
  write('01/no-meta.dcm', buildSample([instance(2), study(1)], { preamble: false, meta: false }));
  write('02/cut.dcm', buildSample([instance(3), study(2)]).subarray(0, -4));
  write('03/vr.dcm', withVr(buildSample([instance(4), study(3)]), 'PN', 'QQ'));
  write(
    '03/length.dcm',
    buildSample([instance(5), study(3), el('00101010', 'AS', '062Y', { length: 4_000 })]),
  );
  write(
    '04/private.dcm',
    buildSample([
      instance(6),
      study(4),
      el('00290010', 'LO', 'ACME'),
      el('00291001', 'LO', 'Musterfrau^Erika'),
      el('7FE10010', 'LO', 'ACME'),
      el('7FE11001', 'LO', 'Musterfrau^Erika'),
    ]),
  );
  write('05/one.dcm', buildSample([instance(7), study(5), patient('A-1111')]));
  write('05/two.dcm', buildSample([instance(8), study(6), patient('B-2222')]));
  write(
    '06/kanji.dcm',
    buildSample([
      instance(9),
      study(7),
      el('00080005', 'CS', '\\ISO 2022 IR 87'),
      el('00100010', 'PN', KANJI),
    ]),
  );
  write('07/DICOMDIR', dicomdir());
  write(
    '08/pdf.dcm',
    buildSample([
      instance(10),
      study(8),
      el('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.104.1'),
      el('00080060', 'CS', 'DOC'),
      el('00420011', 'OB', Buffer.from('%PDF-1.4 Musterfrau')),
    ]),
  );
  write(
    '08/report.dcm',
    buildSample([
      instance(11),
      study(8),
      el('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.88.11'),
      el('00080060', 'CS', 'SR'),
    ]),
  );
  write(
    '08/capture.dcm',
    buildSample([
      instance(12),
      study(8),
      el('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.7'),
      el('00080060', 'CS', 'OT'),
    ]),
  );
  write('09/first.dcm', buildSample([instance(13), study(9)]));
  write('09/same-bytes.dcm', buildSample([instance(13), study(9)]));
  write('09/conflict-1.dcm', buildSample([instance(14), study(9)]));
  write('09/conflict-2.dcm', buildSample([instance(14), study(9), el('00180050', 'DS', '5')]));
  write(
    '10/frames.dcm',
    buildSample([
      instance(15),
      study(10),
      el('00280008', 'IS', String(MANY_FRAMES)),
      el('00280010', 'US', 1024),
      el('00280011', 'US', 1024),
      el('7FE00010', 'OW', new Uint8Array(MANY_FRAMES * FRAME_BYTES)),
    ]),
  );
  // A hole in the file takes no room; nobody reads it.
  write('10/endless.dcm', '');
  truncateSync(join(bench.source, '10/endless.dcm'), 9_000_000_000);
  write('10/letter.txt', 'Dear colleague');
  summary = await bench.run({ settings: { policy: defaultPolicy() } });
  standing = await bench.standing(summary.run);
  mkdirSync(join(bench.folder, 'unpacked'));
  archives = unpackAll(bench.out, join(bench.folder, 'unpacked'));
}, 120_000);
afterAll(() => bench.close());

/** The first element of a VR gets another one. */
function withVr(bytes: Buffer, vr: string, other: string): Buffer {
  const at = bytes.indexOf(`\x10\x00\x10\x00${vr}`, 'latin1');
  bytes.write(other, at + 4, 'latin1');
  return bytes;
}

const endOf = (path: string): string => {
  const item = standing.get(path);
  return item === undefined ? 'delivered' : `${item.disposition} ${item.code}`;
};

const everyByte = (): Buffer =>
  Buffer.concat(archives.flatMap(({ images }) => [...images.values()]));

describe('of the ten inputs', () => {
  it('1: a file without preamble is delivered; one whose encoding had to be guessed is held', () => {
    expect(endOf('01/no-preamble.dcm')).toBe('delivered');
    expect(endOf('01/no-meta.dcm')).toBe('held HeaderInDoubt');
  });

  it('2: truncated pixel data are rejected, with the place', () => {
    expect(endOf('02/cut.dcm')).toBe('rejected FileTruncated');
    expect(standing.get('02/cut.dcm')?.place).toHaveProperty('offset');
  });

  it('3: a wrong VR and a wrong length are held, and nothing of them leaves', () => {
    expect(endOf('03/vr.dcm')).toBe('held HeaderInDoubt');
    expect(endOf('03/length.dcm')).toMatch(/^(held HeaderInDoubt|rejected)/);
  });

  it('4: private groups are gone from what is delivered, before the pixels and behind them', () => {
    expect(endOf('04/private.dcm')).toBe('delivered');
    expect(everyByte().includes('ACME')).toBe(false);
    expect(everyByte().includes('Musterfrau')).toBe(false);
  });

  it('5: two patients and studies in one folder are told, and end in an archive each', () => {
    expect([endOf('05/one.dcm'), endOf('05/two.dcm')]).toEqual(['delivered', 'delivered']);
    const names = summary.findings.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['SeveralStudies', 'SeveralPatients']));
    const subjects = new Set(archives.map(({ key }) => key.split('/')[2]));
    expect(subjects.size).toBeGreaterThanOrEqual(3);
  });

  it('6: a name in ISO 2022 characters of two bytes is found and replaced', () => {
    expect(endOf('06/kanji.dcm')).toBe('delivered');
    expect(everyByte().includes(';3ED')).toBe(false);
    expect(everyByte().includes('Yamada')).toBe(false);
  });

  it('7: a DICOMDIR is skipped', () => {
    expect(endOf('07/DICOMDIR')).toBe('skipped DicomDirectory');
  });

  it('8: an encapsulated PDF, a structured report and a secondary capture wait for a person', () => {
    for (const name of ['pdf', 'report', 'capture']) {
      expect(endOf(`08/${name}.dcm`)).toMatch(/^held /);
    }
  });

  it('9: of equal SOPInstanceUIDs the same bytes are a duplicate, and other bytes a conflict', () => {
    expect(endOf('09/first.dcm')).toBe('delivered');
    expect(endOf('09/same-bytes.dcm')).toBe('duplicate SameInRun');
    expect(endOf('09/conflict-1.dcm')).toBe('held InstanceConflict');
    expect(endOf('09/conflict-2.dcm')).toBe('held InstanceConflict');
  });

  it('10: many frames are delivered, what is over the limit is held, and a letter is rejected', () => {
    expect(endOf('10/frames.dcm')).toBe('delivered');
    expect(endOf('10/endless.dcm')).toBe('held LimitReached');
    expect(endOf('10/letter.txt')).toBe('rejected NotDicom');
  });

  it('each is in the sum, with a code and a next step where it was not delivered', () => {
    const { received, pending, ...settled } = summary.items;
    expect(pending).toBe(0);
    expect(Object.values(settled).reduce((sum, count) => sum + count, 0)).toBe(received);
    for (const { id, action } of standing.values()) {
      expect(id).toMatch(/^(IMG|ENG)-\d{3}$/);
      expect(action).not.toBe('');
    }
  });
});
