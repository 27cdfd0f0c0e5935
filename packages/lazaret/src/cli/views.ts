/** Which view shows which command's document. */
import type { Catalogue, LogEvent } from '@lazaret/faults';
import type { HeldItem } from '../engine/selection.ts';
import type { RunSummary } from '../engine/summary.ts';
import type { Outcome } from './command.ts';
import type { CommandName } from './commands.ts';
import type { DecisionDocument, HeldDocument } from './held.ts';
import type { ExportDocument, ImportDocument, KeyDocument } from './identity.ts';
import type { TrialDocument } from './policy-try.ts';
import type { SummaryExtra } from './run-command.ts';
import type { BatchDocument, FindingsDocument, RunDocument } from './status.ts';
import { renderFindings, renderLogs } from './terminal/finding-list.ts';
import { renderHeld, renderHeldItem } from './terminal/held-list.ts';
import { renderExport, renderImport, renderKey } from './terminal/identity.ts';
import { countOf } from './terminal/number.ts';
import type { ListContext } from './terminal/rows.ts';
import { renderTrial } from './terminal/policy-trial.ts';
import { renderBatches, renderRuns } from './terminal/run-list.ts';
import type { Style } from './terminal/style.ts';
import { renderSummary } from './terminal/summary.ts';

export interface ViewContext {
  readonly style: Style;
  readonly catalogue: Catalogue;
  readonly now: Date;
  readonly flags: string;
  readonly filters: readonly string[];
  readonly logLine: (event: LogEvent) => string;
}

type HeldRow = Omit<HeldItem, 'runId' | 'no'>;

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
    case 'status':
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
    case 'held list':
      return renderHeld((document as readonly HeldRow[]).map(heldRow), list);
    case 'held show':
      return heldText(document as HeldDocument, list);
    case 'held decide':
      return decisionText(document as DecisionDocument, extra, context);
    case 'identity key':
      return renderKey(document as KeyDocument);
    case 'identity export':
      return renderExport(document as ExportDocument);
    case 'identity import':
      return renderImport(document as ImportDocument);
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
    default:
      return command satisfies never;
  }
}

function summaryText(summary: RunSummary, extra: unknown, context: ViewContext): string {
  const { byCode } = extra as SummaryExtra;
  return renderSummary(summary, byCode, context.catalogue, context.style, context.flags);
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

function heldRow(row: HeldRow): Parameters<typeof renderHeld>[0][number] {
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
      sameAs: item.sameAs,
      revealed: item.source ?? null,
    },
    list,
  );
}

function decisionText(document: DecisionDocument, extra: unknown, context: ViewContext): string {
  if (document.dryRun) {
    const list = renderHeld(document.selected.map(heldRow), context);
    return `${list}\n${countOf(document.selected.length, 'item')} selected; nothing was changed.\n`;
  }
  const word = document.kind === 'release' ? 'released' : 'sent in again';
  const parts = [`${countOf(document.items, 'item')} ${word} by ${document.by}.`];
  if (document.waitingForSecond.length > 0) {
    parts.push(
      `${countOf(document.waitingForSecond.length, 'item')} recorded; a second person has to release them, too.`,
    );
  }
  const runs = document.runs.map((run, index) =>
    index === document.runs.length - 1 ? summaryText(run, extra, context) : `run ${run.run}`,
  );
  return [...parts, ...runs.map((text) => `\n${text}`)].join('\n');
}
