/** `lazaret identity key|export|import`: the key of a project, and the way back to patients. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, stat, unlink } from 'node:fs/promises';
import { isFault } from '@lazaret/faults';
import { reasonOf } from '../engine/reason.ts';
import { fault } from '../identity/codes.ts';
import {
  clearMapFile,
  mapFileHeader,
  MAX_MAP_FILE_BYTES,
  openMapFile,
  readMapFileHeader,
  sealMapFile,
  unusableMapFile,
  unusableSecret,
} from '../identity/map-file.ts';
import { countMap, importMap, readMap, type MapCounts } from '../identity/map-transfer.ts';
import { catalogue, type Application } from '../main.ts';
import { ensureSite, projectKeyId } from '../store/runs.ts';
import type { Reason } from '../store/tables.ts';
import { EXIT, type Execute } from './command.ts';
import { recordReveal } from './reveal.ts';

export interface KeyInput {
  readonly project: string;
}

export interface KeyDocument {
  readonly project: string;
  /** Null: the project has none yet; its first run makes one. */
  readonly keyId: string | null;
  /** The file; null where it cannot be used. */
  readonly path: string | null;
  readonly createdAt: string | null;
  /** Pseudonyms that depend on the key. */
  readonly pseudonyms: MapCounts;
  /** Why the key cannot be used, if it cannot. */
  readonly problem: Reason | null;
}

export const identityKey: Execute<KeyInput> = async (application, { project }) => {
  const { db } = application.store;
  const known = await projectKeyId(db, project);
  const counts = known === null ? { patients: 0, accessions: 0 } : await countMap(db, known);
  const document = { project, keyId: known, pseudonyms: counts };
  try {
    const found = await application.findKey(project, known);
    const { path, key } = found;
    const facts = key === null ? null : { keyId: key.keyId, createdAt: found.createdAt };
    const whole: KeyDocument = {
      ...document,
      keyId: facts?.keyId ?? known,
      path,
      createdAt: facts?.createdAt.toISOString() ?? null,
      problem: null,
    };
    return { document: whole, exit: EXIT.complete };
  } catch (error) {
    if (!isFault(error)) throw error;
    const problem = reasonOf(catalogue, error);
    const whole: KeyDocument = { ...document, path: null, createdAt: null, problem };
    return { document: whole, exit: EXIT.failed };
  }
};

export interface ExportInput {
  /** Absolute, because another process may carry the command out. */
  readonly file: string;
  /** The file that holds the secret; null for clear text. */
  readonly secretFile: string | null;
  readonly reason: string | null;
  readonly project: string;
  readonly user: string;
}

export interface ExportDocument {
  readonly project: string;
  readonly keyId: string;
  readonly entries: number;
  readonly form: 'sealed' | 'clear text';
  /** Who took the map out stands in the record of decisions under this id. */
  readonly decision: string;
}

export const identityExport: Execute<ExportInput> = async (application, input) => {
  const { file, secretFile, project, user, reason } = input;
  const secret = secretFile === null ? null : await readSecret(secretFile);
  if (await isThere(file)) throw notWritten('there is a file of that name already');
  const key = await knownKey(application, project);
  const entries = await readMap(application.store.db, key);
  const form = secret === null ? 'clear text' : 'sealed';
  const at = new Date(application.clock.now());
  const header = mapFileHeader(project, key.keyId, entries.length, at);
  const bytes =
    secret === null
      ? clearMapFile(header, entries)
      : await sealMapFile(header, entries, secret, randomBytes);
  // Recorded first: a record without a file is a question, a file without a record is a leak.
  const selection = { identityMap: form, entries: entries.length };
  const decision = await recordReveal(application, { project, user, reason, selection, items: [] });
  await writeNew(file, bytes);
  const document: ExportDocument = {
    project,
    keyId: key.keyId,
    entries: entries.length,
    form,
    decision,
  };
  return { document, exit: EXIT.complete };
};

export interface ImportInput {
  readonly file: string;
  readonly secretFile: string;
  readonly project: string;
  readonly site: string;
}

export interface ImportDocument {
  readonly project: string;
  readonly keyId: string;
  readonly entries: number;
  readonly added: number;
  readonly alreadyThere: number;
  /** Always 0: where an entry contradicts, nothing is brought in and the fault says how many. */
  readonly refused: 0;
}

export const identityImport: Execute<ImportInput> = async (application, input) => {
  const { file, secretFile, project, site } = input;
  const { db } = application.store;
  const secret = await readSecret(secretFile);
  const bytes = await readMapFile(file);
  const header = readMapFileHeader(bytes);
  const known = await projectKeyId(db, project);
  if (known !== null && known !== header.keyId) {
    const keys = { expected: known, found: header.keyId };
    throw fault('IdentityFileForOtherKey', { project, ...keys });
  }
  // Before anything is written: no key is made for a map that another key was used for.
  await application.findKey(project, header.keyId);
  const entries = await openMapFile(bytes, secret);
  await ensureSite(db, project, site, new Date(application.clock.now()));
  const key = await application.engine.keyOf(project);
  const { added, alreadyThere } = await importMap(db, key, entries);
  const document: ImportDocument = {
    project,
    keyId: key.keyId,
    entries: entries.length,
    added,
    alreadyThere,
    refused: 0,
  };
  return { document, exit: EXIT.complete };
};

/** The key of a project that has worked. An export makes no key. */
async function knownKey(
  application: Application,
  project: string,
): Promise<Awaited<ReturnType<Application['engine']['keyOf']>>> {
  const known = await projectKeyId(application.store.db, project);
  if (known === null) throw notWritten('the project has no pseudonyms yet');
  return application.engine.keyOf(project);
}

async function readSecret(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw unusableSecret(`its file cannot be read (${errnoOf(error)})`, error);
  }
}

async function readMapFile(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > MAX_MAP_FILE_BYTES) throw unusableMapFile('it is too large');
    return await readFile(path);
  } catch (error) {
    if (isFault(error)) throw error;
    throw unusableMapFile(`it cannot be read (${errnoOf(error)})`, error);
  }
}

/** Writes a file that is not there yet, for its owner alone, and all of it or nothing. */
async function writeNew(path: string, bytes: Buffer): Promise<void> {
  try {
    const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
    const handle = await open(path, flags, 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } catch (error) {
      await unlink(path);
      throw error;
    } finally {
      await handle.close();
    }
  } catch (error) {
    const errno = errnoOf(error);
    const problem =
      errno === 'EEXIST'
        ? 'there is a file of that name already'
        : `it cannot be written (${errno})`;
    throw notWritten(problem, error);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw notWritten(`its place cannot be looked at (${errnoOf(error)})`, error);
  }
}

function notWritten(problem: string, cause?: unknown): Error {
  return fault('IdentityFileNotWritten', { problem }, cause === undefined ? {} : { cause });
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
