/** `lazaret alerts list|show`: what asks for a look, and everything that has happened to it. */
import { sql } from 'kysely';
import type { FinalDisposition } from '../store/tables.ts';
import type { Application } from '../main.ts';
import { alertName } from '../pipelines/forms/alerts/alert.ts';
import { openDetail, type AlertDetail } from '../pipelines/forms/alerts/alert-detail.ts';
import { groupAlerts } from '../pipelines/forms/alerts/alert-groups.ts';
import {
  MAX_ALERTS,
  selectAlerts,
  type Alert,
  type AlertSelection,
  type Standing,
} from '../pipelines/forms/alerts/alert-selection.ts';
import { visitsOfSubject } from '../pipelines/forms/alerts/alerts-of-subject.ts';
import { provenanceOf, type ProvenanceEvent } from '../pipelines/forms/alerts/provenance.ts';
import { ruleDefinition } from '../pipelines/forms/alerts/rule-definition.ts';
import type { VisitNeighbours } from '../pipelines/forms/history/dependency.ts';
import { EXIT, type Execute } from './command.ts';
import { recordReveal } from './reveal.ts';
import { shownNeighbours } from './visit-neighbours.ts';

export interface AlertListInput {
  readonly selection: AlertSelection;
  /** Only of this one, `17/PAT-1` or `PAT-1`. */
  readonly subject?: string;
  /** Single alerts instead of counts by rule. */
  readonly each: boolean;
  readonly limit?: number;
  readonly skip?: number;
}

/** The alerts of one rule. */
export interface ShownGroup {
  readonly code: string;
  readonly rule: string;
  readonly module: string;
  readonly field: string;
  readonly message: string;
  readonly count: number;
  readonly visits: number;
  readonly standings: Readonly<Partial<Record<Standing, number>>>;
  readonly since: string;
  /** One of them, the oldest. */
  readonly example: Pick<ShownAlert, 'alert' | 'item' | 'line' | 'record'>;
  readonly version: string;
}

/** One alert, without anything that may identify a person. */
export interface ShownAlert {
  readonly alert: string;
  readonly version: string;
  readonly standing: Standing;
  readonly code: string;
  readonly rule: string;
  readonly module: string;
  readonly field: string;
  readonly message: string;
  readonly item: string;
  /** Physical line and record in the file; null where the finding was not kept. */
  readonly line: number | null;
  readonly record: number | null;
  /** The run that checked it last. */
  readonly run: string;
  readonly since: string;
  readonly decisions: number;
  readonly judged: {
    readonly clear: boolean;
    readonly by: string;
    readonly at: string;
    readonly reason: string;
    readonly decision: string;
  } | null;
}

export type AlertListDocument = readonly ShownGroup[] | readonly ShownAlert[];

export interface AlertListExtra {
  readonly each: boolean;
  /** How many alerts fit, shown or not. */
  readonly total: number;
  readonly skip: number;
}

export const alertsList: Execute<AlertListInput> = async (application, input) => {
  const { db } = application.store;
  const { each, limit = MAX_ALERTS, skip = 0 } = input;
  const selection = await ofSubject(application, input);
  const groups = await groupAlerts(db, selection);
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  const shown = each ? await selectAlerts(db, selection, { limit, skip }) : [];
  const messages = await messagesOf(application, selection.project, shown);
  let document: AlertListDocument = shown.map((alert) => showAlert(alert, messages));
  if (!each) {
    const names = groups.map(({ example }) => `a_${example}`);
    const found =
      names.length === 0
        ? []
        : await selectAlerts(db, { project: selection.project, names }, { limit: names.length });
    const words = await messagesOf(application, selection.project, found);
    const examples = new Map(found.map((alert) => [alert.key, showAlert(alert, words)]));
    document = groups.flatMap(({ example: key, since, ...group }): ShownGroup[] => {
      const example = examples.get(key);
      if (example === undefined) return [];
      const { alert, item, line, record, message } = example;
      return [
        {
          ...group,
          message,
          since: since.toISOString(),
          example: { alert, item, line, record },
        },
      ];
    });
  }
  const extra: AlertListExtra = { each, total, skip };
  return { document, extra, exit: EXIT.complete };
};

/** The selection, narrowed down to a subject where one is named. @throws SealDamaged, SealKeyDiffers */
export async function ofSubject(
  { store, engine }: Application,
  { selection, subject }: Pick<AlertListInput, 'selection' | 'subject'>,
): Promise<AlertSelection> {
  if (subject === undefined) return selection;
  const { project } = selection;
  const key = await engine.keyOf(project);
  return { ...selection, visits: await visitsOfSubject(store.db, key, project, subject) };
}

