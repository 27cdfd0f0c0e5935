/** Records that rules have stopped: no version of a visit is kept of them, but they are as they came. */
import { sql } from 'kysely';
import { openArrival } from '../../../engine/stage-rows.ts';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import { isRecord } from '../documents/record-about.ts';
import type { Evaluated } from '../judging/evaluate.ts';
import type { SubjectKeys } from '../study.ts';
import { bucketOf, visitOf } from '../subject.ts';

export interface RejectedRecord extends Evaluated {
  /** Run and item that brought it: `<run>/<item>`. */
  readonly id: string;
  readonly cameAt: Date;
}

export interface RejectedRecords {
  readonly byBucket: ReadonlyMap<number, readonly RejectedRecord[]>;
  /** Older ones that are not among them. */
  readonly leftOut: number;
}

/** The newest of them: they lie in no buckets, so all of them are at hand at once. */
const MAX_RECORDS = 20_000;

/**
 * The records of a module that were rejected for a rule, of each visit the newest one.
 * @throws SealDamaged, SealKeyDiffers
 */
export async function rejectedRecords(
  db: Db,
  key: ProjectKey,
  keys: SubjectKeys,
  { project, module }: { readonly project: string; readonly module: string },
): Promise<RejectedRecords> {
  const rejected = sql`from lazaret.published_item i join lazaret.run r on r.id = i.run
    where r.project = ${project} and r.pipeline = 'forms' and i.disposition = 'rejected'
      and i.code = 'RuleFailed' and i.arrival is not null and i.facts ->> 'module' = ${module}`;
  const counted = await sql<{ count: number }>`
    select count(*)::bigint as count ${rejected}`.execute(db);
  const { rows } = await sql<{ run: string; no: number; arrival: Uint8Array; at: Date }>`
    select i.run, i.no, i.arrival, r.created_at as at ${rejected}
    order by r.created_at desc, i.no limit ${MAX_RECORDS}`.execute(db);
  const byBucket = new Map<number, RejectedRecord[]>();
  const seen = new Set<string>();
  for (const { run, no, arrival, at } of rows) {
    const record = openArrival(key, arrival);
    if (!isRecord(record)) continue;
    const { subject, visit, date } = visitOf(record, keys);
    const slot = JSON.stringify([subject, visit]);
    if (seen.has(slot)) continue;
    seen.add(slot);
    const bucket = bucketOf(subject);
    const list = byBucket.get(bucket) ?? [];
    const { values } = record;
    list.push({ id: `${run}/${no}`, cameAt: at, subject, visit, date, module, values });
    byBucket.set(bucket, list);
  }
  return { byBucket, leftOut: Math.max(0, Number(counted.rows[0]?.count ?? 0) - rows.length) };
}
