/** The identity map in the store. */
import { sql } from 'kysely';
import type { Migrations } from '../store/migrate.ts';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import {
  refuseChange,
  type IdentityEntry,
  type IdentityMap,
  type KeptEntry,
} from './identity-map.ts';
import type { IdentifierKind } from './service.ts';

export const IDENTITY_MIGRATIONS: Migrations = {
  owner: 'identity',
  folder: new URL('./sql/', import.meta.url),
};

const ROWS_AT_ONCE = 500;

/** Names the lock under which the map is written: an arbitrary number, the same in every process. */
const MAP_LOCK = 7_204_113_958;

/** @throws as `IdentityMap` says */
export function storedIdentityMap(db: Db): IdentityMap {
  return {
    async remember(entries) {
      if (entries.length === 0) return;
      await db.transaction().execute(async (trx) => {
        await lockMap(trx);
        for (let from = 0; from < entries.length; from += ROWS_AT_ONCE) {
          const some = entries.slice(from, from + ROWS_AT_ONCE);
          const kept = await findKept(trx, some);
          // With each other as well: one answer may hold two that contradict.
          for (const entry of some) refuseChange(entry, [...kept, ...some]);
          await insertEntries(trx, some);
        }
      });
    },
  };
}

/**
 * Lets one transaction at a time write to the map: two batches of one patient, each with another
 * answer, would else not see each other and both be right.
 */
export async function lockMap(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${MAP_LOCK})`.execute(trx);
}

/** What is kept of the pseudonyms and the origins of some entries. */
export async function findKept(trx: Trx, entries: readonly IdentityEntry[]): Promise<KeptEntry[]> {
  const list = (values: readonly string[]): ReturnType<typeof sql.join> =>
    sql.join([...new Set(values)]);
  const { rows } = await sql<{
    kind: IdentifierKind;
    pseudonym: string;
    key_id: string;
    origin: string;
    mark: string | null;
  }>`
    select kind, pseudonym, key_id, origin, mark from lazaret_identity.map
    where key_id in (${list(entries.map(({ keyId }) => keyId))})
      and kind in (${list(entries.map(({ kind }) => kind))})
      and (pseudonym in (${list(entries.map(({ pseudonym }) => pseudonym))})
        or origin in (${list(entries.map(({ origin }) => origin))}))`.execute(trx);
  return rows.map(({ key_id: keyId, ...row }) => ({ ...row, keyId }));
}

/** Writes entries that contradict nothing; one that is there already stays as it is. */
export async function insertEntries(trx: Trx, entries: readonly IdentityEntry[]): Promise<void> {
  const rows = entries.map(
    ({ keyId, kind, pseudonym, origin, mark, sealed }) =>
      sql`(${keyId}, ${kind}, ${pseudonym}, ${origin}, ${mark}, ${Buffer.from(sealed)}::bytea)`,
  );
  await sql`insert into lazaret_identity.map (key_id, kind, pseudonym, origin, mark, sealed)
    values ${sql.join(rows)} on conflict do nothing`.execute(trx);
}
