/**
 * Forgetting visits: sealed segments hold the versions of many subjects, so those that have one that
 * is to go are written anew without it, and all others as they were.
 */
import { sql } from 'kysely';
import type { Forgetting } from '../../../engine/pipeline.ts';
import { packVisits, unpackVisits, type KeptVisit, type VisitRead } from '../history/kept-visit.ts';
import { LazyDigest } from '../history/value-digest.ts';
import { bucketOf } from '../subject.ts';
import { keptSegments } from './kept-segments.ts';

/** No values have it: a visit that looked at an erased one is looked at again when there is cause. */
const ERASED_DIGEST = LazyDigest.known('erased');

/**
 * @param items `<run>/<item>` of everything that is to go
 * @param onGone called with each version that goes: there may be a million
 * @returns the batches that have kept one of them
 * @throws SealDamaged, SealKeyDiffers
 */
export async function forgetVisits(
  { db, key, project, subjects }: Forgetting,
  items: ReadonlySet<string>,
  onGone: (version: KeptVisit) => void,
): Promise<string[]> {
  const gone = new Set(subjects);
  const buckets = gone.size === 0 ? null : [...gone].map(bucketOf);
  const isGone = ({ subject, id }: KeptVisit): boolean => gone.has(subject) || items.has(id);
  const batches = new Set<string>();
  for await (const { id, run, batch, payload } of keptSegments(db, project, buckets)) {
    const before = unpackVisits(key, payload);
    const kept = before.filter((one) => !isGone(one));
    const isReader = kept.some(({ reads }) => reads.some((read) => isOf(read, items)));
    if (kept.length === before.length && !isReader) continue;
    if (kept.length < before.length) batches.add(batch);
    for (const one of before) if (isGone(one)) onGone(one);
    const [first] = kept;
    if (first === undefined) {
      await sql`delete from lazaret_forms.segment where id = ${id}::bigint`.execute(db);
      continue;
    }
    const left = kept.map((one) => withoutReads(one, items));
    const written = Buffer.from(packVisits(key, { run, recipe: first.recipe }, left));
    await sql`update lazaret_forms.segment set payload = ${written}::bytea, visits = ${left.length}
      where id = ${id}::bigint`.execute(db);
  }
  return [...batches];
}

function isOf({ id }: VisitRead, items: ReadonlySet<string>): boolean {
  return id !== null && items.has(id);
}

/** That it was judged beside another visit stays; the digest of what that said does not. */
function withoutReads(version: KeptVisit, items: ReadonlySet<string>): KeptVisit {
  if (!version.reads.some((read) => isOf(read, items))) return version;
  const reads = version.reads.map((read) =>
    isOf(read, items) ? { ...read, digest: ERASED_DIGEST } : read,
  );
  return { ...version, reads };
}
