/** Reads a text file, so many lines at a time, and can be taken up behind any of them. */
import { open } from 'node:fs/promises';
import type { Arrival, Arrivals, Source } from '../../src/engine/pipeline.ts';
import { linesCodes } from './codes.ts';
import type { LineArrival } from './line.ts';

interface Checkpoint {
  readonly offset: number;
  readonly line: number;
  readonly over: boolean;
}

export function lineSource(file: string, chunk: number): Source {
  return {
    async next(checkpoint, signal) {
      const { offset, line, over } = (checkpoint as Checkpoint | null) ?? {
        offset: 0,
        line: 0,
        over: false,
      };
      signal.throwIfAborted();
      if (over) return null;
      const handle = await open(file).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      });
      if (handle === null) {
        return {
          batch: null,
          findings: [linesCodes.finding('FileVanished', {})],
          checkpoint: { offset, line, over: true } satisfies Checkpoint,
        };
      }
      try {
        const { size } = await handle.stat();
        if (offset >= size) return null;
        const bytes = Buffer.alloc(size - offset);
        await handle.read(bytes, 0, bytes.length, offset);
        return readChunk(file, bytes, offset, line, chunk);
      } finally {
        await handle.close();
      }
    },
  };
}

function readChunk(
  file: string,
  bytes: Buffer,
  offset: number,
  line: number,
  chunk: number,
): Arrivals {
  const batch: Arrival[] = [];
  let at = 0;
  while (at < bytes.length && batch.length < chunk) {
    const end = bytes.indexOf(10, at);
    const stop = end === -1 ? bytes.length : end;
    batch.push({
      value: {
        file,
        offset: offset + at,
        length: stop - at,
        line: line + batch.length + 1,
      } satisfies LineArrival,
      bytes: stop - at,
    });
    at = stop + 1;
  }
  return {
    batch,
    checkpoint: {
      offset: offset + at,
      line: line + batch.length,
      over: false,
    } satisfies Checkpoint,
  };
}
