/** The lives of an item: as it first arrived, and each time that it was sent in again. */
import { sql, type RawBuilder } from 'kysely';
import type { Db } from '../store/open.ts';
import type { FinalDisposition } from '../store/tables.ts';

export interface Life {
  /** `r_8k2f3d/17` */
  readonly item: string;
  readonly at: string;
  /** Who began the run. */
  readonly by: string;
  readonly stands: FinalDisposition | 'pending';
  /** Name of the code that decided; null for what was delivered, or is under way. */
  readonly code: string | null;
}

/** The lives of an item as a table of runs and numbers, whichever of them is asked for. */
export function livesTable(
  run: string,
  no: number,
): RawBuilder<{ readonly run: string; readonly no: number }> {
  return sql`(
    with root as (
      select coalesce(d.root_run, ${run}::uuid) as run, coalesce(d.root_no, ${no}::bigint) as no
      from (select 1) one left join lazaret.descent d on d.run = ${run}::uuid and d.no = ${no}::bigint
    )
    select run, no from root
    union all
    select d.run, d.no from lazaret.descent d
    join root on root.run = d.root_run and root.no = d.root_no
  )`;
}

/** All lives of an item, the first one first. */
export async function livesOf(db: Db, run: string, no: number): Promise<Life[]> {
  const { rows } = await sql<{
    short: string;
    no: number;
    at: Date;
    by: string;
    stands: FinalDisposition | 'pending';
    code: string | null;
  }>`
    select r.short, l.no, r.created_at as at, r.started_by as by,
      coalesce(o.disposition, 'pending') as stands, i.code
    from ${livesTable(run, no)} l
    join lazaret.run r on r.id = l.run
    left join lazaret.published_outcome o on o.run = l.run and o.refs @> l.no
    left join lazaret.published_item i on i.run = l.run and i.no = l.no
    order by r.created_at, r.short`.execute(db);
  return rows.map(({ short, no: number, at, ...life }) => ({
    item: `${short}/${number}`,
    at: at.toISOString(),
    ...life,
  }));
}
