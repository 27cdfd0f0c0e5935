/** What `run`, `resume`, `demo`, `release` and `replay` share: working on a run and summing it up. */
import { z } from 'zod';
import { catalogue, type Application } from '../main.ts';
import { countByCode, summarise, type RunSummary } from '../engine/summary.ts';
import type { RunRow } from '../store/runs.ts';
import { progressStages } from './terminal/stage-progress.ts';
import { EXIT, type Outcome, type Session } from './command.ts';
import { finishRemovals } from './retention.ts';

export interface WorkInput {
  readonly maxPauseSeconds: number;
  /** Exit status 3 when an item was not delivered. */
  readonly strict: boolean;
}

/** What the closing summary needs beyond the document. */
export interface SummaryExtra {
  readonly byCode: Awaited<ReturnType<typeof countByCode>>;
  /** The folder that the run delivers to, as somebody named it. */
  readonly out: string | null;
}

/** @param run as it has ended, or as it stands */
export async function summaryExtra({ store }: Application, run: RunRow): Promise<SummaryExtra> {
  const { out } = outSchema.parse(run.configuration);
  return { byCode: await countByCode(store.db, run.id), out: out ?? null };
}

const outSchema = z.looseObject({ out: z.string().optional() });

export async function workOn(
  application: Application,
  run: RunRow,
  input: WorkInput,
  session: Session,
): Promise<{ readonly summary: RunSummary; readonly extra: SummaryExtra; readonly exit: number }> {
  const { engine, store } = application;
  await finishRemovals(application);
  const pipeline = engine.pipelineOf(run.pipeline);
  const stages = progressStages(pipeline.stages);
  const ended = await engine.work(run, {
    progress: session.progressOf({ pipeline: run.pipeline, run: run.short, stages }),
    controller: session.controller,
    maxPauseMs: input.maxPauseSeconds * 1_000,
  });
  const summary = await summarise(store.db, catalogue, ended, pipeline);
  return {
    summary,
    extra: await summaryExtra(application, ended),
    exit: exitOf(summary, input.strict),
  };
}

export async function summaryOutcome(
  application: Application,
  run: RunRow,
  input: WorkInput,
  session: Session,
): Promise<Outcome> {
  const { summary, extra, exit } = await workOn(application, run, input, session);
  return { document: summary, extra, exit };
}

/** The exit status that a run's end means. */
export function exitOf(summary: RunSummary, strict: boolean): number {
  switch (summary.status) {
    case 'complete': {
      const { received, delivered, duplicate } = summary.items;
      return strict && delivered + duplicate < received ? EXIT.notDelivered : EXIT.complete;
    }
    case 'interrupted':
      return summary.reason?.code === 'RunStoppedByPerson' ? EXIT.interrupted : EXIT.failed;
    case 'new':
    case 'running':
    case 'paused':
    case 'stop-requested':
    case 'failed':
      return EXIT.failed;
    default:
      return summary.status satisfies never;
  }
}
