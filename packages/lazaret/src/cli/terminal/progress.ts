/**
 * How far a run is, for whoever watches: a block that is drawn again in place on a terminal, a few
 * plain lines elsewhere.
 *
 * The cursor is never hidden and always stands on the line below the block. So there is nothing to
 * restore when a process ends, however it ends: the shell's prompt comes on a line of its own, and
 * what is left above it is the last state. Each redraw is one write, so nothing flickers.
 */
import { escapeText, type Clock } from '@lazaret/faults';
import type { Progress } from '../../engine/run-context.ts';
import { countOf, formatCount, formatDuration, formatRate } from './number.ts';
import {
  createStageModel,
  type ProgressStage,
  type StageModel,
  type StageProgress,
} from './stage-progress.ts';
import type { Style } from './style.ts';
import { displayWidth, pad, truncate } from './text-width.ts';
import { nounsOf, type Nouns } from './words.ts';

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

/** Ten redraws a second at most. */
const REDRAW_MS = 100;
/** Times go on while nothing else happens. */
const TICK_MS = 500;
/** A line a stage and as much time, where lines stay. */
const LINE_MS = 10_000;

const BAR_CELLS = 20;
const LEAST_BAR_CELLS = 5;

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

/** What a status of the run means for whoever watches; null where it needs no words. */
function statusText(status: string, detail: string | undefined): string | null {
  const on = detail === undefined ? '' : ` for ${escapeText(detail)}`;
  switch (status) {
    case 'running':
      return null;
    case 'paused':
      return `paused: waiting${on === '' ? ' for a service that is down' : on}`;
    case 'stop-requested':
      return 'stopping: what is under way is finished or put back first';
    default:
      return `${escapeText(status)}${detail === undefined ? '' : `: ${escapeText(detail)}`}`;
  }
}

function drawProgress(
  { write, style, clock, pipeline }: ProgressOptions,
  stages: readonly ProgressStage[],
  model: StageModel,
): TerminalProgress {
  const nouns = nounsOf(pipeline);
  const ending = new AbortController();
  let note: string | null = null;
  let isDirty = true;
  let drawnAtMs = -Infinity;
  let height = 0;
  let hasEnded = false;

  const up = (): string => (height === 0 ? '' : `\r\u001b[${height}A\u001b[0J`);
  const draw = (): void => {
    const nowMs = clock.monotonic();
    const lines = ['', ...stageLines(stages, model, nowMs, note !== null, nouns, style)];
    if (note !== null) lines.push('', `  ${style.paint('yellow', cut(note, style, 2))}`);
    lines.push('');
    write(`${up()}${lines.join('\n')}\n`);
    height = lines.length;
    drawnAtMs = nowMs;
    isDirty = false;
  };
  const change = (): void => {
    isDirty = true;
    if (!hasEnded && clock.monotonic() - drawnAtMs >= REDRAW_MS) draw();
  };
  const tick = async (): Promise<void> => {
    while (!hasEnded) {
      const sinceMs = clock.monotonic() - drawnAtMs;
      if (isDirty ? sinceMs >= REDRAW_MS : sinceMs >= TICK_MS) draw();
      // Aborted only by `end`, which makes the loop's condition false.
      await clock.sleep(REDRAW_MS, ending.signal).catch(() => hasEnded);
    }
  };
  draw();
  void tick();
  return {
    arrived(items) {
      model.arrive(items);
      change();
    },
    allArrived() {
      model.closeArrivals();
      change();
    },
    advanced(stage, items) {
      model.advance(stage, items, clock.monotonic());
      change();
    },
    status(status, detail) {
      note = statusText(status, detail);
      model.forgetRates();
      change();
    },
    print(text) {
      if (hasEnded) {
        write(text);
        return;
      }
      write(`${up()}${text}${text.endsWith('\n') ? '' : '\n'}`);
      height = 0;
      draw();
    },
    end() {
      if (hasEnded) return;
      hasEnded = true;
      ending.abort();
      write(`${up()}\n`);
      height = 0;
    },
  };
}

