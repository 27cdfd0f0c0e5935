/** Which view shows which command's document. */
import { isAbsolute, relative } from 'node:path';
import type { Catalogue, LogEvent } from '@lazaret/faults';
import type { HeldGroup } from '../engine/selection.ts';
import type { RunSummary } from '../engine/summary.ts';
import type { Day } from '../engine/throughput.ts';
import type { AlertDecisionDocument, AlertDecisionExtra } from './alert-decisions.ts';
import type {
  AlertDocument,
  AlertListDocument,
  AlertListExtra,
  ShownAlert,
  ShownGroup,
} from './alerts.ts';
import type { Outcome } from './command.ts';
import type { CommandName } from './commands.ts';
import type { DecisionDocument, DecisionExtra } from './held-decisions.ts';
import type { DocumentsDocument } from './documents.ts';
import type { HeldDocument, HeldListDocument, HeldListExtra, ShownItem } from './held.ts';
import type { ExportDocument, ImportDocument, KeyDocument } from './identity.ts';
import type { IdentifiersLoadDocument } from './identifiers.ts';
import type { TrialDocument } from './policy-try.ts';
import type { RulesReportDocument } from './rules-report.ts';
import type { RulesTryDocument } from './rules-try.ts';
import type { RulesWhyDocument } from './rules-why.ts';
import type { EraseDocument, RetainDocument } from './retention.ts';
import type { SummaryExtra } from './run-command.ts';
import type { BatchDocument, FindingsDocument, RunDocument } from './status.ts';
import { renderAlert } from './terminal/alert-card.ts';
import { renderAlertDecision, renderAlertDryRun } from './terminal/alert-decision.ts';
import { renderAlertGroups, renderAlerts } from './terminal/alert-list.ts';
import { renderFindings, renderLogs } from './terminal/finding-list.ts';
import { renderDocuments } from './terminal/document-list.ts';
import { renderDecision, renderDryRun } from './terminal/decision.ts';
import { renderHeldGroups } from './terminal/held-groups.ts';
import { renderHeld, renderHeldItem } from './terminal/held-list.ts';
import { renderExport, renderImport, renderKey } from './terminal/identity.ts';
import { renderIdentifiersLoad } from './terminal/identifiers.ts';
import { formatCount } from './terminal/number.ts';
import type { ListContext } from './terminal/rows.ts';
import { renderTrial } from './terminal/policy-trial.ts';
import { renderBatches, renderDays, renderRuns } from './terminal/run-list.ts';
import { renderErasure, renderRetention } from './terminal/retention.ts';
import { renderRuleWhy } from './terminal/rule-why.ts';
import { renderRulesReport } from './terminal/rules-report.ts';
import { renderRuleTrial } from './terminal/rules-trial.ts';
import type { Style } from './terminal/style.ts';
import { renderSummary } from './terminal/summary.ts';

export interface ViewContext {
  /** Where the command was typed. */
  readonly folder: string;
  readonly style: Style;
  readonly catalogue: Catalogue;
  readonly now: Date;
  readonly flags: string;
  readonly filters: readonly string[];
  readonly timeZone: string;
  readonly logLine: (event: LogEvent) => string;
}

/** The text of a command's outcome. */
export function renderOutcome(
  command: CommandName,
  { document, extra }: Outcome,
  context: ViewContext,
): string {
  const list: ListContext = context;
  switch (command) {
    case 'run':
    case 'resume':
      return summaryText(document as RunSummary, extra, context);
    case 'watch':
      return watchText(document as readonly RunSummary[]);
    case 'status':
      if (extra !== undefined && typeof extra === 'object' && extra !== null && 'by' in extra) {
        return renderDays(document as readonly Day[], list);
      }
      return Array.isArray(document)
        ? renderRuns((document as readonly RunDocument[]).map(runRow), list)
        : summaryText(document as RunSummary, extra, context);
    case 'stop': {
      const { run, status } = document as { readonly run: string; readonly status: string };
      return status === 'stop-requested'
        ? `Run ${run} is asked to stop.`
        : `Run ${run} is ${status}; there is nothing to stop.`;
    }
    case 'batches':
      return renderBatches(document as readonly BatchDocument[], list);
    case 'findings':
      return findingsText(document as FindingsDocument, list);
    case 'documents':
      return renderDocuments(document as DocumentsDocument, list);
    case 'held list':
      return heldListText(document as HeldListDocument, extra as HeldListExtra, list);
    case 'held show':
      return heldText(document as HeldDocument, list);
    case 'held decide':
      return decisionText(document as DecisionDocument, extra as DecisionExtra, context);
    case 'alerts list':
      return alertListText(document as AlertListDocument, extra as AlertListExtra, list);
    case 'alerts show':
      return renderAlert(document as AlertDocument, list);
    case 'alerts decide':
      return alertDecisionText(
        document as AlertDecisionDocument,
        extra as AlertDecisionExtra,
        context,
      );
    case 'identity key':
      return renderKey(document as KeyDocument);
    case 'identity export':
      return renderExport(document as ExportDocument);
    case 'identity import':
      return renderImport(document as ImportDocument);
    case 'identifiers load':
      return renderIdentifiersLoad(document as IdentifiersLoadDocument);
    case 'retention apply':
      return renderRetention(document as RetainDocument, list);
    case 'erase':
      return renderErasure(
        document as EraseDocument,
        (extra as { readonly typed: string }).typed,
        list,
      );
    case 'logs':
      return renderLogs(
        (document as readonly LogEvent[]).map((event) => ({
          level: event.level,
          line: context.logLine(event),
        })),
        list,
      );
    case 'policy try':
      return renderTrial(document as TrialDocument, list);
    case 'rules report':
      return renderRulesReport(document as RulesReportDocument, list);
    case 'rules try':
      return renderRuleTrial(document as RulesTryDocument, list);
    case 'rules why':
      return renderRuleWhy(document as RulesWhyDocument, list);
    default:
      return command satisfies never;
  }
}

