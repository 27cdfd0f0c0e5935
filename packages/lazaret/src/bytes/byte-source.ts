import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Random access to bytes. Synchronous, because it is used on worker threads only. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** Bytes [offset, offset + length), fewer at the end. The result may be a view: do not write. */
  read(offset: number, length: number): Uint8Array;
}

/** A run of bytes in a source. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Bytes that are in memory already. Reading gives views and copies nothing. */
export function bufferSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, Math.min(offset + length, bytes.length)),
  };
}

/** A source with a file behind it, which has to be closed. */
export interface FileSource extends ByteSource {
  close(): void;
}

const WINDOW_BYTES = 256 * 1024;

/**
 * Reads a file through one window, so that a file of many gigabytes costs no more memory than its
 * header. Every refill takes a new buffer: views handed out earlier must not change under whoever
 * holds them. Throws what `node:fs` throws.
 */
export function openFileSource(path: string | Buffer): FileSource {
  const descriptor = openSync(path, 'r');
  const size = fstatSync(descriptor).size;
  let windowStart = 0;
  let window: Uint8Array = new Uint8Array(0);
  return {
    size,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset));
      if (wanted === 0) return new Uint8Array(0);
      if (offset >= windowStart && offset + wanted <= windowStart + window.length) {
        return window.subarray(offset - windowStart, offset - windowStart + wanted);
      }
      if (wanted > WINDOW_BYTES) return readRange(descriptor, offset, wanted);
      windowStart = offset;
      window = readRange(descriptor, offset, Math.min(WINDOW_BYTES, size - offset));
      return window.subarray(0, wanted);
    },
    close: () => closeSync(descriptor),
  };
}

function readRange(descriptor: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
    // The file has become shorter since it was opened. Fewer bytes are returned, as at its end.
    if (count === 0) return bytes.subarray(0, filled);
    filled += count;
  }
  return bytes;
}

/** A range of a source, or new bytes, as one part of a composite. */
export interface Part {
  readonly source: ByteSource;
  /** Where the part begins in its own source. */
  readonly offset: number;
  readonly length: number;
}

/** Several parts read as one. A read within one part copies nothing; the part is found by halving. */
export function compositeSource(parts: readonly Part[]): ByteSource {
  const starts: number[] = [];
  let size = 0;
  for (const part of parts) {
    starts.push(size);
    size += part.length;
  }
  const partAt = (offset: number): number => {
    let low = 0;
    let high = parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    size,
    read(offset, length) {
      const end = Math.min(offset + length, size);
      if (offset >= end) return new Uint8Array(0);
      let index = partAt(offset);
      const readPart = (at: number, most: number): Uint8Array => {
        const part = parts[index];
        const start = starts[index];
        if (part === undefined || start === undefined) return new Uint8Array(0);
        return part.source.read(part.offset + at - start, Math.min(most, start + part.length - at));
      };
      const first = readPart(offset, end - offset);
      if (first.length === end - offset) return first;
      const bytes = new Uint8Array(end - offset);
      bytes.set(first);
      let filled = first.length;
      for (index += 1; index < parts.length && filled < bytes.length; index += 1) {
        const more = readPart(offset + filled, bytes.length - filled);
        bytes.set(more, filled);
        filled += more.length;
      }
      return filled === bytes.length ? bytes : bytes.subarray(0, filled);
    },
  };
}
