import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabases } from '../../test/databases.ts';
import { cacheFolder } from '../store/new-cluster.ts';
import { openStore, type Store } from '../store/open.ts';
import { answerMark, identityContext, type IdentityEntry } from './identity-map.ts';
import { countMap, importMap, readMap } from './map-transfer.ts';
import { projectKeyFrom, type ProjectKey } from './project-key.ts';
import { IDENTITY_MIGRATIONS, storedIdentityMap } from './stored-map.ts';

/** A key of its own for each test: the map keeps keys apart. */
const newKey = (): ProjectKey => projectKeyFrom(randomBytes(32));

function entryOf(
  key: ProjectKey,
  id: string,
  pseudonym: string,
  shiftDays: number | null,
): IdentityEntry {
  const origin = Buffer.from(key.keyedBytes('patient', id)).toString('hex');
  return {
    kind: 'patient',
    pseudonym,
    origin,
    sealed: key.sealJson({ id }, identityContext('patient', pseudonym)),
    keyId: key.keyId,
    mark: shiftDays === null ? null : answerMark(key, origin, pseudonym, shiftDays),
  };
}

testDatabases(import.meta.url, (database) => {
  let store: Store;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazaret-map-'));
    store = await openStore({
      dataFolder: folder,
      databaseUrl: database.url ?? undefined,
      migrations: [IDENTITY_MIGRATIONS],
      cacheFolder: cacheFolder(process.env),
      command: 'a test',
      now: () => new Date(0),
    });
  }, 60_000);
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('remembers a thing once, and all entries or none', async () => {
    const key = newKey();
    const map = storedIdentityMap(store.db);
    const first = Array.from({ length: 1_200 }, (_, at) => entryOf(key, `p${at}`, `S${at}`, -3));
    await map.remember(first);
    await map.remember(first);
    expect(await countMap(store.db, key.keyId)).toEqual({ patients: 1_200, accessions: 0 });
    const contradicts = [entryOf(key, 'new', 'NEW', -3), entryOf(key, 'p1', 'OTHER', -3)];
    await expect(map.remember(contradicts)).rejects.toMatchObject({
      code: 'IdentityContradiction',
      parameters: { what: 'pseudonym', when: 'before' },
    });
    expect(await countMap(store.db, key.keyId)).toEqual({ patients: 1_200, accessions: 0 });
  });

  it('refuses another shift, and a pseudonym that stands for somebody else', async () => {
    const key = newKey();
    const map = storedIdentityMap(store.db);
    await map.remember([entryOf(key, 'a', 'A', -3)]);
    await expect(map.remember([entryOf(key, 'a', 'A', -4)])).rejects.toMatchObject({
      code: 'IdentityContradiction',
      parameters: { what: 'date shift' },
    });
    await expect(map.remember([entryOf(key, 'b', 'A', -3)])).rejects.toMatchObject({
      code: 'PseudonymCollision',
    });
    // One without a shift is of the embedded service, or from before shifts were remembered.
    await map.remember([entryOf(key, 'a', 'A', null)]);
  });

  it('lets one of two contradicting answers through that come at the same time', async () => {
    const key = newKey();
    const map = storedIdentityMap(store.db);
    const both = await Promise.allSettled([
      map.remember([entryOf(key, 'a', 'ONE', -3)]),
      map.remember([entryOf(key, 'a', 'TWO', -3)]),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await countMap(store.db, key.keyId)).toEqual({ patients: 1, accessions: 0 });
  });

  it('is taken out whole and brought in again without a difference', async () => {
    const key = newKey();
    const map = storedIdentityMap(store.db);
    const entries = Array.from({ length: 700 }, (_, at) => entryOf(key, `p${at}`, `S${at}`, -3));
    await map.remember(entries);
    const taken = await readMap(store.db, key);
    expect(taken).toHaveLength(700);
    expect(taken.find(({ pseudonym }) => pseudonym === 'S17')?.original).toEqual({ id: 'p17' });
    expect(await importMap(store.db, key, taken)).toEqual({ added: 0, alreadyThere: 700 });

    const { origin, mark } = entryOf(key, 'more', 'MORE', -3);
    const more = {
      kind: 'patient',
      pseudonym: 'MORE',
      origin,
      mark,
      original: { id: 'more' },
    } as const;
    expect(await importMap(store.db, key, [...taken, more])).toEqual({
      added: 1,
      alreadyThere: 700,
    });
    const other = { ...more, pseudonym: 'ELSE' };
    const fresh = { ...more, pseudonym: 'FRESH', origin: 'e'.repeat(64) };
    await expect(importMap(store.db, key, [...taken, fresh, other])).rejects.toMatchObject({
      code: 'IdentityImportContradicts',
      parameters: { added: 1, alreadyThere: 700, refused: 1 },
    });
    expect(await countMap(store.db, key.keyId)).toEqual({ patients: 701, accessions: 0 });
  });

  it('is not taken out where it is larger than a file may be', async () => {
    const key = newKey();
    const two = [entryOf(key, 'a', 'A', -3), entryOf(key, 'b', 'B', -3)];
    await storedIdentityMap(store.db).remember(two);
    await expect(readMap(store.db, key, 1)).rejects.toMatchObject({
      code: 'IdentityMapTooLarge',
      parameters: { entries: 2, limit: 1 },
    });
  });
});
