/**
 * A folder as a sink. A delivery is idempotent and create-only, whatever fails on the way:
 *
 *   write aside → sync → read back and compare → link to the final name → sync the folder → tidy
 *
 * Until the link there is nothing under the final name, and the link makes the whole of it appear
 * at once or fails with EEXIST. So a repeat, a crash or a second worker finds either nothing or
 * all of it. The comparison goes through the page cache: it finds what a driver, a network share
 * or a faulty memory changed, and what lies on the platters only as far as sync tells the truth.
 *
 * File systems without hard links (exFAT, some network shares) cannot publish like that, and
 * copying to the final name would show half of a file there after a crash. There a lock file is
 * created exclusively, the final name is looked at, and the file is renamed. That is just as
 * whole, and create-only among all who deliver through here; a foreign process that creates the
 * same name between the look and the rename would be overwritten. A lock names its attempt, which
 * takes it over on a repeat. One that was left before it had a name answers `DeliveryBusy` until
 * `cleanAside` removes it: whoever made it may still be at work.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { assert } from '@lazaret/faults';
import { fault } from './codes.ts';
import { asideName, isAside, isAttempt, lockName, splitKey } from './delivery-key.ts';
import {
  errnoOf,
  nodeFileSystem,
  type SinkFile,
  type SinkFileSystem,
  toSinkFault,
  unlessMissing,
} from './file-system.ts';

const BUFFER_BYTES = 1024 * 1024;
const FILE_MODE = 0o640;
/** Names tried for the file aside: one is taken by each earlier call that could not tidy up. */
const MAX_TURNS = 100;
const MAX_DEPTH = 64;

/** What `link` answers where the file system knows no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);
/** What `fsync` of a folder answers where the file system has nothing to do for it. */
const NO_FOLDER_SYNC = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR']);

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

export interface Delivered {
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
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
    const published = await publish(place, aside);
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
        hash.update(chunk);
        for (let at = 0; at < chunk.length;) {
          const { bytesWritten } = await file.write(chunk, at, chunk.length - at);
          assert(bytesWritten > 0, 'a write without an error writes something');
          at += bytesWritten;
        }
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

/** Gives the file its final name. False where that is taken. */
async function publish(place: DeliveryPlace, aside: string): Promise<boolean> {
  const { fs, parent, name } = place;
  try {
    await fs.link(aside, join(parent, name));
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') return false;
    if (errno === null || !NO_LINKS.has(errno)) throw error;
  }
  return publishUnderLock(place, aside);
}

async function publishUnderLock(place: DeliveryPlace, aside: string): Promise<boolean> {
  const { fs, request, parent, name } = place;
  const final = join(parent, name);
  const lock = join(parent, lockName(name));
  await takeLock(fs, lock, request);
  try {
    if ((await unlessMissing(() => fs.lstat(final))) !== null) return false;
    await fs.rename(aside, final);
    return true;
  } finally {
    // A lock that stays behind is taken over by this attempt and cleared away for others.
    await tidy(fs, lock);
  }
}

async function takeLock(fs: SinkFileSystem, lock: string, request: DeliveryRequest): Promise<void> {
  const owner = Buffer.from(request.attempt);
  let file: SinkFile;
  try {
    file = await fs.open(lock, 'wx', FILE_MODE);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    const held = await readWhole(fs, lock);
    if (held?.digest === createHash('sha256').update(owner).digest('hex')) return;
    throw fault('DeliveryBusy', { key: request.key });
  }
  try {
    await file.write(owner, 0, owner.length);
  } catch (error) {
    // Without its owner's name nobody could take it over.
    await tidy(fs, lock);
    throw error;
  } finally {
    // A name that did not reach the disk makes a lock that nobody takes over, and nothing worse.
    await closeQuietly(file);
  }
}

/** Digest and size of a file; null where there is none. */
async function readWhole(
  fs: SinkFileSystem,
  path: string,
  signal?: AbortSignal,
): Promise<Delivered | null> {
  const file = await unlessMissing(() => fs.open(path, 'r'));
  if (file === null) return null;
  const hash = createHash('sha256');
  let size = 0;
  try {
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, size);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
  } finally {
    // Nothing was written through it, so its close has nothing to tell.
    await closeQuietly(file);
  }
  return { digest: hash.digest('hex'), size };
}

/** Without the folder the answer would be "not there", when it is only not mounted. */
async function checkRoot(fs: SinkFileSystem, root: string): Promise<void> {
  const facts = await unlessMissing(() => fs.stat(root));
  if (facts === null || !facts.isDirectory()) throw fault('SinkFolderMissing', {});
}

/** The folder below the root, made where it is not there, each name durable in its parent. */
async function makeFolders(
  fs: SinkFileSystem,
  root: string,
  segments: readonly string[],
): Promise<string> {
  await checkRoot(fs, root);
  let folder = root;
  for (const segment of segments) {
    folder = join(folder, segment);
    try {
      await fs.mkdir(folder);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    // Also where it was there already: whoever made it may have died before this.
    await syncFolder(fs, dirname(folder));
  }
  return folder;
}

async function syncFolder(fs: SinkFileSystem, folder: string): Promise<void> {
  // Windows cannot open a folder as a file; its file system keeps names in a journal.
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!NO_FOLDER_SYNC.has(errnoOf(error) ?? '')) throw error;
  } finally {
    await closeQuietly(handle);
  }
}

/** Removes a file of ours. False where it could not be removed, which is told and not thrown. */
async function tidy(fs: SinkFileSystem, path: string): Promise<boolean> {
  try {
    await unlessMissing(() => fs.unlink(path));
    return true;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return false;
  }
}

/** Closes a file whose content does not depend on it. */
async function closeQuietly(file: SinkFile): Promise<void> {
  try {
    await file.close();
  } catch (error) {
    if (errnoOf(error) === null) throw error;
  }
}
