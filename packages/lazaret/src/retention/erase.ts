/**
 * An erasure: a patient withdraws, or something was sent that should not have been. What says who it
 * was goes: copies, deliveries, sealed places and values, digests, and the line of the identity map.
 * What the ledger needs stays: that so many items came, how each of them ended, under which code,
 * and who decided to erase them, when and why. One transaction makes it count; files follow, and
 * are found again after a crash.
 */
import { sql } from 'kysely';
import { demandReason } from '../engine/decisions.ts';
import { bytesHash } from '../engine/erased.ts';
import { forgetPatient } from '../identity/forgotten.ts';
import type { ProjectKey } from '../identity/keys.ts';
import type { Forgetting, Forgotten, ItemLife, SettledFiles } from '../engine/pipeline.ts';
import { lockRun, type Trx } from '../store/runs.ts';
import { refuseWhileDelivering } from './at-work.ts';
import { forgetRuns } from './forgotten-runs.ts';
import {
  lifeTable,
  refuseUnknown,
  scopeOf,
  type ErasureSelection,
  type Scope,
} from './erasure-scope.ts';
import {
  planRemovals,
  recordDecision,
  settleRemovals,
  type PlannedRemoval,
  type RetentionHands,
} from './removals.ts';

export interface EraseRequest {
  readonly project: string;
  readonly selection: ErasureSelection;
  readonly by: string;
  readonly reason: string | null;
  readonly dryRun: boolean;
}

export interface Erased {
  /** Null in a dry run. */
  readonly decision: string | null;
  readonly items: number;
  readonly copies: number;
  /** Deliveries that go as a whole. */
  readonly deliveries: { readonly count: number; readonly bytes: number };
  /**
   * What goes of tables and files that hold others as well, by what it is called; null where the
   * erasure is about no pipeline that has such.
   */
  readonly shared: Readonly<Record<string, number>> | null;
  /** Entries of the identity map, the patient's and those of their accessions; null in a dry run. */
  readonly identities: number | null;
  /**
   * Whether the identity map knows the patient; null where the selection is not of a person. Without
   * it, only their deliveries can be found, and nothing more of theirs is recognised later.
   */
  readonly isKnown: boolean | null;
  /** Other names of the same person, whose data stays. */
  readonly otherNames: number;
  /** What became of the files; null in a dry run. What is left goes with a later command. */
  readonly files: SettledFiles | null;
}

/** @throws ReasonMissing, NothingToErase, EraseNotNow, EraseSharesDelivery, ItemNotFound */
export async function erase(hands: RetentionHands, request: EraseRequest): Promise<Erased> {
  const { db } = hands;
  const { project, dryRun } = request;
  await refuseUnknown(db, project);
  const key = await hands.keyOf(project);
  if (dryRun) {
    const trx = await db.startTransaction().execute();
    try {
      // What goes is found out by forgetting it; then none of it has happened.
      const { done } = await forgetAll(hands, trx, key, request);
      return { ...done, decision: null, identities: null, files: null };
    } finally {
      await trx.rollback().execute();
    }
  }
  demandReason(request.reason);
  // First what an earlier erasure could not finish; its items are no longer selected below.
  await settleRemovals(hands);
  const done = await db.transaction().execute(async (trx) => {
    const { selection } = request;
    const first = await scopeOf(hands, trx, project, key, selection);
    for (const run of [...new Set(first.lives.map(({ run: id }) => id))].sort()) {
      await lockRun(trx, run);
    }
    await refuseWhileDelivering(hands, trx, project, await concernedBy(trx, first));
    // Once more under the locks: nobody sends these items in again from here on.
    const forgotten = await forgetAll(hands, trx, key, request);
    await planRemovals(trx, forgotten.done.decision, filesOf(forgotten.scope), hands.now());
    const identities =
      'subject' in selection ? await forgetPatient(trx, key, selection.subject) : 0;
    return { ...forgotten.done, identities };
  });
  return { ...done, files: await settleRemovals(hands) };
}

/** Everything but files, within a transaction. */
async function forgetAll(
  hands: RetentionHands,
  trx: Trx,
  key: ProjectKey,
  { project, selection, by, reason }: EraseRequest,
): Promise<{
  readonly scope: Scope;
  readonly done: Omit<Erased, 'identities' | 'files' | 'decision'> & { readonly decision: string };
}> {
  const scope = await scopeOf(hands, trx, project, key, selection);
  const concerned = await concernedBy(trx, scope);
  const at = hands.now();
  const recorded = { project, kind: 'erase' as const, by, reason, items: scope.lives };
  const decision = await recordDecision(
    trx,
    { ...recorded, selection: recordedSelection(selection, scope) },
    at,
  );
  const { deliveries, counts, digests } = await forget(
    hands,
    { db: trx, key, project, decision, at },
    concerned,
    scope,
  );
  await mark(trx, project, key, decision, {
    ...scope,
    digests: [...scope.digests, ...digests],
  });
  const isShared = concerned.some((name) => hands.pipelineOf(name).erasing?.shared !== undefined);
  return {
    scope,
    done: {
      ...{ decision, ...countsOf(scope, deliveries), otherNames: scope.otherNames },
      shared: isShared ? counts : null,
      isKnown: 'subject' in selection ? scope.subjectHashes.length > 0 : null,
    },
  };
}

