/**
 * A retention: what is bulky and no longer needed goes. Records never do: items, findings, tallies,
 * decisions and deliveries stay for good.
 */
import { readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { toFault } from '@lazaret/faults';
import { sql } from 'kysely';
import { ASIDE } from '../copies/copy-folder.ts';
import type { AnyPipeline, SettledFiles } from '../engine/pipeline.ts';
import { FINAL_STATUSES } from '../store/runs.ts';
import { configurationsOf } from './configurations.ts';
import { planRemovals, recordDecision, settleRemovals, type RetentionHands } from './removals.ts';

export interface RetentionRequest {
  readonly project: string;
  readonly olderThan: Date;
  readonly by: string;
  readonly dryRun: boolean;
}

export interface Retained {
  /** Null in a dry run. */
  readonly decision: string | null;
  /** What became of the files; null in a dry run. What is left goes with a later command. */
  readonly files: SettledFiles | null;
  readonly copies: {
    readonly count: number;
    readonly bytes: number;
    /** Of these, copies of what is still held: a replay then needs the original. */
    readonly ofHeld: number;
  };
  /** Folders that attempts of ended runs left behind. */
  readonly staged: number;
  /** Files that deliveries and copies left aside when they were cut short; null in a dry run. */
  readonly aside: number | null;
  /** Rows of attempts that do not count, and sealed values that nobody needs any more. */
  readonly rows: number;
}

/** What was cut short this long ago is nobody's work any more. */
const ASIDE_MS = 24 * 60 * 60 * 1_000;

/** @throws the faults of the store and of the data folder */
export async function retain(hands: RetentionHands, request: RetentionRequest): Promise<Retained> {
  const { db } = hands;
  const copies = await oldCopies(hands, request);
  const facts = {
    count: copies.length,
    bytes: copies.reduce((sum, { sealedBytes }) => sum + sealedBytes, 0),
    ofHeld: copies.filter(({ isHeld }) => isHeld).length,
  };
  const staged = await stagedLeftovers(hands);
  if (request.dryRun) {
    return {
      decision: null,
      files: null,
      copies: facts,
      staged: staged.length,
      aside: null,
      rows: await deadRows(hands, request, false),
    };
  }
  await settleRemovals(hands);
  const at = hands.now();
  const decision = await db.transaction().execute(async (trx) => {
    const id = await recordDecision(
      trx,
      {
        project: request.project,
        kind: 'retain',
        by: request.by,
        reason: null,
        selection: { olderThan: request.olderThan.toISOString(), copies: facts.count },
        items: copies,
      },
      at,
    );
    await planRemovals(
      trx,
      id,
      copies.map(({ run, name }) => ({ kind: 'copy', run, key: name })),
      at,
    );
    return id;
  });
  const files = await settleRemovals(hands);
  // Looked up once more: a run that was resumed meanwhile stages there.
  for (const folder of await stagedLeftovers(hands)) {
    await rm(folder, { recursive: true, force: true });
  }
  const rows = await deadRows(hands, request, true);
  return {
    decision,
    files,
    copies: facts,
    staged: staged.length,
    aside: (await tidySinks(hands, request.project)) + (await tidyCopies(hands)),
    rows,
  };
}

/** Copies that are old, whatever became of what they are of, but for those that a run may read now. */
async function oldCopies(
  { db }: RetentionHands,
  { project, olderThan }: RetentionRequest,
): Promise<{ run: string; no: number; name: string; sealedBytes: number; isHeld: boolean }[]> {
  const { rows } = await sql<{
    run: string;
    no: number;
    name: string;
    sealedBytes: number;
    isHeld: boolean;
  }>`
    with kept as (
      select c.run, c.no, c.name, c.sealed_bytes, c.made_at,
        exists (select 1 from lazaret.held_item h where h.run = c.run and h.no = c.no)
          or exists (select 1 from lazaret.descent d
            join lazaret.held_item h on h.run = d.run and h.no = d.no
            where d.root_run = c.run and d.root_no = c.no) as is_held
      from lazaret.copy c join lazaret.run r on r.id = c.run
      where c.state = 'kept' and r.project = ${project} and not exists (
        select 1 from lazaret.descent d join lazaret.run u on u.id = d.run
        where d.root_run = c.run and d.root_no = c.no
          and u.status in ('new', 'running', 'paused', 'stop-requested'))
    )
    select run, no, name, sealed_bytes as "sealedBytes", is_held as "isHeld" from kept
    where made_at < ${olderThan} order by made_at, run, no`.execute(db);
  return rows;
}

/** Folders of runs that are over: whoever made them was killed before tidying up. */
async function stagedLeftovers({ db, staging }: RetentionHands): Promise<string[]> {
  const names = await readdir(staging).catch(nothingThere);
  const live = new Set(
    (
      await db
        .selectFrom('lazaret.run')
        .select('id')
        .where('status', 'not in', [...FINAL_STATUSES])
        .execute()
    ).map(({ id }) => id),
  );
  return names.filter((name) => !live.has(name)).map((name) => join(staging, name));
}

/** What cut-short deliveries left in the sinks that runs of this project went to. */
async function tidySinks(hands: RetentionHands, project: string): Promise<number> {
  const before = new Date(hands.now().getTime() - ASIDE_MS);
  let removed = 0;
  for (const { pipeline, configuration } of await configurationsOf(hands.db, project)) {
    removed += await tidySink(hands.pipelineOf(pipeline), configuration, before);
  }
  return removed;
}

/** The folder of an old run may be gone for good, and what was left in it with it. */
async function tidySink(
  { erasing }: AnyPipeline,
  configuration: unknown,
  before: Date,
): Promise<number> {
  try {
    return (await erasing?.tidy(configuration, before)) ?? 0;
  } catch (error) {
    if (toFault(error).code !== 'FileNotFound') throw error;
    return 0;
  }
}

/** What cut-short copies left beside the whole ones. */
async function tidyCopies({ copies, now }: RetentionHands): Promise<number> {
  const before = now().getTime() - ASIDE_MS;
  const entries = await readdir(copies, { recursive: true }).catch(nothingThere);
  let removed = 0;
  for (const name of entries.filter((entry) => entry.endsWith(ASIDE))) {
    const path = join(copies, name);
    if ((await stat(path)).mtimeMs >= before) continue;
    await unlink(path);
    removed += 1;
  }
  return removed;
}

/**
 * Rows of runs that were complete before: what attempts had staged that do not count, and sealed
 * values of items that are through. Everybody reads past them.
 */
async function deadRows(
  { db }: RetentionHands,
  { project, olderThan }: RetentionRequest,
  isForReal: boolean,
): Promise<number> {
  const over = sql`select b.id from lazaret.batch b join lazaret.run r on r.id = b.run
    where r.project = ${project} and r.status = 'complete' and r.finished_at < ${olderThan}`;
  let rows = 0;
  for (const table of ['outcome', 'item', 'finding', 'tally', 'delivery'] as const) {
    const condition = sql`t.batch in (${over}) and t.attempt is distinct from
      (select b.published_attempt from lazaret.batch b where b.id = t.batch)`;
    rows += await countOrDo(
      db,
      isForReal
        ? sql`delete from ${sql.table(`lazaret.${table}`)} t where ${condition}`
        : sql`select 1 from ${sql.table(`lazaret.${table}`)} t where ${condition}`,
    );
  }
  const payloads = sql`t.payload is not null and t.target in (${over})`;
  rows += await countOrDo(
    db,
    isForReal
      ? sql`update lazaret.parcel t set payload = null where ${payloads}`
      : sql`select 1 from lazaret.parcel t where ${payloads}`,
  );
  return rows;
}

async function countOrDo(
  db: RetentionHands['db'],
  statement: ReturnType<typeof sql>,
): Promise<number> {
  const { rows, numAffectedRows } = await statement.execute(db);
  return numAffectedRows === undefined ? rows.length : Number(numAffectedRows);
}

function nothingThere(error: unknown): string[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
