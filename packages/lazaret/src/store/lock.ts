/**
 * The lock on an embedded store. Two processes that open one PGlite directory corrupt it without
 * any error, so the lock is ours to hold: a file, made create-only, that names its holder.
 *
 * A holder that died leaves its file behind. It is told apart by its process: gone, or another one
 * under the same number (its start time differs). Taking over is a right of its own that one
 * contender at a time can hold: a second lock, named after the dead holder, and taken by the very
 * same rules. Whoever has it and still finds the dead holder in the file puts itself there by one
 * rename, so that there is no moment without a file.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { storeCodes } from './codes.ts';

export interface Holder {
  readonly nonce: string;
  readonly pid: number;
  /** Start of the process in the system's own count, where it tells; guards against reused pids. */
  readonly processStart: string | null;
  readonly host: string;
  /** What the process was asked to do, without arguments that might name a patient. */
  readonly command: string;
  readonly since: string;
  /** Where the holder serves other commands. */
  readonly socket: string;
}

export interface StoreLock {
  readonly holder: Holder;
  /** @throws StoreLockLost when the file names somebody else by now. */
  check(): Promise<void>;
  release(): Promise<void>;
}

export function lockPath(dataFolder: string): string {
  return join(dataFolder, 'store.lock');
}

/**
 * Takes the lock, or says who has it.
 * @throws StoreHeld when a living process holds it.
 */
export async function acquireLock(
  dataFolder: string,
  input: { readonly command: string; readonly socket: string; readonly now: Date },
): Promise<StoreLock> {
  const path = lockPath(dataFolder);
  const holder: Holder = {
    nonce: randomUUID(),
    pid: process.pid,
    processStart: processStart(process.pid),
    host: hostname(),
    command: input.command,
    since: input.now.toISOString(),
    socket: input.socket,
  };
  const own = join(dataFolder, `.store.lock.${holder.nonce}`);
  await writeFile(own, JSON.stringify(holder), { mode: 0o600, flush: true });
  try {
    await take(path, own);
    return lockOf(path, holder);
  } finally {
    await rm(own, { force: true });
  }
}

/** Who holds the store of this folder: null when nobody does, or only a process that has died. */
export async function findHolder(dataFolder: string): Promise<Holder | null> {
  const holder = await readHolder(lockPath(dataFolder));
  return holder !== null && isAlive(holder) ? holder : null;
}

/** How often a contender may find a dead lock in its way before it gives up. */
const MAX_TAKEOVERS = 5;

function lockOf(path: string, holder: Holder): StoreLock {
  const check = async (): Promise<void> => {
    const now = await readHolder(path);
    if (now?.nonce !== holder.nonce) throw storeCodes.fault('StoreLockLost', {});
  };
  return {
    holder,
    check,
    async release() {
      await check();
      await rm(path);
    },
  };
}

/**
 * Puts the own file at a path, unless a living process is there.
 * @throws StoreHeld
 */
async function take(path: string, own: string): Promise<void> {
  for (let turn = 0; turn < MAX_TAKEOVERS; turn += 1) {
    if (await linkNew(own, path)) return;
    const other = await readHolder(path);
    if (other === null) continue;
    if (isAlive(other)) throw heldBy(other);
    const right = join(dirname(path), `.store.lock.heir.${other.nonce}`);
    await take(right, own);
    try {
      // Somebody may have had the right before, used it and given it up.
      if ((await readHolder(path))?.nonce !== other.nonce) continue;
      // A rename of a second name: onto another name of the same file it would do nothing.
      const heir = `${own}.heir`;
      await link(own, heir);
      await rename(heir, path);
      return;
    } finally {
      await rm(right, { force: true });
    }
  }
  throw storeCodes.fault('StoreHeld', { holder: 'several processes', pid: 0, since: 'now' });
}

async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  return JSON.parse(text) as Holder;
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
  }
  const start = processStart(holder.pid);
  return holder.processStart === null || start === null || start === holder.processStart;
}

/** What stands for a process that has ended and that nobody has asked about yet: it works no more. */
const ENDED = 'ended';

/**
 * Fields 3 and 22 of /proc/<pid>/stat (state, start), counted behind the command's name, which may
 * hold anything.
 */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : (fields[19] ?? null);
  } catch (error) {
    // Other systems have no /proc; the process number alone has to do there.
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return null;
    throw error;
  }
}

function heldBy(holder: Holder): Error {
  return storeCodes.fault('StoreHeld', {
    holder: holder.command,
    pid: holder.pid,
    since: holder.since,
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
