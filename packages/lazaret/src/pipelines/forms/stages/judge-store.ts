/** What the store keeps of subjects: fetched before their records are judged, added to behind. */
import { sql } from 'kysely';
import type { LotBatch } from '../../../engine/lot.ts';
import type { BatchContext } from '../../../engine/pipeline.ts';
import type { Db } from '../../../store/open.ts';
import type { Trx } from '../../../store/runs.ts';
import type { KnownAlert } from '../alerts/alert.ts';
import { sealDetail } from '../alerts/alert-detail.ts';
import type { FormRecord } from '../record.ts';
import { readHeader } from '../record-lot.ts';
import { bucketOf, visitOf } from '../subject.ts';
import type { FormsTools } from '../tools.ts';
import type { Judged } from '../judging/judged.ts';

/** For the worker thread: sealed segments in their order, and alerts with what was decided. */
export interface FetchedHistory {
  readonly segments: readonly { readonly bucket: number; readonly payload: Uint8Array }[];
  /** Which segments these are. */
  readonly seen: SeenSegments;
  readonly alerts: readonly KnownAlert[];
  /**
   * What counts as today, `YYYY-MM-DD`: the day (UTC) on which the run was made, so that a run that
   * is resumed on another day judges all its records alike.
   */
  readonly today: string;
  /** The items of a child run are records that a person has sent in again. */
  readonly again: boolean;
  /** The runs that brought the visits that are kept: their ids, and how people call them. */
  readonly runs: readonly (readonly [id: string, short: string])[];
}

/** What a batch has been judged beside: the segments of some buckets, as there were so many. */
export interface SeenSegments {
  readonly buckets: readonly number[];
  readonly count: number;
  /** Sum of their ids: of all that come and go, other segments than these. */
  readonly ids: number;
}

const ROWS_AT_ONCE = 500;

/** A segment may be large: few enough of them for one statement. */
const SEGMENTS_AT_ONCE = 8;

export async function fetchKept(
  { lots, singles }: LotBatch,
  { db, project, tools, batch }: BatchContext<FormsTools>,
): Promise<FetchedHistory> {
  const { keys } = tools.configuration.study;
  const buckets = new Set<number>();
  for (const { content } of lots)
    for (const bucket of readHeader(content).buckets) buckets.add(bucket);
  for (const { value } of singles) {
    buckets.add(bucketOf(visitOf(value as FormRecord, keys).subject));
  }
  const wanted = [...buckets];
  const segments = await sql<{ id: number; bucket: number; payload: Uint8Array }>`
    select id, bucket, payload from lazaret_forms.published_segment
    where project = ${project} and bucket = any(${wanted}::smallint[]) order by id`.execute(db);
  const runs = await sql<{ id: string; short: string }>`
    select r.id, r.short from lazaret.run r
    where exists (select 1 from lazaret_forms.segment s
      where s.run = r.id and s.project = ${project} and s.bucket = any(${wanted}::smallint[]))`.execute(
    db,
  );
  const made = await db
    .selectFrom('lazaret.run')
    .select(['created_at', 'parent'])
    .where('id', '=', batch.run)
    .executeTakeFirstOrThrow();
  return {
    segments: segments.rows.map(({ bucket, payload }) => ({
      ...{ bucket, payload: Uint8Array.from(payload) },
    })),
    seen: {
      ...{ buckets: wanted, count: segments.rows.length },
      ids: segments.rows.reduce((sum, { id }) => sum + id, 0),
    },
    alerts: await fetchAlerts(db, project, wanted),
    runs: runs.rows.map(({ id, short }) => [id, short] as const),
    again: made.parent !== null,
    today: made.created_at.toISOString().slice(0, 10),
  };
}

/** Whether no others have been published since, but those of the batch itself. */
export async function isSeen(
  { buckets, count, ids }: SeenSegments,
  { project, batch }: Pick<BatchContext<FormsTools>, 'project' | 'batch'>,
  db: Db | Trx,
): Promise<boolean> {
  const { rows } = await sql<{ count: number; ids: number }>`
    select count(*)::int8 as count, coalesce(sum(id), 0)::int8 as ids
    from lazaret_forms.published_segment
    where project = ${project} and bucket = any(${[...buckets]}::smallint[])
      and batch <> ${batch.batch}`.execute(db);
  return rows[0]?.count === count && rows[0].ids === ids;
}

