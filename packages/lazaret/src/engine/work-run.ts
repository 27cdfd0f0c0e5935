/**
 * Working on a run, from taking it up to whatever ends it: the source is read while batches are
 * worked through, a heartbeat shows that somebody is at it and hears whether it is to stop.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { toFault, type Fault } from '@lazaret/faults';
import { claimBatch, clearStaged, putBack, unfinishedBatches } from '../store/batches.ts';
import { beat, transition } from '../store/runs.ts';
import { attemptBatch } from './attempt.ts';
import { readSource } from './arrive.ts';
import { engineCodes } from './codes.ts';
import { supersedeIntents } from './intents.ts';
import type { Source } from './pipeline.ts';
import { publishAttempt, publishError } from './publish.ts';
import type { ClaimedJob } from './queue.ts';
import { reasonOf } from './reason.ts';
import type { RunContext } from './run-context.ts';

export interface WorkOptions {
  /** Says who works: the run answers to no other process until this one is gone. */
  readonly owner: string;
  /** Null for child runs: their items are there from the start. */
  readonly source: Source | null;
  readonly controller: AbortController;
  /** Batches under way at the same time. */
  readonly lanes: number;
  /** Called at every heartbeat; a throw stops the run. */
  readonly onBeat: () => Promise<void>;
}

const BEAT_MS = 1_000;
const POLL_MS = 250;

/** Attempts at a batch whose failure had nothing to do with its content. */
const MAX_ATTEMPTS = 5;

/** Faults that are over when the batch is tried again. */
const PASSING = new Set(['DeliveredMeanwhile', 'StoreConflict', 'StoreUnreachable', 'StoreBusy']);

/** Works until the run is complete, interrupted or failed. Returns why it stopped, if it did. */
export async function workRun(context: RunContext, options: WorkOptions): Promise<Fault | null> {
  const { controller } = options;
  const bell = createBell();
  const stop = (error: unknown): void => {
    if (!controller.signal.aborted) controller.abort(toFault(error));
    bell.ring();
  };
  controller.signal.addEventListener('abort', () => bell.ring(), { once: true });
  await requeue(context);
  const beating = new AbortController();
  const heart = keepBeating(context, options, beating.signal, stop);
  try {
    await Promise.all([
      options.source === null
        ? Promise.resolve()
        : readSource(context, options.source, () => bell.ring())
            .then(() => context.progress.allArrived())
            .catch(stop),
      ...Array.from({ length: options.lanes }, () => lane(context, bell).catch(stop)),
    ]);
  } finally {
    beating.abort();
    await heart;
  }
  return controller.signal.aborted ? toFault(controller.signal.reason) : null;
}

/** Jobs of an earlier life may be lost or taken; the batch rows know what is left to do. */
async function requeue(context: RunContext): Promise<void> {
  const batches = await unfinishedBatches(context.db, context.run.id);
  await context.db.transaction().execute((trx) =>
    context.queue.send(
      trx,
      context.run.short,
      batches.map(({ id, attempt }) => ({ batch: id, attempt })),
    ),
  );
}

async function lane(context: RunContext, bell: Bell): Promise<void> {
  for (;;) {
    if (context.signal.aborted) return;
    const rung = bell.next();
    const job = await context.queue.claim(context.run.short);
    if (job !== null) {
      await workJob(context, job);
      bell.ring();
      continue;
    }
    const { status } = await context.db
      .selectFrom('lazaret.run')
      .select('status')
      .where('id', '=', context.run.id)
      .executeTakeFirstOrThrow();
    if (status === 'complete' || status === 'failed' || status === 'interrupted') return;
    await Promise.race([rung, delay(POLL_MS)]);
  }
}

