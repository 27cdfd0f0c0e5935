/** A file of forms, as it stands on the disk: opened for a moment, read in parts, never followed. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** By which a file is known again. Who replaces a file or writes to it changes one of them. */
export interface FileStamp {
  readonly size: number;
  /** Nanoseconds since 1970, as text. */
  readonly modified: string;
  readonly inode: string;
}

export interface FormFile {
  readonly stamp: FileStamp;
  /** At most so many bytes from an offset; fewer only where the file ends. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Null where no file is there.
 * @throws what the file system throws
 */
export function openFormFile(path: string): FormFile | null {
  const descriptor = openIfThere(path);
  if (descriptor === null) return null;
  const stat = fstatSync(descriptor, { bigint: true });
  if (!stat.isFile()) {
    closeSync(descriptor);
    return null;
  }
  return {
    stamp: {
      size: Number(stat.size),
      modified: String(stat.mtimeNs),
      inode: String(stat.ino),
    },
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, length));
      let done = 0;
      while (done < bytes.length) {
        const count = readSync(descriptor, bytes, done, bytes.length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
      return bytes.subarray(0, done);
    },
    close: () => closeSync(descriptor),
  };
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, OPEN_FLAGS);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.modified === b.modified && a.inode === b.inode;
}

export function checksumOf(bytes: Uint8Array): number {
  return crc32(bytes);
}

const SIGNATURES: readonly (readonly [bytes: readonly number[], likely: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a spreadsheet or a ZIP archive'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old spreadsheet'],
  [[0x1f, 0x8b], 'compressed with gzip'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed with zstd'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF'],
];

/** What a file is that is no text, by its first bytes; null where nothing is known against it. */
export function signatureOf(head: Uint8Array): string | null {
  const found = SIGNATURES.find(([bytes]) => bytes.every((byte, at) => head[at] === byte));
  return found?.[1] ?? null;
}
