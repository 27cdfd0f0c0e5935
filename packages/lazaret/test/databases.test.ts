import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { nameDatabase, testDatabases } from './databases.ts';
import { findPostgres } from './postgres.ts';
import { storesAskedFor } from './stores.ts';

testDatabases(import.meta.url, (database) => {
  it('gives a database that answers and is empty', async () => {
    const sql = "SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'public'";
    if (database.store === 'pglite') {
      const lite = await PGlite.create();
      expect((await lite.query(sql)).rows).toEqual([{ tables: 0 }]);
      await lite.close();
      return;
    }
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    expect((await client.query(sql)).rows).toEqual([{ tables: 0 }]);
    expect((await client.query('SELECT current_database() AS name')).rows).toEqual([
      { name: nameDatabase(import.meta.url) },
    ]);
    await client.end();
  });
});

describe('the name of a test database', () => {
  it('differs for files of one name in two folders and fits 63 bytes', () => {
    const long = `${'long-'.repeat(30)}.test.ts`;
    const names = [`file:///a/${long}`, `file:///b/${long}`].map(nameDatabase);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]{1,62}$/);
  });
});

describe('the stores asked for', () => {
  it('are both where nobody says, and a mistyped wish is refused', () => {
    expect(storesAskedFor('')).toEqual(['pglite', 'postgres']);
    expect(storesAskedFor('both')).toEqual(['pglite', 'postgres']);
    expect(storesAskedFor('postgres')).toEqual(['postgres']);
    expect(() => storesAskedFor('postgresql')).toThrow('may be pglite, postgres or both');
  });
});

describe('looking for PostgreSQL', () => {
  it('finds none in a folder that does not exist', () => {
    expect(findPostgres('/nowhere/at/all')).toBeNull();
  });
});