/** A pseudonym says who somebody was to nobody but us; what sites call a person may not stay. */
function recordedSelection(
  selection: ErasureSelection,
  { subjects, subjectHashes }: Scope,
): unknown {
  return subjects.size === 0 ? selection : { subjects: subjectHashes };
}

/** The pipelines that an erasure is about. */
async function concernedBy(trx: Trx, { lives, subjects }: Scope): Promise<string[]> {
  const rows = await trx
    .selectFrom('lazaret.run')
    .select('pipeline')
    .distinct()
    .where(sql<boolean>`id = any(${runsOf(lives)}::uuid[])`)
    .execute();
  return [...new Set([...rows.map(({ pipeline }) => pipeline), ...subjects.keys()])];
}

function runsOf(lives: readonly ItemLife[]): string[] {
  return [...new Set(lives.map(({ run }) => run))];
}

function filesOf({ deliveries, copies }: Scope): PlannedRemoval[] {
  return [
    ...deliveries.map(({ run, key }) => ({ kind: 'delivery' as const, run, key })),
    ...copies.map(({ run, name }) => ({ kind: 'copy' as const, run, key: name })),
  ];
}

function countsOf(
  { roots, copies, deliveries }: Scope,
  besides: Forgotten['deliveries'],
): Pick<Erased, 'items' | 'copies' | 'deliveries'> {
  return {
    items: roots.length,
    copies: copies.length,
    deliveries: {
      count: deliveries.length + besides.count,
      bytes: deliveries.reduce((sum, { bytes }) => sum + bytes, besides.bytes),
    },
  };
}

/** How the same bytes, or more of the same patient, are recognised if they come again. */
async function mark(
  trx: Trx,
  project: string,
  key: ProjectKey,
  decision: string,
  { digests, subjectHashes }: Pick<Scope, 'digests' | 'subjectHashes'>,
): Promise<void> {
  const marks = [
    ...digests.map((digest) => ({ kind: 'bytes' as const, hash: bytesHash(key, digest) })),
    ...subjectHashes.map((hash) => ({ kind: 'subject' as const, hash })),
  ];
  for (let from = 0; from < marks.length; from += ROWS_AT_ONCE) {
    await trx
      .insertInto('lazaret.erased_mark')
      .values(
        marks.slice(from, from + ROWS_AT_ONCE).map((each) => ({ project, decision, ...each })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

const ROWS_AT_ONCE = 1_000;

async function forget(
  { pipelineOf }: RetentionHands,
  context: Pick<Forgetting, 'db' | 'key' | 'project' | 'decision' | 'at'>,
  concerned: readonly string[],
  { lives, digests, subjects }: Scope,
): Promise<Forgotten> {
  const { db: trx, key, decision } = context;
  await sql`insert into lazaret.erased (run, no, decision)
    select l.run, l.no, ${decision}::uuid from ${lifeTable(lives)} on conflict do nothing`.execute(
    trx,
  );
  const counts: Record<string, number> = {};
  const deliveries = { count: 0, bytes: 0 };
  const recognised: string[] = [];
  for (const name of concerned) {
    const forgotten = await pipelineOf(name).erasing?.forget({
      ...context,
      ...{ items: await livesIn(trx, name, lives), digests, subjects: subjects.get(name) ?? [] },
    });
    deliveries.count += forgotten?.deliveries.count ?? 0;
    deliveries.bytes += forgotten?.deliveries.bytes ?? 0;
    Object.assign(counts, forgotten?.counts);
    for (const digest of forgotten?.digests ?? []) recognised.push(digest);
  }
  const mine = sql`lazaret.erased l where l.decision = ${decision}::uuid`;
  await sql`update lazaret.item i set arrival = null, digest = null, subject = null, facts = '{}'
    from ${mine} and l.run = i.run and l.no = i.no`.execute(trx);
  await sql`update lazaret.finding f set sealed = null
    from ${mine} and l.run = f.run and l.no = f.item`.execute(trx);
  await sql`update lazaret.copy c set sha256 = ''
    from ${mine} and l.run = c.run and l.no = c.no`.execute(trx);
  await sql`delete from lazaret.receipt t
    using ${mine} and l.run = t.run and l.no = t.no`.execute(trx);
  await forgetRuns(trx, key, runsOf(lives));
  return { deliveries, counts, digests: recognised };
}

async function livesIn(
  trx: Trx,
  pipeline: string,
  lives: readonly ItemLife[],
): Promise<readonly ItemLife[]> {
  const rows = await trx
    .selectFrom('lazaret.run')
    .select('id')
    .where('pipeline', '=', pipeline)
    .where(sql<boolean>`id = any(${runsOf(lives)}::uuid[])`)
    .execute();
  const runs = new Set(rows.map(({ id }) => id));
  return lives.filter(({ run }) => runs.has(run));
}
