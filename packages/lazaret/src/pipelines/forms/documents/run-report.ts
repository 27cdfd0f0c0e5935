/** How the files of a run stand now, and which documents there are of them. */
import { sql } from 'kysely';
import type { FileStanding, RunReport } from '../../../engine/pipeline.ts';
import type { Db } from '../../../store/open.ts';
import { rootOf } from './filed-run.ts';

export async function reportOf(db: Db, run: string): Promise<RunReport> {
  const root = await rootOf(db, run);
  const documents = await sql<RunReport['documents'][number]>`
    select kind, number, key from (
      select distinct on (kind, number) kind, number, key from lazaret_forms.document
      where run = ${run} order by kind, number, id desc
    ) latest order by kind, number`.execute(db);
  return { files: await standingOfFiles(db, root), documents: documents.rows };
}

interface StandingRow {
  readonly file: number;
  readonly items: number;
  readonly delivered: number;
  readonly rejected: number;
  readonly held: number;
  readonly skipped: number;
  readonly duplicate: number;
  readonly twins: number;
  readonly wrong: boolean;
}

/**
 * A visit that was delivered passes, one that was rejected fails, one that is held is in review; a
 * duplicate is as the visit that stands for it. Items that were sent in again count as they stand
 * in their latest life.
 */
async function standingOfFiles(db: Db, root: string): Promise<FileStanding[]> {
  const { rows } = await sql<StandingRow>`
    with parts as (
      select file, range_agg(refs) as refs from lazaret_forms.published_file_part
      where run = ${root} group by file
    ), first_life as (
      select p.file, o.disposition,
        (select coalesce(sum(upper(r) - lower(r)), 0) from unnest(o.refs * p.refs) r) as n
      from lazaret.published_outcome o join parts p on o.refs && p.refs where o.run = ${root}
    ), again as (
      select p.file, o.disposition, d.parent_run = ${root} as is_second, exists (
          select 1 from lazaret.descent n
          join lazaret.published_outcome later on later.run = n.run and later.refs @> n.no
          where n.parent_run = d.run and n.parent_no = d.no
        ) as is_over
      from lazaret.descent d
      join lazaret.published_outcome o on o.run = d.run and o.refs @> d.no
      join parts p on p.refs @> d.root_no
      where d.root_run = ${root}
    ), standing as (
      select file, disposition, n from first_life
      union all select file, 'held', -1 from again where is_second
      union all select file, disposition, 1 from again where not is_over
    ), twins as (
      -- Of visits that are in review.
      select p.file, count(*) as n from lazaret.published_item i
      join lazaret.held_item h on h.run = i.same_as_run and h.no = i.same_as_no
      join parts p on p.refs @> i.no
      where i.run = ${root} and i.disposition = 'duplicate' group by p.file
    )
    select f.file,
      (select coalesce(sum(upper(r) - lower(r)), 0) from unnest(p.refs) r)::bigint as items,
      coalesce(sum(s.n) filter (where s.disposition = 'delivered'), 0)::bigint as delivered,
      coalesce(sum(s.n) filter (where s.disposition = 'rejected'), 0)::bigint as rejected,
      coalesce(sum(s.n) filter (where s.disposition = 'held'), 0)::bigint as held,
      coalesce(sum(s.n) filter (where s.disposition = 'skipped'), 0)::bigint as skipped,
      coalesce(sum(s.n) filter (where s.disposition = 'duplicate'), 0)::bigint as duplicate,
      coalesce((select n from twins t where t.file = f.file), 0)::bigint as twins,
      exists (
        select 1 from lazaret.published_finding x
        where x.run = ${root} and x.item is null and x.type = 'error' and (
          x.parameters->>'file' = (f.file + 1)::text
          or (x.parameters->>'file' is null and x.batch in (
            select batch from lazaret_forms.published_file_part y
            where y.run = ${root} and y.file = f.file)))
      ) as wrong
    from lazaret_forms.file f
    left join parts p on p.file = f.file
    left join standing s on s.file = f.file
    where f.run = ${root}
    group by f.file, p.refs order by f.file`.execute(db);
  return rows.map(standingOf);
}

function standingOf(row: StandingRow): FileStanding {
  const { file, items, delivered, rejected, held, skipped, duplicate, twins, wrong } = row;
  const pass = delivered + skipped + duplicate - twins;
  const inReview = held + twins;
  const pending = items - pass - inReview - rejected;
  return {
    file: file + 1,
    status:
      rejected > 0 || wrong ? 'FAIL' : pending > 0 ? null : inReview > 0 ? 'IN REVIEW' : 'PASS',
    items: { pass, fail: rejected, inReview, pending },
  };
}
