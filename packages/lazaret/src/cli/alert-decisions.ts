/** `lazaret alerts clear|unclear`: what was decided, and which visits went on for it. */
import type { RunSummary } from '../engine/summary.ts';
import { catalogue, type Application } from '../main.ts';
import {
  decideAlerts,
  partAlerts,
  UNASKED,
  type AlertDecisionKind,
  type AlertRequest,
  type AlertsParted,
  type Staying,
} from '../pipelines/forms/alerts/alert-decision.ts';
import type { Alert, AlertSelection } from '../pipelines/forms/alerts/alert-selection.ts';
import { messagesOf, ofSubject, showAlert, type ShownAlert } from './alerts.ts';
import { EXIT, type Execute } from './command.ts';
import { workOn, type SummaryExtra, type WorkInput } from './run-command.ts';

export interface AlertDecideInput extends WorkInput, Omit<AlertRequest, 'by'> {
  readonly kind: AlertDecisionKind;
  /** Only of this one, `17/PAT-1` or `PAT-1`. */
  readonly subject?: string;
  readonly user: string;
  readonly dryRun: boolean;
  /** The command as it was typed, without `--dry-run`: proposed behind a dry run. */
  readonly typed: string;
}

/** Alerts of one rule that a decision is about. */
export interface DecidedRule extends Pick<
  ShownAlert,
  'code' | 'rule' | 'module' | 'field' | 'message'
> {
  readonly count: number;
}

interface PartedDocument {
  readonly kind: AlertDecisionKind;
  readonly by: string;
  readonly reason: string | null;
  readonly selection: AlertSelection;
  readonly alerts: number;
  readonly visits: number;
  readonly rules: readonly DecidedRule[];
  /** Held items that nothing holds any more: they go on, or would. */
  readonly goOn: readonly string[];
  /** The other visits, by why they stay as they are. */
  readonly staying: Staying;
}

export interface AlertDryRun extends PartedDocument {
  readonly dryRun: true;
  /** For `--version`: what is looked at now is what is decided about, or nothing is. */
  readonly version: string;
  /** Whether so many want a number or a version. */
  readonly asks: boolean;
  readonly shown: readonly ShownAlert[];
}

export interface AlertsDecidedDocument extends PartedDocument {
  readonly dryRun: false;
  readonly decision: string;
  readonly runs: readonly RunSummary[];
}

export type AlertDecisionDocument = AlertDryRun | AlertsDecidedDocument;

export interface AlertDecisionExtra {
  readonly typed: string;
  readonly last: SummaryExtra | null;
}

/** Alerts that a preview names one by one. */
const MOST_SHOWN = 50;

export const alertsDecide: Execute<AlertDecideInput> = async (application, input, session) => {
  const { engine, clock } = application;
  const { user, dryRun, typed } = input;
  const selection = await ofSubject(application, input);
  const request: AlertRequest = requestOf(input, selection);
  if (dryRun) return preview(application, input, request);
  const { made, children } = await engine.decideBy(
    { project: request.selection.project, user },
    (trx) => decideAlerts(trx, catalogue, request, new Date(clock.now())),
  );
  const runs: RunSummary[] = [];
  let exit: number = EXIT.complete;
  let last: SummaryExtra | null = null;
  for (const child of children) {
    const worked = await workOn(application, child, input, session);
    runs.push(worked.summary);
    last = worked.extra;
    exit = Math.max(exit, worked.exit);
  }
  const document: AlertsDecidedDocument = {
    dryRun: false,
    decision: made.decision,
    ...(await partedDocument(application, request, made)),
    runs,
  };
  const extra: AlertDecisionExtra = { typed, last };
  return { document, extra, exit };
};

async function preview(
  application: Application,
  input: AlertDecideInput,
  request: AlertRequest,
): Promise<{ document: AlertDryRun; extra: AlertDecisionExtra; exit: number }> {
  const parted = await partAlerts(application.store.db, catalogue, request);
  const some = parted.alerts.slice(0, MOST_SHOWN);
  const messages = await messagesOf(application, request.selection.project, some);
  const document: AlertDryRun = {
    dryRun: true,
    ...(await partedDocument(application, request, parted)),
    version: parted.version,
    asks: parted.alerts.length > UNASKED,
    shown: some.map((alert) => showAlert(alert, messages)),
  };
  return { document, extra: { typed: input.typed, last: null }, exit: EXIT.complete };
}

function requestOf(input: AlertDecideInput, selection: AlertSelection): AlertRequest {
  const { kind, reason, user, version, expect, yes } = input;
  return {
    ...{ kind, selection, reason, by: user },
    ...(version === undefined ? {} : { version }),
    ...(expect === undefined ? {} : { expect }),
    ...(yes === undefined ? {} : { yes }),
  };
}

async function partedDocument(
  application: Application,
  { kind, by, reason, selection }: AlertRequest,
  { alerts, items, staying }: AlertsParted,
): Promise<PartedDocument> {
  return {
    ...{ kind, by, reason, selection, alerts: alerts.length, staying },
    visits: new Set(alerts.map(({ visit }) => visit)).size,
    rules: await rulesOf(application, selection.project, alerts),
    goOn: items.map(({ item }) => item),
  };
}

async function rulesOf(
  application: Application,
  project: string,
  alerts: readonly Alert[],
): Promise<DecidedRule[]> {
  const groups = Map.groupBy(alerts, ({ module, code, rule, field }) =>
    JSON.stringify([module, code, rule, field]),
  );
  const firsts = [...groups.values()].flatMap((some) => some.slice(0, 1));
  const messages = await messagesOf(application, project, firsts);
  return firsts
    .map((first) => {
      const { code, rule, module, field } = showAlert(first, messages);
      const count = groups.get(JSON.stringify([module, code, rule, field]))?.length ?? 0;
      return { code, rule, module, field, message: messages.get(first.key) ?? '', count };
    })
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}
