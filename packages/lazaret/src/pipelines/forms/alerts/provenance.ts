/**
 * The life of an alert: what checks found and what people decided, in the order of time. Nothing of
 * it is ever overwritten; this only reads it together.
 */
import { sql } from 'kysely';
import type { Db } from '../../../store/open.ts';
import { standingOf } from './alert.ts';

export type ProvenanceEvent = Check | Judgement;

/** A check of the visit that the alert is about. */
interface Check {
  readonly what: CheckKind;
  readonly at: string;
  /** Short form of the run. */
  readonly run: string;
  /** `r_8k2f3d/17` */
  readonly item: string;
  /** How many checks in a row found just this; told once, with the last of them. */
  readonly times: number;
  /** A decision that was there and does not hold any more, with the reason that was given. */
  readonly earlier: { readonly by: string; readonly at: string; readonly reason: string } | null;
}

export type CheckKind =
  /** Raised, and nobody has judged it so far. */
  | 'raised'
  /** As before, and not cleared. */
  | 'still-open'
  /** As before, so the clearance holds. */
  | 'kept'
  /** The rule read other values than when it was judged. */
  | 'raised-again'
  /** The rule is another than when it was judged. */
  | 'rule-changed'
  /** The rule holds now. */
  | 'closed';

interface Judgement {
  readonly what: 'cleared' | 'uncleared';
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly decision: string;
}

interface EvaluationRow {
  readonly kind: 'evaluation';
  readonly at: Date;
  readonly run: string;
  readonly item: string;
  readonly standing: 'raised' | 'gone';
  readonly state: string;
  readonly rule_digest: string;
}

interface ClearanceRow {
  readonly kind: 'clearance';
  readonly at: Date;
  readonly clear: boolean;
  readonly by: string;
  readonly reason: string;
  readonly decision: string;
  readonly state: string;
  readonly rule_digest: string;
}

/** Everything that has happened to an alert, the first thing first. */
export async function provenanceOf(
  db: Db,
  project: string,
  key: string,
): Promise<ProvenanceEvent[]> {
  const evaluations = await sql<Omit<EvaluationRow, 'kind'>>`
    select e.at, r.short as run, i.short || '/' || e.item as item, e.standing, e.state, e.rule_digest
    from lazaret_forms.published_evaluation e
    join lazaret.run r on r.id = e.run join lazaret.run i on i.id = e.item_run
    where e.project = ${project} and e.key = ${key} order by e.id`.execute(db);
  const clearances = await sql<Omit<ClearanceRow, 'kind'>>`
    select at, clear, by, reason, decision, state, rule_digest from lazaret_forms.clearance
    where project = ${project} and key = ${key} order by version`.execute(db);
  return tell([
    ...evaluations.rows.map((row) => ({ ...row, kind: 'evaluation' }) as const),
    ...clearances.rows.map((row) => ({ ...row, kind: 'clearance' }) as const),
  ]);
}

/** A check and a decision of the same moment: the decision was about what the check had found. */
function tell(rows: readonly (EvaluationRow | ClearanceRow)[]): ProvenanceEvent[] {
  const events: ProvenanceEvent[] = [];
  let clearance: ClearanceRow | null = null;
  let before: EvaluationRow | null = null;
  for (const row of rows.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    if (row.kind === 'clearance') {
      clearance = row;
      const { by, reason, decision } = row;
      const what = row.clear ? 'cleared' : 'uncleared';
      events.push({ what, at: row.at.toISOString(), by, reason, decision });
      continue;
    }
    const check = checkOf(row, before, clearance);
    before = row;
    const last = events.at(-1);
    // A visit that is checked every night must not bury what people decided.
    if (last !== undefined && 'times' in last && last.what === check.what && isQuiet(check.what)) {
      events.pop();
      events.push({ ...check, times: last.times + 1 });
    } else events.push(check);
  }
  return events;
}

function isQuiet(what: CheckKind): boolean {
  return what === 'kept' || what === 'still-open';
}

function checkOf(
  row: EvaluationRow,
  before: EvaluationRow | null,
  clearance: ClearanceRow | null,
): Check {
  const { run, item, standing, state, rule_digest: digest } = row;
  const base = { at: row.at.toISOString(), run, item, times: 1, earlier: null };
  if (standing === 'gone') return { what: 'closed', ...base };
  const isSame =
    before?.standing === 'raised' && before.state === state && before.rule_digest === digest;
  const stands = standingOf(clearance === null ? null : judged(clearance), state, digest);
  switch (stands) {
    case 'cleared':
      return { what: 'kept', ...base };
    case 'new':
    case 'uncleared':
      return { what: isSame ? 'still-open' : 'raised', ...base };
    case 'raised-again':
    case 'rule-changed': {
      if (isSame) return { what: 'still-open', ...base };
      const { by, at, reason } = clearance ?? { by: '', at: row.at, reason: '' };
      return { what: stands, ...base, earlier: { by, at: at.toISOString(), reason } };
    }
    default:
      return stands satisfies never;
  }
}

function judged(row: ClearanceRow): NonNullable<Parameters<typeof standingOf>[0]> {
  const { clear, state, decision, reason, by, at, rule_digest: ruleDigest } = row;
  return { clear, state, ruleDigest, decision, reason, by, at: at.toISOString() };
}
