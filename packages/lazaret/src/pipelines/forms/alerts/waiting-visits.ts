/** Visits that wait for nothing but alerts: clearing the last open one lets them go on. */
import { sql } from 'kysely';
import type { Db } from '../../../store/open.ts';
import type { Trx } from '../../../store/runs.ts';
import type { Alert } from './alert-selection.ts';

/** The items of visits that have no open alert besides these. */
export async function itemsWithout(
  db: Db | Trx,
  project: string,
  alerts: readonly Alert[],
): Promise<string[]> {
  const visits = new Map(alerts.map(({ visit, item }) => [visit, item]));
  const keys = new Set(alerts.map(({ key }) => key));
  const { rows } = await sql<{ key: string; visit: string }>`
    select a.key, a.visit from lazaret_forms.judged_alert a
    where a.project = ${project} and a.visit = any(${[...visits.keys()]}::text[])
      and a.standing not in ('cleared', 'closed')`.execute(db);
  for (const { key, visit } of rows) if (!keys.has(key)) visits.delete(visit);
  return [...new Set(visits.values())];
}
