/**
 * Working on a run, from taking it up to whatever ends it: the source is read while batches are
 * worked through, a heartbeat shows that somebody is at it and hears whether it is to stop.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { toFault, type Fault } from '@lazaret/faults';
import {
  claimBatch,
  clearStaged,
  putBack,
  unfinishedBatches,
  type BatchRow,
} from '../store/batches.ts';
import { askedToStopBy, beat, FINAL_STATUSES, transition } from '../store/runs.ts';
import { dropCopies, keepCopies } from '../copies/keep-copies.ts';
import { attemptBatch, onwardItems } from './attempt.ts';
import { readSource } from './arrive.ts';
import { engineCodes } from './codes.ts';
import { concludeIfDue } from './conclude.ts';
import { isOfEndpoint } from './endpoint-faults.ts';
import { newIncident } from './incident.ts';
import { supersedeIntents } from './intents.ts';
import { lockOwnRun, takenOver } from './own-run.ts';
import { isOfStore, passesByItself, patiently } from './patience.ts';
import type { Source } from './pipeline.ts';
import { advance } from './advance.ts';
import { publishAttempt, publishError } from './publish.ts';
import type { ClaimedJob } from './queue.ts';
import { reasonOf } from './reason.ts';
import { findRivals, type RivalCuts } from './rivals.ts';
import type { RunContext } from './run-context.ts';
import { isDiskFull } from './space.ts';

export interface WorkOptions {
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

/** So long a batch is waited for that nobody begins, as where the run is paused: then no longer. */
const BEGIN_MS = 200;
const BEGIN_STEP_MS = 5;

/** How often a batch is tried again because another run delivered some of its items meanwhile. */
const MAX_COLLISIONS = 5;

/** Signs of life may fail for so long before the run is given up: less than counts as dead. */
const HEART_PATIENCE_MS = 20_000;

/** The batches that lanes of this process are at, and how often each collided with another run. */
interface Hands {
  readonly inHand: Set<string>;
  readonly collisions: Map<string, number>;
  readonly rivals: RivalCuts;
  /** How many have come of the source in this life, and how many have been begun. */
  arrived: number;
  begun: number;
  /** Nobody begins anything at the moment. */
  isStuck: boolean;
  /** A lane sums the run up: the others wait. */
  concluding: boolean;
}

/** Works until the run is complete, interrupted or failed. Returns why it stopped, if it did. */
export async function workRun(context: RunContext, options: WorkOptions): Promise<Fault | null> {
  const { controller, source } = options;
  const { signal } = controller;
  const bell = createBell();
  const hands: Hands = {
    inHand: new Set(),
    collisions: new Map(),
    rivals: findRivals(context.pipeline.stages, context.key),
    arrived: 0,
    begun: 0,
    isStuck: false,
    concluding: false,
  };
  const stop = (error: unknown): void => {
    if (!signal.aborted) controller.abort(toFault(error, { newIncident }));
    bell.ring();
  };
  signal.addEventListener('abort', () => bell.ring(), { once: true });
  const beating = new AbortController();
  const heart = keepBeating(context, options, beating.signal, stop);
  try {
    await patiently(signal, () => takeUp(context, hands));
    await Promise.all([
      source === null
        ? Promise.resolve()
        : patiently(signal, () => readSource(context, source, () => arrived(options, bell, hands)))
            .then(() => context.progress.allArrived())
            .catch(stop),
      ...Array.from({ length: options.lanes }, () => lane(context, bell, hands).catch(stop)),
    ]);
  } catch (error) {
    stop(error);
  } finally {
    beating.abort();
    await heart;
  }
  return signal.aborted ? toFault(signal.reason, { newIncident }) : null;
}

/**
 * Wakes the lanes, and waits for those that have nothing in hand to begin. The source is quick, and
 * the store works for one at a time, so that lanes would stand idle until all of it is read.
 */
async function arrived({ lanes }: WorkOptions, bell: Bell, hands: Hands): Promise<void> {
  bell.ring();
  hands.arrived += 1;
  const { begun } = hands;
  for (let waited = 0; waited < BEGIN_MS; waited += BEGIN_STEP_MS) {
    if (hands.isStuck || !isLaneIdle(hands, lanes)) return;
    await delay(BEGIN_STEP_MS);
  }
  hands.isStuck = hands.begun === begun;
}

