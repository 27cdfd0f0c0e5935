/** A source for those who take in files: those that lie directly in a folder, by name. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { toFault } from '@lazaret/faults';
import type { Arrival, Source } from './pipeline.ts';

/** An arrival of `folderFiles`. */
export interface FolderFile {
  readonly path: string;
  /** When it was listed. */
  readonly bytes: number;
}

/** Files that make a batch. */
const AT_ONCE = 1_000;

/** The checkpoint is the name of the last file given, so that files may come and go meanwhile. */
export function folderFiles(folder: string): Source {
  namesIn(folder);
  return {
    next(checkpoint) {
      const behind = (checkpoint as string | null) ?? '';
      const names = namesIn(folder).filter((name) => name > behind);
      const batch = names.slice(0, AT_ONCE).map((name) => arrivalOf(join(folder, name)));
      const last = names[batch.length - 1];
      return Promise.resolve(last === undefined ? null : { batch, checkpoint: last });
    },
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    throw toFault(error);
  }
}

function arrivalOf(path: string): Arrival {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return { value: { path, bytes } satisfies FolderFile, bytes };
}
