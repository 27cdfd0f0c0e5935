/** The summary of a run, from the ledger and the tally: the document that commands print. */
import type { Catalogue } from '@lazaret/faults';
import { sql } from 'kysely';
import { proveLedger, type Proof } from '../store/ledger.ts';
import type { Db } from '../store/open.ts';
import type { RunRow } from '../store/runs.ts';
import type { Reason, RunStatus } from '../store/tables.ts';
import type { AnyPipeline, RunReport } from './pipeline.ts';
import { megabytesPerHour } from './throughput.ts';

export interface RunSummary {
  readonly run: string;
  readonly pipeline: string;
  readonly status: RunStatus;
  readonly reason: Reason | null;
  readonly elapsedSeconds: number;
  /** Of the items received. */
  readonly bytes: number;
  /** Of the bytes received, over the time at work; null where there was neither. */
  readonly megabytesPerHour: number | null;
  readonly expected: number | null;
  readonly items: Pick<
    Proof,
    'received' | 'delivered' | 'held' | 'rejected' | 'skipped' | 'duplicate' | 'pending'
  >;
  /** Batches as they arrived, each as it stands with all that became of it since. */
  readonly batches: {
    readonly total: number;
    readonly done: number;
    readonly empty: number;
    readonly error: number;
  };
  readonly findings: readonly FindingCount[];
  readonly deliveries: { readonly count: number; readonly bytes: number };
  /** Of pipelines that take in files. */
  readonly files?: RunReport['files'];
  readonly documents?: RunReport['documents'];
}

export interface FindingCount {
  readonly id: string;
  readonly name: string;
  readonly type: 'error' | 'alert' | 'warning';
  readonly count: number;
}

export async function summarise(
  db: Db,
  catalogue: Catalogue,
  run: RunRow,
  { reportOf }: Pick<AnyPipeline, 'reportOf'> = {},
): Promise<RunSummary> {
  const proof = await proveLedger(db, run.id);
  const { received, delivered, held, rejected, skipped, duplicate, pending } = proof;
  return {
    run: run.short,
    pipeline: run.pipeline,
    status: run.status,
    reason: run.reason,
    elapsedSeconds: Math.round(run.elapsed_ms / 100) / 10,
    bytes: run.bytes,
    megabytesPerHour: megabytesPerHour(run.bytes, run.elapsed_ms / 1_000),
    expected: null,
    items: { received, delivered, held, rejected, skipped, duplicate, pending },
    batches: await countBatches(db, run.id),
    findings: await countFindings(db, catalogue, run.id),
    deliveries: await countDeliveries(db, run.id),
    ...(await reportOf?.(db, run.id)),
  };
}

/**
 * How the batches of a run stand. One that arrived is in error when it, or any batch that its items
 * went on into, ended in error; empty when none of its items was delivered.
 */
export async function countBatches(db: Db, run: string): Promise<RunSummary['batches']> {
  const { rows } = await sql<{ total: number; done: number; empty: number; error: number }>`
    with arrived as (
      select b.id, b.status, p.refs from lazaret.batch b
      left join lateral (
        select range_agg(refs) as refs from lazaret.parcel where target = b.id and maker is null
      ) p on true
      where b.run = ${run} and b.stage = 0
    ), failed as (
      select range_agg(p.refs) as refs from lazaret.batch b
      join lazaret.parcel p on p.target = b.id
      where b.run = ${run} and b.status = 'error'
    ), delivered as (
      select range_agg(refs) as refs from lazaret.published_outcome
      where run = ${run} and disposition = 'delivered'
    ), under_way as (
      select range_agg(p.refs) as refs from lazaret.parcel p
      left join lazaret.batch t on t.id = p.target
      left join lazaret.batch m on m.id = p.maker
      where p.run = ${run} and (p.maker is null or m.published_attempt = p.attempt)
        and (p.target is null or t.published_attempt is null)
    ), standing as (
      select case
        when coalesce(a.refs && f.refs, false) or a.status = 'error' then 'error'
        when coalesce(a.refs && u.refs, false) or a.status in ('queued', 'processing') then 'open'
        when coalesce(a.refs && d.refs, false) then 'done'
        else 'empty' end as standing
      from arrived a, failed f, delivered d, under_way u
    )
    select count(*)::bigint as total,
      count(*) filter (where standing = 'done')::bigint as done,
      count(*) filter (where standing = 'empty')::bigint as empty,
      count(*) filter (where standing = 'error')::bigint as error
    from standing`.execute(db);
  return rows[0] ?? { total: 0, done: 0, empty: 0, error: 0 };
}

export async function countFindings(
  db: Db,
  catalogue: Catalogue,
  run: string,
): Promise<FindingCount[]> {
  const { rows } = await sql<{ code: string; count: number }>`
    select code, sum(count)::bigint as count from (
      select code, count from lazaret.published_tally where run = ${run}
      union all
      select code, count(*)::bigint from lazaret.finding
      where run = ${run} and batch is null group by code
    ) counted group by code`.execute(db);
  return rows
    .map(({ code, count }) => {
      const { id, name, type } = catalogue.entryOf({ code });
      return { id, name, type, count };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function countDeliveries(db: Db, run: string): Promise<RunSummary['deliveries']> {
  const row = await db
    .selectFrom('lazaret.published_delivery')
    .select((eb) => [
      eb.fn.countAll<number>().as('count'),
      eb.fn.coalesce(eb.fn.sum<number>('bytes'), eb.val(0)).as('bytes'),
    ])
    .where('run', '=', run)
    .executeTakeFirstOrThrow();
  return { count: row.count, bytes: Number(row.bytes) };
}

/** How many items of a run stand under each disposition and code: what the terminal lists. */
export async function countByCode(
  db: Db,
  run: string,
): Promise<
  readonly { readonly disposition: string; readonly code: string; readonly count: number }[]
> {
  const { rows } = await sql<{ disposition: string; code: string; count: number }>`
    select disposition, code, count(*)::bigint as count from lazaret.published_item
    where run = ${run} group by disposition, code order by count desc, code`.execute(db);
  return rows;
}
