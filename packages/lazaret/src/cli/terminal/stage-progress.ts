/**
 * How far a stage is, from what the engine tells.
 *
 * The engine tells how many items arrived, that all have, and how many went through a row of item
 * steps of a stage. It does not tell which items stopped on the way, so how many will reach a later
 * stage is not known before it is over. The model:
 *
 * - A stage's work is its passes (rows of item steps between batch steps) times all items that
 *   arrived. No stage can have more, so a bar never shows more than there is.
 * - Items that stop earlier leave the work of later stages and passes undone for good. A stage is
 *   therefore *through* once all items have arrived and either its work is done, or a later stage
 *   moves while this one has not for some seconds. Its bar is then full. If it moves after all, it
 *   is no longer through; nothing else hangs on that guess.
 * - The last stage is through when the run is: its bar goes with the others.
 * - Attempts that are repeated tell the same items again. More than all is shown as all.
 */
import { escapeText } from '@lazaret/faults';

/** A stage and how often each of its items is told of. */
export interface ProgressStage {
  readonly name: string;
  /** Rows of item steps, at least 1. */
  readonly passes: number;
}

export interface StageProgress {
  /** Items through their last pass, as near as can be told; at most those that arrived. */
  readonly items: number;
  /** 0 to 1 */
  readonly share: number;
  readonly state: 'waiting' | 'working' | 'finishing' | 'through';
  /** Items a second over the last seconds; null where it is too early to tell. */
  readonly rate: number | null;
  /** At most, at the present rate; null where nobody can know. */
  readonly secondsLeft: number | null;
  /** From the first to the last move. */
  readonly elapsedSeconds: number;
}

/** A stage that has not moved for so long while a later one does is through. */
const IDLE_MS = 2_000;
/** Rates are of this many last milliseconds: long enough to be calm, short enough to follow. */
const WINDOW_MS = 10_000;
const LEAST_WINDOW_MS = 1_000;

interface Stage extends ProgressStage {
  work: number;
  firstMs: number | null;
  lastMs: number;
  samples: { readonly atMs: number; readonly work: number }[];
}

export interface StageModel {
  readonly arrived: number;
  readonly allArrived: boolean;
  arrive(items: number): void;
  closeArrivals(): void;
  advance(stage: string, items: number, atMs: number): void;
  /** Rates start anew, so that a pause does not count as slowness. */
  forgetRates(): void;
  read(index: number, atMs: number): StageProgress;
}

/**
 * The stages of a pipeline for `createProgress`: a stage's passes are its rows of item steps, each
 * of which the engine tells of separately.
 */
export function progressStages(
  stages: readonly {
    readonly name: string;
    readonly steps: readonly { readonly kind: 'item' | 'batch' | 'repeats' }[];
  }[],
): readonly ProgressStage[] {
  return stages.map(({ name, steps }) => ({
    name,
    passes: Math.max(
      1,
      steps.filter(({ kind }, at) => kind === 'item' && steps[at - 1]?.kind !== 'item').length,
    ),
  }));
}

export function createStageModel(shape: readonly ProgressStage[]): StageModel {
  let arrived = 0;
  let allArrived = false;
  const stages = shape.map((stage): Stage => ({
    ...stage,
    work: 0,
    firstMs: null,
    lastMs: 0,
    samples: [],
  }));

  const isThrough = (index: number, atMs: number): boolean => {
    const stage = stages[index];
    const later = stages.slice(index + 1);
    if (stage === undefined || !allArrived || later.length === 0) return false;
    if (stage.work >= arrived * stage.passes) return true;
    if (atMs - stage.lastMs < IDLE_MS) return false;
    return later.some(({ firstMs, lastMs }) => firstMs !== null && lastMs > stage.lastMs);
  };

  const rateOf = (stage: Stage, atMs: number): number | null => {
    stage.samples = stage.samples.filter((sample) => atMs - sample.atMs <= WINDOW_MS);
    const [oldest] = stage.samples;
    if (oldest === undefined || atMs - oldest.atMs < LEAST_WINDOW_MS) return null;
    const done = stage.work - oldest.work;
    return done <= 0 ? null : (done * 1000) / (atMs - oldest.atMs) / stage.passes;
  };

  return {
    get arrived() {
      return arrived;
    },
    get allArrived() {
      return allArrived;
    },
    arrive(items) {
      arrived += items;
    },
    closeArrivals() {
      allArrived = true;
    },
    advance(name, items, atMs) {
      const stage = stages.find((each) => each.name === name);
      if (stage === undefined || items <= 0) return;
      stage.firstMs ??= atMs;
      const last = stage.samples.at(-1);
      stage.work += items;
      // One sample in a tenth of a second is enough; many small slices would only fill memory.
      if (last === undefined || atMs - last.atMs >= 100) {
        stage.samples.push({ atMs, work: stage.work });
      }
      stage.lastMs = atMs;
      stage.samples = stage.samples.filter((sample) => atMs - sample.atMs <= WINDOW_MS);
    },
    forgetRates() {
      for (const stage of stages) stage.samples = [];
    },
    read(index, atMs) {
      const stage = stages[index];
      if (stage === undefined) throw new Error(`There is no stage ${index}.`);
      const whole = arrived * stage.passes;
      const share = whole === 0 ? 0 : Math.min(1, stage.work / whole);
      const items = Math.min(arrived, Math.floor(stage.work / stage.passes));
      const elapsedSeconds = stage.firstMs === null ? 0 : (stage.lastMs - stage.firstMs) / 1000;
      const still = { items, rate: null, secondsLeft: null, elapsedSeconds };
      if (isThrough(index, atMs)) return { ...still, share: 1, state: 'through' };
      if (stage.firstMs === null) return { ...still, share: 0, state: 'waiting' };
      if (allArrived && share === 1) return { ...still, share, state: 'finishing' };
      const rate = rateOf(stage, atMs);
      const secondsLeft =
        rate === null || !allArrived ? null : (whole - stage.work) / stage.passes / rate;
      return { items, share, state: 'working', rate, secondsLeft, elapsedSeconds };
    },
  };
}

/** What a status of the run means for whoever watches; null where it needs no words. */
export function statusText(status: string, detail: string | undefined): string | null {
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
