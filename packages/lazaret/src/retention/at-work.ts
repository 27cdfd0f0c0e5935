/** Whether anything is on its way out that an erasure would come too late for. */
import { sql } from 'kysely';
import { engineCodes } from '../engine/codes.ts';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import type { RetentionHands } from './removals.ts';

const MOST_RUNS = 10;

/**
 * A batch that was looked through for what was erased before this erasure, and delivers after it,
 * would bring back what was to go. So none may be at work behind that look; and none begins until
 * the erasure is committed, because a claim has to change the table that is locked here.
 * @param concerned pipelines that the erasure is about
 * @throws EraseNotNow
 */
export async function refuseWhileDelivering(
  { pipelineOf }: Pick<RetentionHands, 'pipelineOf'>,
  trx: Trx,
  project: string,
  concerned: readonly string[],
): Promise<void> {
  await sql`lock table lazaret.batch in share row exclusive mode`.execute(trx);
  const shared = concerned.filter((name) => pipelineOf(name).erasing?.shared !== undefined);
  refuseFor(await runsUnderWay(trx, project, shared));
  const atWork = await trx
    .selectFrom('lazaret.batch as b')
    .innerJoin('lazaret.run as r', 'r.id', 'b.run')
    .select(['r.short', 'r.pipeline', 'b.stage'])
    .distinct()
    .where('b.status', '=', 'processing')
    .where('r.project', '=', project)
    // What was interrupted begins its batches anew, and looks again.
    .where('r.status', 'in', ['running', 'paused', 'stop-requested'])
    .execute();
  const runs = atWork
    .filter(({ pipeline, stage }) => pipelineOf(pipeline).stages[stage]?.dedupe === true)
    .map(({ short }) => short);
  refuseFor(runs);
}

/**
 * Runs that somebody works on, by their short names. Where batches hold many persons each, any of
 * them may be about the one who is to go, up to the documents that are written in the end.
 */
export async function runsUnderWay(
  db: Db | Trx,
  project: string,
  pipelines: readonly string[],
): Promise<string[]> {
  if (pipelines.length === 0) return [];
  const rows = await db
    .selectFrom('lazaret.run')
    .select('short')
    .where('project', '=', project)
    .where('pipeline', 'in', [...pipelines])
    .where('status', 'in', ['running', 'paused', 'stop-requested'])
    .execute();
  return rows.map(({ short }) => short);
}

/** @param runs whose items are on their way, by their short names @throws EraseNotNow if there is one */
export function refuseFor(runs: readonly string[]): void {
  if (runs.length === 0) return;
  throw engineCodes.fault('EraseNotNow', { runs: [...new Set(runs)].slice(0, MOST_RUNS) });
}
