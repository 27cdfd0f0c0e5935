/**
 * The pool of worker threads. CPU work (parsing, rewriting, compressing) happens there, so that the
 * main thread stays free for the database and for whoever asks how far things are.
 *
 * A thread that dies (out of memory, a crash in native code) is replaced. The items it had are
 * tried again one by one, so that the one that kills threads is found and named, and its
 * neighbours do not suffer for it.
 */
import { Worker } from 'node:worker_threads';
import { unpackFault } from '@lazaret/faults';
import type { FusedItem, FusedOutcome } from '../fused.ts';
import type { BatchFacts } from '../pipeline.ts';
import { engineCodes } from '../codes.ts';
import type { LotResult } from '../lot.ts';
import type { FromWorker, OpenRun, ToWorker, Work, WorkLots } from './protocol.ts';

export interface WorkOrder {
  readonly stage: number;
  readonly from: number;
  readonly to: number;
  readonly batch: BatchFacts;
  readonly isRehearsal?: boolean;
}

export interface WorkerPool {
  readonly size: number;
  /** Starts all threads now and has them load modules, beside whatever the main thread has to do. */
  warm(modules: readonly URL[]): void;
  open(run: Omit<OpenRun, 'type'>): void;
  close(run: string): void;
  /**
   * Takes items through fused steps. Outcomes come in the order of the items.
   * @throws what a step let escape; the abort reason of the signal.
   */
  work(
    order: WorkOrder,
    items: readonly FusedItem[],
    signal: AbortSignal,
    onProgress: (items: number) => void,
  ): Promise<FusedOutcome[]>;
  /**
   * Takes a batch of lots through its stage, on one thread.
   * @throws what the work let escape; WorkerDied; the abort reason of the signal.
   */
  workLots(
    order: Pick<WorkOrder, 'stage' | 'batch'>,
    given: WorkLots['given'],
    signal: AbortSignal,
  ): Promise<LotResult>;
  end(): Promise<void>;
}

interface Task {
  readonly message: Work | WorkLots;
  resolve(answer: FromWorker): void;
  reject(error: unknown): void;
}

interface Thread {
  readonly worker: Worker;
  task: Task | null;
}

/** A slice should take about this long: short enough to stop soon, long enough to be worth a message. */
const SLICE_MS = 60;
const MAX_SLICE_ITEMS = 2_000;

/** Heap of a thread. Bytes outside the heap (buffers) come on top and are bounded by the steps. */
const MAX_HEAP_MB = 1_024;

/**
 * A batch of lots lives until it is through. With the usual 48 MB its records would be moved twice,
 * which is a tenth of the work on them.
 */
const YOUNG_HEAP_MB = 192;