export interface AlertShowInput {
  readonly alert: string;
  /** Show whom it is about and the values read: the look is recorded. */
  readonly reveal: boolean;
  readonly user: string;
  readonly project: string;
}

/** One alert in full. */
export interface AlertDocument extends ShownAlert {
  /** Whole, for whoever compares. */
  readonly key: string;
  /**
   * How the item that brought the visit stands, or what has become of it since: delivered and
   * recalled, or held and with errors now. Null where that is not decided yet.
   */
  readonly itemStands: FinalDisposition | 'recalled' | 'failed' | null;
  /** Null where no version that the item brought counts. */
  readonly neighbours: VisitNeighbours | null;
  /** The rule as it stands in the rules of the run, if it is found there. */
  readonly definition: unknown;
  readonly ruleDigest: string;
  /** Names of the open alerts of the same visit, besides this one. */
  readonly others: readonly string[];
  readonly provenance: readonly ProvenanceEvent[];
  /** Only where that was asked for. */
  readonly revealed?: Pick<AlertDetail, 'subject' | 'visit' | 'values'>;
}

export const alertsShow: Execute<AlertShowInput> = async (application, input) => {
  const { store, engine } = application;
  const { project, reveal, user } = input;
  const [alert] = await selectAlerts(store.db, { project, names: [input.alert] }, { limit: 1 });
  if (alert === undefined) throw new Error('A name that was found fits no alert.');
  const name = alertName(alert.key);
  const detail =
    alert.detail === null ? null : openDetail(await engine.keyOf(project), alert.detail);
  if (reveal) {
    await recordReveal(application, {
      ...{ project, user, reason: null, selection: { alerts: [name] } },
      items: [{ run: alert.itemRun, no: alert.itemNo }],
    });
  }
  const siblings = await selectAlerts(
    store.db,
    { project, names: [alert.item], standing: 'open' },
    { limit: MOST_OTHERS },
  );
  const run = await engine.find(alert.run);
  const visit = { project, item: `${alert.itemRun}/${alert.itemNo}` };
  const neighbours =
    detail === null
      ? null
      : await shownNeighbours(application, { ...visit, subject: detail.subject });
  const document: AlertDocument = {
    ...showAlert(alert, new Map([[alert.key, detail?.message ?? '']])),
    key: alert.key,
    itemStands: standsNow(await dispositionOf(application, alert), neighbours),
    neighbours,
    definition: ruleDefinition(run.configuration, alert),
    ruleDigest: alert.ruleDigest,
    others: siblings.filter(({ key }) => key !== alert.key).map(({ key }) => alertName(key)),
    provenance: await provenanceOf(store.db, project, alert.key),
    ...(reveal && detail !== null ? { revealed: revealedOf(detail) } : {}),
  };
  return { document, exit: EXIT.complete };
};

const MOST_OTHERS = 20;

function revealedOf({
  subject,
  visit,
  values,
}: AlertDetail): NonNullable<AlertDocument['revealed']> {
  return { subject, visit, values };
}

/** A run that is closed does not change: what was found of its visits later is kept with these. */
function standsNow(
  disposition: FinalDisposition | null,
  neighbours: VisitNeighbours | null,
): AlertDocument['itemStands'] {
  if (disposition === 'delivered' && neighbours?.standing === 'recalled') return 'recalled';
  return disposition === 'held' && neighbours?.standing === 'failed' ? 'failed' : disposition;
}

async function dispositionOf(
  { store }: Application,
  { itemRun, itemNo }: Alert,
): Promise<FinalDisposition | null> {
  const { rows } = await sql<{ disposition: FinalDisposition }>`
    select disposition from lazaret.published_outcome o
    where o.run = ${itemRun} and o.refs @> ${itemNo}::bigint`.execute(store.db);
  return rows[0]?.disposition ?? null;
}

export function showAlert(alert: Alert, messages: ReadonlyMap<string, string>): ShownAlert {
  const { key, version, standing, code, rule, module, field, item, clearance } = alert;
  const { line, record, run, since, decisions } = alert;
  return {
    ...{ alert: alertName(key), version, standing, code, rule, module, field },
    message: messages.get(key) ?? '',
    ...{ item, line, record, run, since: since.toISOString(), decisions },
    judged: clearance === null ? null : { ...clearance, at: clearance.at.toISOString() },
  };
}

/** What the rules say, in the plain words that name no value. */
export async function messagesOf(
  { engine }: Application,
  project: string,
  alerts: readonly Alert[],
): Promise<ReadonlyMap<string, string>> {
  if (alerts.length === 0) return new Map();
  const key = await engine.keyOf(project);
  return new Map(
    alerts.map((alert) => [
      alert.key,
      alert.detail === null ? '' : openDetail(key, alert.detail).message,
    ]),
  );
}
