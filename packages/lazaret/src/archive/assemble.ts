/**
 * An archive out of parts that were packed before, on worker threads: its manifest first, then the
 * parts as they are, then the end of the archive. Nothing is compressed again.
 */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { fault } from './codes.ts';
import { gzipOptions, neutralise } from './gzip-member.ts';
import { encodeManifest, type Manifest, MANIFEST_NAME } from './manifest.ts';
import { encodeHeader, END_OF_ARCHIVE, paddingOf } from './tar-entry.ts';

const BUFFER_BYTES = 1024 * 1024;
const MANIFEST_BLOCK_BYTES = 4 * 1024 * 1024;
const MANIFEST_LEVEL = 6;

/** One packed entry, in a file of its own or a range of one shared with others. */
export interface ArchivePart {
  readonly path: string;
  /** Where in the file it begins, bytes. 0 unless given. */
  readonly offset?: number;
  readonly packedBytes: number;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly packedDigest: string;
}

export interface AssemblyRequest {
  readonly parts: readonly ArchivePart[];
  readonly manifest: Manifest;
  /** Takes the archive's bytes in order. They are overwritten once the promise is fulfilled. */
  readonly write: (chunk: Uint8Array) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface Assembled {
  /** Bytes of the archive. */
  readonly size: number;
}

/**
 * Writes an archive. A part is checked while it is copied, so after a fault the bytes written
 * until then are to be thrown away. The digest of the whole is for whoever keeps the bytes to take.
 *
 * @throws `ArchivePartChanged`, `ArchivePartUnreadable`, what `write` throws, the signal's reason
 */
export async function assemble(request: AssemblyRequest): Promise<Assembled> {
  const { parts, manifest, signal } = request;
  let size = 0;
  const write = async (chunk: Uint8Array): Promise<void> => {
    signal?.throwIfAborted();
    size += chunk.length;
    await request.write(chunk);
  };
  for await (const member of manifestMembers(manifest)) await write(member);
  await copyParts(parts, write);
  await write(await compress(END_OF_ARCHIVE));
  return { size };
}

/** A stretch of a part, as much of it as fits into a buffer. */
interface Stretch {
  readonly part: ArchivePart;
  /** Of the part, counted from 1. */
  readonly number: number;
  /** Where in the part it begins, bytes. */
  readonly at: number;
  readonly length: number;
}

function* stretchesOf(parts: readonly ArchivePart[]): Generator<Stretch, void> {
  for (const [index, part] of parts.entries()) {
    let at = 0;
    do {
      const length = Math.min(BUFFER_BYTES, part.packedBytes - at);
      yield { part, number: index + 1, at, length };
      at += length;
    } while (at < part.packedBytes);
  }
}

/**
 * Copies the parts, each checked against its digest. The next stretch is read into a second buffer
 * while one is written and hashed, so that disk and processor do not wait for each other.
 */
async function copyParts(
  parts: readonly ArchivePart[],
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const files = new PartFiles();
  const stretches = stretchesOf(parts);
  let buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let spare = Buffer.allocUnsafe(BUFFER_BYTES);
  const readNext = async (): Promise<{ stretch: Stretch; chunk: Uint8Array } | null> => {
    const next = stretches.next();
    if (next.done === true) return null;
    const stretch = next.value;
    [buffer, spare] = [spare, buffer];
    return { stretch, chunk: await files.read(stretch, buffer) };
  };
  const readAhead = (): ReturnType<typeof readNext> => {
    const read = readNext();
    // Awaited in its turn; a failure until then is not one that nobody takes care of.
    read.catch(() => undefined);
    return read;
  };
  let ahead = readAhead();
  try {
    let hash = createHash('sha256');
    for (let read = await ahead; read !== null; read = await ahead) {
      const { stretch, chunk } = read;
      const { part, number, at, length } = stretch;
      ahead = readAhead();
      const writing = write(chunk);
      hash.update(chunk);
      await writing;
      const got = at + chunk.length;
      const isWhole = got === part.packedBytes;
      if (!isWhole && chunk.length === length) continue;
      if (!isWhole || hash.digest('hex') !== part.packedDigest) {
        throw fault('ArchivePartChanged', {
          part: number,
          expectedBytes: part.packedBytes,
          gotBytes: got,
        });
      }
      hash = createHash('sha256');
    }
  } finally {
    // What went wrong first is told; a read that was under way has to end before its file closes.
    await Promise.allSettled([ahead]);
    await files.close();
  }
}

/** Files kept open: about as many as threads pack at a time, each into a file of its own. */
const MAX_OPEN_FILES = 64;

/** The files that parts lie in. One read at a time: a file may close when another is opened. */
class PartFiles {
  readonly #open = new Map<string, FileHandle>();

  /** Fills the buffer from a stretch; gives fewer bytes where the file ends before it. */
  async read({ part, number, at, length }: Stretch, buffer: Buffer): Promise<Uint8Array> {
    return reading(number, async () => {
      const file = await this.#file(part.path);
      const start = (part.offset ?? 0) + at;
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await file.read(buffer, filled, length - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    });
  }

  async close(): Promise<void> {
    for (const file of this.#open.values()) await file.close();
    this.#open.clear();
  }

  async #file(path: string): Promise<FileHandle> {
    const known = this.#open.get(path);
    if (known !== undefined) return known;
    const [oldest] = this.#open;
    if (oldest !== undefined && this.#open.size === MAX_OPEN_FILES) {
      this.#open.delete(oldest[0]);
      await oldest[1].close();
    }
    const file = await open(path, 'r');
    this.#open.set(path, file);
    return file;
  }
}

/** File-system errors become faults here, apart from those that `write` throws for its own file. */
async function reading<T>(part: number, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw fault('ArchivePartUnreadable', { part, errno: String(cause.code) }, { cause });
  }
}

async function* manifestMembers(manifest: Manifest): AsyncGenerator<Uint8Array> {
  const body = encodeManifest(manifest);
  yield await compress(encodeHeader(MANIFEST_NAME, body.length));
  for (let at = 0; at < body.length; at += MANIFEST_BLOCK_BYTES) {
    yield await compress(body.subarray(at, at + MANIFEST_BLOCK_BYTES));
  }
  const padding = paddingOf(body.length);
  if (padding > 0) yield await compress(new Uint8Array(padding));
}

const gzipAsync = promisify(gzip);

/** On the thread pool: this is the one place that compresses on the main thread's behalf. */
async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  return neutralise(await gzipAsync(bytes, gzipOptions(MANIFEST_LEVEL)));
}
