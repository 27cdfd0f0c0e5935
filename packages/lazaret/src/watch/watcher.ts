/**
 * Watches a folder: an arrival is taken when it has stopped changing, one after the other.
 *
 *     seen ──changed──▶ seen      seen ──unchanged for the settle time, nothing partial──▶ settled
 *     settled ──taken──▶ taken    taken ──changed──▶ seen
 *
 * Looking again and again is the only thing that works on every kind of share, so it is the only
 * thing that is done: notifications of the system come late, twice or never from a network.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isFault, type Clock } from '@lazaret/faults';
import type { Log } from '../log/log.ts';
import { watchCodes } from './codes.ts';
import { codeOf, listArrival, type Listing, type ListingLimits } from './listing.ts';
import { createSettling } from './settling.ts';

/** What one run is made of. */
export interface Arrival {
  /** Its name below the watched folder; empty for the files that lie directly in it. */
  readonly name: string;
  readonly path: string;
  /** Only the files that lie directly at the path. */
  readonly direct: boolean;
  /** Digest of the listing with which it settled. */
  readonly digest: string;
}

export interface WatchOptions {
  /** The watched folder, absolute. */
  readonly folder: string;
  /** Whether a folder or a file is one arrival. */
  readonly arrivals: 'folder' | 'file';
  /** How long an arrival has to stay as it is. */
  readonly settleMs: number;
  readonly limits: ListingLimits & { readonly maxArrivals: number };
  readonly isPartial: (name: string) => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Whether an arrival was taken already as it looks now. */
  isTaken(name: string, digest: string): boolean;
  /** Called before each look, for what is to be done besides. */
  beforeLook(): Promise<void>;
  /** Takes an arrival in, from the beginning to the end. */
  take(arrival: Arrival): Promise<void>;
}

export const MAX_ARRIVALS = 10_000;

const LONGEST_POLL_MS = 5_000;
const SHORTEST_POLL_MS = 50;

/** An arrival that waits for so long is told of, once. */
const PATIENCE_MS = 60 * 60_000;

/** Watches until the signal aborts. What `take` throws ends it. */
export async function watch(options: WatchOptions): Promise<void> {
  const watcher = new Watcher(options);
  const { settleMs, clock, signal } = options;
  const pollMs = Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, settleMs / 4));
  while (!signal.aborted) {
    const begunMs = clock.monotonic();
    await untilAborted(signal, () => watcher.look());
    // A slow share is not looked at all the time: twice as long as a look takes, it is left alone.
    const restMs = Math.max(pollMs, 2 * (clock.monotonic() - begunMs));
    await untilAborted(signal, () => clock.sleep(restMs, signal));
  }
}

/** An act that ends early because the watching ends has done nothing wrong. */
async function untilAborted(signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!signal.aborted) throw error;
    const isEnd = error === signal.reason || (isFault(error) && error.code === 'Aborted');
    if (!isEnd) throw error;
  }
}

interface Candidate {
  readonly name: string;
  readonly path: string;
  readonly direct: boolean;
}

