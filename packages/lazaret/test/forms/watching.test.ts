import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { engineCodes } from '../../src/engine/codes.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { openWorkbench, quietSession, type Workbench } from '../imaging/workbench.ts';

const SCHEMA = {
  type: 'object',
  properties: { adcid: { type: 'integer' }, ptid: { type: 'string' }, visitnum: {} },
};

let folder: string;
let bench: Workbench;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-forms-watching-'));
  bench = await openWorkbench({ folder });
}, 120_000);

afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

it('takes each file of a watched folder once, and leaves others alone', async () => {
  const arrivals = join(folder, 'arrivals');
  mkdirSync(arrivals);
  const controller = new AbortController();
  const watching = COMMANDS.watch(
    bench.application,
    {
      ...{ pipeline: 'forms', location: arrivals, out: bench.out, data: bench.data },
      settings: {
        study: { modules: [{ name: 'UDS', schema: SCHEMA, files: ['one*', 'two*'] }] },
        isWatched: true,
      },
      ...{ project: 'default', site: 'default', user: 'tester' },
      ...{ strict: false, maxPauseSeconds: 1, settleSeconds: 0.1, partialNames: [] },
      space: { alarmBytes: 0, pauseBytes: 0, contact: 'nobody' },
    },
    quietSession(controller),
  );
  const statuses = async (): Promise<string[]> => {
    const { db } = bench.application.store;
    const runs = await db.selectFrom('lazaret.run').select('status').execute();
    return runs.map(({ status }) => status);
  };
  const wait = { timeout: 60_000, interval: 100 };
  writeFileSync(join(arrivals, 'notes.txt'), 'no form');
  writeFileSync(join(arrivals, 'one.csv'), 'adcid,ptid,visitnum\n1,A,1\n');
  await vi.waitFor(async () => expect(await statuses()).toEqual(['complete']), wait);
  // A file that no form takes is told, and is in nobody's way.
  writeFileSync(join(arrivals, 'other.csv'), 'adcid,ptid,visitnum\n1,A,1\n');
  await vi.waitFor(async () => expect(await statuses()).toEqual(['complete', 'complete']), wait);
  writeFileSync(join(arrivals, 'two.csv'), 'adcid,ptid,visitnum\n1,A,1\n1,B,1\n');
  const all = ['complete', 'complete', 'complete'];
  await vi.waitFor(async () => expect(await statuses()).toEqual(all), wait);
  controller.abort(engineCodes.fault('RunStoppedByPerson', { by: 'a test' }));
  const { document } = await watching;
  expect((document as RunSummary[]).map(({ items }) => items)).toMatchObject([
    { received: 1, delivered: 1 },
    { received: 1, delivered: 0, rejected: 1 },
    { received: 2, delivered: 1, duplicate: 1 },
  ]);
}, 180_000);
