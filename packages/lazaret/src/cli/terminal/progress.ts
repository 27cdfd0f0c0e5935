/** How far a run is, for whoever watches. */
import { escapeText, type Clock } from '@lazaret/faults';
import type { Progress } from '../../engine/run-context.ts';
import { drawProgress } from './drawn-progress.ts';
import { createStageModel, type ProgressStage } from './stage-progress.ts';
import type { Style } from './style.ts';
import { displayWidth, truncate } from './text-width.ts';
import { writeProgress } from './written-progress.ts';

export interface ProgressOptions {
  /** Takes text as it is; lines carry their ends. */
  readonly write: (text: string) => void;
  /** Whether lines may be drawn again in place; see `readTerminal`. */
  readonly isTerminal: boolean;
  readonly style: Style;
  readonly clock: Clock;
  readonly pipeline: string;
  /** The short form. */
  readonly run: string;
  /** In order. A bare name stands for a stage of one pass; see `progressStages`. */
  readonly stages: readonly (string | ProgressStage)[];
  /** Where the items come from and go to, as the user typed them. */
  readonly from?: string;
  readonly to?: string;
}

export interface TerminalProgress extends Progress {
  /** Prints lines above the block, e.g. of the log. */
  print(text: string): void;
  /**
   * The end, whatever it was: clears the block (elsewhere: says how far each stage came). Comes
   * before the summary and belongs into a `finally`; the clock's timer runs until then. A second
   * call does nothing.
   */
  end(): void;
}

/** The line over everything: what runs, from where to where, and what the run is called. */
export function renderRunHeader(
  header: {
    readonly pipeline: string;
    readonly run: string;
    readonly from?: string;
    readonly to?: string;
  },
  style: Style,
): string {
  const { pipeline, from, to } = header;
  const places = [from, to].flatMap((place) => (place === undefined ? [] : [escapeText(place)]));
  const what = [escapeText(pipeline), places.join(` ${style.marks.arrow} `)]
    .filter((part) => part !== '')
    .join('   ');
  const run = `run ${escapeText(header.run)}`;
  const width = Math.min(style.width, 72);
  const left = truncate(what, style.width - displayWidth(run) - 3, style.marks.ellipsis);
  const gap = Math.max(3, width - displayWidth(left) - displayWidth(run));
  return `${style.paint('bold', left)}${' '.repeat(gap)}${style.paint('grey', run)}\n`;
}

export function createProgress(options: ProgressOptions): TerminalProgress {
  const stages = options.stages.map((stage) =>
    typeof stage === 'string' ? { name: stage, passes: 1 } : stage,
  );
  const model = createStageModel(stages);
  options.write(renderRunHeader(options, options.style));
  return options.isTerminal
    ? drawProgress(options, stages, model)
    : writeProgress(options, stages, model);
}
