/**
 * Where a project's key is kept: one small file in the configuration folder of the user, never
 * beside the database, so that a copy of the data folder does not carry the key with it.
 *
 * A new key is made only for a project whose store knows none. In every other case a key that is
 * not there, or not the right one, is a fault: a new key in its place would give every patient a
 * second pseudonym without a word.
 */
import { constants } from 'node:fs';
import { link, mkdir, open, stat, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { fault } from './codes.ts';
import { keyIdOf, type ProjectKey, projectKeyFrom, SECRET_BYTES } from './project-key.ts';
import type { Random } from './seal.ts';

export { ProjectKey, projectKeyFrom, secretOf } from './project-key.ts';

const MAX_FILE_BYTES = 4096;
const PROJECT_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$/;

const keyFile = z.strictObject({
  version: z.literal(1),
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  secret: z.base64().length(44),
  createdAt: z.iso.datetime(),
});

export interface KeyRequest {
  /** The configuration folder; keys are in `keys/` below it. */
  readonly folder: string;
  readonly project: string;
  /** The id of the key that the store has worked with, where it has worked with one. */
  readonly expectedKeyId?: string;
  readonly random: Random;
  readonly now: () => Date;
  /** Windows has no such modes, so they are not asked about there. */
  readonly platform?: NodeJS.Platform;
}

export interface LoadedKey {
  readonly key: ProjectKey;
  readonly created: boolean;
  readonly path: string;
}

/**
 * The key of a project, made on first use.
 *
 * @throws `ProjectKeyMissing`, `ProjectKeyMismatch`, `ProjectKeyDamaged`, `ProjectKeyExposed`,
 *   `ProjectKeyUnreadable`, `ProjectKeyNotStored`, `ProjectNameUnusable`
 */
export async function loadOrCreateProjectKey(request: KeyRequest): Promise<LoadedKey> {
  const path = pathOf(request);
  const found = await load(request, path);
  if (found !== null) return { key: found.key, created: false, path };
  refuseMissing(request, path);
  // False: another process was quicker. Its key is the project's, whoever's is thrown away.
  const created = await create(request, path);
  const stored = await load(request, path);
  if (stored !== null) return { key: stored.key, created, path };
  throw fault('ProjectKeyNotStored', { project: request.project, errno: 'ENOENT', path });
}

function pathOf({ folder, project }: KeyRequest): string {
  if (!PROJECT_NAME.test(project)) {
    throw fault('ProjectNameUnusable', {
      allowed: '1 to 64 letters, digits, hyphens, underscores and dots, no dot first',
    });
  }
  return join(resolve(folder), 'keys', `${project}.key.json`);
}

function refuseMissing({ project, expectedKeyId }: KeyRequest, path: string): void {
  if (expectedKeyId !== undefined) {
    throw fault('ProjectKeyMissing', { project, keyId: expectedKeyId, path });
  }
}

/** A key as it is in its file, or the place where there is none. */
export type FoundKey =
  | { readonly path: string; readonly key: null }
  | { readonly path: string; readonly key: ProjectKey; readonly createdAt: Date };

/**
 * The key of a project where it has one. Makes none.
 *
 * @throws `ProjectKeyMissing` where the store knows one, and as `loadOrCreateProjectKey` does
 */
export async function findProjectKey(request: KeyRequest): Promise<FoundKey> {
  const path = pathOf(request);
  const found = await load(request, path);
  if (found !== null) return { path, ...found };
  refuseMissing(request, path);
  return { path, key: null };
}

/**
 * The folder for configuration and keys: `$LAZARET_CONFIG_DIR`, else `$XDG_CONFIG_HOME/lazaret`,
 * else the platform's usual place below the user's home.
 */
export function configFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const named = env['LAZARET_CONFIG_DIR'];
  if (named !== undefined && named !== '') return named;
  const xdg = env['XDG_CONFIG_HOME'];
  if (xdg !== undefined && xdg !== '') return join(xdg, 'lazaret');
  const appData = env['APPDATA'];
  if (platform === 'win32' && appData !== undefined && appData !== '') {
    return join(appData, 'lazaret');
  }
  return join(home, '.config', 'lazaret');
}

