/** The files of a run and what was found in them: written by the stages, read by the documents. */
import { sql } from 'kysely';
import type { LotResult } from '../../../engine/lot.ts';
import type { BatchContext } from '../../../engine/pipeline.ts';
import type { ProjectKey } from '../../../identity/keys.ts';
import { toMultirange } from '../../../store/item-set.ts';
import type { Db } from '../../../store/open.ts';
import type { FormsTools } from '../tools.ts';
import { countFound, packFound } from './found-kinds.ts';

/** The items that a batch has of a file. */
export interface FilePart {
  readonly file: number;
  readonly path: string;
  /** As an int8multirange: there are thousands of them, one behind the other. */
  readonly refs: string;
}

const PATH_CONTEXT = 'forms-file';

export function filePart(file: number, path: string, items: readonly number[]): FilePart {
  return { file, path, refs: toMultirange(items) };
}

/** Called behind the first stage. Parts count when the attempt is published. */
export async function keepFileParts(
  parts: readonly FilePart[],
  { db, batch, key }: BatchContext<FormsTools>,
): Promise<void> {
  const { run, batch: id, attempt } = batch;
  await sql`delete from lazaret_forms.file_part
    where batch = ${id} and attempt < ${attempt}`.execute(db);
  for (const { file, path, refs } of parts) {
    await nameFile(db, key, run, file, path);
    await sql`insert into lazaret_forms.file_part (run, batch, attempt, file, refs)
      values (${run}, ${id}, ${attempt}, ${file}, ${refs}::int8multirange)`.execute(db);
  }
}

/** The first name stays: all attempts and stretches have the same one. */
export async function nameFile(
  db: Db,
  key: ProjectKey,
  run: string,
  file: number,
  path: string,
): Promise<void> {
  const sealed = Buffer.from(sealPath(key, path));
  await sql`insert into lazaret_forms.file (run, file, path)
    values (${run}, ${file}, ${sealed}::bytea) on conflict do nothing`.execute(db);
}

export function sealPath(key: ProjectKey, path: string): Uint8Array {
  return key.sealJson(path, PATH_CONTEXT);
}

/** @throws SealDamaged, SealKeyDiffers */
export function openPath(key: ProjectKey, sealed: Uint8Array): string {
  return String(key.unsealJson(sealed, PATH_CONTEXT));
}

/** Called behind every stage: what it found, counted. */
export async function keepFound(
  result: LotResult,
  { db, batch, key, tools }: BatchContext<FormsTools>,
  batchFile = 0,
): Promise<void> {
  const { run, batch: id, attempt } = batch;
  await sql`delete from lazaret_forms.found
    where batch = ${id} and attempt < ${attempt}`.execute(db);
  const found = countFound(result, tools.configuration.study.keys, batchFile);
  if (found.kinds.length === 0) return;
  await sql`insert into lazaret_forms.found (run, batch, attempt, payload)
    values (${run}, ${id}, ${attempt}, ${Buffer.from(packFound(key, found))}::bytea)`.execute(db);
}
