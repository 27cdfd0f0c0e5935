/** `lazaret run imaging <folder> --watch`, as a service manager starts, kills and stops it. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { el } from '../../../../fixtures/dicom/build.ts';
import type { RunDocument } from '../../src/cli/status.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { filesBelow } from '../imaging/workbench.ts';
import { writeManyStudies } from '../imaging/many-studies.ts';
import { documentOf, lazaret, makeHome, start, type Home, type Started } from './process.ts';

const WAIT = { timeout: 30_000, interval: 200 };
const uid = (number: number): string => `1.2.826.0.1.3680043.8.498.8.${number}`;

let home: Home;
let watching: Started | null = null;

beforeAll(() => {
  home = makeHome();
  mkdirSync(home.source);
});
afterAll(async () => {
  watching?.child.kill('SIGKILL');
  await watching?.ended;
  home.remove();
});

const place = (): string[] => ['--data', home.data, '--json', '--workers', '1'];

function startWatching(): Started {
  const args = ['--out', home.out, '--watch', '--settle', '300ms', ...place()];
  watching = start(home, ['run', 'imaging', home.source, ...args]);
  return watching;
}

function arrive(folder: string, from: number, count: number): void {
  mkdirSync(join(home.source, folder), { recursive: true });
  for (let index = from; index < from + count; index += 1) {
    writeFileSync(
      join(home.source, folder, `${index}.dcm`),
      buildSample([el('00080018', 'UI', uid(index))]),
    );
  }
}

async function runs(): Promise<RunDocument[]> {
  const ended = await lazaret(home, ['status', ...place()]);
  return documentOf(ended) as RunDocument[];
}

const received = async (): Promise<string[]> =>
  (await runs()).map(({ status, items }) => `${status} ${items.received}`).toSorted();

async function stop(signal: NodeJS.Signals): Promise<RunSummary[]> {
  const { child, ended } = watching ?? startWatching();
  child.kill(signal);
  const end = await ended;
  watching = null;
  expect(end.exit, end.stderr).toBe(0);
  return documentOf(end) as RunSummary[];
}

describe('a watched folder', () => {
  it('has each folder taken once, when it has settled and nothing in it is partial', async () => {
    startWatching();
    arrive('one', 0, 2);
    arrive('two', 10, 1);
    writeFileSync(join(home.source, 'two', '11.dcm.part'), 'half');
    await expect.poll(received, WAIT).toEqual(['complete 2']);
    await delay(800);
    expect(await received()).toEqual(['complete 2']);
    renameSync(join(home.source, 'two', '11.dcm.part'), join(home.source, 'two', '11.dcm'));
    await expect.poll(received, WAIT).toEqual(['complete 2', 'complete 2']);
  }, 60_000);

  it('has one that changes taken again, and only what is new is delivered', async () => {
    const before = filesBelow(home.out).size;
    arrive('one', 2, 1);
    await expect.poll(async () => (await runs()).length, WAIT).toBe(3);
    await expect
      .poll(async () => (await runs())[0], WAIT)
      .toMatchObject({
        status: 'complete',
        items: { received: 3, delivered: 1, duplicate: 2 },
      });
    expect(filesBelow(home.out).size).toBe(before + 1);
  }, 60_000);

  it('has the files that lie directly in it taken as one arrival, without its folders', async () => {
    writeFileSync(join(home.source, 'lone.dcm'), buildSample([el('00080018', 'UI', uid(90))]));
    await expect
      .poll(async () => (await runs())[0], WAIT)
      .toMatchObject({
        status: 'complete',
        items: { received: 1, delivered: 1 },
      });
    const summaries = await stop('SIGTERM');
    expect(summaries.map(({ items }) => items.received)).toEqual([2, 2, 3, 1]);
  }, 60_000);

  it('is remembered: a start finds nothing to do, and what came meanwhile is taken', async () => {
    arrive('three', 20, 1);
    startWatching();
    await expect.poll(async () => (await runs()).length, WAIT).toBe(5);
    await expect.poll(async () => (await runs())[0]?.status, WAIT).toBe('complete');
    await delay(800);
    const summaries = await stop('SIGINT');
    expect(summaries.map(({ items }) => items.received)).toEqual([1]);
  }, 60_000);

  it('has its run taken up again after the process was killed in the middle', async () => {
    const files = writeManyStudies(join(home.source, 'large'));
    const killed = startWatching();
    await expect
      .poll(async () => (await runs())[0]?.items.delivered ?? 0, { ...WAIT, interval: 50 })
      .toBeGreaterThan(0);
    killed.child.kill('SIGKILL');
    expect((await killed.ended).signal).toBe('SIGKILL');
    startWatching();
    await expect
      .poll(async () => (await runs())[0], WAIT)
      .toMatchObject({
        status: 'complete',
        items: { received: files, pending: 0 },
      });
    expect(await runs()).toHaveLength(6);
    const summaries = await stop('SIGTERM');
    expect(summaries).toHaveLength(1);
    expect(summaries[0]).toMatchObject({ status: 'complete', items: { delivered: 300 } });
  }, 90_000);

  it('is stopped in the middle of a run, which is interrupted and taken up at the next start', async () => {
    writeManyStudies(join(home.source, 'again'));
    writeFileSync(join(home.source, 'again', 'more.dcm'), 'no image');
    const { child, ended } = startWatching();
    await expect
      .poll(async () => (await runs())[0]?.status, { ...WAIT, interval: 50 })
      .toBe('running');
    child.kill('SIGTERM');
    const end = await ended;
    expect(end.exit, end.stderr).toBe(130);
    expect(documentOf(end)).toMatchObject([{ status: 'interrupted' }]);
    startWatching();
    await expect.poll(async () => (await runs())[0]?.status, WAIT).toBe('complete');
    expect(await runs()).toHaveLength(7);
    await stop('SIGTERM');
  }, 90_000);

  it('has no name of a folder in the store, the log or a document', async () => {
    const log = readFileSync(join(home.data, 'lazaret.log'), 'utf8');
    expect(log).not.toContain(home.source);
    expect(log).not.toMatch(/\blarge\b/);
    expect(JSON.stringify(await runs())).not.toContain(home.source);
  });
});

describe('the command', () => {
  it('refuses a settle time that is none, and one without --watch', async () => {
    for (const args of [
      ['--watch', '--settle', 'soon'],
      ['--settle', '30s'],
    ]) {
      const ended = await lazaret(home, ['run', 'imaging', home.source, ...args, ...place()]);
      expect(ended.exit).toBe(2);
      expect(documentOf(ended)).toMatchObject({ error: { id: 'CLI-003' } });
    }
  });
});
