/** How far a run is, where lines stay: few of them, so that a log remains readable. */
import { countOf, formatCount, formatDuration, formatRate } from './number.ts';
import type { ProgressOptions, TerminalProgress } from './progress.ts';
import { statusText, type ProgressStage, type StageModel } from './stage-progress.ts';
import { nounsOf } from './words.ts';

/** A line a stage and as much time, where lines stay. */
const LINE_MS = 10_000;

export function writeProgress(
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
