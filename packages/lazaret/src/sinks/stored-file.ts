/** What a delivery does with files and folders, one at a time. */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fault } from './codes.ts';
import { isAsideOf } from './delivery-key.ts';
import { errnoOf, type SinkFile, type SinkFileSystem, unlessMissing } from './file-system.ts';

const BUFFER_BYTES = 1024 * 1024;

/** What `fsync` of a folder answers where the file system has nothing to do for it. */
const NO_FOLDER_SYNC = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR']);

export interface Delivered {
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** Digest and size of a file; null where there is none. */
export async function readWhole(
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
export async function checkRoot(fs: SinkFileSystem, root: string): Promise<void> {
  const facts = await unlessMissing(() => fs.stat(root));
  if (facts === null || !facts.isDirectory()) throw fault('SinkFolderMissing', {});
}

/** The folder below the root, made where it is not there, each name durable in its parent. */
export async function makeFolders(
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

export async function syncFolder(fs: SinkFileSystem, folder: string): Promise<void> {
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
export async function tidy(fs: SinkFileSystem, path: string): Promise<boolean> {
  try {
    await unlessMissing(() => fs.unlink(path));
    return true;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return false;
  }
}

/**
 * Removes what was to become the file of a name, or to take its place, and was cut short.
 * @returns how many files
 */
export async function clearAsides(
  fs: SinkFileSystem,
  parent: string,
  name: string,
): Promise<number> {
  const entries = (await unlessMissing(() => fs.readdir(parent, { withFileTypes: true }))) ?? [];
  const asides = entries.filter((entry) => isAsideOf(name, entry.name));
  for (const aside of asides) await unlessMissing(() => fs.unlink(join(parent, aside.name)));
  return asides.length;
}

/** Closes a file whose content does not depend on it. */
export async function closeQuietly(file: SinkFile): Promise<void> {
  try {
    await file.close();
  } catch (error) {
    if (errnoOf(error) === null) throw error;
  }
}
