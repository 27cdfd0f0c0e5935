/** The schema: migrations, the types that stand for it, claims and re-cuts. */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
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
import { plainLines } from '../../test/lines.ts';
import { claimBatch, putBack, SILENCE_MS } from './batches.ts';
import { HEART_MIGRATIONS, migrate } from './migrate.ts';

testDatabases(import.meta.url, (database) => {
  let bench: Bench;
  let service: CodingService;
  let folder: string;
  const now = (): Date => new Date();

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

  describe('migrations', () => {
    const write = async (files: Record<string, string>) => {
      const at = path.join(folder, `sql-${Object.keys(files).length}-${Math.random()}`);
      await mkdir(at);
      for (const [name, text] of Object.entries(files)) await writeFile(path.join(at, name), text);
      return { owner: 'mine', folder: pathToFileURL(`${at}/`) };
    };

    it('are applied once, and refused when they changed or are not known', async () => {
      const first =
        '-- A comment; with a semicolon.\ncreate schema mine;\ncreate table mine.a (b int);';
      await migrate(bench.db, [HEART_MIGRATIONS, await write({ '1.sql': first })], now);
      await migrate(bench.db, [await write({ '1.sql': first, '2.sql': 'select 1;' })], now);
      await expect(
        migrate(bench.db, [await write({ '1.sql': `${first} `, '2.sql': 'select 1;' })], now),
      ).rejects.toMatchObject({ code: 'StoreMigrationChanged' });
      await expect(migrate(bench.db, [await write({ '1.sql': first })], now)).rejects.toMatchObject(
        { code: 'StoreTooNew', parameters: { migration: '2.sql' } },
      );
    });

    it('that fail leave nothing behind', async () => {
      const bad = await write({ '1.sql': 'create schema half;\nselect nonsense from nowhere;' });
      await expect(migrate(bench.db, [{ ...bad, owner: 'half' }], now)).rejects.toThrow(/nowhere/);
      const { rows } = await sql`select 1 from pg_namespace where nspname = 'half'`.execute(
        bench.db,
      );
      expect(rows).toEqual([]);
    });
  });

  it('has the tables, columns and empty values that the types say', async () => {
    const { rows } = await sql<{ table: string; column: string; nullable: boolean }>`
      select c.table_name as table, c.column_name as column, c.is_nullable = 'YES' as nullable
      from information_schema.columns c
      join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'lazaret' and t.table_type = 'BASE TABLE'`.execute(bench.db);
    const stored = new Map<string, string[]>();
    for (const { table, column, nullable } of rows.filter((row) => row.table !== 'migration')) {
      stored.set(table, [...(stored.get(table) ?? []), `${column}${nullable ? ' null' : ''}`]);
    }
    const typed = readTypes();
    expect([...typed.keys()].sort()).toEqual([...stored.keys()].sort());
    for (const [table, columns] of stored) {
      expect(typed.get(table)?.sort(), table).toEqual(columns.sort());
    }
  });

  describe('a claim', () => {
    it('goes to one of two, is refused to a stale job, and an overtaken attempt puts nothing back', async () => {
      const made = await createLinesRun(bench, service.url, plainLines(10));
      await work(bench, made.run);
      const batch = await bench.db
        .selectFrom('lazaret.batch')
        .select('id')
        .where('run', '=', made.run.id)
        .where('stage', '=', 0)
        .executeTakeFirstOrThrow();
      const owner = 'a worker';
      expect(await claimBatch(bench.db, batch.id, 1, owner, now())).toBe('stale');
      await bench.db
        .updateTable('lazaret.run')
        .set({ status: 'running', finished_at: null, owner })
        .where('id', '=', made.run.id)
        .execute();
      await bench.db
        .updateTable('lazaret.batch')
        .set({ status: 'queued', published_attempt: null })
        .where('id', '=', batch.id)
        .execute();
      expect(await claimBatch(bench.db, batch.id, 0, owner, now())).toBe('stale');
      expect(await claimBatch(bench.db, batch.id, 1, 'another', now())).toBe('stale');
      const both = await Promise.all(
        [1, 2].map(() => claimBatch(bench.db, batch.id, 1, owner, now())),
      );
      expect(both.filter((row) => typeof row === 'object')).toHaveLength(1);
      // The overtaken attempt can put nothing back.
      await putBack(bench.db, batch.id, 1);
      const row = await bench.db
        .selectFrom('lazaret.batch')
        .select(['status', 'attempt'])
        .where('id', '=', batch.id)
        .executeTakeFirstOrThrow();
      expect(row).toEqual({ status: 'processing', attempt: 2 });
    });

    it('waits for a living run that is at work on the same cut, and for no dead one', async () => {
      const content = plainLines(4, 1);
      const first = await createLinesRun(bench, service.url, content);
      const second = await createLinesRun(bench, service.url, content, {
        project: first.run.project,
        policy: 'two',
      });
      await work(bench, first.run);
      await work(bench, second.run);
      const batchOf = async (run: string, status: 'queued' | 'processing'): Promise<string> => {
        await bench.db
          .updateTable('lazaret.run')
          .set({ status: 'running', finished_at: null, owner: 'a worker', heartbeat_at: now() })
          .where('id', '=', run)
          .execute();
        const { id } = await bench.db
          .updateTable('lazaret.batch')
          .set({ status, published_attempt: null })
          .where('run', '=', run)
          .where('stage', '=', 1)
          .returning('id')
          .executeTakeFirstOrThrow();
        return id;
      };
      await batchOf(first.run.id, 'processing');
      const waits = await batchOf(second.run.id, 'queued');
      expect(await claimBatch(bench.db, waits, 1, 'a worker', now())).toBe('busy');
      const later = new Date(now().getTime() + SILENCE_MS + 1_000);
      expect(await claimBatch(bench.db, waits, 1, 'a worker', later)).toMatchObject({ attempt: 2 });
    });
  });

  it('re-cuts in the order of first items, whoever published first', async () => {
    for (const slowMs of [0, 7]) {
      const made = await createLinesRun(bench, service.url, plainLines(30, 7), {
        slowMs,
        chunk: 4,
      });
      await work(bench, made.run);
      const { rows } = await sql<{ ordinal: number; first: number }>`
        select b.ordinal, min(lower(p.refs)) as first from lazaret.batch b
        join lazaret.parcel p on p.target = b.id
        where b.run = ${made.run.id} and b.stage = 1 group by b.ordinal order by b.ordinal`.execute(
        bench.db,
      );
      expect(rows).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => ({ ordinal: n, first: n })));
    }
  });
});

/** The columns of each table in `tables.ts`, with ` null` where they may be empty. */
function readTypes(): Map<string, string[]> {
  const text = readFileSync(new URL('./tables.ts', import.meta.url), 'utf8');
  const bodies = new Map<string, string[]>();
  for (const [, name = '', body = ''] of text.matchAll(/interface (\w+)Table \{\n([^}]*)\}/g)) {
    const columns = [...body.matchAll(/^ {2}(\w+): (.+);$/gm)].map(
      ([, column = '', type = '']) =>
        `${column}${/\| null\b|JsonOrNull/.test(type) ? ' null' : ''}`,
    );
    bodies.set(`${name}Table`, columns);
  }
  const tables = new Map<string, string[]>();
  for (const [, table = '', type = ''] of text.matchAll(/'lazaret\.(\w+)': (\w+);/g)) {
    if (table.startsWith('published_') || table === 'held_item') continue;
    tables.set(table, bodies.get(type) ?? []);
  }
  return tables;
}
