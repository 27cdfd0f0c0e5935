/** Arrivals become runs: one each, remembered with the run, and taken up again where one stopped. */
import { isFault, type Clock } from '@lazaret/faults';
import type { Engine, RunRequest, WorkRequest } from '../engine/engine.ts';
import type { Log } from '../log/log.ts';
import type { RunRow } from '../store/runs.ts';
import type { RunStatus } from '../store/tables.ts';
import { watchCodes } from './codes.ts';
import type { ArrivalMemory } from './memory.ts';
import type { Arrival } from './watcher.ts';

export interface ArrivalRuns {
  isTaken(name: string, digest: string): boolean;
  /** Works on the runs that were not finished, and are not to wait. */
  takeUpUnfinished(): Promise<void>;
  take(arrival: Arrival): Promise<void>;
}

export interface ArrivalRunsOptions {
  readonly engine: Pick<Engine, 'createIf' | 'work' | 'find' | 'recover'>;
  readonly memory: ArrivalMemory;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** The run that an arrival is taken in by. */
  requestOf(arrival: Arrival): RunRequest;
  workOf(run: RunRow, controller: AbortController): WorkRequest;
  /** Told of each run that ended, whatever its end. */
  ended(run: RunRow): Promise<void>;
}

/** A run that was interrupted because a service stayed away is taken up again after so long. */
const RETRY_MS = 60_000;

/** Silent processes are looked for this often; the store says which of their runs are ours. */
const RECOVER_MS = 10_000;

interface Known {
  readonly listing: string;
  readonly run: string;
  readonly status: RunStatus;
}

export async function createArrivalRuns(options: ArrivalRunsOptions): Promise<ArrivalRuns> {
  const runs = new Runs(options, new Map(await options.memory.load()));
  return {
    isTaken: (name, digest) => runs.isTaken(name, digest),
    takeUpUnfinished: () => runs.takeUpUnfinished(),
    take: (arrival) => runs.take(arrival),
  };
}

class Runs {
  readonly #options: ArrivalRunsOptions;
  /** By the hash of the arrival's name. */
  #known: Map<string, Known>;
  /** Runs that wait for a moment to come (monotonic, milliseconds) or for a person (infinite). */
  readonly #notBefore = new Map<string, number>();
  #recoveredMs: number | null = null;

  constructor(options: ArrivalRunsOptions, known: Map<string, Known>) {
    this.#options = options;
    this.#known = known;
  }

  isTaken(name: string, digest: string): boolean {
    const { memory } = this.#options;
    return this.#known.get(memory.hashOf(name))?.listing === memory.listingOf(digest);
  }

  async takeUpUnfinished(): Promise<void> {
    const { engine, memory, clock, signal } = this.#options;
    const nowMs = clock.monotonic();
    if (this.#recoveredMs === null || nowMs - this.#recoveredMs >= RECOVER_MS) {
      this.#recoveredMs = nowMs;
      await engine.recover();
      this.#known = new Map(await memory.load());
    }
    for (const [arrival, { run, status }] of this.#known) {
      signal.throwIfAborted();
      const isOpen = status === 'new' || status === 'interrupted';
      if (isOpen && (this.#notBefore.get(run) ?? 0) <= nowMs) await this.#work(arrival, run);
    }
  }

  async take(arrival: Arrival): Promise<void> {
    const { engine, memory, requestOf } = this.#options;
    const made = await engine.createIf(requestOf(arrival), (trx, run) =>
      memory.take(trx, arrival, run),
    );
    // Another watcher was faster; what it took is known at the next look.
    this.#known = new Map(await memory.load());
    if (made !== null) await this.#work(memory.hashOf(arrival.name), made.id);
  }

  async #work(arrival: string, id: string): Promise<void> {
    const { engine, signal, workOf, ended, log, clock } = this.#options;
    const controller = new AbortController();
    const stop = (): void => controller.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      const run = await engine.find(id);
      const after = await engine.work(run, workOf(run, controller));
      this.#note(arrival, after);
      if (after.status === 'failed') {
        const { short, reason } = after;
        log.fault(watchCodes.fault('ArrivalFailed', { run: short, code: reason?.id ?? '' }));
      }
      await ended(after);
    } catch (error) {
      if (!isFault(error)) throw error;
      // Somebody else works on it.
      if (error.code === 'RunNotResumable') this.#notBefore.set(id, clock.monotonic() + RETRY_MS);
      else if (error.code === 'RecipeChanged') await this.#takeAnew(arrival, id);
      else throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #note(arrival: string, { id, status, reason }: RunRow): void {
    const known = this.#known.get(arrival);
    if (known !== undefined) this.#known.set(arrival, { ...known, status });
    // A person who stops a run decides when it goes on; a service that was away comes back.
    const isAway = reason?.code === 'DependencyPausedTooLong';
    const waitMs = isAway ? RETRY_MS : Number.POSITIVE_INFINITY;
    this.#notBefore.set(id, this.#options.clock.monotonic() + waitMs);
  }

  /** The program has changed since, so the run cannot go on: the arrival gets a new one. */
  async #takeAnew(arrival: string, id: string): Promise<void> {
    await this.#options.memory.forget(arrival);
    this.#known.delete(arrival);
    this.#notBefore.set(id, Number.POSITIVE_INFINITY);
  }
}
