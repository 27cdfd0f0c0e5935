/** Alerts by the rule that raises them: a rule is judged once, and then its alerts are alike. */
import { sql } from 'kysely';
import type { Db } from '../../../store/open.ts';
import { fitting, VERSION_OF_ALL, type AlertSelection, type Standing } from './alert-selection.ts';

/** The alerts of one rule that fit. */
export interface AlertGroup {
  /** The author's code; the rule's name where it has none. */
  readonly code: string;
  readonly rule: string;
  readonly module: string;
  readonly field: string;
  readonly count: number;
  /** How many visits they are of. */
  readonly visits: number;
  readonly standings: Readonly<Partial<Record<Standing, number>>>;
  /** When the first of them was raised as it is. */
  readonly since: Date;
  /** Key of one of them, the oldest. */
  readonly example: string;
  /** Of all of them together, for a decision that is about just these. */
  readonly version: string;
}

/** Counts what fits by rule and field, exactly; the largest group first. */
export async function groupAlerts(db: Db, selection: AlertSelection): Promise<AlertGroup[]> {
  const from = await fitting(db, selection);
  const { rows } = await sql<
    Omit<AlertGroup, 'standings'> & { standings: Partial<Record<Standing, number>> }
  >`
    select a.code, a.rule, a.module, a.field, count(*)::bigint as count,
      count(distinct a.visit)::bigint as visits, min(a.since) as since,
      (array_agg(a.key order by a.since, i.short, a.item, a.key))[1] as example,
      jsonb_strip_nulls(jsonb_build_object(${sql.join(STANDINGS.map(counted))})) as standings,
      ${VERSION_OF_ALL} as version
    ${from}
    group by a.code, a.rule, a.module, a.field
    order by count(*) desc, a.code, a.field`.execute(db);
  return rows;
}

const STANDINGS: readonly Standing[] = [
  ...(['new', 'raised-again', 'rule-changed', 'uncleared', 'cleared', 'closed'] as const),
];

function counted(standing: Standing): ReturnType<typeof sql> {
  return sql`${standing}::text, nullif(count(*) filter (where a.standing = ${standing}), 0)`;
}
