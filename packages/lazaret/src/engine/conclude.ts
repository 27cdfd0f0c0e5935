/**
 * The conclusion of a run: what sums it up is written when nothing is under way any more, and only
 * then does the run count as complete. A process that dies in between leaves a run that is taken up
 * again with nothing to do but this.
 */
import { sql } from 'kysely';
import { countUnfinished } from '../store/batches.ts';
import { advance } from './advance.ts';
import { lockOwnRun } from './own-run.ts';
import type { RunContext } from './run-context.ts';

/** Fewer are found quickly whatever the planner thinks. */
const MANY_ITEMS = 10_000;

/** Concludes the run if everything else is done. @throws RunTakenOver, what `conclude` lets escape. */
export async function concludeIfDue(context: RunContext): Promise<void> {
  const { db, key, now, pipeline, run, signal, tools } = context;
  if (pipeline.conclude === undefined) return;
  const due = await db.transaction().execute(async (trx) => {
    const row = await lockOwnRun(trx, context);
    if (!row.source_done || row.concluded) return null;
    return (await countUnfinished(trx, run.id, pipeline.stages.length)) === 0 ? row : null;
  });
  if (due === null) return;
  // The planner does not know yet of what the run has just written: it would take a large table for
  // an empty one. Autovacuum comes later, if at all.
  if (due.next_item > MANY_ITEMS) {
    await sql`analyze lazaret.item, lazaret.finding, lazaret.outcome, lazaret.batch`.execute(db);
  }
  await pipeline.conclude({ run, tools, db, key, signal, now });
  await db.transaction().execute(async (trx) => {
    const row = await lockOwnRun(trx, context);
    await trx
      .updateTable('lazaret.run')
      .set({ concluded: true })
      .where('id', '=', run.id)
      .execute();
    await advance(trx, context, { ...row, concluded: true });
  });
}
