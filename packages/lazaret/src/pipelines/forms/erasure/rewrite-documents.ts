/**
 * The documents of a run as if the erased had never been in it. All of them are written anew, in the
 * place of their first versions; earlier versions cannot be, and go.
 */
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toFault } from '@lazaret/faults';
import { sql } from 'kysely';
import type { SettlingContext } from '../../../engine/pipeline.ts';
import type { RunRow } from '../../../store/runs.ts';
import type { FormsConfiguration } from '../configure.ts';
import { rootOf } from '../documents/filed-run.ts';
import {
  rememberDocument,
  replaceDocument,
  type RememberedDocument,
} from '../documents/stored-document.ts';
import { composeDocuments, documentFolders } from '../documents/write-documents.ts';
import { makeTools } from '../tools.ts';

/**
 * Done again, it writes the same once more.
 * @param attempt no two at work at a time share one
 * @returns how many files were written or removed
 * @throws the faults of the sink, SealDamaged, SealKeyDiffers
 */
export async function rewriteDocuments(
  { db, now, keyOf }: SettlingContext,
  run: RunRow,
  attempt: string,
): Promise<number> {
  const configuration = run.configuration as FormsConfiguration;
  const { out: folder, collection } = configuration;
  const key = await keyOf(run.project);
  const tools = makeTools(configuration, { key, recipe: run.recipe });
  const signal = new AbortController().signal;
  const written: RememberedDocument[] = [];
  for await (const document of composeDocuments({ run, tools, db, key, signal, now })) {
    written.push(await replaceDocument({ folder, signal, attempt }, document));
  }
  const current = new Set(written.map((document) => document.key));
  let removed = 0;
  for (const place of Object.values(documentFolders(collection, run.short))) {
    removed += await removeOthers(folder, place, current);
  }
  const about = await rootOf(db, run.id);
  await db.transaction().execute(async (trx) => {
    await sql`delete from lazaret_forms.document where run = ${run.id}`.execute(trx);
    for (const document of written) {
      await rememberDocument({ db: trx, now, run: run.id, about }, document);
    }
  });
  return written.length + removed;
}

/** Everything in a folder of the run's own that was not written just now, and what was cut short. */
async function removeOthers(
  folder: string,
  place: string,
  current: ReadonlySet<string>,
): Promise<number> {
  let removed = 0;
  try {
    const names = await readdir(join(folder, place)).catch(nothingThere);
    for (const name of names) {
      const path = join(folder, place, name);
      if (current.has(`${place}/${name}`) || !(await lstat(path)).isFile()) continue;
      await rm(path, { force: true });
      removed += 1;
    }
  } catch (error) {
    throw toFault(error);
  }
  return removed;
}

function nothingThere(error: unknown): string[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
