/**
 * Image identities: which source bytes a run has read for a SOPInstanceUID (sightings), and which
 * were delivered in whatever run (claims). A claim is written before the delivery counts, so it is
 * only believed where a receipt says that the bytes were delivered indeed.
 */
import { sql } from 'kysely';
import type { ProjectKey } from '../../identity/keys.ts';
import type { Migrations } from '../../store/migrate.ts';
import type { Db } from '../../store/open.ts';
import type { Image } from './image.ts';

export const IMAGING_MIGRATIONS: Migrations = {
  owner: 'imaging',
  folder: new URL('./sql/', import.meta.url),
};

const ROWS_AT_ONCE = 1_000;

interface Place {
  readonly db: Db;
  readonly key: ProjectKey;
  readonly project: string;
}

/** Instance UIDs of these images that were delivered with other bytes, in whatever run. */
export async function findClaimed(
  { db, key, project }: Place,
  images: readonly Image[],
): Promise<ReadonlySet<string>> {
  const claimed = new Set<string>();
  for (let from = 0; from < images.length; from += ROWS_AT_ONCE) {
    const byHash = new Map<string, Image>();
    for (const image of images.slice(from, from + ROWS_AT_ONCE)) {
      byHash.set(hashOf(key, image.header.instanceUid), image);
    }
    const { rows } = await sql<{ instance: string; digest: string }>`
      select i.instance, i.digest from lazaret_imaging.instance i
      where i.project = ${project} and i.instance = any(${[...byHash.keys()]}::text[])
        and exists (
          select 1 from lazaret.receipt t
          where t.project = i.project and t.pipeline = 'imaging' and t.digest = i.digest
            and t.disposition = 'delivered')`.execute(db);
    for (const { instance, digest } of rows) {
      const image = byHash.get(instance);
      if (image !== undefined && image.digest !== digest) claimed.add(image.header.instanceUid);
    }
  }
  return claimed;
}

/**
 * Notes images that a batch has read, in place of what an earlier attempt at it noted. Those of
 * runs that are complete have served.
 */
export async function sight(
  { db, key }: Pick<Place, 'db' | 'key'>,
  batch: { readonly run: string; readonly batch: string },
  images: readonly Image[],
): Promise<void> {
  await sql`delete from lazaret_imaging.sighting s using lazaret.run r
    where r.id = s.run and r.status = 'complete' and r.id != ${batch.run}`.execute(db);
  await sql`delete from lazaret_imaging.sighting where batch = ${batch.batch}`.execute(db);
  for (let from = 0; from < images.length; from += ROWS_AT_ONCE) {
    const some = images
      .slice(from, from + ROWS_AT_ONCE)
      .filter(({ header }) => header.instanceUid !== '');
    await sql`insert into lazaret_imaging.sighting (run, batch, instance, digest)
      select ${batch.run}, ${batch.batch}, * from unnest(
        ${some.map(({ header }) => hashOf(key, header.instanceUid))}::text[],
        ${some.map(({ digest }) => digest)}::text[])
      on conflict do nothing`.execute(db);
  }
}

/** How many different images the run has read of each of these identities, where it is not one. */
export async function countSighted(
  { db, key }: Pick<Place, 'db' | 'key'>,
  run: string,
  images: readonly Image[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let from = 0; from < images.length; from += ROWS_AT_ONCE) {
    const byHash = new Map(
      images
        .slice(from, from + ROWS_AT_ONCE)
        .map(({ header }) => [hashOf(key, header.instanceUid), header.instanceUid]),
    );
    const { rows } = await sql<{ instance: string; count: number }>`
      select instance, count(distinct digest)::int as count from lazaret_imaging.sighting
      where run = ${run} and instance = any(${[...byHash.keys()]}::text[])
      group by instance having count(distinct digest) > 1`.execute(db);
    for (const { instance, count } of rows) counts.set(byHash.get(instance) ?? '', count);
  }
  return counts;
}

/** Claims identities for the bytes that are about to be delivered. Repeats change nothing. */
export async function claim(
  { db, key, project }: Place,
  images: readonly { readonly instanceUid: string; readonly digest: string }[],
): Promise<void> {
  for (let from = 0; from < images.length; from += ROWS_AT_ONCE) {
    const some = images.slice(from, from + ROWS_AT_ONCE);
    await sql`insert into lazaret_imaging.instance (project, instance, digest)
      select ${project}, * from unnest(
        ${some.map(({ instanceUid }) => hashOf(key, instanceUid))}::text[],
        ${some.map(({ digest }) => digest)}::text[])
      on conflict do nothing`.execute(db);
  }
}

function hashOf(key: ProjectKey, instanceUid: string): string {
  return Buffer.from(key.keyedBytes('instance', instanceUid)).toString('base64url');
}
