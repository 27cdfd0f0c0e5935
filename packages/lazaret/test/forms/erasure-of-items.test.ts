/** Erasing from forms where it is not simple: items and runs, runs under way, folders that are gone. */
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { Session } from '../../src/cli/command.ts';
import type { EraseDocument, EraseInput } from '../../src/cli/retention.ts';
import { finishRemovals } from '../../src/cli/retention.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { testDatabases } from '../databases.ts';
import { documentAs, filesBelow, quietSession } from '../imaging/workbench.ts';
import { everythingKept } from './erasure-world.ts';
import { openVisitBench, STUDY, type Row, type VisitBench } from './visit-bench.ts';

/** The second visit looks at the first one, and quotes it; so does the third, which is rejected. */
const FIRST: Row = {
  ...{ adcid: 1, ptid: 'P1', visitnum: '1', visitdate: '2021-01-01' },
  ...{ age: 61, weight: 71.0625, height: 170.3125 },
};
const SECOND: Row = { ...FIRST, visitnum: '2', visitdate: '2022-01-01', weight: 72, height: 190 };
const THIRD: Row = {
  ...FIRST,
  visitnum: '3',
  visitdate: '2021-06-01',
  age: 50,
  weight: 73,
  height: 171,
};
const OTHER: Row = { ...FIRST, ptid: 'P2', age: 62, weight: 75.1875, height: 180.4375 };
const SECRETS = ['71.0625', '170.3125'];

