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

export interface ForgottenVisits {
  /** The versions that are gone; one that was looked at again is there once for each time. */
  readonly versions: readonly KeptVisit[];
  /** Batches that have kept one of them. */
  readonly batches: readonly string[];
}

/** No values have it: a visit that looked at an erased one is looked at again when there is cause. */
const ERASED_DIGEST = LazyDigest.known('erased');

/**
 * @param items `<run>/<item>` of everything that is to go
 * @throws SealDamaged, SealKeyDiffers
 */
export async function forgetVisits(
  { db, key, project, subjects }: Forgetting,
  items: ReadonlySet<string>,
): Promise<ForgottenVisits> {
  const gone = new Set(subjects);
  const buckets = gone.size === 0 ? null : [...gone].map(bucketOf);
  const versions: KeptVisit[] = [];
  const batches = new Set<string>();
  for await (const { id, run, batch, payload } of keptSegments(db, project, buckets)) {
    const before = unpackVisits(key, payload);
    const kept = before.filter((one) => !gone.has(one.subject) && !items.has(one.id));
    const isReader = kept.some(({ reads }) => reads.some((read) => isOf(read, items)));
    if (kept.length === before.length && !isReader) continue;
    if (kept.length < before.length) batches.add(batch);
    versions.push(...before.filter((one) => gone.has(one.subject) || items.has(one.id)));
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
  return { versions, batches: [...batches] };
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
