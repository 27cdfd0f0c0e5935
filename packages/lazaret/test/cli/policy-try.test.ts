import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFault } from '@lazaret/faults';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, el, type BuildElement } from '../../../../fixtures/dicom/build.ts';
import { ctImage } from '../../../../fixtures/dicom/ct-image.ts';
import { STUDIES } from '../../../../fixtures/dicom/demo-studies.ts';
import { chestPhantom } from '../../../../fixtures/dicom/phantom.ts';
import { withElements } from '../../../../fixtures/dicom/study.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { PolicyTryInput, TrialDocument } from '../../src/cli/policy-try.ts';
import { renderTrial } from '../../src/cli/terminal/policy-trial.ts';
import { createStyle } from '../../src/cli/terminal/style.ts';
import { engineCodes } from '../../src/engine/codes.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { catalogue } from '../../src/main.ts';
import { defaultPolicy } from '../../src/pipelines/imaging/policy.ts';
import {
  documentAs,
  dumpTables,
  filesBelow,
  openWorkbench,
  quietSession,
  type Workbench,
} from '../imaging/workbench.ts';

const SIZE = { rows: 16, columns: 16 };
const chest = chestPhantom(SIZE);
const reason = 'needed by the study';

/** Nothing is said of annotations. */
const UNSAID = el('00280301', 'CS', '');

/** One image a file; the number makes its pixels and UIDs its own. */
const FILES: Readonly<Record<string, readonly BuildElement[]>> = {
  'a.dcm': [UNSAID],
  'b.dcm': [UNSAID],
  'c.dcm': [el('00280301', 'CS', 'NO')],
  'ultrasound.dcm': [el('00080060', 'CS', 'US'), UNSAID],
  'nobody.dcm': [el('00100020', 'LO', '')],
};

let bench: Workbench;
let first: RunSummary;

function imageBytes(index: number, changes: readonly BuildElement[]): Uint8Array {
  const of = { study: STUDIES.albaFirst, series: 2, seriesDescription: 'Axial', index, count: 12 };
  return build(
    withElements(
      ctImage(of, SIZE, chest(index, 12)),
      Object.fromEntries(changes.map((change) => [change.tag, change])),
    ),
  );
}

beforeAll(async () => {
  bench = await openWorkbench();
  mkdirSync(bench.source, { recursive: true });
  for (const [index, [name, changes]] of Object.entries(FILES).entries()) {
    writeFileSync(join(bench.source, name), imageBytes(index, changes));
  }
  writeFileSync(join(bench.source, 'notes.txt'), 'no image at all');
  first = await bench.run();
}, 60_000);

afterAll(() => bench.close());

const base = { ...defaultPolicy(), version: '2' };

async function trial(
  policy: object,
  given: Partial<PolicyTryInput> = {},
  controller = new AbortController(),
): Promise<TrialDocument> {
  const input = {
    policy: { ...base, ...policy },
    present: null,
    project: 'default',
    maxItems: 100,
    ...given,
  };
  return documentAs(
    await COMMANDS['policy try'](bench.application, input, quietSession(controller)),
  );
}

const pick = ({ elements }: TrialDocument): unknown =>
  elements.map(
    ({ keyword, before, after, images }) => `${keyword}: ${before} → ${after}, ${images}`,
  );