/** Whether a lane has nothing in hand although a batch of the source waits for one. */
function isLaneIdle({ inHand, arrived: come, begun }: Hands, lanes: number): boolean {
  const through = begun - inHand.size;
  return inHand.size < Math.min(lanes, come - through);
}

/** What an earlier life left to do, and, where that was nothing but to say so, the end. */
async function takeUp(context: RunContext, hands: Hands): Promise<void> {
  await requeue(context, hands);
  await context.db
    .transaction()
    .execute(async (trx) => advance(trx, context, await lockOwnRun(trx, context)));
}

/** Jobs may be lost or taken; the batch rows know what is left to do. Stale jobs do no harm. */
async function requeue(context: RunContext, { inHand }: Hands): Promise<void> {
  const batches = await unfinishedBatches(context.db, context.run.id);
  const jobs = batches
    .filter(({ id }) => !inHand.has(id))
    .map(({ id, attempt }) => ({ batch: id, attempt }));
  if (jobs.length === 0) return;
  await context.db.transaction().execute((trx) => context.queue.send(trx, context.run.short, jobs));
}

async function lane(context: RunContext, bell: Bell, hands: Hands): Promise<void> {
  for (;;) {
    if (context.signal.aborted) return;
    const rung = bell.next();
    const turn = await patiently(context.signal, async (failures) => {
      // What failed may have been the answer to a claim: nobody else has that job.
      if (failures > 0) await requeue(context, hands);
      await context.space.pass(context.signal);
      const job = await context.queue.claim(context.run.short);
      if (job !== null) {
        return await workJob(context, job, hands);
      }
      const { status, owner } = await context.db
        .selectFrom('lazaret.run')
        .select(['status', 'owner'])
        .where('id', '=', context.run.id)
        .executeTakeFirstOrThrow();
      if (FINAL_STATUSES.includes(status)) return 'over';
      // Nobody is at anything, and no job is left: a process that no longer had the run may have
      // taken one, and let it fall. Not while the run is to stop: no batch could be claimed, and
      // lanes that go round without a rest leave the embedded store's process no time for a timer.
      const isOurs = owner === context.owner && (status === 'running' || status === 'paused');
      if (isOurs && hands.inHand.size === 0) {
        await requeue(context, hands);
        if (!hands.concluding) {
          hands.concluding = true;
          try {
            await concludeIfDue(context);
          } finally {
            hands.concluding = false;
          }
        }
      }
      return 'idle';
    });
    if (turn === 'over') return;
    if (turn === 'worked') bell.ring();
    else await Promise.race([rung, delay(POLL_MS)]);
  }
}

/** `idle`: the batch waits for another run; its job is made anew when there is nothing else. */
async function workJob(
  context: RunContext,
  job: ClaimedJob,
  hands: Hands,
): Promise<'worked' | 'idle'> {
  const { db, queue, run, now } = context;
  const batch = await claimBatch(db, job.batch, job.attempt, context.owner, now(), hands.rivals);
  if (batch !== 'stale' && batch !== 'busy') {
    hands.inHand.add(batch.id);
    hands.begun += 1;
    hands.isStuck = false;
    try {
      if ((await workBatch(context, batch, hands)) === 'stopped') return 'worked';
    } finally {
      hands.inHand.delete(batch.id);
    }
  }
  await queue.complete(run.short, job.job);
  return batch === 'busy' ? 'idle' : 'worked';
}

