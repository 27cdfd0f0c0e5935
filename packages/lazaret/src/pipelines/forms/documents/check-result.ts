/** How a file came through one check: the numbers of its QC document, and PASS or FAIL. */
import { sql } from 'kysely';
import type { Db } from '../../../store/open.ts';
import { findClearances } from './alert-clearances.ts';
import { CHECKS, type Check } from '../study.ts';
import type { FiledRun, RunFile } from './filed-run.ts';
import type { FoundCounts } from './found-counts.ts';
import { keptFindings } from './kept-findings.ts';

export interface CheckResult {
  readonly check: Check;
  /** Exact, however few of them are kept. */
  readonly errors: number;
  readonly alerts: number;
  /** Of those, the ones that nobody has cleared. */
  readonly openAlerts: number;
  /** How many errors and alerts are told one by one. */
  readonly shown: number;
  /** Records that the check did not get to, because their batch ended in error. */
  readonly notChecked: number;
  /** Any error, any open alert and anything that was not checked is a FAIL. */
  readonly state: 'PASS' | 'FAIL';
}

export async function resultOf(
  db: Db,
  run: FiledRun,
  file: RunFile,
  check: Check,
  { kinds, hasFound }: FoundCounts,
): Promise<CheckResult> {
  const notChecked = await countNotChecked(db, run, file, check);
  if (!hasFound(file.file, check)) {
    const nothing = { errors: 0, alerts: 0, openAlerts: 0, shown: 0 };
    return { check, ...nothing, notChecked, state: notChecked === 0 ? 'PASS' : 'FAIL' };
  }
  const kept = { error: 0, alert: 0 };
  const current = { error: 0, alert: 0 };
  const decided = new Set<string>();
  const open = new Set<string>();
  for await (const finding of keptFindings(db, run, file, check)) {
    const type = finding.type === 'alert' ? 'alert' : 'error';
    kept[type] += 1;
    if (!finding.current) continue;
    current[type] += 1;
    const alert = finding.parameters['alert'];
    if (type === 'alert' && typeof alert === 'string') {
      (finding.decision === null ? open : decided).add(alert);
    }
  }
  const keys = [...open, ...decided];
  const clearanceOf = await findClearances(db, run.project, keys);
  const uncleared = keys.filter((key) => !clearanceOf(key).cleared).length;
  // Those that are not kept add up to the exact counts; nobody has judged them one by one.
  const beyond = (type: 'error' | 'alert'): number => {
    const total = kinds
      .filter(({ kind }) => kind.file === file.file && kind.check === check && kind.type === type)
      .reduce((sum, { count }) => sum + count, 0);
    return Math.max(0, total - kept[type]);
  };
  const errors = current.error + beyond('error');
  const alerts = current.alert + beyond('alert');
  const openAlerts = uncleared + beyond('alert');
  return {
    ...{ check, errors, alerts, openAlerts, notChecked },
    shown: current.error + current.alert,
    state: errors + openAlerts + notChecked === 0 ? 'PASS' : 'FAIL',
  };
}

/** Held by a batch that ended in error, in this check's stage, and not settled since. */
async function countNotChecked(
  db: Db,
  run: FiledRun,
  { from, to }: RunFile,
  check: Check,
): Promise<number> {
  const stage = check === CHECKS[0] ? 'read' : 'judge';
  const { rows } = await sql<{ count: number }>`
    select count(*)::bigint as count from lazaret.held_item i
    left join lazaret.descent d on d.run = i.run and d.no = i.no
    where i.run = any(${[...run.lives]}::uuid[]) and i.step = 'batch' and i.stage = ${stage}
      and coalesce(d.root_no, i.no) >= ${from} and coalesce(d.root_no, i.no) < ${to}`.execute(db);
  return rows[0]?.count ?? 0;
}
