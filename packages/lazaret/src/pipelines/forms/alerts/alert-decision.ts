/**
 * What people decide about alerts: clear them, or take that back. Append-only, one row an alert and
 * decision; what checks found is never touched, nor do checks ever write here.
 *
 * Two people may decide about the same alerts at the same moment. The runs that brought the visits
 * are locked first, so that the second one sees what the first has decided, and is told who it was.
 * All of it happens in one transaction with the runs that let visits go on: all or nothing.
 */
import { sql } from 'kysely';
import type { Catalogue } from '@lazaret/faults';
import { demandReason, lockRuns, MAX_SELECTED, partSelection } from '../../../engine/decisions.ts';
import type { HeldItem } from '../../../engine/selection.ts';
import type { Db } from '../../../store/open.ts';
import type { Trx } from '../../../store/runs.ts';
import type { FinalDisposition } from '../../../store/tables.ts';
import { alertName } from './alert.ts';
import {
  MAX_ALERTS,
  selectAlerts,
  versionOfAll,
  type Alert,
  type AlertSelection,
} from './alert-selection.ts';
import { alertCodes } from './codes.ts';
import { itemsWithout } from './waiting-visits.ts';

export type AlertDecisionKind = 'clear' | 'unclear';

export interface AlertRequest {
  readonly kind: AlertDecisionKind;
  /** Without a standing: what can be decided about. */
  readonly selection: AlertSelection;
  /** An e-mail address. */
  readonly by: string;
  readonly reason: string | null;
  /** What the alerts had for a version when they were looked at. */
  readonly version?: string;
  /** How many there should be. */
  readonly expect?: number;
  /** Decide about many without a number. */
  readonly yes?: boolean;
}

/** What a decision is about, and what follows from it. */
export interface AlertsParted {
  readonly alerts: readonly Alert[];
  readonly version: string;
  /** Held items that nothing holds any more once the alerts are cleared. */
  readonly items: readonly HeldItem[];
  /** The other visits, by why they stay as they are. */
  readonly staying: Staying;
}

export type Staying = Readonly<Record<StayReason, number>>;

type StayReason =
  /** Held, and other alerts of it are open. */
  | 'otherAlerts'
  /** Held, and on its way by another decision, or held for something else as well. */
  | 'held'
  | 'delivered'
  /** It has errors too: a mended version has to come. */
  | 'rejected'
  /** Not settled yet, or settled otherwise. */
  | 'other';

export interface AlertsDecided extends AlertsParted {
  readonly decision: string;
}

/** Alerts that a selection decides about without being asked for their number. */
export const UNASKED = 20;

/**
 * Tells what a decision would be about.
 * @throws AlertNotFound, AlertNameShort, AlertNotOpen, AlertJudgedMeanwhile, ErrorNotClearable,
 * NoAlertSelected, AlertsChangedMeanwhile
 */
export async function partAlerts(
  db: Db | Trx,
  catalogue: Catalogue,
  request: AlertRequest,
): Promise<AlertsParted> {
  const { kind, selection, version: shown, by, reason } = request;
  const { project } = selection;
  const alerts = await selectAlerts(db, decidable(request), { limit: MAX_ALERTS });
  const version = (await versionOfAll(db, decidable(request))) ?? '';
  if (shown !== undefined && shown !== version) throw await changed(db, request, version);
  if (alerts.length === 0) throw await nothingFits(db, request);
  refuseUndecidable(kind, alerts);
  const stands = await dispositionsOf(db, alerts);
  const names = kind === 'clear' ? await itemsWithout(db, project, alerts) : [];
  const waiting = names.filter((name) => stands.get(name) === 'held');
  const { items } =
    waiting.length === 0
      ? { items: [] }
      : await partSelection(db, catalogue, {
          ...{ kind: 'replay', by, reason },
          selection: { project, items: waiting.slice(0, MAX_SELECTED), code: 'RuleAlert' },
        });
  const going = new Set(items.map(({ item }) => item));
  const free = new Set(names);
  const staying = { otherAlerts: 0, held: 0, delivered: 0, rejected: 0, other: 0 };
  for (const [item, disposition] of stands) {
    if (!going.has(item))
      staying[stayReason(disposition, kind === 'unclear' || free.has(item))] += 1;
  }
  return { alerts, version, items, staying };
}

function stayReason(disposition: string | null, isFree: boolean): StayReason {
  if (disposition === 'delivered' || disposition === 'rejected') return disposition;
  if (disposition !== 'held') return 'other';
  return isFree ? 'held' : 'otherAlerts';
}

