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
  type RetentionHands,
  type SettledRemovals,
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
  readonly deliveries: { readonly count: number; readonly bytes: number };
  /** Entries of the identity map, the patient's and those of their accessions; null in a dry run. */
  readonly identities: number | null;
  /**
   * Whether the identity map knows the patient; null where the selection is not of a person. Without
   * it, only their deliveries can be found, and nothing more of theirs is recognised later.
   */
  readonly isKnown: boolean | null;
  /** What became of the files; null in a dry run. What is left goes with a later command. */
  readonly files: SettledRemovals | null;
}

/** @throws ReasonMissing, NothingToErase, EraseNotNow, EraseSharesDelivery, ItemNotFound */
export async function erase(hands: RetentionHands, request: EraseRequest): Promise<Erased> {
  const { db, now } = hands;
  const { project, selection, by, dryRun } = request;
  await refuseUnknown(db, project);
  const key = await hands.keyOf(project);
  if (dryRun) {
    const scope = await scopeOf(hands, db, project, key, selection);
    const facts = { ...countsOf(scope), isKnown: isKnown(selection, scope) };
    return { decision: null, ...facts, identities: null, files: null };
  }
  const reason = demandReason(request.reason);
  // First what an earlier erasure could not finish; its items are no longer selected below.
  await settleRemovals(hands);
  const done = await db.transaction().execute(async (trx) => {
    const first = await scopeOf(hands, trx, project, key, selection);
    for (const run of [...new Set(first.lives.map(({ run: id }) => id))].sort()) {
      await lockRun(trx, run);
    }
    await refuseWhileDelivering(hands, trx, project);
    // Once more under the locks: nobody sends these items in again from here on.
    const scope = await scopeOf(hands, trx, project, key, selection);
    const at = now();
    const decision = await recordDecision(
      trx,
      { project, kind: 'erase', by, reason, selection, items: scope.lives },
      at,
    );
    await planRemovals(
      trx,
      decision,
      [
        ...scope.deliveries.map(({ run, key: name }) => ({
          kind: 'delivery' as const,
          run,
          key: name,
        })),
        ...scope.copies.map(({ run, name }) => ({ kind: 'copy' as const, run, key: name })),
      ],
      at,
    );
    await mark(trx, project, key, decision, scope);
    await forget(hands, trx, project, key, decision, scope);
    const identities =
      'subject' in selection ? await forgetPatient(trx, key, selection.subject) : 0;
    return { decision, scope, identities };
  });
  const files = await settleRemovals(hands);
  return {
    decision: done.decision,
    ...countsOf(done.scope),
    isKnown: isKnown(selection, done.scope),
    identities: done.identities,
    files,
  };
}

function isKnown(selection: ErasureSelection, { subjectHashes }: Scope): boolean | null {
  return 'subject' in selection ? subjectHashes.length > 0 : null;
}

function countsOf({
  roots,
  copies,
  deliveries,
}: Scope): Pick<Erased, 'items' | 'copies' | 'deliveries'> {
  return {
    items: roots.length,
    copies: copies.length,
    deliveries: {
      count: deliveries.length,
      bytes: deliveries.reduce((sum, { bytes }) => sum + bytes, 0),
    },
  };
}

/** How the same bytes, or more of the same patient, are recognised if they come again. */
async function mark(
  trx: Trx,
  project: string,
  key: ProjectKey,
  decision: string,
  { digests, subjectHashes }: Scope,
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
  trx: Trx,
  project: string,
  key: ProjectKey,
  decision: string,
  { lives, roots, digests }: Scope,
): Promise<void> {
  const table = lifeTable(lives);
  await sql`insert into lazaret.erased (run, no, decision)
    select l.run, l.no, ${decision}::uuid from ${table} on conflict do nothing`.execute(trx);
  await sql`update lazaret.item i set arrival = null, digest = null, subject = null, facts = '{}'
    from ${table} where l.run = i.run and l.no = i.no`.execute(trx);
  await sql`update lazaret.finding f set sealed = null
    from ${table} where l.run = f.run and l.no = f.item`.execute(trx);
  await sql`update lazaret.copy c set sha256 = ''
    from ${lifeTable(roots)} where l.run = c.run and l.no = c.no`.execute(trx);
  await sql`delete from lazaret.receipt t
    using ${lifeTable(roots)} where l.run = t.run and l.no = t.no`.execute(trx);
  const runs = [...new Set(lives.map(({ run }) => run))];
  const pipelines = await trx
    .selectFrom('lazaret.run')
    .select('pipeline')
    .distinct()
    .where('id', 'in', runs)
    .execute();
  for (const { pipeline } of pipelines) {
    await pipelineOf(pipeline).erasing?.forget(trx, project, digests);
  }
  await forgetRuns(trx, key, runs);
}
