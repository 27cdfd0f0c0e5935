/** Taking the identity map out of the store, and bringing it into one. */
import { sql } from 'kysely';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import { fault } from './codes.ts';
import { compareKept, identityContext, type IdentityEntry } from './identity-map.ts';
import { MAX_MAP_ENTRIES, type OpenEntry } from './map-file.ts';
import type { ProjectKey } from './project-key.ts';
import type { IdentifierKind } from './service.ts';
import { findKept, insertEntries, lockMap } from './stored-map.ts';

const ROWS_AT_ONCE = 500;

/** How many pseudonyms depend on a key. */
export interface MapCounts {
  readonly patients: number;
  readonly accessions: number;
}

export interface ImportCounts {
  readonly added: number;
  readonly alreadyThere: number;
}

export async function countMap(db: Db, keyId: string): Promise<MapCounts> {
  const { rows } = await sql<{ kind: IdentifierKind; count: string }>`
    select kind, count(*) as count from lazaret_identity.map
    where key_id = ${keyId} group by kind`.execute(db);
  const of = (kind: IdentifierKind): number =>
    Number(rows.find((row) => row.kind === kind)?.count ?? 0);
  return { patients: of('patient'), accessions: of('accession') };
}

/**
 * Every entry of a key, with its original in clear, in the order of kinds and pseudonyms.
 *
 * @param limit most entries that are read.
 * @throws `IdentityMapTooLarge`, `SealDamaged`, `SealKeyDiffers`
 */
export async function readMap(
  db: Db,
  key: ProjectKey,
  limit: number = MAX_MAP_ENTRIES,
): Promise<readonly OpenEntry[]> {
  const { patients, accessions } = await countMap(db, key.keyId);
  if (patients + accessions > limit) {
    const entries = patients + accessions;
    throw fault('IdentityMapTooLarge', { entries, limit });
  }
  const entries: OpenEntry[] = [];
  for (;;) {
    const last = entries.at(-1) ?? { kind: '', pseudonym: '' };
    const { rows } = await sql<
      Pick<IdentityEntry, 'kind' | 'pseudonym' | 'origin' | 'mark' | 'sealed'>
    >`
      select kind, pseudonym, origin, mark, sealed from lazaret_identity.map
      where key_id = ${key.keyId} and (kind, pseudonym) > (${last.kind}, ${last.pseudonym})
      order by kind, pseudonym limit ${ROWS_AT_ONCE}`.execute(db);
    for (const { kind, pseudonym, origin, mark, sealed } of rows) {
      const original = key.unsealJson(sealed, identityContext(kind, pseudonym));
      entries.push({ kind, pseudonym, origin, mark, original: original as OpenEntry['original'] });
    }
    if (rows.length < ROWS_AT_ONCE) return entries;
  }
}

/**
 * Brings entries in: all of them, or none where any contradicts what is there. Entries that are
 * there already stay as they are, so doing it twice is doing it once.
 *
 * @throws `IdentityImportContradicts`
 */
export async function importMap(
  db: Db,
  key: ProjectKey,
  entries: readonly OpenEntry[],
): Promise<ImportCounts> {
  return db.transaction().execute(async (trx) => {
    await lockMap(trx);
    let added = 0;
    let alreadyThere = 0;
    let refused = 0;
    for (let from = 0; from < entries.length; from += ROWS_AT_ONCE) {
      const some = entries.slice(from, from + ROWS_AT_ONCE).map((entry) => sealEntry(key, entry));
      const counts = await importSome(trx, some);
      added += counts.added;
      alreadyThere += counts.alreadyThere;
      refused += counts.refused;
    }
    // Thrown inside the transaction, so that what was written before it is gone with it.
    if (refused > 0) throw fault('IdentityImportContradicts', { added, alreadyThere, refused });
    return { added, alreadyThere };
  });
}

async function importSome(
  trx: Trx,
  entries: readonly IdentityEntry[],
): Promise<ImportCounts & { readonly refused: number }> {
  const kept = await findKept(trx, entries);
  const fresh: IdentityEntry[] = [];
  let alreadyThere = 0;
  for (const entry of entries) {
    const standing = compareKept(entry, [...kept, ...fresh]);
    if (standing === 'new') fresh.push(entry);
    else if (standing === 'known') alreadyThere += 1;
  }
  if (fresh.length > 0) await insertEntries(trx, fresh);
  const refused = entries.length - fresh.length - alreadyThere;
  return { added: fresh.length, alreadyThere, refused };
}

function sealEntry(
  key: ProjectKey,
  { kind, pseudonym, origin, mark, original }: OpenEntry,
): IdentityEntry {
  const sealed = key.sealJson(original, identityContext(kind, pseudonym));
  return { kind, pseudonym, origin, mark, sealed, keyId: key.keyId };
}