export function createWorkerPool(size: number): WorkerPool {
  const opened = new Map<string, OpenRun>();
  const threads: Thread[] = [];
  const queue: Task[] = [];
  let lastTask = 0;
  let ending = false;

  const start = (): Thread => {
    const thread: Thread = { worker: spawn(), task: null };
    threads.push(thread);
    listen(thread);
    for (const run of opened.values()) tell(thread, run);
    return thread;
  };
  const listen = (thread: Thread): void => {
    thread.worker.on('message', (message: FromWorker) => {
      const { task } = thread;
      thread.task = null;
      if (task !== null && task.message.task === message.task) {
        if (message.type === 'failed') task.reject(unpackFault(message.fault));
        else task.resolve(message);
      }
      next(thread);
    });
    let cause: unknown;
    thread.worker.on('error', (error) => {
      cause = error;
    });
    thread.worker.on('exit', () => {
      if (ending) return;
      threads.splice(threads.indexOf(thread), 1);
      thread.task?.reject(engineCodes.fault('WorkerDied', {}, { cause }));
      // Another one only for work that waits: a thread that cannot even start must not be started
      // over and over.
      if (queue.length > 0) next(start());
    });
  };
  const tell = (thread: Thread, message: ToWorker): void => thread.worker.postMessage(message);
  const next = (thread: Thread): void => {
    const task = thread.task === null ? queue.shift() : undefined;
    if (task === undefined) return;
    thread.task = task;
    tell(thread, task.message);
  };
  const put = (message: Work | WorkLots): Promise<FromWorker> =>
    new Promise((resolve, reject) => {
      lastTask += 1;
      queue.push({ message: { ...message, task: lastTask }, resolve, reject });
      if (threads.length < size) start();
      for (const thread of threads) next(thread);
    });
  const submit = (
    order: WorkOrder,
    items: readonly FusedItem[],
  ): Promise<readonly FusedOutcome[]> =>
    put({ type: 'work', task: 0, ...order, items }).then((answer) => {
      if (answer.type !== 'done') throw new Error('A worker gave another answer than asked for.');
      return answer.outcomes;
    });

  /** Items of a slice whose thread died, one by one: the culprit's outcome says so. */
  const isolate = async (
    order: WorkOrder,
    items: readonly FusedItem[],
    signal: AbortSignal,
  ): Promise<FusedOutcome[]> => {
    const outcomes: FusedOutcome[] = [];
    for (const item of items) {
      signal.throwIfAborted();
      try {
        outcomes.push(...(await submit(order, [item])));
      } catch (error) {
        if (!hasDied(error)) throw error;
        outcomes.push(crashed(item));
      }
    }
    return outcomes;
  };

  return {
    size,
    warm(modules) {
      while (threads.length < size) start();
      const message: ToWorker = { type: 'load', modules: modules.map(({ href }) => href) };
      for (const thread of threads) tell(thread, message);
    },
    open(run) {
      const message: OpenRun = { type: 'open', ...run };
      opened.set(run.run, message);
      for (const thread of threads) tell(thread, message);
    },
    close(run) {
      opened.delete(run);
      for (const thread of threads) tell(thread, { type: 'close', run });
    },
    async work(order, items, signal, onProgress) {
      const outcomes: FusedOutcome[] = new Array<FusedOutcome>(items.length);
      let position = 0;
      let sliceItems = 1;
      let failed = false;
      const lane = async (): Promise<void> => {
        while (position < items.length && !failed) {
          signal.throwIfAborted();
          const from = position;
          const slice = items.slice(from, from + sliceItems);
          position += slice.length;
          const begun = performance.now();
          const done = await submit(order, slice).catch((error: unknown) => {
            if (hasDied(error)) return isolate(order, slice, signal);
            failed = true;
            throw error;
          });
          done.forEach((outcome, index) => {
            outcomes[from + index] = outcome;
          });
          onProgress(slice.length);
          const perItemMs = (performance.now() - begun) / slice.length;
          const fitting = Math.floor(SLICE_MS / Math.max(perItemMs, 0.01));
          sliceItems = Math.max(1, Math.min(fitting, sliceItems * 2, MAX_SLICE_ITEMS));
        }
      };
      // Two lanes a thread: the next slice lies ready when one is done. All of them are waited
      // for, also behind a failure: a thread that still works uses the folder of the attempt.
      const lanes = await Promise.allSettled(Array.from({ length: size * 2 }, lane));
      const broken = lanes.find((ended) => ended.status === 'rejected');
      if (broken !== undefined) throw broken.reason;
      return outcomes;
    },
    async workLots(order, given, signal) {
      signal.throwIfAborted();
      const answer = await put({ type: 'lots', task: 0, ...order, given });
      if (answer.type !== 'lots-done') {
        throw new Error('A worker gave another answer than asked for.');
      }
      return answer.result;
    },
    async end() {
      ending = true;
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function spawn(): Worker {
  return new Worker(new URL('./thread.ts', import.meta.url), {
    resourceLimits: {
      maxOldGenerationSizeMb: MAX_HEAP_MB,
      maxYoungGenerationSizeMb: YOUNG_HEAP_MB,
    },
  });
}

function hasDied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'WorkerDied';
}

function crashed(item: FusedItem): FusedOutcome {
  const finding = engineCodes.finding('ItemBreaksWorker', {}, { item: item.item });
  return {
    item: item.item,
    standing: {
      kind: 'stopped',
      disposition: 'held',
      code: finding.code,
      step: 'worker',
      sameAs: null,
      value: item.value,
    },
    findings: [{ step: 'worker', finding, decision: null }],
  };
}
