/** What an erasure leaves to be done to files, written down together with the decision. */
import { sql } from 'kysely';
import type { Forgetting } from '../../../engine/pipeline.ts';

export interface PlannedFiles {
  /** Deliveries of which nothing is left. */
  readonly deliveries: { readonly count: number; readonly bytes: number };
  /** Deliveries that others are in. */
  readonly shortened: number;
  /** QC documents and fix lists that are written anew. */
  readonly documents: number;
}

/**
 * @param batches that have kept a visit that is gone: they may have told a sink to recall it
 * @param touched keyed hashes of subjects that erased items were about
 */
export async function planRewriting(
  forgetting: Forgetting,
  batches: readonly string[],
  touched: readonly string[],
): Promise<PlannedFiles> {
  return {
    ...(await planDeliveries(forgetting, batches)),
    documents: await planDocuments(forgetting, touched),
  };
}

/** The same content that was delivered twice is one file, and has one entry. */
async function planDeliveries(
  { db, decision, at }: Forgetting,
  batches: readonly string[],
): Promise<Pick<PlannedFiles, 'deliveries' | 'shortened'>> {
  const { rows } = await sql<{ run: string; key: string; bytes: number; whole: boolean }>`
    with touched as (
      select run, range_agg(int8range(no, no + 1)) as refs from lazaret.erased
      where run in (select run from lazaret.erased where decision = ${decision}::uuid) group by run
    ), mine as (
      select run, range_agg(int8range(no, no + 1)) as refs from lazaret.erased
      where decision = ${decision}::uuid group by run
    )
    select distinct on (d.key, r.configuration->>'out') d.run, d.key, d.bytes,
      not isempty(d.refs) and d.refs <@ t.refs as whole
    from lazaret.published_delivery d
    join lazaret.run r on r.id = d.run and r.pipeline = 'forms'
    left join touched t on t.run = d.run
    left join mine m on m.run = d.run
    where d.refs && m.refs
      or (isempty(d.refs) and d.batch = any(${[...batches]}::uuid[]))
    order by d.key, r.configuration->>'out', d.run`.execute(db);
  for (const { run, key } of rows) {
    await sql`insert into lazaret_forms.rewriting (id, decision, kind, run, key, state, opened_at)
      values (${crypto.randomUUID()}, ${decision}, 'delivery', ${run}, ${key}, 'open',
        ${at}::timestamptz)`.execute(db);
  }
  await planUncounted({ db, decision, at });
  const whole = rows.filter((row) => row.whole);
  const bytes = whole.reduce((sum, row) => sum + Number(row.bytes), 0);
  return {
    deliveries: { count: whole.length, bytes },
    shortened: rows.length - whole.length,
  };
}

/**
 * Files that attempts have left which ended in error: no delivery counts them, so nobody knows who is
 * in them, and they go as a whole.
 */
async function planUncounted({
  db,
  decision,
  at,
}: Pick<Forgetting, 'db' | 'decision' | 'at'>): Promise<void> {
  await sql`insert into lazaret_forms.rewriting (id, decision, kind, run, key, state, opened_at)
    select gen_random_uuid(), ${decision}::uuid, 'delivery', u.run, u.key, 'open', ${at}::timestamptz
    from (
      select distinct i.run, i.key from lazaret.intent i
      where i.run in (select run from lazaret.erased where decision = ${decision}::uuid)
        and i.kind = 'deliver-folder' and i.state <> 'done'
        and not exists (select 1 from lazaret.delivery d where d.key = i.key)
    ) u`.execute(db);
}

/** Of each run that has written documents about files in which something erased was. */
async function planDocuments(
  { db, project, decision, at }: Forgetting,
  touched: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ run: string; documents: number }>`
    with about as (
      select coalesce(d.root_run, e.run) as run from lazaret.erased e
      left join lazaret.descent d on d.run = e.run and d.no = e.no
      where e.decision = ${decision}::uuid
      union
      select coalesce(d.root_run, i.run) from lazaret.published_item i
      join lazaret.run r on r.id = i.run
      left join lazaret.descent d on d.run = i.run and d.no = i.no
      where r.project = ${project} and i.subject = any(${[...touched]}::text[])
    )
    select w.run, count(distinct (w.kind, w.number))::bigint as documents
    from lazaret_forms.document w join about a on a.run = w.about group by w.run`.execute(db);
  for (const { run } of rows) {
    await sql`insert into lazaret_forms.rewriting (id, decision, kind, run, key, state, opened_at)
      values (${crypto.randomUUID()}, ${decision}, 'documents', ${run}, '', 'open',
        ${at}::timestamptz)`.execute(db);
  }
  return rows.reduce((sum, { documents }) => sum + documents, 0);
}
