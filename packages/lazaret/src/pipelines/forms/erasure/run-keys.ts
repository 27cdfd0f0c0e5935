/** Which columns say whom a record is about, in each run of a project. */
import { sql } from 'kysely';
import type { Db } from '../../../store/open.ts';
import { subjectKeysSchema, type SubjectKeys } from '../study.ts';

/** By run. The study itself is left where it is: it may be large. */
export async function keysOfRuns(
  db: Db,
  project: string,
): Promise<ReadonlyMap<string, SubjectKeys>> {
  const { rows } = await sql<{ id: string; keys: unknown }>`
    select id, configuration->'study'->'keys' as keys from lazaret.run
    where project = ${project} and pipeline = 'forms'`.execute(db);
  return new Map(rows.map(({ id, keys }) => [id, subjectKeysSchema.parse(keys ?? {})]));
}

/** Columns that ids of subjects were written to. */
export async function subjectColumns(db: Db, project: string): Promise<string[]> {
  const keys = await keysOfRuns(db, project);
  return [...new Set([...keys.values()].map(({ subject }) => subject))];
}
