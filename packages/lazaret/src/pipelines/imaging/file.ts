/** Reading the files of a source. Synchronous: it happens on worker threads only. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { bufferSource, openFileSource } from '../../bytes/byte-source.ts';
import type { ByteSource } from '../../bytes/byte-source.ts';
import type { FileArrival } from './image.ts';

/** Files up to this size are read whole; larger ones are read in windows. */
const WHOLE_FILE_BYTES = 64 * 1024 * 1024;
const HASH_BLOCK_BYTES = 1024 * 1024;

export interface OpenedFile {
  readonly source: ByteSource;
  /** SHA-256 of all bytes, hexadecimal. */
  readonly digest: string;
  close(): void;
}

/**
 * Opens a file and digests it. What stands at the path by now need not be what was listed: a link
 * is not followed, and a pipe is not waited for. Throws what the file system throws.
 */
export function openFile(file: FileArrival): OpenedFile {
  const path = pathOf(file);
  const descriptor = openSync(path, OPEN_FLAGS);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw replaced();
    if (stat.size <= WHOLE_FILE_BYTES) {
      const bytes = readFileSync(descriptor);
      return {
        source: bufferSource(bytes),
        digest: createHash('sha256').update(bytes).digest('hex'),
        close() {
          // Nothing is open: the bytes are in memory.
        },
      };
    }
  } finally {
    closeSync(descriptor);
  }
  const source = openFileSource(path);
  try {
    const hash = createHash('sha256');
    for (let offset = 0; offset < source.size; offset += HASH_BLOCK_BYTES) {
      hash.update(source.read(offset, HASH_BLOCK_BYTES));
    }
    return { source, digest: hash.digest('hex'), close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}

const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** As if the file were gone: something else has taken its place. */
function replaced(): Error {
  const error = new Error('The path names no file any more.');
  return Object.assign(error, { code: 'ENOENT', syscall: 'open' });
}

/** The path as the file system takes it. */
export function pathOf(file: FileArrival): string | Buffer {
  return file.encoding === 'utf8' ? file.path : Buffer.from(file.path, 'base64');
}

/** The path as text, for a search of it: what is no UTF-8 is read byte by byte. */
export function namedBy({ path, encoding }: FileArrival): string {
  return encoding === 'utf8' ? path : Buffer.from(path, 'base64').toString('latin1');
}

/** Files that operating systems leave behind in folders. Told by name, never by content. */
const SYSTEM_FILES: readonly string[] = ['.DS_Store', 'Thumbs.db', 'ehthumbs.db', 'desktop.ini'];

/** The name of a file that an operating system left behind, or null. */
export function systemFileOf({ path, encoding }: FileArrival): string | null {
  if (encoding !== 'utf8') return null;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return SYSTEM_FILES.includes(name) ? name : null;
}

/** The system's word for a failure, in words that give nothing away. Null: it is no such failure. */
export function causeOf(error: unknown): { readonly code: string; readonly text: string } | null {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return null;
  if (!('syscall' in error)) return null;
  return { code: error.code, text: CAUSES[error.code] ?? error.code };
}

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a folder',
  EISDIR: 'it is a folder',
  EIO: 'the disk reports an error',
  ENOSPC: 'no space left',
  EROFS: 'the disk is read-only',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ELOOP: 'links run in a circle',
  ENAMETOOLONG: 'its name is too long',
  ESTALE: 'the network share was replaced',
};
