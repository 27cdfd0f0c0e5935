/** A run as documents see it: its files, and the runs that took up some of its items again. */
import { basename } from 'node:path';
import { sql } from 'kysely';
import type { ProjectKey } from '../../../identity/keys.ts';
import { openSource } from '../../../engine/make-run.ts';
import { findRun } from '../../../store/runs.ts';
import type { Db } from '../../../store/open.ts';
import { filesOf } from '../configure.ts';
import { nameFile, openPath } from './file-table.ts';

export interface RunFile {
  /** From 0, as records have it. */
  readonly file: number;
  /** From 1, as people have it. */
  readonly number: number;
  /** Without its folders. May tell who a patient is: for documents only. */
  readonly name: string;
  readonly items: number;
  /** The lowest item of the file, and the one behind its highest; equal where it has none. */
  readonly from: number;
  readonly to: number;
}

export interface FiledRun {
  readonly id: string;
  readonly short: string;
  readonly project: string;
  readonly site: string;
  readonly recipe: string;
  readonly startedAt: Date;
  /** Runs in which items of these files are: this one first, then those that took some up again. */
  readonly lives: readonly string[];
  readonly files: readonly RunFile[];
}

/** The run whose files a run is about: itself, or the one in which its items first arrived. */
export async function rootOf(db: Db, run: string): Promise<string> {
  const row = await db
    .selectFrom('lazaret.descent')
    .select('root_run')
    .where('run', '=', run)
    .limit(1)
    .executeTakeFirst();
  return row?.root_run ?? run;
}

/** @throws SealDamaged, SealKeyDiffers */
export async function findFiled(db: Db, key: ProjectKey, id: string): Promise<FiledRun> {
  const run = await findRun(db, id);
  if (run === null) throw new Error('Documents are written of a run that is there.');
  const { short, project, site, recipe } = run;
  const later = await sql<{ run: string }>`
    select d.run from lazaret.descent d join lazaret.run r on r.id = d.run
    where d.root_run = ${id} group by d.run, r.created_at order by r.created_at, d.run`.execute(db);
  return {
    ...{ id, short, project, site, recipe, startedAt: run.created_at },
    lives: [id, ...later.rows.map((row) => row.run)],
    files: await readFiles(db, key, id),
  };
}

/** Names the files that no stage has met: empty ones, and those that could not be read at all. */
export async function nameAllFiles(db: Db, key: ProjectKey, id: string): Promise<void> {
  const run = await findRun(db, id);
  if (run === null) return;
  const location = openSource(key, run);
  // What was erased has no location any more, and needs none.
  if (!location.startsWith('[')) return;
  for (const [file, path] of filesOf(location).entries()) await nameFile(db, key, id, file, path);
}

async function readFiles(db: Db, key: ProjectKey, run: string): Promise<RunFile[]> {
  const { rows } = await sql<{
    file: number;
    path: Uint8Array;
    items: number;
    first: number | null;
    behind: number | null;
  }>`
    select f.file, f.path, coalesce(p.items, 0)::bigint as items, p.first, p.behind
    from lazaret_forms.file f
    left join (
      select file, sum(upper(r) - lower(r))::bigint as items, min(lower(r)) as first,
        max(upper(r)) as behind
      from lazaret_forms.published_file_part, unnest(refs) r
      where run = ${run} group by file
    ) p on p.file = f.file
    where f.run = ${run} order by f.file`.execute(db);
  return rows.map(({ file, path, items, first, behind }) => ({
    file,
    number: file + 1,
    name: basename(openPath(key, path)),
    items,
    from: first ?? 0,
    to: behind ?? 0,
  }));
}