class Watcher {
  readonly #options: WatchOptions;
  readonly #settling;
  /** What was told already, and is not told again before it has changed. */
  readonly #told = new Set<string>();
  readonly #waitingSinceMs = new Map<string, number>();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#settling = createSettling(() => options.clock.monotonic());
  }

  /** Looks once at everything, and takes what has settled. */
  async look(): Promise<void> {
    const { signal, settleMs, beforeLook, take } = this.#options;
    await beforeLook();
    const candidates = await this.#candidates();
    if (candidates === null) return;
    this.#settling.keepOnly(new Set(candidates.map(({ name }) => name)));
    for (const candidate of candidates) {
      signal.throwIfAborted();
      const listing = await this.#list(candidate, false);
      if (!this.#isNew(candidate, listing)) continue;
      const unchangedMs = this.#settling.observe(
        candidate.name,
        listing.digest,
        listing.unfinished === null,
      );
      if (listing.unfinished !== null || unchangedMs < settleMs) {
        this.#wait(candidate.name, listing.unfinished ?? 'it keeps changing');
        continue;
      }
      // Runs take their time, and others may have written meanwhile: a last look, file by file.
      const last = await this.#list(candidate, true);
      if (!this.#isNew(candidate, last)) continue;
      if (last.digest !== listing.digest || last.unfinished !== null) {
        this.#settling.observe(candidate.name, last.digest, last.unfinished === null);
        this.#wait(candidate.name, last.unfinished ?? 'it keeps changing');
        continue;
      }
      this.#waitingSinceMs.delete(candidate.name);
      await take({ ...candidate, digest: last.digest });
    }
  }

  #list({ path, direct }: Candidate, probe: boolean): Promise<Listing> {
    const { limits, isPartial, signal } = this.#options;
    return listArrival(path, { limits, isPartial, signal, direct, probe });
  }

  /** Whether there is something to take that was not taken as it is. */
  #isNew({ name }: Candidate, listing: Listing): listing is Extract<Listing, { kind: 'listed' }> {
    switch (listing.kind) {
      case 'vanished':
        return false;
      case 'limit':
        this.#tell(`limit ${name}`, () =>
          watchCodes.fault('ArrivalNotWatched', { limit: listing.limit, most: listing.most }),
        );
        return false;
      case 'listed':
        return listing.entries > 0 && !this.#options.isTaken(name, listing.digest);
      default:
        return listing satisfies never;
    }
  }

  #wait(name: string, reason: string): void {
    const nowMs = this.#options.clock.monotonic();
    const sinceMs = this.#waitingSinceMs.get(name) ?? nowMs;
    this.#waitingSinceMs.set(name, sinceMs);
    if (nowMs - sinceMs < PATIENCE_MS) return;
    const waitedSeconds = Math.round((nowMs - sinceMs) / 1_000);
    this.#tell(`waits ${name}`, () => watchCodes.fault('ArrivalWaits', { reason, waitedSeconds }));
  }

  #tell(what: string, fault: () => Parameters<Log['fault']>[0]): void {
    if (this.#told.has(what)) return;
    if (this.#told.size >= MAX_ARRIVALS) this.#told.clear();
    this.#told.add(what);
    this.#options.log.fault(fault());
  }

  /** What lies in the folder, by name; null when it cannot be read. */
  async #candidates(): Promise<Candidate[] | null> {
    const { folder, arrivals, limits, isPartial } = this.#options;
    let entries;
    try {
      entries = await readdir(folder, { encoding: 'buffer', withFileTypes: true });
      this.#told.delete('folder');
    } catch (error) {
      const cause = codeOf(error);
      if (cause === null) throw error;
      this.#tell('folder', () => watchCodes.fault('WatchedFolderMissing', { cause }));
      return null;
    }
    const found: Candidate[] = [];
    let hasFiles = false;
    for (const entry of entries) {
      const name = entry.name.toString('utf8');
      const isArrival = arrivals === 'folder' ? entry.isDirectory() : entry.isFile();
      if (arrivals === 'folder' && !entry.isDirectory()) hasFiles = true;
      if (!isArrival || isPartial(name)) continue;
      if (Buffer.from(name, 'utf8').equals(entry.name)) {
        found.push({ name, path: join(folder, name), direct: false });
      } else {
        this.#tell(`name ${entry.name.toString('base64')}`, () =>
          watchCodes.fault('ArrivalNotWatched', { limit: 'name', most: 'valid text' }),
        );
      }
    }
    found.sort((a, b) => (a.name < b.name ? -1 : 1));
    if (hasFiles) found.push({ name: '', path: folder, direct: true });
    if (found.length > limits.maxArrivals) {
      this.#tell('arrivals', () =>
        watchCodes.fault('ArrivalsTooMany', {
          arrivals: found.length,
          limit: limits.maxArrivals,
        }),
      );
    }
    return found.slice(0, limits.maxArrivals);
  }
}
