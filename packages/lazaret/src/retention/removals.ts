/**
 * Removing files for good. What is to go is written down together with the decision; then it is
 * removed, one file after the other, each as often as it takes. A crash in between, or a folder that
 * is not mounted, leaves open removals behind: whatever works on a run or removes anything next
 * brings them to an end.
 */
import { toFault, type Fault } from '@lazaret/faults';
import { removeCopy } from '../copies/copy-folder.ts';
import type { AnyPipeline, SettledFiles } from '../engine/pipeline.ts';
import type { ProjectKey } from '../identity/keys.ts';
import type { Db } from '../store/open.ts';
import { findRun, type RunRow, type Trx } from '../store/runs.ts';

/** What removing files takes. */
export interface RemovalHands {
  readonly db: Db;
  /** Folder of the copies of originals. */
  readonly copies: string;
  readonly now: () => Date;
  readonly pipelines: readonly AnyPipeline[];
  pipelineOf(name: string): AnyPipeline;
  keyOf(project: string): Promise<ProjectKey>;
}

export interface RetentionHands extends RemovalHands {
  /** Folder of what attempts stage. */
  readonly staging: string;
}

export interface PlannedRemoval {
  readonly kind: 'copy' | 'delivery';
  readonly run: string;
  readonly key: string;
}

const ROWS_AT_ONCE = 1_000;

/** Writes down what is to go. */
export async function planRemovals(
  trx: Trx,
  decision: string,
  planned: readonly PlannedRemoval[],
  now: Date,
): Promise<void> {
  for (let from = 0; from < planned.length; from += ROWS_AT_ONCE) {
    await trx
      .insertInto('lazaret.removal')
      .values(
        planned.slice(from, from + ROWS_AT_ONCE).map((removal) => ({
          id: crypto.randomUUID(),
          decision,
          ...removal,
          state: 'open' as const,
          opened_at: now,
          settled_at: null,
        })),
      )
      .execute();
  }
}

/**
 * Removes everything that was written down and is not gone yet. One that cannot be removed keeps
 * none of the others: the folder of an old run may be gone for good.
 * @throws the faults of the store
 */
export async function settleRemovals(hands: RemovalHands): Promise<SettledFiles> {
  const settled = [await settleWholeFiles(hands)];
  for (const { erasing } of hands.pipelines) {
    if (erasing?.shared !== undefined) settled.push(await erasing.shared.settle(hands));
  }
  return {
    removed: settled.reduce((sum, { removed }) => sum + removed, 0),
    left: settled.reduce((sum, { left }) => sum + left, 0),
    fault: settled.find(({ fault }) => fault !== null)?.fault ?? null,
  };
}

async function settleWholeFiles(hands: RemovalHands): Promise<SettledFiles> {
  const open = await hands.db
    .selectFrom('lazaret.removal')
    .select(['id', 'kind', 'run', 'key'])
    .where('state', '=', 'open')
    .orderBy('opened_at')
    .execute();
  const runs = new Map<string, RunRow | null>();
  let removed = 0;
  let left = 0;
  let fault: Fault | null = null;
  for (const { id, kind, run: runId, key } of open) {
    const run = runs.has(runId) ? runs.get(runId) : await findRun(hands.db, runId);
    runs.set(runId, run ?? null);
    let was: boolean;
    try {
      was = kind === 'copy' ? await removeCopy(hands.copies, key) : await takeBack(hands, run, key);
    } catch (error) {
      const failure = toFault(error);
      if (failure.code === 'UnknownError') throw error;
      left += 1;
      fault ??= failure;
      continue;
    }
    if (was) removed += 1;
    await hands.db.transaction().execute(async (trx) => {
      const at = hands.now();
      await trx
        .updateTable('lazaret.removal')
        .set({ state: was ? 'done' : 'missing', settled_at: at })
        .where('id', '=', id)
        // Of two that remove at once, the one that found it says so.
        .where('state', '=', 'open')
        .execute();
      if (kind !== 'copy') return;
      await trx
        .updateTable('lazaret.copy')
        .set({ state: 'removed', removed_at: at })
        .where('name', '=', key)
        .execute();
    });
  }
  return { removed, left, fault };
}

async function takeBack(
  hands: RemovalHands,
  run: RunRow | null | undefined,
  key: string,
): Promise<boolean> {
  if (run === null || run === undefined) return false;
  const { erasing } = hands.pipelineOf(run.pipeline);
  return (await erasing?.removeDelivery(run.configuration, key)) ?? false;
}

export interface RetentionDecision {
  readonly project: string;
  readonly kind: 'retain' | 'erase';
  readonly by: string;
  readonly reason: string | null;
  readonly selection: unknown;
  readonly items: readonly { readonly run: string; readonly no: number }[];
}

/** Records a decision in the append-only record. @returns its id */
export async function recordDecision(
  trx: Trx,
  { items, selection, ...decision }: RetentionDecision,
  now: Date,
): Promise<string> {
  const id = crypto.randomUUID();
  await trx
    .insertInto('lazaret.decision')
    .values({ id, ...decision, at: now, selection: JSON.stringify(selection), run: null })
    .execute();
  for (let from = 0; from < items.length; from += ROWS_AT_ONCE) {
    await trx
      .insertInto('lazaret.decision_item')
      .values(
        items
          .slice(from, from + ROWS_AT_ONCE)
          .map(({ run, no }) => ({ decision: id, run, no, code: null })),
      )
      .execute();
  }
  return id;
}
