/** `lazaret identifiers load`: the table of identifiers of a project, from a file. */
import { readFile, stat } from 'node:fs/promises';
import { isFault } from '@lazaret/faults';
import { loadTable, type LoadCounts } from '../pipelines/forms/identifiers/table.ts';
import {
  MAX_TABLE_BYTES,
  readTable,
  unusableTable,
} from '../pipelines/forms/identifiers/table-file.ts';
import { ensureSite } from '../store/runs.ts';
import { EXIT, type Execute } from './command.ts';

export interface IdentifiersLoadInput {
  /** Absolute, because another process may carry the command out. */
  readonly file: string;
  readonly replace: boolean;
  readonly acceptChanges: boolean;
  readonly dryRun: boolean;
  readonly project: string;
  readonly site: string;
  readonly user: string;
}

export interface IdentifiersLoadDocument extends LoadCounts {
  readonly project: string;
  readonly dryRun: boolean;
}

export const identifiersLoad: Execute<IdentifiersLoadInput> = async (application, input) => {
  const { file, replace, acceptChanges, dryRun, project, site, user } = input;
  const { db } = application.store;
  const entries = readTable(await readTableFile(file));
  const at = new Date(application.clock.now());
  await ensureSite(db, project, site, at);
  const key = await application.engine.keyOf(project);
  const counts = await loadTable(db, key, entries, {
    ...{ project, replace, acceptChanges, dryRun, at },
    by: user,
  });
  const document: IdentifiersLoadDocument = { project, dryRun, ...counts };
  return { document, exit: EXIT.complete };
};

async function readTableFile(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > MAX_TABLE_BYTES) throw unusableTable(['it is too large']);
    return await readFile(path);
  } catch (error) {
    if (isFault(error)) throw error;
    const errno = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw unusableTable([`it cannot be read (${errno})`], error);
  }
}
