/**
 * Forgetting names of files, which may be those of people: where nothing is left of a file, neither
 * is its path. While others of it are there, their replay needs it.
 */
import { sql } from 'kysely';
import type { Forgetting } from '../../../engine/pipeline.ts';
import { openSource, sealSource } from '../../../engine/make-run.ts';
import { findRun } from '../../../store/runs.ts';
import { sealPath } from '../documents/file-table.ts';

/** Stands where a path stood. */
const ERASED = '(erased)';

/** @throws SealDamaged, SealKeyDiffers */
export async function forgetFiles({ db, key, decision }: Forgetting): Promise<void> {
  const { rows } = await sql<{ run: string; file: number }>`
    with touched as (
      select run, range_agg(int8range(no, no + 1)) as refs from lazaret.erased
      where run in (select run from lazaret.erased where decision = ${decision}::uuid) group by run
    ), parts as (
      select p.run, p.file, range_agg(p.refs) as refs from lazaret_forms.published_file_part p
      join touched t on t.run = p.run group by p.run, p.file
    )
    select p.run, p.file from parts p join touched t on t.run = p.run
    where p.refs <@ t.refs`.execute(db);
  const path = Buffer.from(sealPath(key, ERASED));
  // A file without a record is in no part: it goes with the last record of its run.
  await sql`update lazaret_forms.file f set path = ${path}::bytea
    where f.run in (select run from lazaret.erased where decision = ${decision}::uuid)
      and (select r.next_item - 1 from lazaret.run r where r.id = f.run)
        = (select count(*) from lazaret.erased e where e.run = f.run)`.execute(db);
  for (const [id, files] of Map.groupBy(rows, ({ run }) => run)) {
    const numbers = new Set(files.map(({ file }) => file));
    await sql`update lazaret_forms.file set path = ${path}::bytea
      where run = ${id} and file = any(${[...numbers]}::int[])`.execute(db);
    const run = await findRun(db, id);
    if (run === null || !run.source_done) continue;
    const location = openSource(key, run);
    if (!location.startsWith('[')) continue;
    const paths = (JSON.parse(location) as readonly string[]).map((one, file) =>
      numbers.has(file) ? ERASED : one,
    );
    const source = Buffer.from(sealSource(key, JSON.stringify(paths)));
    // Where its reading had come to is of use to nobody any more, and may quote a first row.
    await sql`update lazaret.run set source = ${source}::bytea, checkpoint = null
      where id = ${id}`.execute(db);
  }
}
