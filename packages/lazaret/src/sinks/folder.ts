/**
 * A folder as a sink. A delivery is idempotent and create-only, whatever fails on the way:
 *
 *   write aside → sync → read back and compare → link to the final name → sync the folder → tidy
 *
 * Until the link there is nothing under the final name, and the link makes the whole of it appear
 * at once or fails with EEXIST. So a repeat, a crash or a second worker finds either nothing or
 * all of it. The comparison goes through the page cache: it finds what a driver, a network share
 * or a faulty memory changed, and what lies on the platters only as far as sync tells the truth.
 * `publishing.ts` has what is done where there are no hard links.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { assert } from '@lazaret/faults';
import { fault } from './codes.ts';
import { asideName, isAside, isAttempt, splitKey } from './delivery-key.ts';
import {
  errnoOf,
  FILE_MODE,
  nodeFileSystem,
  type SinkFile,
  type SinkFileSystem,
  toSinkFault,
  unlessMissing,
} from './file-system.ts';
import { publish } from './publishing.ts';
import {
  checkRoot,
  clearAsides,
  closeQuietly,
  type Delivered,
  makeFolders,
  readWhole,
  syncFolder,
  tidy,
} from './stored-file.ts';

export type { Delivered } from './stored-file.ts';

/** Names tried for the file aside: one is taken by each earlier call that could not tidy up. */
const MAX_TURNS = 100;
const MAX_DEPTH = 64;

export interface DeliveryStream {
  /** Writes bytes; they may be used again once the promise is fulfilled. */
  write(chunk: Uint8Array): Promise<void>;
}

export interface DeliveryRequest {
  /** Must be there: on a volume that is not mounted, nothing is to be created. */
  readonly folder: string;
  /** Relative path with slashes, made of coded identifiers. */
  readonly key: string;
  /** Names the attempt; letters, digits and hyphens. No two at work at a time share one. */
  readonly attempt: string;
  /**
   * Writes the content. A file-system error that it lets escape is taken for one of this sink, so
   * it translates those of its own files first.
   */
  readonly write: (stream: DeliveryStream) => Promise<unknown>;
  /** SHA-256 of the content, hexadecimal, where it is known before it is written. */
  readonly digest?: string;
  readonly signal?: AbortSignal;
  readonly fs?: SinkFileSystem;
}

export interface Delivery {
  readonly status: 'delivered' | 'already-there';
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** A file aside could not be removed. Harmless; `cleanAside` removes it. */
  readonly leftover: boolean;
}

/**
 * Delivers one file, or finds that it has been delivered.
 *
 * @throws `DeliveryKeyInvalid`, `DeliveryConflict`, `DeliveryContentDiffers`,
 *   `DeliveryReadBackDiffers`, `DeliveryBusy`, `SinkFolderMissing`, the faults of the file system, the signal's reason, and what
 *   `write` throws
 */
export async function deliver(request: DeliveryRequest): Promise<Delivery> {
  assert(isAttempt(request.attempt), 'an attempt is named by letters, digits and hyphens');
  const segments = splitKey(request.key);
  const fs = request.fs ?? nodeFileSystem;
  try {
    request.signal?.throwIfAborted();
    const parent = await makeFolders(fs, request.folder, segments.slice(0, -1));
    const place = { fs, request, parent, name: segments.at(-1) ?? '' };
    if (request.digest !== undefined) {
      const there = await readWhole(fs, join(parent, place.name), request.signal);
      if (there !== null) return await settle(place, there, request.digest, false);
    }
    return await writeAndPublish(place);
  } catch (error) {
    throw toSinkFault(error);
  }
}

/**
 * Puts another content in the place of one that was delivered, because somebody has to be forgotten
 * who is in it. Whoever reads the file has the one or the other; a crash leaves either of them, and
 * at most a file aside.
 *
 * @param request.attempt no two at work at a time share one
 * @throws `DeliveryKeyInvalid`, `DeliveryReadBackDiffers`, `SinkFolderMissing`, the faults of the file
 *   system, the signal's reason, and what `write` throws
 */
export async function replace(request: DeliveryRequest): Promise<Omit<Delivery, 'status'>> {
  assert(isAttempt(request.attempt), 'an attempt is named by letters, digits and hyphens');
  const segments = splitKey(request.key);
  const fs = request.fs ?? nodeFileSystem;
  try {
    const parent = await makeFolders(fs, request.folder, segments.slice(0, -1));
    const place = { fs, request, parent, name: segments.at(-1) ?? '' };
    await clearAsides(fs, parent, place.name);
    const { path: aside, file } = await openAside(place);
    try {
      const written = await writeAndCompare(place, aside, file);
      await fs.rename(aside, join(parent, place.name));
      await syncFolder(fs, parent);
      return { ...written, leftover: false };
    } catch (error) {
      await tidy(fs, aside);
      throw error;
    }
  } catch (error) {
    throw toSinkFault(error);
  }
}

/**
 * What lies under a key, or null. Reads the whole file.
 *
 * @throws `DeliveryKeyInvalid`, `SinkFolderMissing`, the faults of the file system
 */
export async function probe(request: {
  readonly folder: string;
  readonly key: string;
  readonly signal?: AbortSignal;
  readonly fs?: SinkFileSystem;
}): Promise<Delivered | null> {
  const fs = request.fs ?? nodeFileSystem;
  const segments = splitKey(request.key);
  try {
    await checkRoot(fs, request.folder);
    return await readWhole(fs, join(request.folder, ...segments), request.signal);
  } catch (error) {
    throw toSinkFault(error);
  }
}

/**
 * Removes what deliveries left behind that were cut short.
 *
 * @param olderThan must be longer ago than any delivery takes.
 * @returns how many files were removed
 * @throws the faults of the file system
 */