/** The alerts of some buckets, with what was decided about them. */
export async function fetchAlerts(
  db: Db,
  project: string,
  buckets: readonly number[],
): Promise<KnownAlert[]> {
  const { rows } = await sql<KnownRow>`
    select key, visit, standing, state, rule_digest, clear, cleared_state, cleared_rule, decision,
      reason, cleared_by, cleared_at
    from lazaret_forms.alert
    where project = ${project} and bucket = any(${[...buckets]}::smallint[])`.execute(db);
  return rows.map(knownAlert);
}

interface KnownRow {
  readonly key: string;
  readonly visit: string;
  readonly standing: 'raised' | 'gone';
  readonly state: string;
  readonly rule_digest: string;
  readonly clear: boolean | null;
  readonly cleared_state: string | null;
  readonly cleared_rule: string | null;
  readonly decision: string | null;
  readonly reason: string | null;
  readonly cleared_by: string | null;
  readonly cleared_at: Date | null;
}

function knownAlert(row: KnownRow): KnownAlert {
  const { key, visit, standing, state } = row;
  return {
    ...{ key, visit, standing, state, ruleDigest: row.rule_digest },
    clearance:
      row.clear === null
        ? null
        : {
            clear: row.clear,
            state: row.cleared_state ?? '',
            ruleDigest: row.cleared_rule ?? '',
            decision: row.decision ?? '',
            reason: row.reason ?? '',
            by: row.cleared_by ?? '',
            at: row.cleared_at?.toISOString() ?? '',
          },
  };
}

/** Counts when the attempt is published. */
export async function keepJudged(
  { segments, evaluations }: Pick<Judged, 'segments' | 'evaluations'>,
  { db, project, batch, key, now }: BatchContext<FormsTools>,
): Promise<void> {
  const { run, batch: id, attempt } = batch;
  // What an attempt that was cut short has left.
  for (const table of ['segment', 'evaluation']) {
    await sql`delete from ${sql.table(`lazaret_forms.${table}`)}
      where batch = ${id} and attempt < ${attempt}`.execute(db);
  }
  for (let from = 0; from < segments.length; from += SEGMENTS_AT_ONCE) {
    const rows = segments.slice(from, from + SEGMENTS_AT_ONCE).map(
      ({ bucket, visits, payload }) => sql`(${project}, ${bucket}::smallint, ${run}::uuid,
        ${id}::uuid, ${attempt}::int, ${visits}::int, ${Buffer.from(payload)}::bytea)`,
    );
    await sql`insert into lazaret_forms.segment
        (project, bucket, run, batch, attempt, visits, payload)
      values ${sql.join(rows)}`.execute(db);
  }
  const at = now();
  for (let from = 0; from < evaluations.length; from += ROWS_AT_ONCE) {
    const rows = evaluations.slice(from, from + ROWS_AT_ONCE).map((one) => {
      const { bucket, visit, module, itemRun, item, raised } = one;
      const detail = raised === null ? null : Buffer.from(sealDetail(key, raised.detail));
      return sql`(${project}, ${bucket}::smallint, ${one.key}, ${visit}, ${run}::uuid, ${id}::uuid,
        ${attempt}::int, ${itemRun}::uuid, ${item}::bigint, ${module}, ${raised?.field ?? ''},
        ${raised?.rule ?? ''}, ${raised?.code ?? ''}, ${raised?.ruleDigest ?? ''},
        ${raised?.state ?? ''}, ${raised === null ? 'gone' : 'raised'}, ${detail}::bytea,
        ${at}::timestamptz)`;
    });
    await sql`insert into lazaret_forms.evaluation (project, bucket, key, visit, run, batch, attempt,
        item_run, item, module, field, rule, code, rule_digest, state, standing, detail, at)
      values ${sql.join(rows)}`.execute(db);
  }
}
