/** What a watcher makes of arrivals that go away, fail, or come while there is no room. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { engineCodes } from '../../src/engine/codes.ts';
import { el } from '../../../../fixtures/dicom/build.ts';
import type { Session } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { WatchInput } from '../../src/cli/watch.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { testDatabases } from '../databases.ts';
import { openWorkbench, quietSession, type Workbench } from './workbench.ts';

const WAIT = { timeout: 20_000, interval: 50 };
const uid = (number: number): string => `1.2.826.0.1.3680043.8.498.9.${number}`;

testDatabases(import.meta.url, (database) => {
  let folder: string;
  let bench: Workbench;
  let watched = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazaret-watching-'));
    bench = await openWorkbench({
      folder,
      ...(database.url === null ? {} : { databaseUrl: database.url }),
    });
  }, 60_000);
  afterAll(async () => {
    await bench.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Watches a folder of its own, for a project of its own, until it is stopped. */
  function startWatching(
    given: Partial<WatchInput> = {},
    progressOf: Session['progressOf'] = quietSession().progressOf,
  ) {
    watched += 1;
    const project = given.project ?? `watching-${watched}`;
    const location = given.location ?? join(folder, `watched-${watched}`);
    mkdirSync(location, { recursive: true });
    const controller = new AbortController();
    const watching = COMMANDS.watch(
      bench.application,
      {
        pipeline: 'imaging',
        location,
        out: join(folder, 'out'),
        data: bench.data,
        settings: {},
        project,
        site: 'default',
        user: 'tester',
        strict: false,
        maxPauseSeconds: 1,
        settleSeconds: 0.1,
        partialNames: [],
        space: { alarmBytes: 0, pauseBytes: 0, contact: 'nobody' },
        ...given,
      },
      { controller, progressOf },
    );
    const runs = (): Promise<{ short: string; status: string }[]> =>
      bench.application.store.db
        .selectFrom('lazaret.run')
        .select(['short', 'status'])
        .where('project', '=', project)
        .orderBy('created_at')
        .execute();
    return {
      location,
      project,
      runs,
      statuses: async () => (await runs()).map(({ status }) => status),
      async stop() {
        controller.abort(engineCodes.fault('RunStoppedByPerson', { by: 'a test' }));
        const { document, exit } = await watching;
        return { runs: document as RunSummary[], exit };
      },
    };
  }

  function arrive(location: string, name: string, number: number): void {
    mkdirSync(join(location, name), { recursive: true });
    writeFileSync(
      join(location, name, `${number}.dcm`),
      buildSample([el('00080018', 'UI', uid(number))]),
    );
  }

  it('tells of a folder that vanishes between being seen and being read, and makes no batch', async () => {
    let location = '';
    const watcher = startWatching({}, (title) => {
      rmSync(join(location, 'gone'), { recursive: true });
      return quietSession().progressOf(title);
    });
    ({ location } = watcher);
    const before = bench.log.length;
    arrive(location, 'gone', 1);
    await expect.poll(watcher.statuses, WAIT).toEqual(['complete']);
    const { runs } = await watcher.stop();
    expect(runs).toMatchObject([{ status: 'complete', batches: { total: 0 } }]);
    expect(runs[0]?.findings).toContainEqual(
      expect.objectContaining({ name: 'FolderVanished', type: 'warning', count: 1 }),
    );
    expect(bench.log.slice(before).join('\n')).toMatch(/WARN.*Finding about the source.*IMG-/);
  }, 40_000);

  it('tells of a run that failed (ArrivalFailed), and tries again only when the arrival changes', async () => {
    let fails = true;
    const watcher = startWatching({}, () => ({
      arrived() {
        if (fails) throw new Error('a bug, for once');
      },
      allArrived() {},
      advanced() {},
      status() {},
    }));
    arrive(watcher.location, 'one', 2);
    await expect.poll(watcher.statuses, WAIT).toEqual(['failed']);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await watcher.statuses()).toEqual(['failed']);
    fails = false;
    arrive(watcher.location, 'one', 3);
    await expect.poll(watcher.statuses, WAIT).toEqual(['failed', 'complete']);
    const { exit } = await watcher.stop();
    expect(exit).toBe(0);
    expect(bench.log.join('\n')).toContain('WAT-005');
  }, 40_000);

  it('takes nothing while there is too little room, and ends when it is told to', async () => {
    const watcher = startWatching({
      space: { alarmBytes: 2 ** 52, pauseBytes: 2 ** 52, contact: 'storage@example.org' },
    });
    arrive(watcher.location, 'one', 4);
    await expect.poll(() => bench.log.join('\n'), WAIT).toContain('ENG-063');
    expect(await watcher.runs()).toEqual([]);
    expect(await watcher.stop()).toEqual({ runs: [], exit: 0 });
    expect(bench.log.join('\n')).toContain('storage@example.org');
  }, 40_000);

  it('takes an arrival once where two watchers look at one folder', async () => {
    const one = startWatching();
    const two = startWatching({ project: one.project, location: one.location });
    for (const number of [10, 11, 12]) arrive(one.location, `n${number}`, number);
    await expect.poll(one.statuses, WAIT).toEqual(['complete', 'complete', 'complete']);
    await new Promise((resolve) => setTimeout(resolve, 600));
    const ended = [await one.stop(), await two.stop()];
    expect(ended.flatMap(({ runs }) => runs)).toHaveLength(3);
    expect(await one.runs()).toHaveLength(3);
  }, 40_000);
});
