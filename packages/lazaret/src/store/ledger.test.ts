/** Each kind of sabotage is found out and named, and a run whose sum is off does not complete. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCodingService, type CodingService } from '../../test/coding-service.ts';
import { testDatabases } from '../../test/databases.ts';
import {
  createLinesRun,
  makeFolder,
  openBench,
  removeFolder,
  work,
  type Bench,
} from '../../test/engine-bench.ts';
import { mixedLines } from '../../test/lines.ts';
import { engineCodes } from '../engine/codes.ts';
import { holds, proveLedger, type Proof } from './ledger.ts';
import type { Db } from './open.ts';

interface Sabotage {
  readonly name: string;
  readonly act: (db: Db, run: string) => Promise<unknown>;
  readonly shows: (proof: Proof) => void;
}

const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'a changed counter',
    act: (db, run) =>
      sql`update lazaret.run set counters = counters || '{"rejected": 1000}' where id = ${run}`.execute(
        db,
      ),
    shows: ({ countersOff }) => expect(countersOff).toEqual(['rejected']),
  },
  {
    name: 'an outcome that is deleted',
    act: (db, run) =>
      sql`delete from lazaret.outcome where id = (select min(id) from lazaret.published_outcome
        where run = ${run} and disposition = 'rejected')`.execute(db),
    shows: ({ lost }) => expect(lost).toBeGreaterThan(0),
  },
  {
    name: 'an outcome that is there twice',
    act: (db, run) =>
      sql`insert into lazaret.outcome (run, batch, attempt, disposition, refs)
        select run, batch, attempt, disposition, refs from lazaret.published_outcome
        where run = ${run} and disposition = 'rejected' order by id limit 1`.execute(db),
    shows: ({ twice }) => expect(twice).toBeGreaterThan(0),
  },
  {
    name: 'an item that never arrived',
    act: (db, run) =>
      sql`insert into lazaret.outcome (run, batch, attempt, disposition, refs)
        select run, batch, attempt, disposition, '{[90000,90003)}' from lazaret.published_outcome
        where run = ${run} and disposition = 'rejected' order by id limit 1`.execute(db),
    shows: ({ strange }) => expect(strange).toBe(3),
  },
  {
    name: 'an arrival that is gone with all that became of it',
    act: (db, run) =>
      sql`with gone as (
        delete from lazaret.parcel where id = (select max(id) from lazaret.parcel
          where run = ${run} and maker is null and payload is null) returning refs
      ) update lazaret.outcome o set refs = o.refs - gone.refs from gone where o.run = ${run}`.execute(
        db,
      ),
    shows: ({ countersOff }) => expect(countersOff).toContain('received'),
  },
];

const AFTERWARDS: readonly Sabotage[] = [
  ...SABOTAGES,
  {
    name: 'a delivery that is removed',
    act: (db, run) =>
      sql`delete from lazaret.delivery where id = (select min(id::text)::uuid
        from lazaret.published_delivery where run = ${run})`.execute(db),
    shows: ({ misdelivered }) => expect(misdelivered).toBeGreaterThan(0),
  },
  {
    name: 'a delivery that is there twice',
    act: (db, run) =>
      sql`insert into lazaret.delivery select gen_random_uuid(), run, batch, attempt, sink, key || '2',
        digest, bytes, refs from lazaret.published_delivery where run = ${run} limit 1`.execute(db),
    shows: ({ misdelivered }) => expect(misdelivered).toBeGreaterThan(0),
  },
];

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

  describe('after a run', () => {
    it.each(AFTERWARDS)('the proof names $name', async ({ act, shows }) => {
      const made = await createLinesRun(bench, service.url, mixedLines(60));
      await work(bench, made.run);
      expect(holds(await proveLedger(bench.db, made.run.id))).toBe(true);
      await act(bench.db, made.run.id);
      const proof = await proveLedger(bench.db, made.run.id);
      expect(holds(proof)).toBe(false);
      shows(proof);
    });
  });

  describe('in the middle of a run', () => {
    it.each(SABOTAGES)('$name keeps it from completing', async ({ act }) => {
      const made = await createLinesRun(bench, service.url, mixedLines(60));
      // Stopped when the first stage is through, so that there is something to tamper with.
      const controller = new AbortController();
      service.behave('hangs');
      const running = work(bench, made.run, { controller });
      await expect
        .poll(() => proveLedger(bench.db, made.run.id), { timeout: 5_000 })
        .toMatchObject({ rejected: 6 });
      controller.abort(engineCodes.fault('RunStoppedByPerson', { by: 'a test' }));
      const stopped = await running;
      service.behave('well');
      await act(bench.db, made.run.id);
      const ended = await work(bench, stopped);
      expect(ended).toMatchObject({ status: 'failed', reason: { code: 'LedgerDoesNotAddUp' } });
      const again = await work(bench, ended);
      expect(again).toMatchObject({ status: 'failed', reason: { code: 'LedgerDoesNotAddUp' } });
    });
  });
});