async function workBatch(
  context: RunContext,
  batch: BatchRow,
  hands: Hands,
): Promise<'through' | 'stopped'> {
  const { db, run, log, now } = context;
  const begun = performance.now();
  const stage = context.pipeline.stages[batch.stage]?.name ?? '';
  const at = log.about(`engine.${stage}`, { run: run.id, batch: batch.id, step: stage });
  try {
    if (batch.attempt > 1) {
      await clearStaged(db, batch.id, batch.attempt);
      await supersedeIntents(db, batch, now());
    }
    const attempt = await keepCopies(context, batch, await attemptBatch(context, batch));
    const published = await publishAttempt(context, batch, attempt);
    context.space.well();
    const isLast = batch.stage === context.pipeline.stages.length - 1;
    if (published === 'published' && isLast) await dropCopies(context, batch, attempt.onward);
    at.tell(published === 'published' ? 'Stage of a batch done.' : 'Attempt superseded.', {
      items: batch.items,
      onward: onwardItems(attempt).length,
      elapsedMs: Math.round(performance.now() - begun),
    });
    return 'through';
  } catch (error) {
    if (context.signal.aborted) {
      await putBack(db, batch.id, batch.attempt);
      return 'stopped';
    }
    const fault = toFault(error, { newIncident });
    if (isOfEndpoint(fault)) {
      await putBack(db, batch.id, batch.attempt);
      throw fault;
    }
    // Says nothing about the batch: the lane does it again, or the run stops.
    if (isOfStore(fault)) {
      at.fault(fault, { kind: 'retrying', attempts: batch.attempt });
      throw fault;
    }
    // Nor does this: there is no room for any batch. The next claim waits until there is.
    if (isDiskFull(fault)) {
      at.fault(fault, { kind: 'retrying', attempts: batch.attempt });
      context.space.full();
      await sendAgain(context, batch);
      return 'through';
    }
    const collisions = (hands.collisions.get(batch.id) ?? 0) + 1;
    if (fault.code === 'DeliveredMeanwhile' && collisions < MAX_COLLISIONS) {
      hands.collisions.set(batch.id, collisions);
      at.fault(fault, { kind: 'retrying', attempts: collisions });
      await delay(2 ** collisions * 50);
      await sendAgain(context, batch);
      return 'through';
    }
    at.fault(fault);
    await publishError(context, batch, fault);
    return 'through';
  }
}

/** Puts a batch back and has it worked on again. */
async function sendAgain({ db, queue, run }: RunContext, batch: BatchRow): Promise<void> {
  await putBack(db, batch.id, batch.attempt);
  await db
    .transaction()
    .execute((trx) => queue.send(trx, run.short, [{ batch: batch.id, attempt: batch.attempt }]));
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
    const status = await beat(context.db, context.run.id, context.owner, context.now(), now - last);
    last = now;
    // Somebody else has it, or took us for dead: either way it is no longer ours.
    if (status === null || status === 'interrupted') throw takenOver();
    if (status === 'stop-requested') {
      const by = await askedToStopBy(context.db, context.run.id);
      throw engineCodes.fault('RunStoppedByPerson', { by });
    }
    await options.onBeat();
  };
  while (!signal.aborted) {
    await delay(BEAT_MS, undefined, { signal }).catch(ignoreAbort);
    // The last beat is made after the work, so that its time is counted too.
    try {
      await beatOnce();
    } catch (error) {
      const isLong = performance.now() - last > HEART_PATIENCE_MS;
      if (isLong || !passesByItself(toFault(error))) stop(error);
    }
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

/**
 * Ends a run that was stopped, with the reason; one that is complete stays so, and so does one that
 * another process has taken over.
 */
export async function closeRun(
  context: Pick<RunContext, 'db' | 'owner' | 'now' | 'catalogue'> & {
    readonly run: Pick<RunContext['run'], 'id'>;
  },
  fault: Fault,
): Promise<void> {
  const { db, run, now, catalogue } = context;
  const interrupted = INTERRUPTING.has(fault.code) || isOfEndpoint(fault);
  const reason = reasonOf(catalogue, fault);
  await db.transaction().execute(async (trx) => {
    await lockOwnRun(trx, context);
    if (interrupted) {
      await transition(trx, run.id, {
        to: 'stop-requested',
        from: ['running', 'paused'],
        causedBy: 'stop',
        reason,
        at: now(),
      });
    }
    await transition(trx, run.id, {
      to: interrupted ? 'interrupted' : 'failed',
      from: ['new', 'running', 'paused', 'stop-requested'],
      causedBy: interrupted ? 'stop' : 'engine',
      reason,
      at: now(),
    });
  });
}

/** With the faults of endpoints, those that a resumption may simply go on behind. */
const INTERRUPTING = new Set(['RunStoppedByPerson', 'Aborted']);

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