export async function cleanAside(request: {
  readonly folder: string;
  readonly olderThan: Date;
  readonly signal?: AbortSignal;
  readonly fs?: SinkFileSystem;
}): Promise<number> {
  const fs = request.fs ?? nodeFileSystem;
  let removed = 0;
  const clean = async (folder: string, depth: number): Promise<void> => {
    request.signal?.throwIfAborted();
    for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && depth < MAX_DEPTH) await clean(path, depth + 1);
      if (!entry.isFile() || !isAside(entry.name)) continue;
      // Its delivery may end, and tidy up itself, at any moment.
      const facts = await unlessMissing(() => fs.lstat(path));
      if (facts === null || facts.mtimeMs >= request.olderThan.getTime()) continue;
      await unlessMissing(() => fs.unlink(path));
      removed += 1;
    }
  };
  try {
    await clean(request.folder, 0);
    return removed;
  } catch (error) {
    throw toSinkFault(error);
  }
}

/**
 * Removes what attempts at one delivery left aside that were cut short. For a caller who knows that
 * these attempts are over: nothing of them can be published any more.
 *
 * @throws `DeliveryKeyInvalid`, the faults of the file system
 */
export async function clearAttempts(request: {
  readonly folder: string;
  readonly key: string;
  readonly attempts: readonly string[];
  readonly fs?: SinkFileSystem;
}): Promise<void> {
  const fs = request.fs ?? nodeFileSystem;
  const segments = splitKey(request.key);
  const parent = join(request.folder, ...segments.slice(0, -1));
  const name = segments.at(-1) ?? '';
  try {
    for (const attempt of request.attempts) {
      for (let turn = 1; turn <= MAX_TURNS; turn += 1) {
        const path = join(parent, asideName(name, attempt, turn));
        if ((await unlessMissing(() => fs.lstat(path))) === null) break;
        await unlessMissing(() => fs.unlink(path));
      }
    }
  } catch (error) {
    throw toSinkFault(error);
  }
}

interface DeliveryPlace {
  readonly fs: SinkFileSystem;
  readonly request: DeliveryRequest;
  /** The folder of the final name. */
  readonly parent: string;
  readonly name: string;
}

async function writeAndPublish(place: DeliveryPlace): Promise<Delivery> {
  const { fs, request, parent } = place;
  const { path: aside, file } = await openAside(place);
  try {
    const written = await writeAndCompare(place, aside, file);
    const published = await publish(
      { ...place, key: request.key, attempt: request.attempt },
      aside,
    );
    const there = published ? null : await readWhole(fs, join(parent, place.name), request.signal);
    if (!published && there === null) {
      // It was there a moment ago: whoever removes files there is to be waited for.
      throw fault('DeliveryBusy', { key: request.key });
    }
    if (there !== null) {
      const leftover = !(await tidy(fs, aside));
      return await settle(place, there, written.digest, leftover);
    }
    await syncFolder(fs, parent);
    return { status: 'delivered', ...written, leftover: !(await tidy(fs, aside)) };
  } catch (error) {
    // The first error is the one to tell; a file that stays behind is found by `cleanAside`.
    await tidy(fs, aside);
    throw error;
  }
}

/** Writes the file aside, and reads it back. */
async function writeAndCompare(
  { fs, request }: DeliveryPlace,
  aside: string,
  file: SinkFile,
): Promise<Delivered> {
  const written = await writeAside(file, request);
  if (request.digest !== undefined && written.digest !== request.digest) {
    throw fault('DeliveryContentDiffers', {
      key: request.key,
      expected: request.digest,
      found: written.digest,
    });
  }
  const back = await readWhole(fs, aside, request.signal);
  if (back?.digest !== written.digest) {
    const found = back?.digest ?? 'nothing';
    throw fault('DeliveryReadBackDiffers', {
      key: request.key,
      expected: written.digest,
      found,
    });
  }
  request.signal?.throwIfAborted();
  return written;
}

/** What to say of a file that is there already. */
async function settle(
  place: DeliveryPlace,
  there: Delivered,
  expected: string,
  leftover: boolean,
): Promise<Delivery> {
  const { request } = place;
  if (there.digest !== expected) {
    throw fault('DeliveryConflict', { key: request.key, expected, found: there.digest });
  }
  // Whoever put it there may have died, or failed, before its name was durable.
  await syncFolder(place.fs, place.parent);
  return { status: 'already-there', ...there, leftover };
}

async function openAside(place: DeliveryPlace): Promise<{ path: string; file: SinkFile }> {
  const { fs, request, parent, name } = place;
  for (let turn = 1; ; turn += 1) {
    const path = join(parent, asideName(name, request.attempt, turn));
    try {
      return { path, file: await fs.open(path, 'wx', FILE_MODE) };
    } catch (error) {
      // Left by an earlier call. It is not written over: its writer, thought dead, may yet link it.
      if (errnoOf(error) !== 'EEXIST' || turn === MAX_TURNS) throw error;
    }
  }
}

async function writeAside(file: SinkFile, request: DeliveryRequest): Promise<Delivered> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    await request.write({
      write: async (chunk) => {
        request.signal?.throwIfAborted();
        const writing = writeAll(file, chunk);
        // Beside the write, which happens on a thread of its own.
        hash.update(chunk);
        await writing;
        size += chunk.length;
      },
    });
    await file.sync();
  } catch (error) {
    await closeQuietly(file);
    throw error;
  }
  // Network shares report a failed write at the close.
  await file.close();
  return { digest: hash.digest('hex'), size };
}

async function writeAll(file: SinkFile, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, at, chunk.length - at);
    assert(bytesWritten > 0, 'a write without an error writes something');
    at += bytesWritten;
  }
}
