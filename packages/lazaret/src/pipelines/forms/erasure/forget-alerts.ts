/** Forgetting alerts: what rules said of a visit and the values that they read, and why people cleared it. */
import { sql } from 'kysely';
import type { Forgetting } from '../../../engine/pipeline.ts';
import { openDetail, sealDetail } from '../alerts/alert-detail.ts';
import { bucketOf } from '../subject.ts';

/** Stands where a reason stood. */
const ERASED = '(erased)';

/**
 * @param touched subjects that erased items were about: what else was found about them may quote
 *   what has to go
 * @returns how many alerts are gone
 * @throws SealDamaged, SealKeyDiffers
 */
export async function forgetAlerts(
  forgetting: Forgetting,
  touched: ReadonlySet<string>,
): Promise<number> {
  const { db, project, decision, subjects } = forgetting;
  const ofItems = sql`(select v.id from lazaret_forms.evaluation v
    join lazaret.erased e on e.run = v.item_run and e.no = v.item
    where v.project = ${project} and e.decision = ${decision}::uuid)`;
  const named = await keysOf(forgetting, new Set(subjects));
  const { rows } = await sql<{ key: string }>`
    delete from lazaret_forms.evaluation
    where project = ${project} and (id in ${ofItems} or key = any(${named}::text[]))
    returning key`.execute(db);
  const keys = [...new Set(rows.map(({ key }) => key))];
  await quoteNothing(forgetting, touched);
  // An earlier version of the visit may have raised the same alert: what is said of that one stays.
  const { rows: gone } = await sql<{ key: string }>`
    select k.key from unnest(${keys}::text[]) as k(key)
    where not exists (select 1 from lazaret_forms.evaluation v
      where v.project = ${project} and v.key = k.key)`.execute(db);
  const over = gone.map(({ key }) => key);
  await sql`insert into lazaret_forms.erased_alert (project, key, decision)
    select ${project}, k.key, ${decision}::uuid from unnest(${over}::text[]) as k(key)
    on conflict do nothing`.execute(db);
  await sql`delete from lazaret_forms.clearance
    where project = ${project} and key = any(${over}::text[])`.execute(db);
  await sql`update lazaret_forms.clearance set reason = ${ERASED}
    where project = ${project} and key = any(${keys}::text[])`.execute(db);
  await forgetReasons(forgetting);
  return over.length;
}

/** Keys of the alerts of these subjects. Only what is sealed says whose they are. */
async function keysOf(
  { db, key, project }: Forgetting,
  subjects: ReadonlySet<string>,
): Promise<string[]> {
  const keys = new Set<string>();
  for (const row of await details(db, project, subjects)) {
    if (subjects.has(openDetail(key, row.detail).subject)) keys.add(row.key);
  }
  return [...keys];
}

/** What other visits of the same people showed of an earlier one. */
async function quoteNothing(
  { db, key, project }: Forgetting,
  touched: ReadonlySet<string>,
): Promise<void> {
  for (const { id, detail } of await details(db, project, touched)) {
    const opened = openDetail(key, detail);
    const own = opened.values.filter(({ visit }) => visit === 'current');
    if (!touched.has(opened.subject) || own.length === opened.values.length) continue;
    const sealed = Buffer.from(sealDetail(key, { ...opened, values: own }));
    await sql`update lazaret_forms.evaluation set detail = ${sealed}::bytea
      where id = ${id}::bigint`.execute(db);
  }
}

async function details(
  db: Forgetting['db'],
  project: string,
  subjects: ReadonlySet<string>,
): Promise<readonly { readonly id: string; readonly key: string; readonly detail: Uint8Array }[]> {
  if (subjects.size === 0) return [];
  const buckets = [...new Set([...subjects].map(bucketOf))];
  const { rows } = await sql<{ id: string; key: string; detail: Uint8Array }>`
    select id::text as id, key, detail from lazaret_forms.evaluation
    where project = ${project} and bucket = any(${buckets}::smallint[])
      and detail is not null`.execute(db);
  return rows;
}

/**
 * Reasons are free text, and may say of whom they speak. One that was given for others as well
 * stays: it is about all of them.
 */
async function forgetReasons({ db, project, decision }: Forgetting): Promise<void> {
  await sql`update lazaret.decision d set reason = ${ERASED}
    where d.project = ${project} and d.reason is not null and d.kind not in ('erase', 'retain')
      and exists (select 1 from lazaret.decision_item i
        join lazaret.erased e on e.run = i.run and e.no = i.no
        where i.decision = d.id and e.decision = ${decision}::uuid)
      and not exists (select 1 from lazaret.decision_item i
        where i.decision = d.id and not exists (
          select 1 from lazaret.erased e where e.run = i.run and e.no = i.no))`.execute(db);
}
