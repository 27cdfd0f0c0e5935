/**
 * A new, empty embedded store.
 *
 * Making one (initdb, as WebAssembly) takes seconds, and some 700 MB that the process never gives
 * back. So it is made in a process of its own, once a user and version of the engine, kept in the
 * user's cache, and copied from there.
 */
import { spawn } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAKER = fileURLToPath(new URL('./make-cluster.ts', import.meta.url));

/** Making one takes some seconds; on a machine that cannot, waiting longer does not help. */
const MAKING_MS = 120_000;

/**
 * What can be made again: `$LAZARET_CACHE_DIR`, else `$XDG_CACHE_HOME/lazaret`, else the platform's
 * usual place below the user's home.
 */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const named = env['LAZARET_CACHE_DIR'];
  if (named !== undefined && named !== '') return named;
  const xdg = env['XDG_CACHE_HOME'];
  if (xdg !== undefined && xdg !== '') return join(xdg, 'lazaret');
  const appData = env['LOCALAPPDATA'];
  if (platform === 'win32' && appData !== undefined && appData !== '') {
    return join(appData, 'lazaret', 'cache');
  }
  return join(home, '.cache', 'lazaret');
}

/**
 * Sees to it that there is a store in a folder, whole or not at all, by whoever holds the lock on
 * it. Where neither a copy nor another process can be had, nothing is there afterwards, and the
 * engine makes its store itself, or says why it cannot.
 * @param cache null: nothing is kept for the next time
 */
export async function placeNewCluster(folder: string, cache: string | null): Promise<void> {
  if (existsSync(folder)) return;
  const begun = `${folder}.new`;
  await rm(begun, { recursive: true, force: true });
  const kept = cache === null ? null : await keptCluster(cache);
  if (kept !== null) await cp(kept, begun, { recursive: true, mode: constants.COPYFILE_FICLONE });
  else if (!(await makeCluster(begun))) return;
  await rename(begun, folder);
}

/** The one in the cache, made where there is none yet; null where that does not work. */
async function keptCluster(cache: string): Promise<string | null> {
  const kept = join(cache, `empty-store-${await engineVersion()}`);
  if (existsSync(kept)) return kept;
  const begun = `${kept}.${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
  try {
    await mkdir(cache, { recursive: true, mode: 0o700 });
    await clearBegun(kept);
    if (!(await makeCluster(begun))) return null;
    await rename(begun, kept);
    return kept;
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    if (existsSync(begun)) await rm(begun, { recursive: true, force: true });
    // Another process was first, or the cache cannot be written: then the store is made without it.
    return existsSync(kept) ? kept : null;
  }
}

/** Whether the file system has said no, and not we. */
function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** What processes left behind that were killed while they made one. */
async function clearBegun(kept: string): Promise<void> {
  const folder = dirname(kept);
  const prefix = `${basename(kept)}.`;
  for (const name of await readdir(folder)) {
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (name.startsWith(prefix) && !isAlive(pid)) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function makeCluster(folder: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const child = spawn(process.execPath, [MAKER, folder], { stdio: 'ignore', timeout: MAKING_MS });
  child.on('error', () => resolve(false));
  child.on('exit', (status) => resolve(status === 0));
  if (await promise) return true;
  await rm(folder, { recursive: true, force: true });
  return false;
}

/** A store that one version has made may be none for another. */
async function engineVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const manifest = await readFile(join(dirname(dirname(entry)), 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
