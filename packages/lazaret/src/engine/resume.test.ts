/** Runs that are stopped, killed and taken over arrive where an undisturbed one arrives. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCodingService, type CodingService } from '../../test/coding-service.ts';
import { testDatabases } from '../../test/databases.ts';
import {
  createLinesRun,
  leftovers,
  LONG,
  makeFolder,
  openBench,
  outcomeOf,
  removeFolder,
  work,
  type Bench,
  type Outcome,
} from '../../test/engine-bench.ts';
import { mixedLines } from '../../test/lines.ts';
import type { WorkerOrder } from '../../test/lines-worker.ts';
import { holds, proveLedger } from '../store/ledger.ts';
import { engineCodes } from './codes.ts';

const WORKER = fileURLToPath(new URL('../../test/lines-worker.ts', import.meta.url));
const LINES = mixedLines(160, 8);

/** Pseudo-random, so that a failure comes again. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

testDatabases(import.meta.url, (database) => {
  let bench: Bench;
  let service: CodingService;
  let folder: string;
  let undisturbed: Outcome;

  const open = (): Promise<Bench> => openBench({ url: database.url, folder });
  const check = async (made: Awaited<ReturnType<typeof createLinesRun>>): Promise<void> => {
    expect(await outcomeOf(bench.db, made)).toEqual(undisturbed);
    const proof = await proveLedger(bench.db, made.run.id);
    expect(holds(proof), JSON.stringify(proof)).toBe(true);
    expect(await leftovers(bench, made.run)).toEqual([]);
  };

  beforeAll(async () => {
    folder = await makeFolder();
    service = await startCodingService();
    bench = await open();
    const made = await createLinesRun(bench, service.url, LINES);
    expect((await work(bench, made.run)).status).toBe('complete');
    undisturbed = await outcomeOf(bench.db, made);
    expect(Object.keys(undisturbed.files)).toHaveLength(8);
  });
  afterAll(async () => {
    await bench.close();
    await service.close();
    await removeFolder(folder);
  });

  it('stops at any moment and goes on from there', async () => {
    const random = chance(7);
    let stops = 0;
    for (let round = 0; round < 4 * LONG; round += 1) {
      const made = await createLinesRun(bench, service.url, LINES, { slowMs: 3 });
      let run = made.run;
      while (run.status !== 'complete') {
        const controller = new AbortController();
        const timer = setTimeout(
          () => controller.abort(engineCodes.fault('RunStoppedByPerson', { by: 'a test' })),
          10 + random() * 300,
        );
        run = await work(bench, run, { controller });
        clearTimeout(timer);
        if (run.status === 'complete') break;
        stops += 1;
        expect(run).toMatchObject({
          status: 'interrupted',
          reason: { code: 'RunStoppedByPerson' },
        });
        const proof = await proveLedger(bench.db, run.id);
        expect(holds(proof), JSON.stringify(proof)).toBe(true);
      }
      await check(made);
    }
    expect(stops).toBeGreaterThan(2);
  }, 120_000);

  it('stops when somebody asks for it in the store, and keeps who it was', async () => {
    const made = await createLinesRun(bench, service.url, LINES, { slowMs: 20 });
    const running = work(bench, made.run);
    await delay(200);
    await bench.engine.stop(made.run.short, 'somebody else');
    const ended = await running;
    expect(ended.status).toBe('interrupted');
    const events = await bench.db
      .selectFrom('lazaret.run_event')
      .select(['to_status', 'caused_by'])
      .where('run', '=', made.run.id)
      .orderBy('id')
      .execute();
    expect(events.map(({ to_status }) => to_status)).toEqual([
      'running',
      'stop-requested',
      'interrupted',
    ]);
    expect(events[1]?.caused_by).toBe('somebody else');
    expect((await work(bench, ended)).status).toBe('complete');
    await check(made);
  });

  it('is worked on by one at a time', async () => {
    const made = await createLinesRun(bench, service.url, LINES, { slowMs: 3 });
    const tries = await Promise.allSettled([work(bench, made.run), work(bench, made.run)]);
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(tries.find((one) => one.status === 'rejected')?.reason).toMatchObject({
      code: 'RunNotResumable',
    });
    await check(made);
  });

  it('does not wait for a job that somebody else took and let fall', async () => {
    const made = await createLinesRun(bench, service.url, LINES, { slowMs: 5 });
    const running = work(bench, made.run);
    let taken = 0;
    for (let turn = 0; taken < 3 && turn < 100; turn += 1) {
      await delay(10);
      // The queue of the run is there once it has begun.
      const job = await bench.engine.queue.claim(made.run.short).catch(() => null);
      if (job === null) continue;
      await bench.engine.queue.complete(made.run.short, job.job);
      taken += 1;
    }
    expect(taken).toBeGreaterThan(0);
    expect((await running).status).toBe('complete');
    await check(made);
  });

  it('ends a run of which nothing is left to do but to say so', async () => {
    const made = await createLinesRun(bench, service.url, LINES);
    await work(bench, made.run);
    await bench.db
      .updateTable('lazaret.run')
      .set({ status: 'interrupted' })
      .where('id', '=', made.run.id)
      .execute();
    const ended = await work(bench, await bench.engine.find(made.run.id));
    expect(ended.status).toBe('complete');
    await check(made);
  });

  it('goes on in another process when it was taken for dead, and the first one changes nothing', async ({
    skip,
  }) => {
    skip(database.store === 'pglite', 'two processes cannot open one embedded store');
    const other = await openBench({ url: database.url, folder });
    try {
      const made = await createLinesRun(bench, service.url, LINES, { slowMs: 10 });
      const first = work(bench, made.run).catch((error: unknown) => error);
      await delay(150);
      await bench.db
        .updateTable('lazaret.run')
        .set({ heartbeat_at: new Date(Date.now() - 3_600_000) })
        .where('id', '=', made.run.id)
        .execute();
      expect(await other.engine.recover()).toHaveLength(1);
      const ended = await work(other, await other.engine.find(made.run.id));
      expect(ended).toMatchObject({ status: 'complete' });
      expect(await first).toMatchObject({ code: 'RunTakenOver' });
      expect((await bench.engine.find(made.run.id)).status).toBe('complete');
      const proof = await proveLedger(bench.db, made.run.id);
      expect(proof).toSatisfy(holds);
      expect(proof).toMatchObject({ received: LINES.length });
      const { deliveries, files } = await outcomeOf(bench.db, made);
      expect({ deliveries, files }).toEqual({
        deliveries: undisturbed.deliveries,
        files: undisturbed.files,
      });
    } finally {
      await other.close();
    }
  });

  describe('a process that is killed', () => {
    it('again and again costs nothing but time', async ({ annotate }) => {
      const made = await createLinesRun(bench, service.url, LINES, { slowMs: 12 });
      await bench.close();
      const random = chance(11);
      let kills = 0;
      let status = '';
      for (let round = 1; status !== 'complete' && round <= 40 * LONG; round += 1) {
        const order: WorkerOrder = {
          url: database.url,
          folder,
          run: made.run.id,
          aheadMs: round * 60_000,
        };
        // A tenth kill is enough; then it may finish.
        const afterMs = kills >= 10 * LONG ? null : random() * 350;
        const said = await workAndDie(order, afterMs);
        if (said.killed) kills += 1;
        status = said.status;
      }
      bench = await open();
      expect(status).toBe('complete');
      expect(kills).toBeGreaterThanOrEqual(3);
      await annotate(`${kills} kills survived on ${database.store}`);
      await check(made);
    }, 240_000);
  });
});

/** Starts a process, and kills it so long after it is ready. */
async function workAndDie(
  order: WorkerOrder,
  afterMs: number | null,
): Promise<{ readonly killed: boolean; readonly status: string }> {
  const child = spawn(process.execPath, [WORKER, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let complaints = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes('ready') && afterMs !== null) {
      timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs);
    }
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const signal = await new Promise<string | null>((resolve) => {
    child.once('exit', (_, ended) => resolve(ended));
  });
  clearTimeout(timer);
  const status = /ended (\S+)/.exec(said)?.[1] ?? '';
  if (signal === null && status === '') throw new Error(`The worker failed: ${complaints}`);
  return { killed: signal === 'SIGKILL', status };
}
