/** What is measured: of a batch to the letter of `qa`, of a run, of a replay, of a day. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { el } from '../../../../fixtures/dicom/build.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { BatchDocument } from '../../src/cli/status.ts';
import type { Day } from '../../src/engine/throughput.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { documentAs, openWorkbench, quietSession, type Workbench } from './workbench.ts';

const IMAGES = 3;
/** Of the sample; it must turn up nowhere. */
const STUDY_DATE = '20190307';

let bench: Workbench;
let run: RunSummary;
let bytes = 0;
let heldBytes = 0;

beforeAll(async () => {
  bench = await openWorkbench();
  mkdirSync(bench.source);
  for (let index = 0; index < IMAGES + 1; index += 1) {
    const path = join(bench.source, `${index}.dcm`);
    const uid = el('00080018', 'UI', `1.2.826.0.1.3680043.8.498.11.${index}`);
    const date = el('00080020', 'DA', STUDY_DATE);
    const held = index === IMAGES ? [el('00080060', 'CS', 'US')] : [];
    writeFileSync(path, buildSample([uid, date, ...held]));
    const { size } = statSync(path);
    if (index === IMAGES) heldBytes = size;
    else bytes += size;
  }
  run = await bench.run();
}, 60_000);
afterAll(() => bench.close());

it('a delivered batch has the counts by shifted study date, its times and its size', async () => {
  const { document } = await COMMANDS.batches(
    bench.application,
    { project: 'default', run: run.run, hasError: false },
    quietSession(),
  );
  const release = (document as BatchDocument[]).find(({ stage }) => stage === 'release');
  const qa = release?.qa as Record<string, unknown>;
  expect(Object.keys(qa).toSorted()).toEqual([
    'ElapsedTime',
    'FinishTime',
    'SizeBytes',
    'StartTime',
    'StudyDate',
  ]);
  const dates = Object.entries(qa['StudyDate'] as Record<string, number>);
  expect(dates).toEqual([[expect.stringMatching(/^\d{8}$/), IMAGES]]);
  expect(dates[0]?.[0]).not.toBe(STUDY_DATE);
  expect(qa['SizeBytes']).toBe(bytes);
  const [start, finish] = [Number(qa['StartTime']), Number(qa['FinishTime'])];
  expect(finish).toBeGreaterThan(start);
  expect(qa['ElapsedTime']).toBeCloseTo(finish - start, 3);
  expect(Math.abs(finish - Date.now() / 1_000)).toBeLessThan(120);
  const rate = ((bytes / 1e6) * 3_600) / Number(qa['ElapsedTime']);
  expect(release?.megabytesPerHour).toBeCloseTo(rate, 0);
});

it('a run has its rate, and a replay counts the bytes that it reads again', async () => {
  expect(run.bytes).toBe(bytes + heldBytes);
  expect(run.megabytesPerHour).toBeGreaterThan(0);
  const { document } = await COMMANDS['held decide'](
    bench.application,
    {
      kind: 'release',
      selection: { project: 'default', run: run.run },
      reason: 'looked at',
      user: 'alice',
      dryRun: false,
      strict: false,
      maxPauseSeconds: 1,
    },
    quietSession(),
  );
  expect(document).toMatchObject({ runs: [{ bytes: heldBytes, items: { delivered: 1 } }] });
});

it('a day has all of its runs', async () => {
  const days = documentAs<Day[]>(
    await COMMANDS.status(bench.application, { project: 'default', by: 'day' }, quietSession()),
  );
  const [today, ...others] = days;
  expect(others).toEqual([]);
  expect(today).toMatchObject({
    day: new Date().toISOString().slice(0, 10),
    runs: 2,
    items: IMAGES + 2,
    delivered: IMAGES + 1,
    held: 1,
    bytes: bytes + 2 * heldBytes,
  });
  expect(today?.megabytesPerHour).toBeGreaterThan(0);
});
