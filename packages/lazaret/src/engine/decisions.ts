/**
 * What people decide about held items. A decision is recorded first, append-only: who, when, why,
 * over what. Then a child run carries it out, because closed runs do not change; where an item
 * stands now is a view over that lineage.
 *
 * Two people may decide about the same items at the same moment. The runs that the items are of are
 * locked while a decision is made and its child runs are put together, so that the second one sees
 * what the first has taken, and is told.
 */
import type { Catalogue } from '@lazaret/faults';
import type { Db } from '../store/open.ts';
import { lockRun, type Trx } from '../store/runs.ts';
import type { DecisionKind } from '../store/tables.ts';
import { engineCodes } from './codes.ts';
import { releasesOf, samePerson } from './releases.ts';
import { selectHeld, type HeldItem, type Selection } from './selection.ts';

export interface DecisionRequest {
  readonly kind: Extract<DecisionKind, 'release' | 'replay'>;
  readonly selection: Selection;
  readonly by: string;
  readonly reason: string | null;
  /** Of a release: leave out what nobody may let go, instead of refusing the whole. */
  readonly allowedOnly?: boolean;
}

/** Items that one decision may be about. */
export const MAX_SELECTED = 100_000;

/** What of a selection a decision is about. */
export interface Parted {
  /** Those that go through again now. */
  readonly items: readonly HeldItem[];
  /** Those that wait for a second person. */
  readonly waiting: readonly HeldItem[];
  /** Those that nobody may let go, and that a replay alone can help. */
  readonly refused: readonly HeldItem[];
  /** Those that an earlier decision has sent in again already. */
  readonly underWay: readonly HeldItem[];
}

export interface Decided extends Parted {
  readonly decision: string;
}

/**
 * Records a decision over a selection, and carries it out in the same transaction where `carry` is
 * given: a decision without its run would be a promise that nobody keeps.
 * @throws NothingSelected, AlreadyUnderWay, ReasonMissing, ReleaseNotAllowed
 */
export async function decide(
  db: Db,
  catalogue: Catalogue,
  request: DecisionRequest,
  now: Date,
  carry?: (trx: Trx, decided: Decided) => Promise<void>,
): Promise<Decided> {
  return db.transaction().execute(async (trx) => {
    const parted = await partSelection(trx, catalogue, request, lockRuns);
    refuse(request, parted);
    const decided = { ...parted, decision: await record(trx, request, parted, now) };
    await carry?.(trx, decided);
    return decided;
  });
}

/**
 * Tells what a decision over a selection would be about.
 * @param lock called with the runs that the items are of, before they are looked at for good
 */
export async function partSelection(
  db: Db | Trx,
  catalogue: Catalogue,
  { kind, selection, by }: DecisionRequest,
  lock?: (db: Db | Trx, runs: readonly string[]) => Promise<void>,
): Promise<Parted> {
  let selected = await selectHeld(db, catalogue, selection, MAX_SELECTED);
  if (lock !== undefined && selected.length > 0) {
    await lock(db, [...new Set(selected.map(({ runId }) => runId))].sort());
    selected = await selectHeld(db, catalogue, selection, MAX_SELECTED);
  }
  const underWay = selected.filter((item) => item.underWay !== null);
  const free = selected.filter((item) => item.underWay === null);
  if (kind === 'replay') return { items: free, waiting: [], refused: [], underWay };
  const refused = free.filter(({ release }) => release === 'replay');
  const allowed = free.filter(({ release }) => release !== 'replay');
  const waiting = await needSecond(db, allowed, by);
  return {
    items: allowed.filter((item) => !waiting.has(item)),
    waiting: [...waiting],
    refused,
    underWay,
  };
}

/** In the order of their ids, so that no two decisions wait for each other. */
export async function lockRuns(trx: Db | Trx, runs: readonly string[]): Promise<void> {
  for (const run of runs) await lockRun(trx as Trx, run);
}

function refuse({ kind, reason, allowedOnly = false }: DecisionRequest, parted: Parted): void {
  const { items, waiting, refused, underWay } = parted;
  const free = items.length + waiting.length + refused.length;
  if (free + underWay.length === 0) throw engineCodes.fault('NothingSelected', {});
  if (free === 0) {
    throw engineCodes.fault('AlreadyUnderWay', {
      count: underWay.length,
      run: underWay[0]?.underWay ?? '',
    });
  }
  if (kind === 'replay') return;
  demandReason(reason);
  if (refused.length > 0 && (!allowedOnly || refused.length === free)) {
    const codes = Map.groupBy(refused, ({ name }) => name);
    throw engineCodes.fault('ReleaseNotAllowed', {
      count: refused.length,
      selected: free,
      codes: [...codes.keys()],
      counted: [...codes.values()].map((some) => `${some[0]?.id} (${some.length})`),
    });
  }
}

/** @throws ReasonMissing */
export function demandReason(reason: string | null): string {
  if (reason === null || reason.trim() === '') throw engineCodes.fault('ReasonMissing', {});
  return reason;
}

async function record(
  trx: Trx,
  { kind, selection, by, reason }: DecisionRequest,
  { items, waiting }: Parted,
  now: Date,
): Promise<string> {
  const decision = crypto.randomUUID();
  await trx
    .insertInto('lazaret.decision')
    .values({
      id: decision,
      project: selection.project,
      kind,
      by,
      at: now,
      reason,
      selection: JSON.stringify(selection),
      run: null,
    })
    .execute();
  const rows = [...items, ...waiting].map(({ runId, no, name }) => ({
    decision,
    run: runId,
    no,
    code: kind === 'release' ? name : null,
  }));
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await trx
      .insertInto('lazaret.decision_item')
      .values(rows.slice(from, from + ROWS_AT_ONCE))
      .execute();
  }
  return decision;
}

const ROWS_AT_ONCE = 1_000;

/** Items whose code takes two people, and that nobody but this one has released. */
async function needSecond(
  db: Db | Trx,
  items: readonly HeldItem[],
  by: string,
): Promise<Set<HeldItem>> {
  const careful = items.filter(({ release }) => release === 'second');
  const waiting = new Set<HeldItem>();
  for (const [run, some] of Map.groupBy(careful, ({ runId }) => runId)) {
    const releases = await releasesOf(
      db,
      run,
      some.map(({ no }) => no),
    );
    const others = new Set(
      releases
        .filter(({ people }) => people.some((person) => !samePerson(person, by)))
        .map(({ no, code }) => `${no} ${code}`),
    );
    for (const item of some) {
      if (!others.has(`${item.no} ${item.name}`)) waiting.add(item);
    }
  }
  return waiting;
}
