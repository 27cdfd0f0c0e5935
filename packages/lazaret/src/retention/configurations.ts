/** What runs of a project were configured with: where they delivered to, and how they tell patients. */
import { sql } from 'kysely';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';

export interface UsedConfiguration {
  readonly pipeline: string;
  readonly configuration: unknown;
}

/** Each one once. They are kept as they were written, so they are compared as text. */
export async function configurationsOf(
  db: Db | Trx,
  project: string,
): Promise<readonly UsedConfiguration[]> {
  const { rows } = await sql<UsedConfiguration>`
    select distinct on (r.pipeline, r.configuration::text) r.pipeline, r.configuration
    from lazaret.run r where r.project = ${project}`.execute(db);
  return rows;
}
