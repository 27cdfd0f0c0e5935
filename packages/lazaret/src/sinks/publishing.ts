/**
 * A file that is whole gets its final name by a hard link, which never replaces what is there.
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
import { join } from 'node:path';
import { fault } from './codes.ts';
import { lockName } from './delivery-key.ts';
import {
  errnoOf,
  FILE_MODE,
  type SinkFile,
  type SinkFileSystem,
  unlessMissing,
} from './file-system.ts';
import { closeQuietly, readWhole, tidy } from './stored-file.ts';

/** What `link` answers where the file system knows no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Where a delivery goes, and whose it is. */
export interface FinalName {
  readonly fs: SinkFileSystem;
  /** The folder of the final name. */
  readonly parent: string;
  readonly name: string;
  readonly key: string;
  readonly attempt: string;
}

/** Gives the file its final name. False where that is taken. */
export async function publish(place: FinalName, aside: string): Promise<boolean> {
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

async function publishUnderLock(place: FinalName, aside: string): Promise<boolean> {
  const { fs, parent, name } = place;
  const final = join(parent, name);
  const lock = join(parent, lockName(name));
  await takeLock(place, lock);
  try {
    if ((await unlessMissing(() => fs.lstat(final))) !== null) return false;
    await fs.rename(aside, final);
    return true;
  } finally {
    // A lock that stays behind is taken over by this attempt and cleared away for others.
    await tidy(fs, lock);
  }
}

async function takeLock(place: FinalName, lock: string): Promise<void> {
  const { fs, key, attempt } = place;
  const owner = Buffer.from(attempt);
  let file: SinkFile;
  try {
    file = await fs.open(lock, 'wx', FILE_MODE);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    const held = await readWhole(fs, lock);
    if (held?.digest === createHash('sha256').update(owner).digest('hex')) return;
    throw fault('DeliveryBusy', { key });
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
