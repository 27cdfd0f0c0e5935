/** A service that is down pauses a run; good items are not set aside for it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCodingService, type CodingService } from '../../test/coding-service.ts';
import { testDatabases } from '../../test/databases.ts';
import {
  countDispositions,
  createLinesRun,
  makeFolder,
  openBench,
  outcomeOf,
  removeFolder,
  work,
  type Bench,
} from '../../test/engine-bench.ts';
import { plainLines } from '../../test/lines.ts';

testDatabases(import.meta.url, (database) => {
  let bench: Bench;
  let service: CodingService;
  let folder: string;

  beforeAll(async () => {
    folder = await makeFolder();
    service = await startCodingService();
    bench = await openBench({ url: database.url, folder });
  });
  afterAll(async () => {
    await bench.close();
    await service.close();
    await removeFolder(folder);
  });

  const events = (run: string) =>
    bench.db
      .selectFrom('lazaret.run_event')
      .select(['to_status', 'caused_by', 'reason'])
      .where('run', '=', run)
      .orderBy('id')
      .execute();

  it('pauses while the service is down and goes on when it is back', async () => {
    service.behave('fails');
    const made = await createLinesRun(bench, service.url, plainLines(40));
    const running = work(bench, made.run);
    await expect
      .poll(async () => (await bench.engine.find(made.run.id)).status, { timeout: 5_000 })
      .toBe('paused');
    service.behave('well');
    expect((await running).status).toBe('complete');
    expect(countDispositions(await outcomeOf(bench.db, made))).toEqual({ delivered: 40 });
    const [, paused, going] = await events(made.run.id);
    expect(paused).toMatchObject({
      to_status: 'paused',
      caused_by: 'gate coding',
      reason: { code: 'DependencyUnavailable' },
    });
    expect(going).toMatchObject({ to_status: 'running', caused_by: 'gate coding' });
  });

  it('is interrupted when the service stays down, and completes when it is resumed', async () => {
    service.behave('breaks');
    const made = await createLinesRun(bench, service.url, plainLines(40));
    const ended = await work(bench, made.run, { maxPauseMs: 600 });
    expect(ended).toMatchObject({
      status: 'interrupted',
      reason: { code: 'DependencyPausedTooLong' },
    });
    service.behave('well');
    expect((await work(bench, ended)).status).toBe('complete');
    expect(countDispositions(await outcomeOf(bench.db, made))).toEqual({ delivered: 40 });
  });

  it('holds only the batch whose request the service refuses', async () => {
    service.behave((key) => (key === 'k1' ? 'refuses' : 'well'));
    const made = await createLinesRun(bench, service.url, plainLines(40));
    expect((await work(bench, made.run)).status).toBe('complete');
    const outcome = await outcomeOf(bench.db, made);
    expect(countDispositions(outcome)).toEqual({ delivered: 30, held: 10 });
    expect(outcome.items[0]).toMatchObject({ code: 'DependencyRefusedRequest' });
  });

  it('gives one request up that always fails while the others succeed', async () => {
    service.behave((key) => (key === 'k0' ? 'fails' : 'well'));
    const made = await createLinesRun(bench, service.url, plainLines(200, 40));
    expect((await work(bench, made.run, { maxPauseMs: 5_000 })).status).toBe('complete');
    expect(countDispositions(await outcomeOf(bench.db, made))).toEqual({ delivered: 195, held: 5 });
  });

  it('writes one warning for a call that succeeded at last, after the wait that was asked for', async () => {
    let first = true;
    service.behave(() => {
      if (!first) return 'well';
      first = false;
      return 'throttles';
    });
    const from = bench.events.length;
    const begun = performance.now();
    const made = await createLinesRun(bench, service.url, plainLines(10, 1));
    expect((await work(bench, made.run)).status).toBe('complete');
    expect(performance.now() - begun).toBeGreaterThan(990);
    const lines = bench.events.slice(from).filter(({ level }) => level !== 'info');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'warn', code: 'DependencyThrottled' });
    expect(lines[0]?.message).toContain('Succeeded at attempt 2.');
  });

  it('waits out a service that hangs', async () => {
    service.behave((_, call) => (call % 3 === 0 ? 'hangs' : 'well'));
    const made = await createLinesRun(bench, service.url, plainLines(10, 4));
    expect((await work(bench, made.run)).status).toBe('complete');
    expect(countDispositions(await outcomeOf(bench.db, made))).toEqual({ delivered: 10 });
  });
});
