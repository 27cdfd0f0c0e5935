/**
 * Selections of alerts: what a list shows, and what a decision is about. One condition serves both,
 * so that what was listed is what is decided on.
 */
import { sql, type RawBuilder } from 'kysely';
import { isNamed } from '../../../engine/selection.ts';
import type { Db } from '../../../store/open.ts';
import type { Trx } from '../../../store/runs.ts';
import { alertName, keyBeginning, type AlertStanding } from './alert.ts';
import { refuseErasedAlert } from '../erasure/erased-before.ts';
import { alertCodes } from './codes.ts';

/** How an alert stands: as its rule raised it, or gone since the rule holds. */
export type Standing = AlertStanding | 'closed';

/** `open`: whatever waits for a person. */
export type StandingFilter = Standing | 'open' | 'all';

export const STANDING_FILTERS: readonly StandingFilter[] = [
  ...(['open', 'cleared', 'closed', 'all'] as const),
  ...(['new', 'uncleared', 'raised-again', 'rule-changed'] as const),
];

export interface AlertSelection {
  readonly project: string;
  /** Names of alerts, or of items: all alerts of the visit that an item brought. */
  readonly names?: readonly string[];
  /** Short form of a run that checked them. */
  readonly run?: string;
  /** Keyed hashes of visits: what a selection by subject comes to, since it may not be kept. */
  readonly visits?: readonly string[];
  readonly module?: string;
  /** The author's code, or the name of the rule. */
  readonly code?: string;
  readonly field?: string;
  readonly standing?: StandingFilter;
  /** Raised as they are since before this instant, in ISO form. */
  readonly before?: string;
  /** Those whose latest decision is this one, by the beginning of its id. */
  readonly decision?: string;
}

/** An alert, as it may be shown to anyone who works here. */
export interface Alert {
  readonly key: string;
  readonly standing: Standing;
  readonly module: string;
  readonly field: string;
  readonly rule: string;
  readonly code: string;
  /** Digest of the rule, and keyed hash of what it read. */
  readonly ruleDigest: string;
  readonly state: string;
  /** When it was first raised as it is, and when it was checked last. */
  readonly since: Date;
  readonly checkedAt: Date;
  /** Keyed hash, and the bucket of the subject. */
  readonly visit: string;
  readonly bucket: number;
  readonly itemRun: string;
  readonly itemNo: number;
  /** `r_8k2f3d/17`: the item that brought the visit as it was checked last. */
  readonly item: string;
  /** Physical line and record of it, where its finding is kept. */
  readonly line: number | null;
  readonly record: number | null;
  /** Short form of the run that checked it last. */
  readonly run: string;
  /** How many decisions there are about it. */
  readonly decisions: number;
  /** The latest one; null where nobody has judged it. */
  readonly clearance: {
    readonly clear: boolean;
    readonly decision: string;
    readonly by: string;
    readonly at: Date;
    readonly reason: string;
  } | null;
  /** What two people collide on: it changes with every decision, and with what the rule read. */
  readonly version: string;
  /** Subject, visit, message and values: sealed. */
  readonly detail: Uint8Array | null;
}

export interface Page {
  readonly limit: number;
  readonly skip?: number;
}

/** Alerts that one decision may be about. */
export const MAX_ALERTS = 100_000;

/**
 * Alerts that fit, those of a rule together, the oldest first.
 * @throws AlertNotFound, AlertNameShort, RecordErased, ItemNotFound
 */
export async function selectAlerts(
  db: Db | Trx,
  selection: AlertSelection,
  { limit, skip = 0 }: Page,
): Promise<Alert[]> {
  const from = await fitting(db, selection, PLACE);
  const { rows } = await sql<AlertRow>`
    select a.key, a.standing, a.module, a.field, a.rule, a.code, a.rule_digest, a.state, a.since, a.at,
      a.visit, a.bucket, a.item_run, a.item, i.short as item_short, r.short as run_short, a.version, a.clear,
      a.decision, a.cleared_by, a.cleared_at, a.reason, a.detail, f.place,
      ${versionOf(VERSION_PARTS)} as version_text
    ${from}
    order by a.code, a.module, a.field, a.rule, a.since, i.short, a.item, a.key
    limit ${limit} offset ${skip}`.execute(db);
  return rows.map(alertOf);
}

/** Findings are kept in part, so that an alert need not have one. */
const PLACE = sql`left join lateral (
  select p.place from lazaret.published_finding p
  where p.run = a.item_run and p.item = a.item and p.code = 'RuleAlert'
    and p.parameters ->> 'alert' = a.key limit 1
) f on true`;

interface AlertRow {
  readonly key: string;
  readonly standing: Standing;
  readonly module: string;
  readonly field: string;
  readonly rule: string;
  readonly code: string;
  readonly rule_digest: string;
  readonly state: string;
  readonly since: Date;
  readonly at: Date;
  readonly visit: string;
  readonly bucket: number;
  readonly item_run: string;
  readonly item: number;
  readonly item_short: string;
  readonly run_short: string;
  readonly version: number;
  readonly clear: boolean | null;
  readonly decision: string | null;
  readonly cleared_by: string | null;
  readonly cleared_at: Date | null;
  readonly reason: string | null;
  readonly detail: Uint8Array | null;
  readonly place: { readonly line?: number; readonly record?: number } | null;
  readonly version_text: string;
}

