/** Participants who are to be forgotten, in the table of identifiers. */
import { sql } from 'kysely';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import { BUCKETS, bucketOf } from '../subject.ts';
import { centresOf, lockTable, openBucket, readBuckets, writeBucket } from './table.ts';

/** The participants who have one of these ids, as `nameOf` writes them. @throws SealDamaged, SealKeyDiffers */
export async function participantsWith(
  db: Db,
  key: ProjectKey,
  project: string,
  ids: ReadonlySet<string>,
): Promise<string[]> {
  const names: string[] = [];
  if (ids.size === 0) return names;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    for (const [name, id] of await entriesOf(db, key, project, bucket)) {
      if (ids.has(id)) names.push(name);
    }
  }
  return names;
}

/** The id of a participant in the table; null where it knows none. @throws SealDamaged, SealKeyDiffers */
export async function idOfParticipant(
  db: Db,
  key: ProjectKey,
  project: string,
  name: string,
): Promise<string | null> {
  return (await entriesOf(db, key, project, bucketOf(name))).get(name) ?? null;
}

async function entriesOf(
  db: Db,
  key: ProjectKey,
  project: string,
  bucket: number,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ payload: Uint8Array }>`
    select payload from lazaret_forms.identifier_bucket
    where project = ${project} and bucket = ${bucket}::smallint`.execute(db);
  return rows[0] === undefined ? new Map() : openBucket(key, rows[0].payload);
}

/**
 * Takes participants out of the table.
 * @param names as `nameOf` writes them
 * @returns how many were in it
 * @throws SealDamaged, SealKeyDiffers
 */
export async function forgetParticipants(
  trx: Db,
  key: ProjectKey,
  project: string,
  names: readonly string[],
): Promise<number> {
  await lockTable(trx);
  const table = await readBuckets(trx, key, project);
  let removed = 0;
  for (const name of names) {
    const bucket = bucketOf(name);
    const ids = table.get(bucket);
    if (ids?.delete(name) !== true) continue;
    removed += 1;
    await writeBucket(trx, key, project, bucket, ids.size === 0 ? undefined : ids);
  }
  if (removed === 0) return 0;
  await sql`update lazaret_forms.identifier_table
    set participants = participants - ${removed}, centres = ${centresOf(table.values())}::text[]
    where project = ${project}`.execute(trx);
  return removed;
}
