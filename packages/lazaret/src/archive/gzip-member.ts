/**
 * A tar entry as gzip members. A gzip stream may consist of any number of complete members (RFC
 * 1952 section 2.2), so entries are compressed side by side on worker threads, each by itself, and
 * an archive is made by putting their bytes one behind the other.
 */
import { createHash } from 'node:crypto';
import { gzipSync, type ZlibOptions } from 'node:zlib';
import { assert } from '@lazaret/faults';
import type { ByteSource } from '../bytes/byte-source.ts';
import { fault } from './codes.ts';
import { encodeHeader, paddingOf } from './tar-entry.ts';

const DEFAULT_BLOCK_BYTES = 4 * 1024 * 1024;
const MIN_BLOCK_BYTES = 16 * 1024;

export interface MemberRequest {
  /** Path in the archive, relative, with slashes. */
  readonly name: string;
  readonly content: ByteSource;
  /** 0 (stored) to 9 (smallest). */
  readonly level: number;
  /** Bytes of tar in one gzip member: what is held in memory at once. 4 MiB unless given. */
  readonly blockBytes?: number;
  /** Takes each compressed member; the bytes are the taker's to keep. */
  readonly write: (chunk: Uint8Array) => void;
}

export interface PackedMember {
  /** SHA-256 of the content, hexadecimal. */
  readonly digest: string;
  /** Size of the content, bytes. */
  readonly size: number;
  /** Bytes written. */
  readonly packedBytes: number;
  /**
   * SHA-256 of the bytes written. They are the same on every run of one build of Node on one kind
   * of processor; another zlib may compress otherwise, so what is compared across machines is
   * `digest`.
   */
  readonly packedDigest: string;
}

/**
 * Writes one tar entry (header, content, padding) as gzip members. For worker threads: it reads
 * and compresses synchronously.
 *
 * @throws `ArchiveNameUnusable`; `ArchiveSourceShort` where the content ends before its size. What
 *   was written before a fault is to be thrown away.
 */
export function packMember(request: MemberRequest): PackedMember {
  const { content, level, write } = request;
  const options = gzipOptions(level);
  const header = encodeHeader(request.name, content.size);
  const padding = paddingOf(content.size);
  const total = header.length + content.size + padding;
  const blockBytes = Math.max(request.blockBytes ?? DEFAULT_BLOCK_BYTES, MIN_BLOCK_BYTES);
  const block = Buffer.allocUnsafe(Math.min(blockBytes, total));
  assert(header.length <= block.length, 'a header fits into one block');
  const contentHash = createHash('sha256');
  const packedHash = createHash('sha256');
  let packedBytes = 0;

  block.set(header);
  let filled = header.length;
  const flush = (): void => {
    const member = compress(block.subarray(0, filled), options);
    packedHash.update(member);
    packedBytes += member.length;
    filled = 0;
    write(member);
  };

  for (let offset = 0; offset < content.size;) {
    if (filled === block.length) flush();
    const asked = Math.min(block.length - filled, content.size - offset);
    const bytes = content.read(offset, asked);
    if (bytes.length === 0) {
      throw fault('ArchiveSourceShort', { expectedBytes: content.size, gotBytes: offset });
    }
    assert(bytes.length <= asked, 'a source gives no more bytes than it is asked for');
    contentHash.update(bytes);
    block.set(bytes, filled);
    filled += bytes.length;
    offset += bytes.length;
  }
  if (filled + padding > block.length) flush();
  block.fill(0, filled, filled + padding);
  filled += padding;
  if (filled > 0) flush();

  return {
    digest: contentHash.digest('hex'),
    size: content.size,
    packedBytes,
    packedDigest: packedHash.digest('hex'),
  };
}

/**
 * Settings of all members. Memory level 9 is a fifth faster on CT pixels than the usual 8, for 128
 * KiB more; a chunk of 256 KiB spares the joining of many small ones.
 */
export function gzipOptions(level: number): ZlibOptions {
  assert(Number.isInteger(level) && level >= 0 && level <= 9, 'a gzip level is 0 to 9');
  return { level, memLevel: 9, chunkSize: 256 * 1024 };
}

/**
 * Makes the header of a member the same everywhere: zlib writes no time, but it does write which
 * operating system it was built for. 255 is "unknown" (RFC 1952 section 2.3.1).
 */
export function neutralise(member: Uint8Array): Uint8Array {
  member[9] = 255;
  return member;
}

function compress(bytes: Uint8Array, options: ZlibOptions): Uint8Array {
  return neutralise(gzipSync(bytes, options));
}
