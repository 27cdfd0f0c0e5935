/** How one record of a file is found again: after a person sent it in, or when its batch failed. */
import { openFormFile } from './form-file.ts';
import { readLayout } from './layout.ts';
import { MAX_STRETCH_BYTES } from './limits.ts';
import type { Flaw, Stretch, StretchContent } from './stretch.ts';

/** Small, because there may be a million of them: what the file says itself is read again. */
export interface RecordLocator {
  readonly path: string;
  readonly file: number;
  /** Bytes in the file that were read together, and the record and line with which they begin. */
  readonly start: number;
  readonly end: number;
  readonly firstRecord: number;
  readonly firstLine: number;
  readonly checksum: number;
  /** Which of their records it is, from 0. */
  readonly index: number;
  /** Why it is not to be read. */
  readonly flaw?: Flaw;
}

/** Locates a record by the stretch that it is in. */
export function locateIn({ path, stretch }: StretchContent, index: number): RecordLocator {
  const { file, start, end, firstRecord, firstLine, checksum, flaw } = stretch;
  return {
    ...{ path, file, start, end, firstRecord, firstLine, checksum, index },
    ...(flaw === null ? {} : { flaw }),
  };
}

/** The stretch that a record is in, under the layout that its file has now. */
export function stretchOf(
  { path, index, flaw, ...given }: RecordLocator,
  known: readonly string[],
): StretchContent {
  const file = openFormFile(path);
  const head = file?.read(0, MAX_STRETCH_BYTES) ?? new Uint8Array(0);
  const stamp = file?.stamp ?? { size: 0, modified: '', inode: '' };
  file?.close();
  const layout = readLayout(path, head, head.length >= stamp.size, known);
  const stretch: Stretch = {
    ...{ ...given, stamp, layout, records: index + 1, lines: 0 },
    ...{ isFirst: false, isLast: false, flaw: flaw ?? null },
  };
  return { path, stretch };
}
