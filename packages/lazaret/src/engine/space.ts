/**
 * Room on the disks that a run writes to. An alarm is raised while there is still some; below the
 * limit, or when a write fails for want of room, work pauses as it does for a service that is down:
 * nothing about the items is wrong, and setting them aside batch after batch would only make work.
 */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { gateCodes, isFault, type Clock, type Fault } from '@lazaret/faults';
import type { Log } from '../log/log.ts';
import { engineCodes } from './codes.ts';
import type { DependencyOptions } from './dependencies.ts';

export interface SpaceLimits {
  /** Below this somebody is told. */
  readonly alarmBytes: number;
  /** Below this no new work is begun. */
  readonly pauseBytes: number;
  /** Who is asked to make room. */
  readonly contact: string;
}

/** A folder that is written to, by what people call it: a path may name anything. */
export interface SpacePlace {
  readonly name: 'data' | 'output';
  readonly path: string;
}

export interface SpaceGate {
  /** Waits while there is too little room. @throws DependencyPausedTooLong, the signal's reason */
  pass(signal: AbortSignal): Promise<void>;
  /** A write failed for want of room, whatever the file system says is left. */
  full(): void;
  /** A batch went through. */
  well(): void;
}

export interface SpaceGateOptions {
  readonly places: readonly SpacePlace[];
  /** Null: nothing is measured, and only failed writes close the gate. */
  readonly limits: SpaceLimits | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxPauseMs: number;
  readonly onGate: DependencyOptions['onGate'];
  /** Bytes that we may still write at a path. */
  readonly freeBytes?: (path: string) => Promise<number>;
}

/** What people and the run's history call it. */
const NAME = 'disk space';

/** Measured this often at most: a batch writes less than the limit in that time. */
const MEASURE_MS = 2_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

export function createSpaceGate(options: SpaceGateOptions): SpaceGate {
  const gate = new Gate(options);
  return {
    pass: (signal) => gate.pass(signal),
    full: () => gate.full(),
    well: () => gate.well(),
  };
}

class Gate {
  readonly #options: SpaceGateOptions;
  readonly #free: (path: string) => Promise<number>;
  /** Shared by all who wait. */
  #waiting: Promise<void> | null = null;
  #measuredMs: number | null = null;
  readonly #alarmed = new Set<SpacePlace['name']>();
  /** Writes that failed in a row, and since when. */
  #failures = 0;
  #failingSinceMs: number | null = null;
  #hasFailed = false;

  constructor(options: SpaceGateOptions) {
    this.#options = options;
    this.#free = options.freeBytes ?? freeBytes;
  }

  full(): void {
    this.#failures += 1;
    this.#hasFailed = true;
    this.#failingSinceMs ??= this.#options.clock.monotonic();
  }

  well(): void {
    this.#failures = 0;
    this.#failingSinceMs = null;
  }

  pass(signal: AbortSignal): Promise<void> {
    this.#waiting ??= this.#through(signal).finally(() => {
      this.#waiting = null;
    });
    return this.#waiting;
  }

  async #through(signal: AbortSignal): Promise<void> {
    const { clock, log, onGate, maxPauseMs, limits } = this.#options;
    const closed = this.#closedBy(await this.#measure(false));
    if (closed === null) return;
    const contact = limits?.contact ?? '';
    const begunMs = this.#failingSinceMs ?? clock.monotonic();
    log.fault(closed);
    onGate({ name: NAME, contact }, { type: 'opened', calls: 1, failures: 1 }, closed);
    for (let rounds = this.#failures; ; rounds += 1) {
      const waitedMs = clock.monotonic() - begunMs;
      if (waitedMs >= maxPauseMs) {
        throw gateCodes.fault('DependencyPausedTooLong', {
          dependency: NAME,
          waitedSeconds: Math.round(waitedMs / 1_000),
        });
      }
      const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(rounds, 10), LONGEST_WAIT_MS);
      await clock.sleep(Math.min(waitMs, maxPauseMs - waitedMs), signal);
      // A write that failed is tried again after the wait: only that can tell.
      this.#hasFailed = false;
      if (this.#closedBy(await this.#measure(true)) === null) break;
    }
    onGate({ name: NAME, contact }, { type: 'closed' }, null);
  }

  /** The place with the least room, and its free bytes; null where nothing was measured. */
  async #measure(now: boolean): Promise<Measured | null> {
    const { places, limits, clock } = this.#options;
    if (limits === null) return null;
    const nowMs = clock.monotonic();
    const isRecent = this.#measuredMs !== null && nowMs - this.#measuredMs < MEASURE_MS;
    if (!now && isRecent) return null;
    this.#measuredMs = nowMs;
    let least: Measured | null = null;
    for (const { name, path } of places) {
      const free = await this.#free(path);
      this.#alarm(name, free, limits);
      if (least === null || free < least.free) least = { name, free };
    }
    return least;
  }

  #alarm(name: SpacePlace['name'], free: number, limits: SpaceLimits): void {
    if (free >= limits.alarmBytes) this.#alarmed.delete(name);
    if (free >= limits.alarmBytes || this.#alarmed.has(name)) return;
    this.#alarmed.add(name);
    const { contact } = limits;
    const freeMegabytes = megabytes(free);
    this.#options.log.fault(
      engineCodes.fault('SpaceRunsLow', { place: name, freeMegabytes, contact }),
    );
  }

  #closedBy(measured: Measured | null): Fault | null {
    const { limits } = this.#options;
    const contact = limits?.contact ?? 'whoever runs the machine';
    if (measured !== null && limits !== null && measured.free < limits.pauseBytes) {
      const freeMegabytes = megabytes(measured.free);
      return engineCodes.fault('SpaceTooLow', { place: measured.name, freeMegabytes, contact });
    }
    if (!this.#hasFailed) return null;
    return engineCodes.fault('SpaceTooLow', { place: 'output', freeMegabytes: 0, contact });
  }
}

interface Measured {
  readonly name: SpacePlace['name'];
  readonly free: number;
}

/** Bytes that a user without privileges may still write at a path, or where it would be made. */
async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing || dirname(path) === path) throw error;
    return freeBytes(dirname(path));
  }
}

/** Whether a write failed because there was no room for it. */
export function isDiskFull(error: unknown): boolean {
  return isFault(error) && error.code === 'DiskFull';
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1_000_000);
}
