/**
 * How rules have done over the runs that are stored: how often each fired, and what people made of
 * its alerts. It is put together from what is exact however much was found:
 *
 * - the counts that each batch keeps of what it found, by file, form, code and column;
 * - the alerts, with the latest decision about each.
 *
 * Both are about what a rule was called: a rule that was rewritten under its code has a past.
 */
import { sql } from 'kysely';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import type { FormsConfiguration } from '../configure.ts';
import { openPath } from '../documents/file-table.ts';
import { unpackFound } from '../documents/found-kinds.ts';
import { moduleOfFile } from '../study/module-of-file.ts';
import { rulesOf, type ListedRule } from './rule-list.ts';

export interface RuleFigures extends ListedRule {
  /** Whether the rules that count now have it. */
  readonly isCurrent: boolean;
  /** Records of its module that were looked at by runs that had it. */
  readonly records: number;
  readonly fired: number;
  readonly errors: number;
  readonly alerts: number;
  /** Of its alerts, each counted once however often it was raised. */
  readonly judged: JudgedAlerts;
  readonly lastFired: { readonly run: string; readonly at: Date } | null;
}

export interface JudgedAlerts {
  readonly raised: number;
  readonly open: number;
  readonly cleared: number;
  readonly uncleared: number;
  /** Closed without a decision: the value was mended. */
  readonly mended: number;
}

export interface RuleReport {
  /** The run whose rules count now. */
  readonly run: string;
  readonly runs: number;
  readonly records: number;
  readonly since: Date;
  readonly until: Date;
  readonly rules: readonly RuleFigures[];
}

/** Cleared more often than this, a rule wears out those who look. */
const NOISY_SHARE = 0.95;

/** Fewer decisions than these say nothing of a rule. */
const LEAST_DECIDED = 10;

/** Nearly all of its alerts that came to an end were cleared. */
export function isNoisy({ judged: { cleared, uncleared, mended } }: RuleFigures): boolean {
  const decided = cleared + uncleared + mended;
  return decided >= LEAST_DECIDED && cleared / decided > NOISY_SHARE;
}

/** It judges, records have come, and it never fired. */
export function isDead({ isCurrent, declares, records, fired, judged }: RuleFigures): boolean {
  return isCurrent && !declares && records > 0 && fired === 0 && judged.raised === 0;
}

interface Figures {
  rule: ListedRule;
  isCurrent: boolean;
  records: number;
  errors: number;
  alerts: number;
  judged: JudgedAlerts;
  lastFired: { readonly run: string; readonly at: Date } | null;
}

const NO_ALERTS: JudgedAlerts = { raised: 0, open: 0, cleared: 0, uncleared: 0, mended: 0 };

/**
 * @returns null where the project has no run of forms
 * @throws SealDamaged, SealKeyDiffers
 */
export async function reportRules(
  db: Db,
  key: ProjectKey,
  project: string,
  signal: AbortSignal,
): Promise<RuleReport | null> {
  const runs = await db
    .selectFrom('lazaret.run')
    .select(['id', 'short', 'created_at', 'parent'])
    .where('project', '=', project)
    .where('pipeline', '=', 'forms')
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const newest = runs.findLast(({ parent }) => parent === null);
  const [first] = runs;
  if (newest === undefined || first === undefined) return null;
  const table = new FigureTable();
  let records = 0;
  for (const { id, short, created_at: at } of runs) {
    signal.throwIfAborted();
    records += await addRun(db, key, table, { id, short, at, isNewest: id === newest.id });
  }
  await addAlerts(db, project, table);
  return {
    ...{ run: newest.short, runs: runs.length, records },
    ...{ since: first.created_at, until: runs.at(-1)?.created_at ?? first.created_at },
    rules: table.all,
  };
}

interface CountedRun {
  readonly id: string;
  readonly short: string;
  readonly at: Date;
  readonly isNewest: boolean;
}

