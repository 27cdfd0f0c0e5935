/** *Find*: files as stretches of records. The checkpoint is where the last stretch ended. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Arrivals, Source } from '../../engine/pipeline.ts';
import { filesOf } from './configure.ts';
import { findBorder, readLayout } from './reading/csv.ts';
import type { Layout, Stretch } from './reading/stretch.ts';

/** A stretch has about so many bytes: some thousand records. */
const STRETCH_BYTES = 2 * 1024 * 1024;

interface Checkpoint {
  readonly file: number;
  /** Null: the file has not been begun. */
  readonly stretch: Stretch | null;
}

export function fileSource(location: string): Source {
  const files = filesOf(location);
  return {
    next(given) {
      const checkpoint = (given ?? { file: 0, stretch: null }) as Checkpoint;
      return Promise.resolve(nextStretch(files, checkpoint));
    },
  };
}

function nextStretch(files: readonly string[], { file, stretch }: Checkpoint): Arrivals | null {
  const path = files[file];
  if (path === undefined) return null;
  const descriptor = openSync(path, 'r');
  try {
    const layout = stretch?.layout ?? readLayout(readAt(descriptor, 0, STRETCH_BYTES));
    const next = cutStretch(descriptor, file, layout, stretch);
    if (next === null) return nextStretch(files, { file: file + 1, stretch: null });
    const content = Uint8Array.from(Buffer.from(JSON.stringify({ path, stretch: next })));
    const lot = { items: next.records, bytes: next.end - next.start, content };
    return { batch: null, lot, checkpoint: { file, stretch: next } satisfies Checkpoint };
  } finally {
    closeSync(descriptor);
  }
}

function cutStretch(
  descriptor: number,
  file: number,
  layout: Layout,
  before: Stretch | null,
): Stretch | null {
  const start = before?.end ?? layout.bodyOffset;
  const { size } = fstatSync(descriptor);
  if (start >= size) return null;
  for (let length = STRETCH_BYTES; ; length *= 2) {
    const bytes = readAt(descriptor, start, length);
    const border = findBorder(bytes, start + bytes.length >= size);
    if (border.end === 0) continue;
    const firstLine = before === null ? layout.bodyLine : before.firstLine + before.lines;
    const firstRecord = before === null ? 1 : before.firstRecord + before.records;
    const { records, lines } = border;
    if (records === 0) return null;
    return {
      ...{ file, layout, start, end: start + border.end },
      ...{ firstRecord, firstLine, records, lines },
    };
  }
}

function readAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const read = readSync(descriptor, bytes, done, length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}