testDatabases(import.meta.url, (database) => {
  let bench: VisitBench;

  beforeAll(async () => {
    bench = await openVisitBench(database.url ?? undefined);
  }, 120_000);
  afterAll(() => bench.close());

  async function erase(
    selection: EraseInput['selection'],
    given: Partial<EraseInput> = {},
  ): Promise<EraseDocument> {
    const input = {
      ...{ project: 'default', selection, reason: 'consent withdrawn', user: 'anna' },
      ...{ dryRun: false, typed: '', ...given },
    };
    return documentAs(await COMMANDS.erase(bench.workbench.application, input, quietSession()));
  }

  async function proveAll(): Promise<void> {
    const { db } = bench.workbench.application.store;
    for (const { id } of await db.selectFrom('lazaret.run').select('id').execute()) {
      expect(holds(await proveLedger(db, id))).toBe(true);
    }
  }

  const kept = (): Promise<string> => everythingKept(bench.workbench.application);
  const written = (): string =>
    [...filesBelow(bench.workbench.out).values()].map((bytes) => bytes.toString('utf8')).join('\n');

  it('an item goes with all that quotes it, and the other visits of the subject stay', async () => {
    const { summary } = await bench.send([FIRST, SECOND, THIRD, FIRST, OTHER]);
    expect(summary.items).toMatchObject({ delivered: 2, held: 1, rejected: 1, duplicate: 1 });
    const said = await kept();
    for (const secret of SECRETS) expect(said).toContain(secret);
    const erased = await erase({ items: [`${summary.run}/1`] });
    // The same record was sent twice: the second one would have kept what the first one said.
    expect(erased).toMatchObject({
      ...{ items: 2, deliveries: { count: 0 } },
      shared: { visits: 1, alerts: 0, identifiers: 0, shortened: 1 },
    });
    const left = `${await kept()}\n${written()}`;
    for (const secret of SECRETS) expect(left).not.toContain(secret);
    expect(left).toContain('75.1875');
    expect(bench.delivered().map(({ ptid }) => ptid)).toEqual(['P2']);
    await proveAll();
  });

  it('what looked at it is looked at again when the subject comes again', async () => {
    const { fates } = await bench.send([
      { ...FIRST, visitnum: '4', visitdate: '2023-01-01', height: 190 },
      FIRST,
    ]);
    // Without a first visit the second one has nothing to differ from: it is free, and so is this one.
    expect(fates).toEqual([
      { disposition: 'delivered', codes: [] },
      { disposition: 'held', codes: ['ErasedBefore'] },
    ]);
    const free = await sql<{ code: string }>`
      select code from lazaret.published_finding where code = 'VisitFree'`.execute(
      bench.workbench.application.store.db,
    );
    expect(free.rows).toHaveLength(1);
    await proveAll();
  });

  it('a run goes as a whole, and the name of its file with it', async () => {
    const { summary } = await bench.send([{ ...OTHER, ptid: 'P5', weight: 66.21875 }]);
    expect(await kept()).toMatch(/uds-3\.csv/);
    const erased = await erase({ run: summary.run });
    expect(erased).toMatchObject({ items: 1, deliveries: { count: 1 } });
    const left = `${await kept()}\n${written()}`;
    expect(left).not.toContain('66.21875');
    expect(left).not.toMatch(/uds-3\.csv/);
    expect(left).toContain('75.1875');
    const again = await bench.send([{ ...OTHER, ptid: 'P5', weight: 66.21875 }]);
    expect(again.fates).toEqual([{ disposition: 'held', codes: ['ErasedBefore'] }]);
    await proveAll();
  });

  it('nothing is erased while a run is under way, or has records of the subject between stages', async () => {
    const { application } = bench.workbench;
    const given = bench.prepare([{ ...OTHER, ptid: 'P6' }]);
    const controller = new AbortController();
    const session: Session = {
      controller,
      progressOf: () => ({
        ...{ arrived() {}, allArrived() {}, status() {} },
        advanced: (stage) => {
          if (stage === 'read') controller.abort();
        },
      }),
    };
    expect(await bench.workbench.run(given, session)).toMatchObject({ status: 'interrupted' });
    const { db } = application.store;
    const run = await db
      .selectFrom('lazaret.run')
      .selectAll()
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    expect(run.status).toBe('interrupted');
    const refused = { code: 'EraseNotNow', parameters: { runs: [run.short] } };
    await expect(erase({ subject: '1/P6' })).rejects.toMatchObject(refused);
    // Of somebody else, nothing is on its way; but while somebody works, nobody knows.
    await sql`update lazaret.run set status = 'running', finished_at = null
      where id = ${run.id}`.execute(db);
    await expect(erase({ subject: '1/P2' })).rejects.toMatchObject(refused);
    await expect(erase({ subject: '1/P7' })).rejects.toMatchObject(refused);
    await sql`update lazaret.run set status = 'interrupted', finished_at = now()
      where id = ${run.id}`.execute(db);
    await application.engine.work(await application.engine.find(run.short), {
      progress: quietSession().progressOf({ pipeline: '', run: '', stages: [] }),
      controller: new AbortController(),
      maxPauseMs: 1_000,
    });
    expect(await erase({ subject: '1/P6' })).toMatchObject({ items: 1, deliveries: { count: 1 } });
    await proveAll();
  });

  it('a file that an attempt has left, and that nobody counts, goes as a whole', async () => {
    const { summary } = await bench.send([{ ...OTHER, ptid: 'P14', weight: 36.28125 }]);
    const key = 'default/Forms/UDS_0123456789abcdef.ndjson';
    const path = join(bench.workbench.out, key);
    writeFileSync(path, '{"ptid":"P14","weight":36.28125}\n');
    const { db } = bench.workbench.application.store;
    await sql`insert into lazaret.intent (id, run, batch, attempt, kind, key, digest, state, opened_at)
      select gen_random_uuid(), b.run, b.id, 0, 'deliver-folder', ${key}, '', 'superseded', now()
      from lazaret.batch b join lazaret.run r on r.id = b.run
      where r.short = ${summary.run} and b.stage = 1`.execute(db);
    await erase({ subject: '1/P14' });
    expect(existsSync(path)).toBe(false);
    expect(written()).not.toContain('36.28125');
    await proveAll();
  });

  it('of two people who erase the same person at once, one is told that nothing is left', async () => {
    await bench.send([
      { ...OTHER, ptid: 'P12', weight: 33.28125 },
      { ...OTHER, ptid: 'P13', weight: 34.28125 },
    ]);
    const both = await Promise.allSettled([
      erase({ subject: '1/P12' }),
      erase({ subject: '1/P12' }, { user: 'bert' }),
    ]);
    expect(both.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { code: 'NothingToErase' } },
    ]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toMatchObject([
      { value: { items: 1, files: { left: 0 } } },
    ]);
    expect(written()).not.toContain('33.28125');
    expect(written()).toContain('34.28125');
    await proveAll();
  });

  it('what cannot be written stays written down, and is done by a later command', async () => {
    const { application, out } = bench.workbench;
    await bench.send([
      { ...OTHER, ptid: 'P8', weight: 88.28125 },
      { ...OTHER, ptid: 'P9', weight: 99.28125 },
    ]);
    renameSync(out, `${out}-elsewhere`);
    const erased = await erase({ subject: '1/P8' });
    expect(erased.files).toMatchObject({ removed: 0, because: { id: 'SNK-006' } });
    expect(erased.files?.left).toBeGreaterThan(1);
    expect(await kept()).not.toContain('88.28125');
    renameSync(`${out}-elsewhere`, out);
    expect(written()).toContain('88.28125');
    await finishRemovals(application);
    expect(written()).not.toContain('88.28125');
    expect(written()).toContain('99.28125');
    await proveAll();
  });

  it('a file that somebody has changed is left, and told', async () => {
    const { application, out } = bench.workbench;
    await bench.send([
      { ...OTHER, ptid: 'P10', weight: 44.28125 },
      { ...OTHER, ptid: 'P11', weight: 45.28125 },
    ]);
    const folder = join(out, 'default', 'Forms');
    const path = readdirSync(folder)
      .map((name) => join(folder, name))
      .find((name) => readFileSync(name, 'utf8').includes('44.28125'));
    const before = readFileSync(path ?? '', 'utf8');
    writeFileSync(path ?? '', before.split('\n').toReversed().join('\n').trimStart());
    expect((await erase({ subject: '1/P10' })).files).toMatchObject({
      ...{ left: 1, because: { id: 'FRM-090' } },
    });
    writeFileSync(path ?? '', before);
    await finishRemovals(application);
    expect(readFileSync(path ?? '', 'utf8')).toBe(`${before.split('\n')[1]}\n`);
    // Once more, as if the process had died when the file was replaced and nothing was recorded.
    const { db } = application.store;
    await sql`update lazaret_forms.rewriting set state = 'open', settled_at = null`.execute(db);
    const files = filesBelow(out);
    await finishRemovals(application);
    expect(filesBelow(out)).toEqual(files);
    const open = await sql`select 1 from lazaret_forms.rewriting where state = 'open'`.execute(db);
    expect(open.rows).toEqual([]);
    await proveAll();
  });

  describe('of a study that leaves the rules out', () => {
    const settings = {
      study: { ...STUDY, checks: ['file-validator'], delivery: 'csv', keys: {} },
    };

    it('deliveries say who is in them', async () => {
      const out = join(bench.workbench.folder, 'csv');
      const rows = [
        { ...OTHER, ptid: 'P20', weight: 55.15625 },
        { ...OTHER, ptid: 'P21', weight: 56.15625 },
      ];
      // The same file twice: nothing is judged, so that both runs have delivered it.
      await bench.send(rows, settings, { out });
      await bench.send(rows, settings, { out });
      const [name = ''] = readdirSync(join(out, 'default', 'Forms'));
      const path = join(out, 'default', 'Forms', name);
      const [header, , second] = readFileSync(path, 'utf8').split('\r\n');
      expect(await erase({ subject: '01/P20' })).toMatchObject({
        ...{ items: 2, deliveries: { count: 0 }, shared: { shortened: 1 } },
      });
      expect(readFileSync(path, 'utf8')).toBe(`${header}\r\n${second}\r\n`);
      expect(await erase({ subject: '1/P21' })).toMatchObject({ items: 2 });
      expect(existsSync(path)).toBe(false);
      await proveAll();
    });
  });
});
