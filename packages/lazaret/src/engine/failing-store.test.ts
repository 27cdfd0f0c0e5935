/** The store fails at the n-th query, before it or behind it, and the run arrives all the same. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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
import { holds, proveLedger } from '../store/ledger.ts';

const LINES = mixedLines(44);

function lost(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
}

/** Makes the n-th query from now fail, before it is done or after. */
function failAt(n: number, when: 'before' | 'after'): { readonly count: () => number } {
  let count = 0;
  const original = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...args: unknown[]
  ) {
    count += 1;
    if (count !== n) return original.apply(this, args) as never;
    if (when === 'before') return Promise.reject(lost()) as never;
    return (async () => {
      await original.apply(this, args);
      throw lost();
    })() as never;
  });
  return { count: () => count };
}

testDatabases(import.meta.url, (database) => {
  let bench: Bench;
  let service: CodingService;
  let folder: string;
  let undisturbed: Outcome;
  let queries = 0;

  beforeAll(async () => {
    folder = await makeFolder();
    service = await startCodingService();
    bench = await openBench({ url: database.url, folder });
    const made = await createLinesRun(bench, service.url, LINES);
    const counted = failAt(Number.POSITIVE_INFINITY, 'before');
    await work(bench, made.run);
    queries = counted.count();
    vi.restoreAllMocks();
    undisturbed = await outcomeOf(bench.db, made);
  });
  afterAll(async () => {
    await bench.close();
    await service.close();
    await removeFolder(folder);
  });

  describe.each(['before', 'after'] as const)('a connection that is lost %s the query', (when) => {
    it('at any point costs nothing but time', async ({ annotate }) => {
      expect(queries).toBeGreaterThan(100);
      const step = Math.max(1, Math.floor(queries / (20 * LONG)));
      const endings: string[] = [];
      for (let n = 1 + (when === 'after' ? Math.floor(step / 2) : 0); n <= queries; n += step) {
        const made = await createLinesRun(bench, service.url, LINES);
        failAt(n, when);
        let ended = await work(bench, made.run).finally(() => vi.restoreAllMocks());
        endings.push(`${n}:${ended.status}`);
        if (ended.status !== 'complete') {
          expect(ended.reason, `query ${n}`).not.toBeNull();
          ended = await work(bench, ended);
        }
        expect(ended.status, `query ${n}`).toBe('complete');
        expect(await outcomeOf(bench.db, made), `query ${n}`).toEqual(undisturbed);
        const proof = await proveLedger(bench.db, made.run.id);
        expect(holds(proof), `query ${n}: ${JSON.stringify(proof)}`).toBe(true);
        expect(await leftovers(bench, made.run)).toEqual([]);
      }
      const resumed = endings.filter((ending) => !ending.endsWith('complete'));
      await annotate(`${endings.length} of ${queries} ${when}, resumed: ${resumed.join(' ')}`);
    }, 120_000);
  });

  it('lets go of nothing when its connections are ended again and again', async ({ skip }) => {
    skip(
      database.store === 'pglite',
      'the embedded store has no connections that anybody could end',
    );
    const made = await createLinesRun(bench, service.url, LINES, { slowMs: 80 });
    const killer = new pg.Client({ connectionString: database.url ?? '' });
    await killer.connect();
    let ended = 0;
    const timer = setInterval(() => {
      void killer
        .query(
          `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()`,
        )
        .then(({ rowCount }) => {
          ended += rowCount ?? 0;
        });
    }, 150);
    const stopAfter = setTimeout(() => clearInterval(timer), 10_000);
    let run = await work(bench, made.run);
    clearInterval(timer);
    clearTimeout(stopAfter);
    await killer.end();
    if (run.status !== 'complete') {
      expect(run.reason).not.toBeNull();
      run = await work(bench, run);
    }
    expect(run.status).toBe('complete');
    expect(ended).toBeGreaterThan(5);
    expect(await outcomeOf(bench.db, made)).toEqual(undisturbed);
    expect(holds(await proveLedger(bench.db, made.run.id))).toBe(true);
  }, 60_000);
});
