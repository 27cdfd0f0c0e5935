/**
 * How far a run is, on a terminal: a block that is drawn again in place.
 *
 * The cursor is never hidden and always stands on the line below the block. So there is nothing to
 * restore when a process ends, however it ends: the shell's prompt comes on a line of its own, and
 * what is left above it is the last state. Each redraw is one write, so nothing flickers.
 */
import { countOf, formatCount, formatDuration, formatRate } from './number.ts';
import type { ProgressOptions, TerminalProgress } from './progress.ts';
import {
  statusText,
  type ProgressStage,
  type StageModel,
  type StageProgress,
} from './stage-progress.ts';
import type { Style } from './style.ts';
import { displayWidth, pad, truncate } from './text-width.ts';
import { nounsOf, type Nouns } from './words.ts';

/** Ten redraws a second at most. */
const REDRAW_MS = 100;
/** Times go on while nothing else happens. */
const TICK_MS = 500;
const BAR_CELLS = 20;
const LEAST_BAR_CELLS = 5;

export function drawProgress(
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
