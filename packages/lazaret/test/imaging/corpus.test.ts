import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findDciodvfy, findDcmdump, type Reader } from '../../../../fixtures/dicom/readers.ts';
import { sharedFolder } from '../../../../fixtures/shared.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { unpackAll } from './archive-reader.ts';
import { pixelDigest } from './pixel-digest.ts';
import { filesBelow, openWorkbench, type Standing, type Workbench } from './workbench.ts';

/** How files of the corpus that are not simply of another modality are to end, and why. */
const EXPECTED: Readonly<Record<string, string>> = {
  'charset_files/chrSQEncoding1.dcm': 'held InstanceUidMissing',
  'test_files/CT_small.dcm': 'delivered',
  'test_files/ExplVR_BigEnd.dcm': 'held PatientIdMissing',
  'test_files/J2K_pixelrep_mismatch.dcm': 'delivered',
  'test_files/JPEGLSNearLossless_08.dcm': 'held InstanceUidMissing',
  'test_files/MR_small.dcm': 'held InstanceConflict',
  'test_files/MR_small_padded.dcm': 'held InstanceConflict',
  'test_files/SC_rgb_jpeg.dcm': 'held HeaderInDoubt',
  'test_files/examples_overlay.dcm': 'delivered',
  'test_files/meta_missing_tsyntax.dcm': 'held HeaderInDoubt',
  'test_files/rtplan_truncated.dcm': 'rejected FileTruncated',
  'test_files/waveform_ecg.dcm': 'held ModalityNotAccepted',
  'test_files/dicomdirtests/DICOMDIR': 'skipped DicomDirectory',
  'test_files/dicomdirtests/DICOMDIR-bigEnd': 'skipped DicomDirectory',
  'test_files/dicomdirtests/README.txt': 'rejected NotDicom',
};

/** What dciodvfy may say of an output and not of its source, because the profile demands it. */
const DEMANDED_BY_PROFILE: readonly RegExp[] = [
  // PS3.15 table E.1-1 removes Overlay Data (60xx,3000) and leaves the plane's other attributes.
  /^Error - Missing attribute Type 1 Required Element=<OverlayData> Module=<OverlayPlane>$/,
];

const corpus = sharedFolder === null ? null : join(sharedFolder, 'corpora', 'dicom');

describe.skipIf(corpus === null)(
  'the corpus of files that break readers (beside the project)',
  () => {
    const root = corpus ?? '';
    let bench: Workbench;
    let summary: RunSummary;
    let standing: Map<string, Standing>;
    /** Paths of what was delivered, each with the path of its source. */
    let pairs: { readonly delivered: string; readonly source: string }[] = [];
    let images = 0;

    beforeAll(async () => {
      bench = await openWorkbench();
      summary = await bench.run({ location: root });
      standing = await bench.standing(summary.run);
      const sources = new Map<string, string>();
      for (const [path, bytes] of filesBelow(root)) {
        if (standing.has(path)) continue;
        const [digest] = pixelDigest(bytes);
        if (digest !== undefined) sources.set(digest, join(root, path));
      }
      for (const { folder, images: unpacked } of unpackAll(bench.out, join(bench.folder, 'u'))) {
        for (const [name, bytes] of unpacked) {
          images += 1;
          const source = sources.get(pixelDigest(bytes)[0] ?? '');
          if (source !== undefined) pairs.push({ delivered: join(folder, name), source });
        }
      }
      pairs = pairs.toSorted((a, b) => (a.source < b.source ? -1 : 1));
    }, 60_000);
    afterAll(() => bench.close());

    it('comes out with a sum that holds', () => {
      const { received, pending, ...settled } = summary.items;
      expect(received).toBe(filesBelow(root).size);
      expect(pending).toBe(0);
      expect(Object.values(settled).reduce((sum, count) => sum + count, 0)).toBe(received);
    });

    it('comes out file by file as expected', () => {
      const got = Object.keys(EXPECTED).map((path) => {
        const item = standing.get(path);
        return [path, item === undefined ? 'delivered' : `${item.disposition} ${item.code}`];
      });
      expect(Object.fromEntries(got)).toEqual(EXPECTED);
    });

    it('keeps the pixels of every delivered file', () => {
      expect(images).toBe(summary.items.delivered);
      expect(pairs.length).toBe(images);
      expect(new Set(pairs.map(({ source }) => source)).size).toBe(images);
    });

    it('comes out as files that pydicom opens with no complaint that the source did not cause', ({
      skip,
    }) => {
      const python = '/usr/bin/python3';
      if (spawnSync(python, ['-c', 'import pydicom']).status !== 0) {
        return skip('pydicom is not installed');
      }
      const complaints = (paths: readonly string[]): string[][] => {
        const read = spawnSync(python, ['-c', COMPLAINTS, ...paths], { encoding: 'utf8' });
        if (read.status !== 0) throw new Error(read.stderr);
        return JSON.parse(read.stdout) as string[][];
      };
      const before = complaints(pairs.map(({ source }) => source));
      const after = complaints(pairs.map(({ delivered }) => delivered));
      after.forEach((said, index) => {
        expect(new Set(before[index])).toEqual(new Set([...(before[index] ?? []), ...said]));
      });
    });

    it.for([
      ['dcmdump', findDcmdump],
      ['dciodvfy', findDciodvfy],
    ] as const)('comes out as files in which %s finds nothing new', ([name, find], { skip }) => {
      const reader: Reader | null = find();
      if (reader === null) return skip(`${name} is not installed`);
      const before = reader.findFaults(pairs.map(({ source }) => source));
      const after = reader.findFaults(pairs.map(({ delivered }) => delivered));
      const added = pairs.flatMap(({ source, delivered }) => {
        const known = new Set(linesOf(before.get(source)));
        return linesOf(after.get(delivered))
          .filter((line) => !known.has(line))
          .filter((line) => !DEMANDED_BY_PROFILE.some((demanded) => demanded.test(line)))
          .map((line) => `${source.slice(root.length + 1)}: ${line}`);
      });
      expect(added).toEqual([]);
    });
  },
);

function linesOf(said: string | undefined): string[] {
  return (
    (said ?? '')
      .split(/[\n;]/)
      // UIDs are new in the output; what is said of them is the same.
      .map((line) => line.trim().replaceAll(/<[0-9.]{10,64}>/g, '<uid>'))
      .filter((line) => line !== '')
  );
}

const COMPLAINTS = `
import sys, json, warnings, pydicom
said = []
for path in sys.argv[1:]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        errors = []
        try:
            d = pydicom.dcmread(path)
            [str(e.value) for e in d.iterall()]
        except Exception as e:
            errors.append(type(e).__name__)
        said.append(errors + [w.category.__name__ for w in caught])
print(json.dumps(said))
`;