/**
 * Records a decision over alerts.
 * @throws what `partAlerts` throws; ReasonMissing, UserNotEmail, AlertCountDiffers, AlertsUnconfirmed
 */
export async function decideAlerts(
  trx: Trx,
  catalogue: Catalogue,
  request: AlertRequest,
  now: Date,
): Promise<AlertsDecided> {
  demandReason(request.reason);
  demandEmail(request.by);
  const before = await selectAlerts(trx, decidable(request), { limit: MAX_ALERTS });
  await lockRuns(trx, [...new Set(before.map(({ itemRun }) => itemRun))].sort());
  const parted = await partAlerts(trx, catalogue, request);
  confirm(request, parted.alerts.length);
  const decision = await record(trx, request, parted.alerts, now);
  return { ...parted, decision };
}

/** Not a check that mail arrives: a name without an address is what has to be kept out. */
const EMAIL = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,190}\.[^\s@<>".]{2,60}$/;

export function isEmail(user: string): boolean {
  return EMAIL.test(user);
}

/** @throws UserNotEmail */
function demandEmail(user: string): void {
  if (!isEmail(user)) throw alertCodes.fault('UserNotEmail', { user: user.slice(0, 200) });
}

/** Alerts that were named are decided about or told; of others those that can be. */
function decidable({ kind, selection }: AlertRequest): AlertSelection {
  const { names = [], decision, standing } = selection;
  if (standing !== undefined || names.some((name) => name.startsWith('a_'))) return selection;
  // A clearance that is taken back may have been overtaken by other values meanwhile.
  if (decision !== undefined) return { ...selection, standing: 'all' };
  return { ...selection, standing: kind === 'clear' ? 'open' : 'cleared' };
}

function refuseUndecidable(kind: AlertDecisionKind, alerts: readonly Alert[]): void {
  for (const alert of alerts) {
    const { standing, clearance } = alert;
    if (kind === 'unclear') {
      if (clearance?.clear === true) continue;
      if (clearance !== null) throw judgedMeanwhile(alert);
      throw notOpen(alert, 'nobody has cleared it, so there is nothing to take back');
    }
    if (standing === 'cleared') throw judgedMeanwhile(alert);
    if (standing === 'closed') {
      throw notOpen(alert, 'it has closed by itself, because the rule holds now');
    }
  }
}

function notOpen({ key }: Alert, why: string): Error {
  return alertCodes.fault('AlertNotOpen', { alert: alertName(key), why });
}

function judgedMeanwhile({ key, clearance }: Alert): Error {
  return alertCodes.fault('AlertJudgedMeanwhile', {
    alert: alertName(key),
    done: clearance?.clear === false ? 'un-cleared' : 'cleared',
    by: clearance?.by ?? '',
    at: clearance?.at.toISOString() ?? '',
  });
}

/** Why the version is another one: whichever came last, somebody's decision or a check. */
async function changed(db: Db | Trx, request: AlertRequest, version: string): Promise<Error> {
  const { selection, version: shown = '' } = request;
  const all = await selectAlerts(db, { ...selection, standing: 'all' }, { limit: MAX_ALERTS });
  const judgedAt = ({ clearance }: Alert): number => clearance?.at.getTime() ?? 0;
  const judged = all.toSorted((a, b) => judgedAt(b) - judgedAt(a))[0];
  const found = all.toSorted((a, b) => foundAt(b) - foundAt(a))[0];
  if (judged !== undefined && judgedAt(judged) > (found === undefined ? 0 : foundAt(found))) {
    return judgedMeanwhile(judged);
  }
  return alertCodes.fault('AlertsChangedMeanwhile', { shown, version, run: found?.run ?? '' });
}

/** When checks found an alert as it is; one that found it so again has changed nothing. */
function foundAt({ standing, since, checkedAt }: Alert): number {
  return (standing === 'closed' ? checkedAt : since).getTime();
}

/** Why nothing fits: what was named is an error, perhaps. */
async function nothingFits(db: Db | Trx, { kind, selection }: AlertRequest): Promise<Error> {
  const { project, names = [], code, run } = selection;
  const [name] = names;
  if (kind === 'clear' && (code !== undefined || name !== undefined)) {
    const { rows } = await sql<{ code: string }>`
      select f.parameters ->> 'ruleCode' as code from lazaret.published_finding f
      join lazaret.run r on r.id = f.run
      where r.project = ${project} and r.pipeline = 'forms' and f.type = 'error'
        and (${run ?? null}::text is null or r.short = ${run ?? null})
        and (${code ?? null}::text in (f.parameters ->> 'ruleCode', f.parameters ->> 'rule', f.code, f.code_id)
          or r.short || '/' || f.item = ${name ?? null}::text)
      limit 1`.execute(db);
    if (rows.length > 0) {
      return alertCodes.fault('ErrorNotClearable', { what: code ?? name ?? '' });
    }
  }
  return alertCodes.fault('NoAlertSelected', {
    what: kind === 'clear' ? 'cleared' : 'un-cleared',
  });
}

function confirm({ selection, expect, yes, version }: AlertRequest, found: number): void {
  if (expect !== undefined && expect !== found) {
    throw alertCodes.fault('AlertCountDiffers', { expected: expect, found });
  }
  const isConfirmed = expect !== undefined || version !== undefined || yes === true;
  // Whoever writes each name has counted them.
  const isNamed = (selection.names ?? []).length >= found;
  if (found > UNASKED && !isConfirmed && !isNamed) {
    throw alertCodes.fault('AlertsUnconfirmed', { found, limit: UNASKED });
  }
}

/** How the visits of alerts stand, by the name of the item that brought them. */
async function dispositionsOf(
  db: Db | Trx,
  alerts: readonly Alert[],
): Promise<Map<string, FinalDisposition | null>> {
  const items = [...new Map(alerts.map((alert) => [alert.item, alert])).values()];
  const { rows } = await sql<{ item: string; disposition: FinalDisposition | null }>`
    select n.item, o.disposition
    from unnest(${items.map(({ item }) => item)}::text[],
      ${items.map(({ itemRun }) => itemRun)}::uuid[],
      ${items.map(({ itemNo }) => itemNo)}::bigint[]) as n(item, run, no)
    left join lazaret.published_outcome o on o.run = n.run and o.refs @> n.no`.execute(db);
  return new Map(rows.map(({ item, disposition }) => [item, disposition]));
}

const ROWS_AT_ONCE = 1_000;

async function record(
  trx: Trx,
  { kind, selection, by, reason }: AlertRequest,
  alerts: readonly Alert[],
  now: Date,
): Promise<string> {
  const decision = crypto.randomUUID();
  const { project } = selection;
  await trx
    .insertInto('lazaret.decision')
    .values({
      ...{ id: decision, project, kind, by, at: now, reason, run: null },
      selection: JSON.stringify(selection),
    })
    .execute();
  const items = new Map(alerts.map(({ item, itemRun, itemNo }) => [item, { itemRun, itemNo }]));
  const itemRows = [...items.values()].map(({ itemRun, itemNo }) => ({
    ...{ decision, run: itemRun, no: itemNo, code: null },
  }));
  for (let from = 0; from < itemRows.length; from += ROWS_AT_ONCE) {
    const some = itemRows.slice(from, from + ROWS_AT_ONCE);
    await trx.insertInto('lazaret.decision_item').values(some).execute();
  }
  for (let from = 0; from < alerts.length; from += ROWS_AT_ONCE) {
    const some = alerts.slice(from, from + ROWS_AT_ONCE);
    const rows = some.map(
      (alert) => sql`(${project}, ${alert.key}, ${alert.decisions + 1}::int,
        ${alert.bucket}::smallint,
        ${alert.state}, ${alert.ruleDigest}, ${kind === 'clear'}, ${decision}::uuid, ${by},
        ${now}::timestamptz, ${reason})`,
    );
    const { rows: written } = await sql<{ key: string }>`
      insert into lazaret_forms.clearance
        (project, key, version, bucket, state, rule_digest, clear, decision, by, at, reason)
      values ${sql.join(rows)} on conflict do nothing returning key`.execute(trx);
    if (written.length < some.length) throw await overtaken(trx, project, some, written);
  }
  return decision;
}

/** Somebody who holds no lock of ours was faster: what they wrote is there to be read. */
async function overtaken(
  trx: Trx,
  project: string,
  alerts: readonly Alert[],
  written: readonly { readonly key: string }[],
): Promise<Error> {
  const done = new Set(written.map(({ key }) => key));
  const name = alerts.find(({ key }) => !done.has(key))?.key ?? '';
  const [alert] = await selectAlerts(trx, { project, names: [`a_${name}`] }, { limit: 1 });
  if (alert === undefined) throw new Error('An alert was decided about and is not there.');
  return judgedMeanwhile(alert);
}