function alertOf(row: AlertRow): Alert {
  const { key, standing, module, field, rule, code, state, since, visit, bucket, detail } = row;
  return {
    ...{ key, standing, module, field, rule, code, state, since, visit, bucket, detail },
    checkedAt: row.at,
    ruleDigest: row.rule_digest,
    itemRun: row.item_run,
    itemNo: row.item,
    item: `${row.item_short}/${row.item}`,
    line: row.place?.line ?? null,
    record: row.place?.record ?? null,
    run: row.run_short,
    decisions: row.version,
    clearance:
      row.clear === null || row.cleared_at === null
        ? null
        : {
            clear: row.clear,
            decision: row.decision ?? '',
            by: row.cleared_by ?? '',
            at: row.cleared_at,
            reason: row.reason ?? '',
          },
    version: row.version_text,
  };
}

const VERSION_PARTS = sql<string>`concat_ws(' ', a.key, a.standing, a.state, a.rule_digest,
  a.version::text)`;

/** Of several alerts: over all of them, in the order of their keys. */
export const VERSION_OF_ALL = versionOf(
  sql<string>`string_agg(${VERSION_PARTS}, ',' order by a.key)`,
);

function versionOf(parts: RawBuilder<string>): RawBuilder<string> {
  return sql<string>`substr(encode(sha256(convert_to(${parts}, 'UTF8')), 'hex'), 1, 8)`;
}

/** What all alerts that fit have for a version together; null where none fits. */
export async function versionOfAll(
  db: Db | Trx,
  selection: AlertSelection,
): Promise<string | null> {
  const from = await fitting(db, selection);
  const { rows } = await sql<{ version: string | null }>`
    select ${VERSION_OF_ALL} as version ${from}`.execute(db);
  return rows[0]?.version ?? null;
}

/**
 * The alerts that fit, as a `from` and a `where`, with `a` (the alert), `i` (the run of its item),
 * `r` (the run that checked it last) and what is joined besides in it.
 */
export async function fitting(
  db: Db | Trx,
  selection: AlertSelection,
  besides: RawBuilder<unknown> = sql``,
): Promise<RawBuilder<unknown>> {
  const { project, names = [], run, module, code, field, standing, before, decision } = selection;
  const { visits } = selection;
  const conditions = [sql`a.project = ${project}`];
  if (names.length > 0) conditions.push(await namedBy(db, project, names));
  if (run !== undefined) {
    conditions.push(sql`exists (
      select 1 from lazaret_forms.published_evaluation e join lazaret.run s on s.id = e.run
      where e.project = a.project and e.key = a.key and s.short = ${run})`);
  }
  if (visits !== undefined) conditions.push(sql`a.visit = any(${[...visits]}::text[])`);
  if (module !== undefined) conditions.push(sql`lower(a.module) = lower(${module}::text)`);
  if (code !== undefined) conditions.push(sql`${code}::text in (a.code, a.rule)`);
  if (field !== undefined) conditions.push(sql`lower(a.field) = lower(${field}::text)`);
  if (before !== undefined) conditions.push(sql`a.since < ${before}::timestamptz`);
  if (decision !== undefined) {
    conditions.push(sql`starts_with(a.decision::text, lower(${decision}::text))`);
  }
  if (standing === 'open') conditions.push(sql`a.standing not in ('cleared', 'closed')`);
  else if (standing !== undefined && standing !== 'all') {
    conditions.push(sql`a.standing = ${standing}`);
  }
  return sql`from lazaret_forms.judged_alert a
    join lazaret.run i on i.id = a.item_run
    join lazaret.run r on r.id = a.run
    ${besides}
    where ${sql.join(conditions, sql` and `)}`;
}

async function namedBy(
  db: Db | Trx,
  project: string,
  names: readonly string[],
): Promise<RawBuilder<unknown>> {
  const items = names.filter((name) => name.startsWith('r_'));
  const others = names.filter((name) => !name.startsWith('r_'));
  const keys = await keysOf(db, project, others);
  return sql`(a.key = any(${keys}::text[]) or ${isNamed(items, sql`i.short`, sql`a.item`)})`;
}

/** The keys that names stand for, each of exactly one. */
async function keysOf(db: Db | Trx, project: string, names: readonly string[]): Promise<string[]> {
  const beginnings = names.map((name) => {
    const beginning = keyBeginning(name);
    if (beginning === null) throw notFound(name);
    return beginning;
  });
  if (beginnings.length === 0) return [];
  // Keys are hexadecimal, so that `g` stands behind all that begin alike, in any collation.
  const { rows } = await sql<{ beginning: string; keys: string[] | null }>`
    select b.beginning, k.keys from unnest(${beginnings}::text[]) as b(beginning)
    left join lateral (
      select array_agg(distinct e.key) as keys from lazaret_forms.published_evaluation e
      where e.project = ${project} and e.key >= b.beginning and e.key < b.beginning || 'g'
        and e.standing = 'raised'
    ) k on true`.execute(db);
  for (const { beginning, keys } of rows) {
    if (keys === null) await refuseErasedAlert(db, project, beginning);
  }
  return rows.map(({ beginning, keys }) => {
    const [key, ...others] = keys ?? [];
    if (key === undefined) throw notFound(`a_${beginning}`);
    if (others.length > 0) {
      throw alertCodes.fault('AlertNameShort', {
        alert: `a_${beginning}`,
        fits: [key, ...others].slice(0, MOST_NAMED).map((one) => `a_${one.slice(0, LONG_NAME)}`),
      });
    }
    return key;
  });
}

const MOST_NAMED = 5;
const LONG_NAME = 20;

function notFound(name: string): Error {
  const beginning = keyBeginning(name);
  const shown = beginning === null ? name.slice(0, MOST_SHOWN) : alertName(beginning);
  return alertCodes.fault('AlertNotFound', { alert: shown });
}

const MOST_SHOWN = 40;
