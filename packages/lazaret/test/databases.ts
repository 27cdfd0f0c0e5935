import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { storesAskedFor } from './stores.ts';

/** A database of one test file's own. PGlite has no address: the test opens it in memory. */
export type TestDatabase =
  | { readonly store: 'pglite'; readonly url: null }
  | { readonly store: 'postgres'; readonly url: string };

/**
 * Runs a group of tests once on each store, each test file in a database of its own. On PostgreSQL
 * that is created before the group and dropped after it; where there is no PostgreSQL, one skipped
 * test says why. Which stores: `LAZARET_TEST_STORE=pglite|postgres|both` (both).
 *
 * @example
 * testDatabases(import.meta.url, (database) => {
 *   beforeAll(async () => (store = await openStore(database.url)));
 *   it('keeps what it was given', …);
 * });
 */
export function testDatabases(testFile: string, body: (database: TestDatabase) => void): void {
  for (const store of storesAskedFor()) {
    describe(`on ${store}`, () => {
      if (store === 'pglite') {
        body({ store, url: null });
        return;
      }
      const server = inject('postgres');
      if (server.url === null) {
        it('needs PostgreSQL', ({ skip }) => skip(server.reason));
        return;
      }
      const name = nameDatabase(testFile);
      const maintenance = server.url;
      beforeAll(async () => {
        // One that a killed run left behind is in the way, and so are its connections.
        await execute(maintenance, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
        await execute(maintenance, `CREATE DATABASE "${name}" TEMPLATE template0`);
      });
      afterAll(() => execute(maintenance, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`));
      body({ store, url: withDatabase(maintenance, name) });
    });
  }
}

/**
 * A name that shows whose database it is and fits PostgreSQL's 63 bytes: the file's name, and a
 * digest of its path because files in two folders may share a name.
 *
 * @param testFile `import.meta.url`
 */
export function nameDatabase(testFile: string): string {
  const file = fileURLToPath(testFile);
  const stem = path
    .basename(file)
    .replace(/\.test\.tsx?$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, 40);
  return `t_${stem}_${createHash('sha256').update(file).digest('hex').slice(0, 8)}`;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
