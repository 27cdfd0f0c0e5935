/** Whole runs of the lines pipeline, on both stores. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCodingService, type CodingService } from '../../test/coding-service.ts';
import { testDatabases } from '../../test/databases.ts';
import {
  catalogue,
  countDispositions,
  createLinesRun,
  leftovers,
  makeFolder,
  openBench,
  outcomeOf,
  removeFolder,
  work,
  type Bench,
} from '../../test/engine-bench.ts';
import { mixedLines, plainLines } from '../../test/lines.ts';
import { CANARY } from '../../test/lines-pipeline/steps.ts';
import { holds, proveLedger } from '../store/ledger.ts';
import { MAX_BATCH_ITEMS } from './attempt.ts';
import { MAX_FINDINGS_PER_CODE } from './stage-rows.ts';
import { summarise } from './summary.ts';

testDatabases(import.meta.url, (database) => {
  let bench: Bench;
  let service: CodingService;
  let folder: string;

  beforeAll(async () => {
    folder = await makeFolder();
    service = await startCodingService();
    bench = await openBench({ url: database.url, folder });
  });
  beforeEach(() => service.behave('well'));
  afterAll(async () => {
    await bench.close();
    await service.close();
    await removeFolder(folder);
  });

  describe('a run over mixed lines', () => {
    it('gives each line the disposition that its data ask for, and ends with a sound ledger', async () => {
      const made = await createLinesRun(bench, service.url, mixedLines(110));
      const ended = await work(bench, made.run);
      expect(ended).toMatchObject({ status: 'complete', reason: null });
      const outcome = await outcomeOf(bench.db, made);
      expect(countDispositions(outcome)).toEqual({
        delivered: 71,
        rejected: 10,
        held: 10,
        skipped: 10,
        duplicate: 9,
      });
      const proof = await proveLedger(bench.db, made.run.id);
      expect(holds(proof)).toBe(true);
      expect(proof).toMatchObject({ received: 110, pending: 0 });
      expect(Object.keys(outcome.files)).toHaveLength(4);
      expect(await leftovers(bench, made.run)).toEqual([]);
    });

    it('takes the lowest number of several equal lines', async () => {
      const made = await createLinesRun(bench, service.url, mixedLines(110));
      await work(bench, made.run);
      const { items, dispositions } = await outcomeOf(bench.db, made);
      expect(dispositions[10]).toBe('delivered');
      const repeats = items.filter(
        (item) => (item as { disposition: string }).disposition === 'duplicate',
      );
      expect(repeats).toHaveLength(9);
      for (const item of repeats) expect(item).toMatchObject({ same_as_no: 10, code: 'SameInRun' });
    });

    it('has a ledger whose proof holds at every moment', async () => {
      const made = await createLinesRun(bench, service.url, mixedLines(220), { slowMs: 2 });
      let working = true;
      const running = work(bench, made.run).finally(() => {
        working = false;
      });
      let looks = 0;
      let underWay = 0;
      while (working) {
        const proof = await proveLedger(bench.db, made.run.id);
        expect(proof, JSON.stringify(proof)).toSatisfy(holds);
        if (proof.pending > 0) underWay += 1;
        looks += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect((await running).status).toBe('complete');
      expect(looks).toBeGreaterThan(5);
      expect(underWay).toBeGreaterThan(2);
    });

    it('keeps the digest and the facts of a line that was held in the first stage', async () => {
      const made = await createLinesRun(bench, service.url, ['k|1|look', 'k|2|fine']);
      await work(bench, made.run);
      const { items } = await outcomeOf(bench.db, made);
      expect(items).toMatchObject([
        { no: 1, code: 'LineNeedsLook', facts: { characters: 4 }, digest: digestOf('k|1|look') },
      ]);
    });
  });

  describe('a second run', () => {
    it('delivers nothing that the first one delivered', async () => {
      const content = plainLines(40);
      const first = await createLinesRun(bench, service.url, content);
      await work(bench, first.run);
      const second = await createLinesRun(bench, service.url, content, {
        project: first.run.project,
      });
      expect((await work(bench, second.run)).status).toBe('complete');
      const outcome = await outcomeOf(bench.db, second);
      expect(countDispositions(outcome)).toEqual({ duplicate: 40 });
      expect(outcome.files).toEqual({});
      const item = await bench.db
        .selectFrom('lazaret.published_item')
        .selectAll()
        .where('run', '=', second.run.id)
        .where('no', '=', 7)
        .executeTakeFirstOrThrow();
      expect(item).toMatchObject({ same_as_run: first.run.id, same_as_no: 7 });
    });

    it('delivers anew under a changed recipe', async () => {
      const content = plainLines(20);
      const first = await createLinesRun(bench, service.url, content);
      await work(bench, first.run);
      const second = await createLinesRun(bench, service.url, content, {
        project: first.run.project,
        policy: 'two',
      });
      await work(bench, second.run);
      expect(countDispositions(await outcomeOf(bench.db, second))).toEqual({ delivered: 20 });
    });

    it('holds again what is held before the stage that looks for repeats, without harm to the rest', async () => {
      const content = ['a|1|look', ...plainLines(15), 'a|1|look', ...plainLines(3)];
      const first = await createLinesRun(bench, service.url, content);
      expect((await work(bench, first.run)).status).toBe('complete');
      const proof = await proveLedger(bench.db, first.run.id);
      expect(proof).toMatchObject({ held: 2, delivered: 15, duplicate: 3 });
      const second = await createLinesRun(bench, service.url, content, {
        project: first.run.project,
      });
      await work(bench, second.run);
      expect(await proveLedger(bench.db, second.run.id)).toMatchObject({ held: 2, duplicate: 18 });
      const { items } = await outcomeOf(bench.db, second);
      expect(items).toContainEqual(expect.objectContaining({ no: 1, code: 'LineNeedsLook' }));
    });
  });

  describe('a batch that fails', () => {
    const trouble = [
      ['an item step', 'throw', 'parse'],
      ['a batch step', 'batchthrow', 'ask'],
      ['a batch step behind a delivery', 'latethrow', 'confirm'],
    ] as const;
    it.each(trouble)(
      'because of %s holds its items with the code, and the rest goes on',
      async (_, text) => {
        const content = plainLines(40);
        content[12] = `kx|idx|${text}`;
        content[13] = `kx|idy|fine`;
        const made = await createLinesRun(bench, service.url, content);
        expect((await work(bench, made.run)).status).toBe('complete');
        const { dispositions, items, deliveries } = await outcomeOf(bench.db, made);
        const held = text === 'throw' ? 10 : 2;
        expect(countDispositions({ dispositions } as never)).toEqual({
          held,
          delivered: 40 - held,
        });
        expect(items).toHaveLength(held);
        for (const item of items) expect(item).toMatchObject({ code: 'UnknownError' });
        expect(deliveries).toHaveLength(4);
        const batch = await bench.db
          .selectFrom('lazaret.batch')
          .select(['status', 'has_error', 'reason'])
          .where('run', '=', made.run.id)
          .where('status', '=', 'error')
          .executeTakeFirstOrThrow();
        expect(batch.has_error).toBe(true);
        expect(batch.reason?.incident).toMatch(/^i_[0-9a-f]{8}$/);
        expect(await leftovers(bench, made.run)).toEqual([]);
        const summary = await summarise(bench.db, catalogue, await bench.engine.find(made.run.id));
        expect(summary.findings).toEqual([
          expect.objectContaining({ name: 'UnknownError', count: held }),
        ]);
        const incident = bench.events.filter((event) => event.incident === batch.reason?.incident);
        expect(incident).toHaveLength(1);
        expect(incident[0]).toMatchObject({ level: 'error', run: made.run.id });
      },
    );

    it('by what the store refuses half-way through counts its items once', async () => {
      const content = plainLines(40);
      content[12] = 'kx|idx|refused';
      content[13] = 'ky|idy|look';
      const made = await createLinesRun(bench, service.url, content);
      expect((await work(bench, made.run)).status).toBe('complete');
      const outcome = await outcomeOf(bench.db, made);
      expect(countDispositions(outcome)).toEqual({ held: 10, delivered: 30 });
      for (const item of outcome.items) expect(item).toMatchObject({ code: 'StoreRefusedValue' });
    });

    it('leaves nothing of an exception in any table or log line', async () => {
      await bench.engine.find('nothing').catch(() => undefined);
      const { rows: tables } = await sql<{ name: string }>`
        select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_schema in ('lazaret', 'lazaret_queue') and table_type = 'BASE TABLE'`.execute(
        bench.db,
      );
      expect(tables.length).toBeGreaterThan(15);
      for (const { name } of tables) {
        const { rows } = await sql<{ row: string }>`
          select t::text as row from ${sql.raw(name)} t where t::text like ${'%CANARY%'}`.execute(
          bench.db,
        );
        expect(rows, name).toEqual([]);
      }
      expect(JSON.stringify(bench.events)).not.toContain('CANARY');
      expect(CANARY).toContain('CANARY');
    });
  });

  describe('a line that ends its thread', () => {
    it.each(['exit', 'memory'])(
      'by %s is named, and its neighbours go on',
      async (text) => {
        const content = plainLines(30);
        content[14] = `k1|id|${text}`;
        const made = await createLinesRun(bench, service.url, content, { chunk: 30 });
        expect((await work(bench, made.run)).status).toBe('complete');
        const { items, dispositions } = await outcomeOf(bench.db, made);
        expect(items).toMatchObject([{ no: 15, disposition: 'held', code: 'ItemBreaksWorker' }]);
        expect(countDispositions({ dispositions } as never)).toEqual({ held: 1, delivered: 29 });
      },
      60_000,
    );
  });

  it('completes a run over nothing, and says that nothing was there', async () => {
    const made = await createLinesRun(bench, service.url, []);
    expect((await work(bench, made.run)).status).toBe('complete');
    const { findings } = await outcomeOf(bench.db, made);
    expect(findings).toMatchObject([{ code: 'SourceEmpty', stage: 'source' }]);
  });

  it('tells exact counts where findings are only sampled', async () => {
    const count = MAX_FINDINGS_PER_CODE + 50;
    const content = Array.from({ length: count }, (_, index) => `k|${index}|odd ${index}`);
    const made = await createLinesRun(bench, service.url, content, { chunk: count });
    await work(bench, made.run);
    const run = await bench.engine.find(made.run.id);
    const { findings } = await summarise(bench.db, catalogue, run);
    expect(findings).toEqual([{ id: 'LIN-003', name: 'LineOdd', type: 'warning', count }]);
    const stored = await bench.db
      .selectFrom('lazaret.published_finding')
      .select((eb) => eb.fn.countAll<number>().as('rows'))
      .where('run', '=', run.id)
      .executeTakeFirstOrThrow();
    expect(stored.rows).toBe(MAX_FINDINGS_PER_CODE);
  });

  it('refuses a batch over the limit, and loses none of its items', async () => {
    const count = MAX_BATCH_ITEMS + 1;
    const content = Array.from({ length: count }, () => 'k|1|x');
    const made = await createLinesRun(bench, service.url, content, { chunk: count });
    expect((await work(bench, made.run)).status).toBe('complete');
    const proof = await proveLedger(bench.db, made.run.id);
    expect(proof).toMatchObject({ received: count, held: count, lost: 0, twice: 0 });
    const code = await bench.db
      .selectFrom('lazaret.batch')
      .select('reason')
      .where('run', '=', made.run.id)
      .executeTakeFirstOrThrow();
    expect(code.reason?.code).toBe('BatchTooLarge');
  }, 120_000);
});

function digestOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}