describe('lazaret policy try', () => {
  it('tries the newest run of the project, and finds nothing under the same policy', async () => {
    expect(first.items).toMatchObject({ received: 6, delivered: 3, held: 2, rejected: 1 });
    const same = await trial({});
    expect(same).toMatchObject({
      run: first.run,
      policies: { before: { version: '1' }, after: { version: '2' } },
      files: { listed: 6, tried: 6, vanished: 0, changed: 0 },
      every: 1,
      before: { delivered: 3, held: 2, rejected: 1 },
      after: { delivered: 3, held: 2, rejected: 1 },
      changed: [],
      elements: [],
    });
  });

  it('counts the images that would stand otherwise, by code', async () => {
    const { before, after, changed } = await trial({
      modalities: ['CT', 'MR', 'US'],
      screens: { burnedIn: 'holdUnlessNo' },
    });
    expect(before).toMatchObject({ delivered: 3, held: 2 });
    expect(after).toMatchObject({ delivered: 1, held: 4 });
    expect(changed).toEqual([
      {
        before: { disposition: 'delivered', code: null, id: null },
        after: { disposition: 'held', code: 'BurnedInNotDenied', id: 'IMG-050' },
        items: 2,
      },
      {
        before: { disposition: 'held', code: 'ModalityNotAccepted', id: 'IMG-004' },
        after: { disposition: 'held', code: 'BurnedInNotDenied', id: 'IMG-050' },
        items: 1,
      },
    ]);
  });

  it('counts what would be done otherwise, element by element, with no value of them', async () => {
    const document = await trial({
      elements: [
        { element: 'PatientSex', action: 'keep', reason },
        { element: 'SliceThickness', action: 'remove', reason },
        { element: 'StationName', action: 'replace', value: 'SCANNER', reason },
      ],
    });
    expect(document.imagesChanged).toBe(3);
    expect(pick(document)).toEqual([
      'StationName: removed → replaced, 3',
      'PatientSex: emptied → kept, 3',
      'SliceThickness: kept → removed, 3',
    ]);
    expect(document.elements[0]).toMatchObject({
      tag: '(0008,1010)',
      vr: 'SH',
      example: { modality: 'CT' },
    });
    expect(JSON.stringify(document)).not.toMatch(/Testperson|TEST-|Axial/);
  });

  it('finds an image that could not go out any more, because an identifier would be left', async () => {
    const diagnosis = el('00081080', 'LO', `nodule, ${STUDIES.albaFirst.person.id}`);
    writeFileSync(join(bench.source, 'named.dcm'), imageBytes(7, [diagnosis]));
    const folder = bench.source;
    const document = await trial(
      { elements: [{ element: 'AdmittingDiagnosesDescription', action: 'keep', reason }] },
      { folder },
    );
    rmSync(join(bench.source, 'named.dcm'));
    expect(document.changed).toEqual([
      {
        before: { disposition: 'delivered', code: null, id: null },
        after: { disposition: 'held', code: 'IdentifierInOutput', id: 'IMG-011' },
        items: 1,
      },
    ]);
  });

  it('changes nothing: no row, no file, no delivery', async () => {
    const [rows, out, source] = [
      await dumpTables(bench.application),
      filesBelow(bench.out),
      filesBelow(bench.source),
    ];
    await trial({ options: [], elements: [{ element: 'PatientSex', action: 'keep', reason }] });
    expect(await dumpTables(bench.application)).toEqual(rows);
    expect(filesBelow(bench.out)).toEqual(out);
    expect(filesBelow(bench.source)).toEqual(source);
  });

  it('tries every n-th file where there are more than it may, and says so', async () => {
    const { files, every } = await trial({}, { maxItems: 4 });
    expect({ files, every }).toMatchObject({ files: { listed: 6, tried: 3 }, every: 2 });
  });

  it('tries a folder against the policy that it would be taken in under now', async () => {
    const present = { ...defaultPolicy(), name: 'wide', modalities: ['CT', 'US'] };
    const document = await trial({}, { folder: bench.source, present });
    expect(document).toMatchObject({
      run: null,
      policies: { before: { name: 'wide' }, after: { name: 'default', version: '2' } },
      before: { delivered: 4 },
      after: { delivered: 3 },
    });
  });

  it('leaves out what the run did not take in: files that changed, and new ones', async () => {
    const changed = join(bench.source, 'b.dcm');
    writeFileSync(changed, imageBytes(9, []));
    writeFileSync(join(bench.source, 'new.dcm'), imageBytes(10, []));
    const { files, before } = await trial({}, { run: first.run });
    expect(files).toMatchObject({ listed: 7, tried: 5, changed: 2 });
    expect(before).toMatchObject({ delivered: 2 });
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    controller.abort(engineCodes.fault('RunStoppedByPerson', { by: 'SIGINT' }));
    const stopped = await trial({}, {}, controller).catch((error: unknown) => error);
    expect(isFault(stopped) && stopped.code).toBe('RunStoppedByPerson');
  });

  it('says what is missing where there is no run, no such run, or no folder any more', async () => {
    await expect(trial({}, { project: 'other' })).rejects.toMatchObject({ code: 'UsageWrong' });
    await expect(trial({}, { run: 'r_zzzzzz' })).rejects.toMatchObject({ code: 'RunNotFound' });
    const folder = join(bench.folder, 'gone');
    await expect(trial({}, { folder })).rejects.toMatchObject({ code: 'SourceMissing' });
  });

  it('is shown with what needs a look first', async () => {
    const document = await trial({
      modalities: ['CT', 'MR', 'US'],
      elements: [{ element: 'PatientSex', action: 'keep', reason }],
    });
    const style = createStyle({ colour: false, unicode: true, width: 100 });
    const shown = renderTrial(document, { style, catalogue, now: new Date(0) });
    expect(shown).toContain(`default 1 → default 2   on run ${first.run}`);
    expect(shown).toMatch(/held: modality not accepted \(IMG-004\) +delivered +1/);
    expect(shown).toMatch(/\(0010,0040\) +PatientSex +CS +emptied → kept +2 +CT/);
    expect(shown.trimEnd().endsWith('Nothing was changed.')).toBe(true);
  });
});