/** One run at a time: each has the whole study in its configuration. */
async function addRun(
  db: Db,
  key: ProjectKey,
  table: FigureTable,
  { id, short, at, isNewest }: CountedRun,
): Promise<number> {
  const run = await db
    .selectFrom('lazaret.run')
    .select('configuration')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const configuration = run.configuration as FormsConfiguration;
  const { rows: files } = await sql<{ file: number; path: Uint8Array; records: number }>`
    select f.file, f.path, coalesce(sum(upper(r) - lower(r)), 0)::bigint as records
    from lazaret_forms.file f
    left join lazaret_forms.published_file_part p on p.run = f.run and p.file = f.file
    left join unnest(p.refs) r on true
    where f.run = ${id} group by f.file, f.path`.execute(db);
  const modules = new Map<number, string | null>();
  const records = new Map<string | null, number>();
  for (const { file, path, records: count } of files) {
    const of = moduleOfFile(configuration, openPath(key, path));
    const module = of.kind === 'module' ? of.name : null;
    modules.set(file, module);
    records.set(module, (records.get(module) ?? 0) + Number(count));
  }
  table.add(rulesOf(configuration.study), records, isNewest);
  const { rows: found } = await sql<{ payload: Uint8Array }>`
    select payload from lazaret_forms.published_found where run = ${id}`.execute(db);
  for (const { payload } of found) {
    for (const { kind, count } of unpackFound(key, payload).kinds) {
      const { check, type, code, column, file } = kind;
      if (check !== 'form-qc-checker' || type === 'warning') continue;
      const module = kind.module === '' ? (modules.get(file) ?? null) : kind.module;
      table.fire({ module, code, field: column, type, count }, { run: short, at });
    }
  }
  return [...records.values()].reduce((sum, count) => sum + count, 0);
}

/** What people made of alerts: of each the latest decision counts. */
async function addAlerts(db: Db, project: string, table: FigureTable): Promise<void> {
  const { rows } = await sql<
    JudgedAlerts & { module: string; field: string; rule: string; code: string }
  >`
    select a.module, a.field, a.rule, a.code, count(*)::bigint as raised,
      (count(*) filter (where a.standing not in ('cleared', 'closed')))::bigint as open,
      (count(*) filter (where a.clear))::bigint as cleared,
      (count(*) filter (where not a.clear))::bigint as uncleared,
      (count(*) filter (where a.standing = 'closed' and a.clear is null))::bigint as mended
    from lazaret_forms.judged_alert a where a.project = ${project}
    group by a.module, a.field, a.rule, a.code`.execute(db);
  for (const { module, field, rule, code, ...judged } of rows) {
    table.judge({ module, field, rule, code, type: 'alert', declares: false }, judged);
  }
}

/** The rules by name. What fired and is in no rule file (a form that is missing) has a row too. */
class FigureTable {
  readonly #rows = new Map<string, Figures>();
  /** By code and field, which is what is counted. */
  readonly #byCode = new Map<string, Figures[]>();

  get all(): readonly RuleFigures[] {
    return [...this.#rows.values()].map(({ rule, ...figures }) => ({
      ...rule,
      ...figures,
      fired: figures.errors + figures.alerts,
    }));
  }

  /** @param records by module; null: of files whose records say it themselves. */
  add(
    rules: readonly ListedRule[],
    records: ReadonlyMap<string | null, number>,
    isNewest: boolean,
  ): void {
    for (const rule of rules) {
      const row = this.#rowOf(rule);
      row.records += (records.get(rule.module) ?? 0) + (records.get(null) ?? 0);
      if (!isNewest) continue;
      row.rule = rule;
      row.isCurrent = true;
    }
  }

  fire(
    fired: {
      readonly module: string | null;
      readonly code: string;
      readonly field: string;
      readonly type: 'error' | 'alert';
      readonly count: number;
    },
    lastFired: { readonly run: string; readonly at: Date },
  ): void {
    const { module, code, field, type, count } = fired;
    const named = this.#byCode.get(JSON.stringify([code, field])) ?? [];
    // Of a record that is not at hand nobody knows the form: all that have the code get the count.
    const known = named.filter(({ rule }) => module === null || rule.module === module);
    const unlisted = { module: module ?? '', field, rule: code, code, type, declares: false };
    for (const row of known.length > 0 ? known : [this.#rowOf(unlisted)]) {
      row[type === 'error' ? 'errors' : 'alerts'] += count;
      row.lastFired = lastFired;
    }
  }

  judge(rule: ListedRule, judged: JudgedAlerts): void {
    this.#rowOf(rule).judged = judged;
  }

  #rowOf(rule: ListedRule): Figures {
    const { module, field, code } = rule;
    const slot = JSON.stringify([module, field, rule.rule, code]);
    let row = this.#rows.get(slot);
    if (row !== undefined) return row;
    row = {
      ...{ rule, isCurrent: false, records: 0, errors: 0, alerts: 0 },
      ...{ judged: NO_ALERTS, lastFired: null },
    };
    this.#rows.set(slot, row);
    const named = JSON.stringify([code, field]);
    this.#byCode.set(named, [...(this.#byCode.get(named) ?? []), row]);
    return row;
  }
}
