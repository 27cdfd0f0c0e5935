import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, describe, expect, it } from 'vitest';
import { cacheFolder, placeNewCluster } from './new-cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'lazaret-cluster-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('A new embedded store', () => {
  it('is made once, kept, and copied from there, each copy a store of its own', async () => {
    const cache = join(folder, 'cache');
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    await placeNewCluster(first, cache);
    const [kept = ''] = readdirSync(cache);
    expect(kept).toMatch(/^empty-store-\d/);
    const mark = join(cache, kept, 'mark-of-a-test');
    writeFileSync(mark, '');
    await placeNewCluster(second, cache);
    expect(existsSync(join(second, 'mark-of-a-test'))).toBe(true);
    expect(await tablesOf(first, 'create table only_here (x int)')).toEqual(['only_here']);
    expect(await tablesOf(second)).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  }, 60_000);

  it('takes the place of what a killed process left, here and in the cache', async () => {
    const cache = join(folder, 'cache-of-killed');
    const store = join(folder, 'third');
    mkdirSync(`${store}.new`, { recursive: true });
    writeFileSync(join(`${store}.new`, 'PG_VERSION'), '17');
    await placeNewCluster(join(folder, 'before'), cache);
    const [kept = ''] = readdirSync(cache);
    rmSync(join(cache, kept), { recursive: true });
    // No process has such a number.
    mkdirSync(join(cache, `${kept}.99999999-0a1b2c3d`));
    await placeNewCluster(store, cache);
    expect(await tablesOf(store)).toEqual([]);
    expect(readdirSync(cache)).toEqual([kept]);
  }, 60_000);

  it('needs no cache that can be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const store = join(folder, 'fourth');
    await placeNewCluster(store, join(file, 'cache'));
    expect(await tablesOf(store)).toEqual([]);
  }, 60_000);

  it('leaves a store alone that is there', async () => {
    const store = join(folder, 'fifth');
    mkdirSync(store);
    await placeNewCluster(store, null);
    expect(readdirSync(store)).toEqual([]);
  });
});

describe('The folder of what can be made again', () => {
  it('is the one that is named, else the usual place of the platform', () => {
    const env = { LAZARET_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b', LOCALAPPDATA: '/c' };
    expect(cacheFolder(env, 'linux', '/user')).toBe('/a');
    expect(cacheFolder({ ...env, LAZARET_CACHE_DIR: '' }, 'linux', '/user')).toBe('/b/lazaret');
    expect(cacheFolder({ LOCALAPPDATA: '/c' }, 'win32', '/user')).toBe('/c/lazaret/cache');
    expect(cacheFolder({}, 'linux', '/user')).toBe('/user/.cache/lazaret');
  });
});

async function tablesOf(store: string, statement?: string): Promise<string[]> {
  const engine = await PGlite.create(store);
  try {
    if (statement !== undefined) await engine.exec(statement);
    const { rows } = await engine.query<{ tablename: string }>(
      `select tablename from pg_tables where schemaname = 'public' order by 1`,
    );
    return rows.map(({ tablename }) => tablename);
  } finally {
    await engine.close();
  }
}