/** What a watcher took: one line a run, because its end is not when anybody looks closely. */
function watchText(runs: readonly RunSummary[]): string {
  if (runs.length === 0) return 'Nothing arrived while the folder was watched.\n';
  const lines = runs.map(({ run, status, items }) => {
    const { received, delivered, held, rejected } = items;
    const counts = [
      `${formatCount(received)} received`,
      `${formatCount(delivered)} delivered`,
      ...(held > 0 ? [`${formatCount(held)} held`] : []),
      ...(rejected > 0 ? [`${formatCount(rejected)} rejected`] : []),
    ];
    return `${run}  ${status}  ${counts.join(', ')}`;
  });
  return `${lines.join('\n')}\n`;
}

function summaryText(summary: RunSummary, extra: unknown, context: ViewContext): string {
  const { byCode, out } = extra as SummaryExtra;
  const { catalogue, style, flags } = context;
  const shown = out === null ? null : pathFrom(context.folder, out);
  return renderSummary(summary, byCode, catalogue, style, { flags, out: shown });
}

function runRow(row: RunDocument): Parameters<typeof renderRuns>[0][number] {
  const { received, pending } = row.items;
  const { delivered = 0, held = 0, rejected = 0, skipped = 0 } = row.items;
  const { duplicate = 0 } = row.items;
  return {
    run: row.run,
    pipeline: row.pipeline,
    status: row.status,
    startedAt: new Date(row.createdAt),
    elapsedSeconds: row.elapsedSeconds,
    items: { received, delivered, held, rejected, skipped, duplicate, pending },
  };
}

function heldRow(row: ShownItem): Parameters<typeof renderHeld>[0][number] {
  return {
    item: row.item,
    code: row.name,
    stage: row.stage,
    site: row.site,
    heldAt: new Date(row.since),
  };
}

/** What was found most comes first; single findings follow where one code was asked for. */
function findingsText({ run, counts, findings }: FindingsDocument, list: ListContext): string {
  const few = findings.length > 0 && findings.length <= MOST_IN_FULL;
  const rows = few
    ? findings.map(({ code, type, item, place, parameters }) => ({
        code,
        type,
        count: 1,
        item,
        place,
        parameters,
      }))
    : counts.map(({ name, type, count }) => ({
        code: name,
        type,
        count,
        item: null,
        place: {},
        parameters: null,
      }));
  const more =
    few || run === null || counts.length === 0
      ? ''
      : `\nOne code in full: lazaret findings --run ${run} --code ${counts[0]?.id ?? ''}\n`;
  return `${renderFindings(rows, list)}${more}`;
}

/** More findings than this are shown as counts by code. */
const MOST_IN_FULL = 60;

function heldText(item: HeldDocument, list: ListContext): string {
  return renderHeldItem(
    {
      item: item.item,
      code: item.name,
      stage: item.stage,
      site: item.site,
      heldAt: new Date(item.at),
      pipeline: item.pipeline,
      step: item.step,
      disposition: item.disposition,
      stillHeld: item.stillHeld,
      digest: item.digest,
      facts: item.facts,
      findings: item.findings.map(({ code, type, place, parameters }) => ({
        code,
        type,
        count: 1,
        item: item.item,
        place,
        parameters,
      })),
      decisions: item.decisions.map((decision) => ({ ...decision, at: new Date(decision.at) })),
      lives: item.lives,
      sameAs: item.sameAs,
      revealed: item.source ?? null,
    },
    list,
  );
}

function heldListText(document: HeldListDocument, extra: HeldListExtra, list: ListContext): string {
  const groups = document.filter((row): row is HeldGroup => 'group' in row);
  if (extra.by !== null && groups.length > 0) return renderHeldGroups(groups, extra.by, list);
  const rows = document.filter((row): row is ShownItem => 'item' in row);
  return renderHeld(rows.map(heldRow), list, extra);
}

function decisionText(
  document: DecisionDocument,
  { typed, last }: DecisionExtra,
  context: ViewContext,
): string {
  if (document.dryRun) return renderDryRun(document, typed?.again ?? null, context);
  const [only, ...more] = document.runs;
  const text = renderDecision(document, typed?.bySecond ?? null, context);
  // A run that needs somebody is summed up in full, as after any other command that works on one.
  return more.length === 0 && only !== undefined && last !== null && only.status !== 'complete'
    ? `${text}\n${summaryText(only, last, context)}`
    : text;
}

function alertListText(
  document: AlertListDocument,
  extra: AlertListExtra,
  list: ListContext,
): string {
  return extra.each
    ? renderAlerts(document as readonly ShownAlert[], extra, list)
    : renderAlertGroups(document as readonly ShownGroup[], extra, list);
}

function alertDecisionText(
  document: AlertDecisionDocument,
  { typed, last }: AlertDecisionExtra,
  context: ViewContext,
): string {
  if (document.dryRun) return renderAlertDryRun(document, typed, context);
  const text = renderAlertDecision(document, context);
  const [only, ...more] = document.runs;
  return more.length === 0 && only !== undefined && last !== null && only.status !== 'complete'
    ? `${text}\n${summaryText(only, last, context)}`
    : text;
}

/** A folder as it would be typed in another one; whole where that would lead up and down again. */
function pathFrom(folder: string, path: string): string {
  const way = relative(folder, path);
  return way.startsWith('..') || isAbsolute(way) ? path : way || '.';
}