/** The key in the file, or null where there is no file. */
async function load(
  request: KeyRequest,
  path: string,
): Promise<{ readonly key: ProjectKey; readonly createdAt: Date } | null> {
  const text = await readPrivate(request, path);
  if (text === null) return null;
  const { project, expectedKeyId } = request;
  const damaged = (reason: string): Error => fault('ProjectKeyDamaged', { project, reason, path });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, and the text holds the secret: it is not passed on.
    throw damaged('it is not JSON');
  }
  const parsed = keyFile.safeParse(json);
  if (!parsed.success) throw damaged('its fields are not those of a key file');
  const secret = Buffer.from(parsed.data.secret, 'base64');
  if (secret.length !== SECRET_BYTES) throw damaged('its secret has the wrong length');
  if (keyIdOf(secret) !== parsed.data.keyId) throw damaged('its id does not fit its secret');
  if (expectedKeyId !== undefined && parsed.data.keyId !== expectedKeyId) {
    throw fault('ProjectKeyMismatch', {
      project,
      expected: expectedKeyId,
      found: parsed.data.keyId,
    });
  }
  return {
    key: projectKeyFrom(secret, request.random),
    createdAt: new Date(parsed.data.createdAt),
  };
}

async function readPrivate(request: KeyRequest, path: string): Promise<string | null> {
  const { project } = request;
  try {
    // The opened file is the one looked at, so that nothing is swapped in between; a symbolic
    // link is not followed, because its target may lie beside the database. A pipe would block.
    const file = await open(
      path,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    try {
      const facts = await file.stat();
      if (!facts.isFile()) {
        throw fault('ProjectKeyDamaged', { project, reason: 'it is not a regular file', path });
      }
      refuseExposed(request, 'file', facts.mode, 0o077, path);
      // Whoever can write to the folder can put another file in its place.
      refuseExposed(request, 'folder', (await stat(dirname(path))).mode, 0o022, dirname(path));
      if (facts.size > MAX_FILE_BYTES) {
        throw fault('ProjectKeyDamaged', { project, reason: 'it is too large', path });
      }
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    if (errno === 'ENOENT') return null;
    if (errno === 'ELOOP') {
      throw fault('ProjectKeyDamaged', { project, reason: 'it is a symbolic link', path });
    }
    throw fault('ProjectKeyUnreadable', { project, errno, path }, { cause: error });
  }
}

function refuseExposed(
  request: KeyRequest,
  what: 'file' | 'folder',
  mode: number,
  forbidden: number,
  path: string,
): void {
  if ((request.platform ?? process.platform) === 'win32') return;
  if ((mode & forbidden) === 0) return;
  const shown = `0${(mode & 0o777).toString(8).padStart(3, '0')}`;
  throw fault('ProjectKeyExposed', { project: request.project, what, mode: shown, path });
}

/** Whether this call made the file; false where somebody else had by then. */
async function create(request: KeyRequest, path: string): Promise<boolean> {
  const folder = dirname(path);
  const secret = request.random(SECRET_BYTES);
  const content = {
    version: 1,
    keyId: keyIdOf(secret),
    secret: Buffer.from(secret).toString('base64'),
    createdAt: request.now().toISOString(),
  };
  const nonce = Buffer.from(request.random(8)).toString('hex');
  const aside = join(folder, `.${request.project}.${nonce}.tmp`);
  try {
    const firstMade = await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(aside, 'wx', 0o600);
    try {
      try {
        await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      // A link, unlike a rename, never replaces what is there already.
      await link(aside, path);
    } finally {
      await unlink(aside);
    }
    await syncFolders(folder, firstMade === undefined ? folder : dirname(firstMade));
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    if (errno === 'EEXIST') return false;
    const { project } = request;
    throw fault('ProjectKeyNotStored', { project, errno, path }, { cause: error });
  }
}

/** Makes the names in a folder durable, and those of its parents up to and including `top`. */
async function syncFolders(folder: string, top: string): Promise<void> {
  // Windows cannot open a folder as a file; its file system keeps names in a journal.
  if (process.platform === 'win32') return;
  for (let at = folder; ; at = dirname(at)) {
    const handle = await open(at, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (at === top || at === dirname(at)) return;
  }
}

/** The name of a file-system error (`ENOENT`), or null for any other value. */
function errnoOf(error: unknown): string | null {
  return error instanceof Error && 'syscall' in error && 'code' in error
    ? String(error.code)
    : null;
}
