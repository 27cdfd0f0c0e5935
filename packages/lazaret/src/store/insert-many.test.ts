import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabases } from '../../test/databases.ts';
import { insertMany } from './insert-many.ts';
import { cacheFolder } from './new-cluster.ts';
import { openStore, type Store } from './open.ts';

testDatabases(import.meta.url, (database) => {
  const folder = mkdtempSync(join(tmpdir(), 'lazaret-insert-'));
  let store: Store;
  beforeAll(async () => {
    store = await openStore({
      dataFolder: folder,
      databaseUrl: database.url ?? undefined,
      cacheFolder: cacheFolder(process.env),
      command: 'a test',
      now: () => new Date(0),
    });
    // The rows of this test are of no run.
    await sql`alter table lazaret.finding
      drop constraint finding_run_fkey, drop constraint finding_batch_fkey`.execute(store.db);
  }, 60_000);
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('many rows are kept as they were, whatever is in them, in however many statements', async () => {
    const run = crypto.randomUUID();
    const rows = Array.from({ length: 2_500 }, (_, index) => ({
      id: crypto.randomUUID(),
      ...{ run, batch: null, attempt: null, item: 2 ** 40 + index },
      ...{ stage: 'a "quoted" \\ text', step: 'ünï 🐦', code: '', code_id: '\n\t' },
      ...{ type: 'error', parameters: { text: "it's", list: ['a', 'b'], n: 1.5, yes: true } },
      sealed: index % 2 === 0 ? Buffer.from([0, 1, 254, 255, index % 256]) : null,
      ...{ place: {}, fingerprint: String(index), decision: null },
      at: new Date('2026-01-02T03:04:05.678Z'),
    }));
    await insertMany(
      store.db,
      'lazaret.finding',
      {
        ...{ id: 'uuid', run: 'uuid', batch: 'uuid', attempt: 'int', item: 'bigint' },
        ...{ stage: 'text', step: 'text', code: 'text', code_id: 'text', type: 'text' },
        ...{ parameters: 'jsonb', sealed: 'bytea', place: 'jsonb', fingerprint: 'text' },
        ...{ decision: 'uuid', at: 'timestamptz' },
      },
      rows,
    );
    const kept = await store.db
      .selectFrom('lazaret.finding')
      .selectAll()
      .where('run', '=', run)
      .orderBy('item')
      .execute();
    const plain = kept.map(({ sealed, ...row }) => ({
      ...row,
      sealed: sealed === null ? null : Buffer.from(sealed),
    }));
    expect(plain).toEqual(rows);
  });

  it('no rows are no statement', async () => {
    await expect(insertMany(store.db, 'lazaret.receipt', {} as never, [])).resolves.toBe(undefined);
  });
});
