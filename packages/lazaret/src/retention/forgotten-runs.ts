/**
 * Where a run's data came from. A folder may be called after a patient, so it is forgotten when
 * nothing is left of what came out of it; while something is, a replay needs it.
 */
import { sql } from 'kysely';
import { sealSource } from '../engine/make-run.ts';
import type { ProjectKey } from '../identity/keys.ts';
import type { Trx } from '../store/runs.ts';

/** Stands where a place stood. */
const ERASED = '(erased)';
const ARRIVAL_CONTEXT = 'arrival';

export async function forgetRuns(
  trx: Trx,
  key: ProjectKey,
  touched: readonly string[],
): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select r.id from lazaret.run r
    where r.id = any(${[...touched]}::uuid[]) and r.next_item - 1 =
      (select count(*) from lazaret.erased e where e.run = r.id)`.execute(trx);
  const runs = rows.map(({ id }) => id);
  if (runs.length === 0) return;
  const source = Buffer.from(sealSource(key, ERASED));
  await sql`update lazaret.run set source = ${source}, checkpoint = null
    where id = any(${runs}::uuid[])`.execute(trx);
  // Findings about the source stand on the run, and name what they are about.
  await sql`update lazaret.finding set sealed = null
    where run = any(${runs}::uuid[]) and item is null`.execute(trx);
  // The watcher goes by the keyed hash, which stays: else it would take the folder once more.
  const name = Buffer.from(key.sealJson(ERASED, ARRIVAL_CONTEXT));
  await sql`update lazaret.arrival set name = ${name} where run = any(${runs}::uuid[])`.execute(
    trx,
  );
}
