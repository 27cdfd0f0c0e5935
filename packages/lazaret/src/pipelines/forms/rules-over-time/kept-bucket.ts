/** What is kept of a project's subjects, a bucket at a time: all of it at once would not fit. */
import { sql } from 'kysely';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import type { RunRow } from '../../../store/runs.ts';
import type { KnownAlert } from '../alerts/alert.ts';
import { unpackVisits } from '../history/kept-visit.ts';
import { SubjectHistory } from '../history/subject-history.ts';
import { fetchAlerts } from '../stages/judge-store.ts';

export interface KeptBucket {
  /** By subject. */
  readonly histories: ReadonlyMap<string, SubjectHistory>;
  /** By key. */
  readonly known: ReadonlyMap<string, KnownAlert>;
}

/** The buckets that hold visits. */
export async function keptBuckets(db: Db, project: string): Promise<number[]> {
  const { rows } = await sql<{ bucket: number }>`
    select distinct bucket from lazaret_forms.published_segment
    where project = ${project} order by bucket`.execute(db);
  return rows.map(({ bucket }) => bucket);
}

/** @throws SealDamaged, SealKeyDiffers */
export async function readBucket(
  db: Db,
  key: ProjectKey,
  project: string,
  bucket: number,
): Promise<KeptBucket> {
  const alerts = await fetchAlerts(db, project, [bucket]);
  return {
    histories: await readHistories(db, key, { project, bucket }),
    known: new Map(alerts.map((alert) => [alert.key, alert])),
  };
}

/**
 * The visits of a bucket.
 * @param options.subject only of this one
 * @param options.asOf as they were when this run was made
 * @throws SealDamaged, SealKeyDiffers
 */
export async function readHistories(
  db: Db,
  key: ProjectKey,
  options: {
    readonly project: string;
    readonly bucket: number;
    readonly subject?: string;
    readonly asOf?: Date;
  },
): Promise<Map<string, SubjectHistory>> {
  const { project, bucket, subject, asOf = null } = options;
  const { rows } = await sql<{ payload: Uint8Array }>`
    select s.payload from lazaret_forms.published_segment s join lazaret.run r on r.id = s.run
    where s.project = ${project} and s.bucket = ${bucket}
      and (${asOf}::timestamptz is null or r.created_at <= ${asOf}::timestamptz)
    order by s.id`.execute(db);
  const histories = new Map<string, SubjectHistory>();
  const wanted = subject === undefined ? null : new Set([subject]);
  for (const { payload } of rows) {
    for (const version of unpackVisits(key, Uint8Array.from(payload), wanted)) {
      let history = histories.get(version.subject);
      if (history === undefined) histories.set(version.subject, (history = new SubjectHistory()));
      history.put(version);
    }
  }
  return histories;
}

/** The newest run of forms that took in files; null where there is none. */
export async function newestRun(db: Db, project: string): Promise<RunRow | null> {
  const row = await db
    .selectFrom('lazaret.run')
    .selectAll()
    .where('project', '=', project)
    .where('pipeline', '=', 'forms')
    // What is sent in again has the rules of the run in which it came, however old they are.
    .where('parent', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}