function stageLines(
  stages: readonly ProgressStage[],
  model: StageModel,
  nowMs: number,
  isHalted: boolean,
  nouns: Nouns,
  style: Style,
): string[] {
  const nameWidth = Math.max(...stages.map(({ name }) => displayWidth(name)));
  const room = style.width - nameWidth - 2 - 2 - 3;
  const cells = Math.max(LEAST_BAR_CELLS, Math.min(BAR_CELLS, Math.floor(room / 3)));
  const countWidth = formatCount(model.arrived).length;
  return stages.map(({ name }, index) => {
    const progress = model.read(index, nowMs);
    const bar = pad(barOf(progress.share, cells, style), cells);
    const text = stageText(progress, index, model, isHalted, nouns, countWidth);
    const line = `  ${pad(name, nameWidth)}  ${bar}   ${text}`;
    const shown = cut(line, style, 0);
    return progress.state === 'waiting' ? style.paint('grey', shown) : shown;
  });
}

/** The last column stays free: some terminals go to the next line as soon as it is written. */
function cut(line: string, style: Style, indent: number): string {
  return truncate(line, style.width - 1 - indent, style.marks.ellipsis).trimEnd();
}

function stageText(
  progress: StageProgress,
  index: number,
  model: StageModel,
  isHalted: boolean,
  nouns: Nouns,
  countWidth: number,
): string {
  const { items, state, rate, secondsLeft, elapsedSeconds } = progress;
  const count = pad(formatCount(items), countWidth, 'right');
  const images = items === 1 ? nouns.item : nouns.items;
  switch (state) {
    case 'waiting':
      return model.arrived > 0 && index === 0
        ? `${countOf(model.arrived, nouns.item, nouns.items)} found`
        : 'waiting';
    case 'through':
      return `${count} ${images} in ${formatDuration(elapsedSeconds)}`;
    case 'finishing':
      return `${count} ${images}   finishing`;
    case 'working': {
      const parts = [index === 0 ? `${count} of ${formatCount(model.arrived)}` : count];
      if (!model.allArrived) parts.push('more to come');
      if (!isHalted && rate !== null) parts.push(formatRate(rate, 1, nouns.items) ?? '');
      if (!isHalted && secondsLeft !== null) parts.push(`${formatDuration(secondsLeft)} left`);
      return parts.join('   ');
    }
  }
}

/** A bar with as many eighths of a cell as the style has. */
function barOf(share: number, cells: number, style: Style): string {
  const { bar } = style.marks;
  const full = bar.at(-1) ?? '';
  const parts = Math.floor(share * cells * bar.length);
  const part = parts % bar.length;
  return `${full.repeat(Math.floor(parts / bar.length))}${part === 0 ? '' : (bar[part - 1] ?? '')}`;
}

function writeProgress(
  { write, clock, pipeline }: ProgressOptions,
  stages: readonly ProgressStage[],
  model: StageModel,
): TerminalProgress {
  const nouns = nounsOf(pipeline);
  const startedMs = clock.monotonic();
  const writtenMs = new Map<string, number>();
  let said: string | null = null;
  let hasEnded = false;

  const of = (items: number): string =>
    `${formatCount(items)} of ${countOf(model.arrived, nouns.item, nouns.items)}${model.allArrived ? '' : ' so far'}`;
  return {
    arrived: (items) => model.arrive(items),
    allArrived: () => model.closeArrivals(),
    advanced(name, items) {
      const nowMs = clock.monotonic();
      model.advance(name, items, nowMs);
      const index = stages.findIndex((stage) => stage.name === name);
      if (index === -1 || nowMs - (writtenMs.get(name) ?? startedMs) < LINE_MS) return;
      writtenMs.set(name, nowMs);
      const progress = model.read(index, nowMs);
      const parts = [of(progress.items)];
      if (progress.rate !== null) parts.push(formatRate(progress.rate, 1, nouns.items) ?? '');
      if (progress.secondsLeft !== null) parts.push(`${formatDuration(progress.secondsLeft)} left`);
      write(`${name}: ${parts.join(', ')}\n`);
    },
    status(status, detail) {
      model.forgetRates();
      const text = statusText(status, detail) ?? 'going on';
      // Nobody needs to hear that a run goes on which nothing had stopped.
      if (text === said || (said === null && status === 'running')) return;
      said = text;
      write(`${text}\n`);
    },
    print: (text) => write(text.endsWith('\n') ? text : `${text}\n`),
    end() {
      if (hasEnded) return;
      hasEnded = true;
      stages.forEach(({ name }, index) => {
        const { items, state, elapsedSeconds } = model.read(index, clock.monotonic());
        if (state === 'waiting') return;
        write(
          `${name}: ${countOf(items, nouns.item, nouns.items)} in ${formatDuration(elapsedSeconds)}\n`,
        );
      });
    },
  };
}
