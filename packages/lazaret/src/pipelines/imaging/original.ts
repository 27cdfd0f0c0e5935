/**
 * The original of an image, or the copy that was kept of it where the original is gone or is another
 * by now. Synchronous: it is read on worker threads only. `copyable` is for the main thread.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { openSealed } from '../../copies/sealed-file.ts';
import type { Original } from '../../engine/pipeline.ts';
import type { ProjectKey } from '../../identity/keys.ts';
import { causeOf, openFile, pathOf, type OpenedFile } from './file.ts';
import type { FileArrival } from './image.ts';

const BLOCK_BYTES = 1024 * 1024;

export interface OpenedOriginal extends OpenedFile {
  /** Why the copy was opened instead; null: it is the original. */
  readonly inPlaceOf: 'the original is gone' | 'the original has changed' | null;
}

/**
 * Opens an original as `openFile` does, or its copy.
 * @throws what the file system throws, and SealedFileDamaged.
 */
export function openOriginal(file: FileArrival, key: ProjectKey): OpenedOriginal {
  const { copy } = file;
  if (copy === undefined) return { ...openFile(file), inPlaceOf: null };
  let opened: OpenedFile;
  try {
    opened = openFile(file);
  } catch (error) {
    if (causeOf(error) === null) throw error;
    return openCopy(copy, key, 'the original is gone');
  }
  if (opened.digest === copy.sha256) return { ...opened, inPlaceOf: null };
  opened.close();
  return openCopy(copy, key, 'the original has changed');
}

function openCopy(
  copy: NonNullable<FileArrival['copy']>,
  key: ProjectKey,
  inPlaceOf: NonNullable<OpenedOriginal['inPlaceOf']>,
): OpenedOriginal {
  const source = openSealed(copy.path, key);
  try {
    const hash = createHash('sha256');
    for (let offset = 0; offset < source.size; offset += BLOCK_BYTES) {
      hash.update(source.read(offset, BLOCK_BYTES));
    }
    return { source, digest: hash.digest('hex'), close: () => source.close(), inPlaceOf };
  } catch (error) {
    source.close();
    throw error;
  }
}

/** An original for the copier. Null for what is no file. @throws what the file system throws */
export async function copyable(arrival: unknown): Promise<Original | null> {
  const file = arrival as FileArrival;
  if (file.kind !== 'file') return null;
  // A link is not followed, and a pipe is not waited for.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(pathOf(file), flags);
  if (!(await handle.stat()).isFile()) {
    await handle.close();
    return null;
  }
  return {
    content: handle.createReadStream({ highWaterMark: BLOCK_BYTES, autoClose: false }),
    close: () => handle.close(),
  };
}