async function workJob(context: RunContext, job: ClaimedJob): Promise<void> {
  const { db, queue, run, log, now } = context;
  const batch = await claimBatch(db, job.batch, job.attempt, now());
  if (batch !== null) {
    const begun = performance.now();
    const stage = context.pipeline.stages[batch.stage]?.name ?? '';
    const at = log.about(`engine.${stage}`, { run: run.id, batch: batch.id, step: stage });
    if (batch.attempt > 1) {
      await clearStaged(db, batch.id, batch.attempt);
      await supersedeIntents(db, batch, now());
    }
    try {
      const attempt = await attemptBatch(context, batch);
      const published = await publishAttempt(context, batch, attempt);
      at.tell(published === 'published' ? 'Stage of a batch done.' : 'Attempt superseded.', {
        items: batch.items,
        onward: attempt.onward.length,
        elapsedMs: Math.round(performance.now() - begun),
      });
    } catch (error) {
      if (context.signal.aborted) {
        await putBack(db, batch.id, batch.attempt);
        return;
      }
      const fault = toFault(error, { newIncident: () => `i_${crypto.randomUUID().slice(0, 8)}` });
      if (fault.code === 'DependencyPausedTooLong') {
        await putBack(db, batch.id, batch.attempt);
        throw fault;
      }
      if (PASSING.has(fault.code) && batch.attempt < MAX_ATTEMPTS) {
        at.fault(fault, { kind: 'retrying', attempts: batch.attempt });
        await delay(2 ** batch.attempt * 50);
        await putBack(db, batch.id, batch.attempt);
        await db
          .transaction()
          .execute((trx) =>
            queue.send(trx, run.short, [{ batch: batch.id, attempt: batch.attempt }]),
          );
      } else {
        at.fault(fault);
        await publishError(context, batch, fault);
      }
    }
  }
  await queue.complete(run.short, job.job);
}

async function keepBeating(
  context: RunContext,
  options: WorkOptions,
  signal: AbortSignal,
  stop: (error: unknown) => void,
): Promise<void> {
  let last = performance.now();
  const beatOnce = async (): Promise<void> => {
    const now = performance.now();
    const status = await beat(context.db, context.run.id, options.owner, context.now(), now - last);
    last = now;
    if (status === null) throw engineCodes.fault('RunTakenOver', {});
    if (status === 'stop-requested') {
      throw engineCodes.fault('RunStoppedByPerson', { by: 'lazaret stop' });
    }
    await options.onBeat();
  };
  while (!signal.aborted) {
    await delay(BEAT_MS, undefined, { signal }).catch(ignoreAbort);
    // The last beat is made after the work, so that its time is counted too.
    try {
      await beatOnce();
    } catch (error) {
      stop(error);
    }
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

/** Ends a run that was stopped, with the reason; one that is complete stays so. */
export async function closeRun(context: RunContext, fault: Fault | null): Promise<void> {
  if (fault === null) return;
  const { db, run, now, catalogue } = context;
  const interrupted = INTERRUPTING.has(fault.code);
  if (interrupted) {
    await transition(db, run.id, {
      to: 'stop-requested',
      from: ['running', 'paused'],
      causedBy: 'stop',
      reason: reasonOf(catalogue, fault),
      at: now(),
    });
  }
  await transition(db, run.id, {
    to: interrupted ? 'interrupted' : 'failed',
    from: ['new', 'running', 'paused', 'stop-requested'],
    causedBy: interrupted ? 'stop' : 'engine',
    reason: reasonOf(catalogue, fault),
    at: now(),
  });
}

/** Faults that a resumption may simply go on behind; any other fails the run. */
const INTERRUPTING = new Set(['RunStoppedByPerson', 'DependencyPausedTooLong', 'RunTakenOver']);

/** Wakes whoever waits for something to do. */
interface Bell {
  next(): Promise<void>;
  ring(): void;
}

function createBell(): Bell {
  let { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    next: () => promise,
    ring() {
      resolve(undefined);
      ({ promise, resolve } = Promise.withResolvers<undefined>());
    },
  };
}
