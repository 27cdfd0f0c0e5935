import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '@lazaret/faults';
import { manualClock } from '@lazaret/faults/testing';
import type { Log } from '../log/log.ts';
import { LISTING_LIMITS, listArrival } from './listing.ts';
import { partialNames } from './partial-name.ts';
import { watch, type Arrival, type WatchOptions } from './watcher.ts';

const SETTLE_MS = 10_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-watch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content = path): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** A watcher whose time passes only when a test says so; the files are real. */
function startWatching(given: Partial<WatchOptions> = {}) {
  const clock = manualClock();
  const controller = new AbortController();
  const taken: string[] = [];
  const told: string[] = [];
  const known = new Map<string, string>();
  const silent = (): void => undefined;
  const log: Log = {
    say: silent,
    tell: silent,
    fault: (fault: Fault) => told.push(fault.code),
    about: () => log,
  };
  const watching = watch({
    folder,
    arrivals: 'folder',
    settleMs: SETTLE_MS,
    limits: { ...LISTING_LIMITS, maxArrivals: 5 },
    isPartial: partialNames(),
    clock,
    signal: controller.signal,
    log,
    isTaken: (name, digest) => known.get(name) === digest,
    beforeLook: () => Promise.resolve(),
    take: ({ name, digest }: Arrival) => {
      known.set(name, digest);
      taken.push(name);
      return Promise.resolve();
    },
    ...given,
  });
  /** Lets time pass, look by look: each has to read the folder before the next. */
  const passMs = async (ms: number, stepMs = 1_000): Promise<void> => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      while (clock.sleepers() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await clock.advance(stepMs);
    }
    while (clock.sleepers() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const stop = async (): Promise<void> => {
    controller.abort(new Error('stop'));
    await watching;
  };
  return { taken, told, passMs, stop };
}

describe('an arrival', () => {
  it('is taken once it has not changed for the settle time, and not again', async () => {
    write('a/1');
    const { taken, passMs, stop } = startWatching();
    await passMs(8_000);
    expect(taken).toEqual([]);
    write('a/2');
    await passMs(8_000);
    expect(taken).toEqual([]);
    await passMs(8_000);
    expect(taken).toEqual(['a']);
    await passMs(30_000);
    expect(taken).toEqual(['a']);
    await stop();
  });

  it('is taken again when it changes, at whatever depth', async () => {
    write('a/b/c/1');
    const { taken, passMs, stop } = startWatching();
    await passMs(20_000);
    write('a/b/c/1', 'something longer');
    await passMs(20_000);
    expect(taken).toEqual(['a', 'a']);
    await stop();
  });

  it('is seen to have changed by its inode alone', async () => {
    write('a/1', 'same');
    const when = new Date(1_000_000_000_000);
    utimesSync(join(folder, 'a/1'), when, when);
    const { taken, passMs, stop } = startWatching();
    await passMs(20_000);
    write('other', 'emas');
    utimesSync(join(folder, 'other'), when, when);
    renameSync(join(folder, 'other'), join(folder, 'a/1'));
    await passMs(20_000);
    expect(taken).toEqual(['a', 'a']);
    await stop();
  });

  it('settles whatever the times of its files say, in the future too', async () => {
    write('a/1');
    const future = new Date('2099-01-01T00:00:00Z');
    utimesSync(join(folder, 'a/1'), future, future);
    const { taken, passMs, stop } = startWatching();
    await passMs(20_000);
    expect(taken).toEqual(['a']);
    await stop();
  });

  it.for(['1.tmp', '1.PART', '1.dcm.filepart', '.1.dcm.Xa3_9z', 'x.crdownload', '1~', '.~lock.1#'])(
    'waits as long as a name in it is partial, and no longer: %s',
    async (name) => {
      write('a/1');
      write(`a/deep/${name}`);
      const { taken, told, passMs, stop } = startWatching();
      await passMs(30_000);
      expect(taken).toEqual([]);
      expect(told).toEqual([]);
      renameSync(join(folder, 'a/deep', name), join(folder, 'a/deep/2'));
      await passMs(20_000);
      expect(taken).toEqual(['a']);
      await stop();
    },
  );

  it('that never comes to rest is told of once (ArrivalWaits)', async () => {
    write('a/1.part');
    const { told, passMs, stop } = startWatching({ settleMs: 20_000 });
    await passMs(3_700_000, 5_000);
    expect(told).toEqual(['ArrivalWaits']);
    await stop();
  }, 60_000);

  it('that is empty, or a link, is none', async () => {
    mkdirSync(join(folder, 'empty'));
    const { taken, passMs, stop } = startWatching();
    await passMs(30_000);
    expect(taken).toEqual([]);
    await stop();
  });

  it('is one of their own for the files that lie directly in the folder', async () => {
    write('lone');
    write('a/1');
    const { taken, passMs, stop } = startWatching();
    await passMs(20_000);
    expect(taken).toEqual(['a', '']);
    write('a/2');
    await passMs(20_000);
    expect(taken).toEqual(['a', '', 'a']);
    await stop();
  });

  it('can be a file, for a pipeline that takes files', async () => {
    write('b.csv');
    write('a.csv');
    write('c.csv.part');
    write('folder/x.csv');
    const { taken, passMs, stop } = startWatching({ arrivals: 'file' });
    await passMs(20_000);
    expect(taken).toEqual(['a.csv', 'b.csv']);
    await stop();
  });

  it('over a limit is told and not taken (ArrivalNotWatched)', async () => {
    for (const name of ['1', '2', '3', '4']) write(`a/${name}`);
    write('deep/1/2/3/4');
    write('fine/1');
    const { taken, told, passMs, stop } = startWatching({
      limits: { maxDepth: 2, maxEntries: 3, maxArrivals: 5 },
    });
    await passMs(30_000);
    expect(taken).toEqual(['fine']);
    expect(told).toEqual(['ArrivalNotWatched', 'ArrivalNotWatched']);
    await stop();
  });
});

describe('a watched folder', () => {
  it('with more arrivals than are watched is told (ArrivalsTooMany)', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) write(`${name}/1`);
    const { taken, told, passMs, stop } = startWatching();
    await passMs(30_000);
    expect(taken).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(told).toEqual(['ArrivalsTooMany']);
    await stop();
  });

  it('that goes away and comes back is told once, and watched again (WatchedFolderMissing)', async () => {
    write('a/1');
    const { taken, told, passMs, stop } = startWatching();
    await passMs(5_000);
    renameSync(folder, `${folder}.away`);
    await passMs(20_000);
    expect(told).toEqual(['WatchedFolderMissing']);
    renameSync(`${folder}.away`, folder);
    await passMs(30_000);
    expect(taken).toEqual(['a']);
    await stop();
  });
});

describe('a listing', () => {
  const options = {
    limits: LISTING_LIMITS,
    isPartial: partialNames(['*.uploading']),
    direct: false,
    probe: true,
    signal: new AbortController().signal,
  };

  it('says that a folder vanished', async () => {
    expect(await listArrival(join(folder, 'gone'), options)).toEqual({ kind: 'vanished' });
  });

  it('of a folder with a name that a site calls partial is unfinished', async () => {
    write('a/1.UPLOADING');
    expect(await listArrival(join(folder, 'a'), options)).toMatchObject({
      unfinished: 'partial-name',
    });
  });

  it('counts what may not be read, and leaves the judgement to the run', async () => {
    write('a/closed/1');
    write('a/2');
    chmodSync(join(folder, 'a/closed'), 0);
    const listing = await listArrival(join(folder, 'a'), options);
    chmodSync(join(folder, 'a/closed'), 0o700);
    expect(listing).toMatchObject({ kind: 'listed', unfinished: null });
  });
});
