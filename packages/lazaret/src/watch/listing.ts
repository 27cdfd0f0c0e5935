/**
 * What an arrival looks like from outside: names, sizes, times and inodes of all that is in it. Two
 * listings that agree are taken to mean that nobody wrote in between; no file is read for it.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants, type BigIntStats, type Dirent } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';

export interface ListingLimits {
  /** Folders within folders. */
  readonly maxDepth: number;
  /** Files and folders of one arrival. */
  readonly maxEntries: number;
}

export const LISTING_LIMITS: ListingLimits = { maxDepth: 100, maxEntries: 200_000 };

export type Listing =
  | {
      readonly kind: 'listed';
      /** SHA-256 over everything that was listed, hexadecimal. */
      readonly digest: string;
      readonly entries: number;
      /** Why it cannot have settled yet; null where nothing speaks against it. */
      readonly unfinished: 'partial-name' | 'in-use' | null;
    }
  | { readonly kind: 'vanished' }
  /** It is too large to be watched. */
  | { readonly kind: 'limit'; readonly limit: keyof ListingLimits; readonly most: number };

export interface ListingOptions {
  readonly limits: ListingLimits;
  readonly isPartial: (name: string) => boolean;
  /** Only the files that lie directly in the folder. */
  readonly direct: boolean;
  /** Opens each file, too: one that its writer keeps locked has not arrived. */
  readonly probe: boolean;
  readonly signal: AbortSignal;
}

/** Lists a folder, or one file. A folder that may not be entered counts by its own entry alone. */
export async function listArrival(path: string, options: ListingOptions): Promise<Listing> {
  const lister = new Lister(options);
  try {
    return await lister.list(Buffer.from(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'vanished' };
    throw error;
  }
}

/** Systems say with these that somebody else has the file. */
const IN_USE = new Set(['EBUSY', 'ETXTBSY', 'EAGAIN', 'ESTALE']);

/** These say nothing about whether it has arrived: reading it will say what is wrong. */
const NOT_ENTERED = new Set(['EACCES', 'EPERM', 'ENOTDIR', 'EIO', 'ELOOP', 'ENAMETOOLONG']);

class Lister {
  readonly #options: ListingOptions;
  readonly #hash: Hash = createHash('sha256');
  #entries = 0;
  #limit: keyof ListingLimits | null = null;
  #unfinished: 'partial-name' | 'in-use' | null = null;

  constructor(options: ListingOptions) {
    this.#options = options;
  }

  async list(root: Buffer): Promise<Listing> {
    const stat = await lstat(root, { bigint: true });
    if (stat.isDirectory()) await this.#folder(root, Buffer.of(), 0);
    else {
      this.#entries = 1;
      await this.#note(root, Buffer.of(), stat);
    }
    if (this.#limit !== null) {
      return { kind: 'limit', limit: this.#limit, most: this.#options.limits[this.#limit] };
    }
    return {
      kind: 'listed',
      digest: this.#hash.digest('hex'),
      entries: this.#entries,
      unfinished: this.#unfinished,
    };
  }

  async #folder(path: Buffer, below: Buffer, depth: number): Promise<void> {
    const { limits, signal, direct } = this.#options;
    signal.throwIfAborted();
    if (depth > limits.maxDepth) this.#limit = 'maxDepth';
    if (this.#limit !== null) return;
    const entries = await this.#entriesOf(path, depth);
    for (const entry of entries.toSorted((a, b) => Buffer.compare(a.name, b.name))) {
      if (direct && entry.isDirectory()) continue;
      this.#entries += 1;
      if (this.#entries > limits.maxEntries) this.#limit = 'maxEntries';
      if (this.#limit !== null) return;
      if (this.#options.isPartial(entry.name.toString('utf8'))) this.#unfinished = 'partial-name';
      const inner = join(path, entry.name);
      const name = join(below, entry.name);
      const stat = await lstat(inner, { bigint: true }).catch(goneSince);
      if (stat === null) {
        this.#hash.update(line(name, 'gone'));
      } else {
        await this.#note(inner, name, stat);
        if (stat.isDirectory()) await this.#folder(inner, name, depth + 1);
      }
    }
  }

  async #entriesOf(path: Buffer, depth: number): Promise<Dirent<Buffer>[]> {
    try {
      return await readdir(path, { encoding: 'buffer', withFileTypes: true });
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (depth === 0 || !(NOT_ENTERED.has(code) || code === 'ENOENT')) throw error;
      this.#hash.update(line(path, code));
      return [];
    }
  }

  async #note(path: Buffer, name: Buffer, stat: BigIntStats): Promise<void> {
    const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';
    // A folder's own time and size change with what is in it, and that is listed.
    const facts = stat.isDirectory() ? [kind, stat.ino] : [kind, stat.size, stat.mtimeNs, stat.ino];
    this.#hash.update(line(name, facts.join(' ')));
    if (!this.#options.probe || !stat.isFile()) return;
    if (await isInUse(path)) this.#unfinished ??= 'in-use';
  }
}

async function isInUse(path: Buffer): Promise<boolean> {
  try {
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    await handle.close();
    return false;
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (IN_USE.has(code)) return true;
    // It went away, or may not be read at all: the next listing, or the run, will tell.
    if (code === 'ENOENT' || NOT_ENTERED.has(code)) return false;
    throw error;
  }
}

function goneSince(error: unknown): null {
  const code = codeOf(error) ?? '';
  if (code === 'ENOENT' || NOT_ENTERED.has(code)) return null;
  throw error;
}

/** Names may hold any byte but NUL, which therefore ends them. */
function line(name: Buffer, facts: string): Buffer {
  return Buffer.concat([name, Buffer.from(`\0${facts}\0`)]);
}

function join(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 0 ? name : Buffer.concat([folder, Buffer.from('/'), name]);
}

/** The system's code of a failure; null for anything else. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
