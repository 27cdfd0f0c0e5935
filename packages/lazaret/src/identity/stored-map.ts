/** The identity map in the store. */
import { sql } from 'kysely';
import type { Migrations } from '../store/migrate.ts';
import type { Db } from '../store/open.ts';
import { refuseCollision, type IdentityMap } from './identity-map.ts';

export const IDENTITY_MIGRATIONS: Migrations = {
  owner: 'identity',
  folder: new URL('./sql/', import.meta.url),
};

const ROWS_AT_ONCE = 500;

/** @throws PseudonymCollision when a pseudonym stands for somebody else already. */
export function storedIdentityMap(db: Db): IdentityMap {
  return {
    async remember(entries) {
      for (let from = 0; from < entries.length; from += ROWS_AT_ONCE) {
        const some = entries.slice(from, from + ROWS_AT_ONCE);
        const rows = some.map(
          ({ keyId, kind, pseudonym, origin, sealed }) =>
            sql`(${keyId}, ${kind}, ${pseudonym}, ${origin}, ${Buffer.from(sealed)}::bytea)`,
        );
        await sql`insert into lazaret_identity.map (key_id, kind, pseudonym, origin, sealed)
          values ${sql.join(rows)} on conflict do nothing`.execute(db);
        const kept = await sql<{ kind: string; pseudonym: string; key_id: string; origin: string }>`
          select kind, pseudonym, key_id, origin from lazaret_identity.map
          where pseudonym in (${sql.join(some.map(({ pseudonym }) => pseudonym))})`.execute(db);
        for (const entry of some) {
          const row = kept.rows.find(
            ({ kind, pseudonym, key_id }) =>
              kind === entry.kind && pseudonym === entry.pseudonym && key_id === entry.keyId,
          );
          if (row === undefined) throw new Error('The identity map lost an entry.');
          refuseCollision(entry, row.origin);
        }
      }
    },
  };
}
