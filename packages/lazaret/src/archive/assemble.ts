/**
 * An archive out of parts that were packed before, on worker threads: its manifest first, then the
 * parts as they are, then the end of the archive. Nothing is compressed again.
 */
import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
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
  /** SHA-256 of the archive, hexadecimal. */
  readonly digest: string;
  /** Bytes of the archive. */
  readonly size: number;
}

/**
 * Writes an archive. A part is checked while it is copied, so after a fault the bytes written
 * until then are to be thrown away.
 *
 * @throws `ArchivePartChanged`, `ArchivePartUnreadable`, what `write` throws, the signal's reason
 */
export async function assemble(request: AssemblyRequest): Promise<Assembled> {
  const { parts, manifest, signal } = request;
  const hash = createHash('sha256');
  let size = 0;
  const write = async (chunk: Uint8Array): Promise<void> => {
    signal?.throwIfAborted();
    hash.update(chunk);
    size += chunk.length;
    await request.write(chunk);
  };
  for await (const member of manifestMembers(manifest)) await write(member);
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  for (const [at, part] of parts.entries()) {
    await copyPart(part, at + 1, buffer, write);
  }
  await write(await compress(END_OF_ARCHIVE));
  return { digest: hash.digest('hex'), size };
}

async function copyPart(
  part: ArchivePart,
  number: number,
  buffer: Buffer,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const hash: Hash = createHash('sha256');
  const file = await reading(number, () => open(part.path, 'r'));
  let got = 0;
  try {
    const start = part.offset ?? 0;
    while (got < part.packedBytes) {
      const asked = Math.min(buffer.length, part.packedBytes - got);
      const { bytesRead } = await reading(number, () => file.read(buffer, 0, asked, start + got));
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      got += bytesRead;
      await write(chunk);
    }
  } finally {
    await file.close();
  }
  if (got !== part.packedBytes || hash.digest('hex') !== part.packedDigest) {
    throw fault('ArchivePartChanged', {
      part: number,
      expectedBytes: part.packedBytes,
      gotBytes: got,
    });
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
