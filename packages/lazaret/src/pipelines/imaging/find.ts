/**
 * *Find*: folders as batches. The tree is walked in a fixed order, so that the n-th folder is the
 * same one whenever reading is taken up again, and the checkpoint is simply the last one read.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '@lazaret/faults';
import type { Arrival, Arrivals, Source } from '../../engine/pipeline.ts';
import { imagingCodes } from './codes.ts';
import { causeOf } from './file.ts';
import type { FileArrival } from './image.ts';

/** Files of one folder that make one batch at most; a larger folder makes several. */
export const MAX_FOLDER_ITEMS = 20_000;

/** Folders within folders. Deeper ones are a loop or a mistake, and are told. */
const MAX_DEPTH = 100;

interface Checkpoint {
  /** Names from the root to the folder, as bytes in base64: a name need not be text. */
  readonly folder: readonly string[];
  /**
   * The last of its files that was read; null where it has none, or was not to be read. A name and
   * not a count: files that come or go meanwhile move no other file to either side of it.
   */
  readonly last: string | null;
}

interface WalkOptions {
  readonly maxItems: number;
  /** Only the files that lie directly in the root. */
  readonly direct: boolean;
  /** A watcher saw the root a moment ago: when it is gone again, that is told, and no failure. */
  readonly mayVanish: boolean;
}

/** What the walk comes upon, in order. */
type Step =
  | { readonly kind: 'folder'; readonly path: readonly Buffer[]; readonly files: readonly Buffer[] }
  | { readonly kind: 'finding'; readonly path: readonly Buffer[]; readonly finding: Finding };

/** @throws SourceMissing when the root itself cannot be read. */
export function folderSource(root: string, options: Partial<WalkOptions> = {}): Source {
  const { maxItems = MAX_FOLDER_ITEMS, direct = false, mayVanish = false } = options;
  if (!mayVanish) refuseMissing(root);
  let walking: Generator<Step, void> | null = null;
  return {
    next(given) {
      const checkpoint = given as Checkpoint | null;
      // Where it was read in part, what lies behind the checkpoint would be lost without a word.
      if (walking === null && checkpoint !== null) refuseMissing(root);
      walking ??= walkFolders(root, [], checkpoint, { maxItems, direct });
      const walked = walking.next();
      if (walked.done === true) return Promise.resolve(null);
      return Promise.resolve(arrivalsOf(root, walked.value));
    },
  };
}

function arrivalsOf(root: string, step: Step): Arrivals {
  const folder = step.path.map((name) => name.toString('base64'));
  if (step.kind === 'finding') {
    return { batch: null, findings: [step.finding], checkpoint: { folder, last: null } };
  }
  const arrivals: Arrival[] = [];
  for (const name of step.files) arrivals.push(arrivalOf(root, [...step.path, name]));
  const last = step.files.at(-1)?.toString('base64') ?? null;
  return { batch: arrivals, checkpoint: { folder, last } };
}

function arrivalOf(root: string, names: readonly Buffer[]): Arrival {
  const bytes = joinPath(root, names);
  const text = bytes.toString('utf8');
  const named: Pick<FileArrival, 'path' | 'encoding'> = Buffer.from(text, 'utf8').equals(bytes)
    ? { path: text, encoding: 'utf8' }
    : { path: bytes.toString('base64'), encoding: 'base64' };
  try {
    const stat = lstatSync(bytes);
    const kind = stat.isFile() ? 'file' : stat.isSymbolicLink() ? 'symbolic link' : 'special file';
    const size = stat.isFile() ? stat.size : 0;
    return { value: { ...named, kind, size } satisfies FileArrival, bytes: size };
  } catch (error) {
    // It vanished, or its folder may be listed but not entered: reading it will say which.
    if (causeOf(error) === null) throw error;
    return { value: { ...named, kind: 'file', size: 0 } satisfies FileArrival, bytes: 0 };
  }
}

/** Depth first, names in byte order; what lies at or before the checkpoint is passed over. */
function* walkFolders(
  root: string,
  path: readonly Buffer[],
  after: Checkpoint | null,
  options: Pick<WalkOptions, 'maxItems' | 'direct'>,
): Generator<Step, void> {
  const order = after === null ? 1 : compare(path, decode(after.folder));
  const isPast = order > 0;
  if (path.length > MAX_DEPTH) {
    if (isPast) {
      const finding = imagingCodes.finding('FolderNotReadable', { cause: 'it lies too deep' });
      yield { kind: 'finding', path, finding };
    }
    return;
  }
  let entries;
  try {
    entries = readdirSync(joinPath(root, path), { encoding: 'buffer', withFileTypes: true });
  } catch (error) {
    const cause = causeOf(error);
    if (cause === null) throw error;
    if (isPast) {
      const finding =
        cause.code === 'ENOENT'
          ? imagingCodes.finding('FolderVanished', {})
          : imagingCodes.finding('FolderNotReadable', { cause: cause.text });
      yield { kind: 'finding', path, finding };
    }
    return;
  }
  entries.sort((a, b) => Buffer.compare(a.name, b.name));
  const listed = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const files = isPast ? listed : order === 0 ? behind(listed, after?.last ?? null) : [];
  for (let from = 0; from < files.length; from += options.maxItems) {
    yield { kind: 'folder', path, files: files.slice(from, from + options.maxItems) };
  }
  if (options.direct) return;
  for (const entry of entries) {
    if (entry.isDirectory()) yield* walkFolders(root, [...path, entry.name], after, options);
  }
}

/** The files of a folder that was left in the middle. */
function behind(files: readonly Buffer[], last: string | null): Buffer[] {
  if (last === null) return [];
  const name = Buffer.from(last, 'base64');
  return files.filter((file) => Buffer.compare(file, name) > 0);
}

function compare(a: readonly Buffer[], b: readonly Buffer[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const order = Buffer.compare(a[index] ?? Buffer.of(), b[index] ?? Buffer.of());
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function decode(folder: readonly string[]): Buffer[] {
  return folder.map((name) => Buffer.from(name, 'base64'));
}

function joinPath(root: string, names: readonly Buffer[]): Buffer {
  const separator = Buffer.from('/');
  return Buffer.concat([Buffer.from(join(root)), ...names.flatMap((name) => [separator, name])]);
}

/** @throws SourceMissing when the folder cannot be listed. */
export function refuseMissing(root: string): void {
  try {
    readdirSync(root);
  } catch (error) {
    const cause = causeOf(error);
    if (cause === null) throw error;
    throw imagingCodes.fault('SourceMissing', { cause: cause.text }, { cause: error });
  }
}
