/**
 * What people decide about held items. A decision is recorded first, append-only: who, when, why,
 * over what. Then a child run carries it out, because closed runs do not change; where an item
 * stands now is a view over that lineage.
 */
import type { Catalogue } from '@lazaret/faults';
import { sql } from 'kysely';
import type { ProjectKey } from '../identity/keys.ts';
import type { Db } from '../store/open.ts';
import { lockRun, type RunRow, type Trx } from '../store/runs.ts';
import type { DecisionKind } from '../store/tables.ts';
import { engineCodes } from './codes.ts';
import { packParcels, PARCEL_ITEMS, type Traveller } from './members.ts';
import type { AnyPipeline } from './pipeline.ts';
import { selectHeld, type HeldItem, type Selection } from './selection.ts';
import type { Released } from './settle.ts';
import { openArrival } from './stage-rows.ts';

export interface DecisionRequest {
  readonly kind: Extract<DecisionKind, 'release' | 'replay'>;
  readonly selection: Selection;
  readonly by: string;
  readonly reason: string | null;
}

/** Items that one decision may be about. */
export const MAX_SELECTED = 100_000;

export interface Decided {
  readonly decision: string;
  /** Those that go through again now. */
  readonly items: readonly HeldItem[];
  /** Those that wait for a second person. */
  readonly waiting: readonly HeldItem[];
}

/**
 * Records a decision over a selection.
 * @throws NothingSelected, AlreadyUnderWay, ReasonMissing, ReleaseNotAllowed
 */
export async function decide(
  db: Db,
  catalogue: Catalogue,
  request: DecisionRequest,
  now: Date,
): Promise<Decided> {
  const selected = await selectHeld(db, catalogue, request.selection, MAX_SELECTED);
  if (selected.length === 0) throw engineCodes.fault('NothingSelected', {});
  // An item that is on its way already would be delivered by two runs.
  const items = selected.filter(({ underWay }) => underWay === null);
  if (items.length === 0) {
    throw engineCodes.fault('AlreadyUnderWay', {
      count: selected.length,
      run: selected[0]?.underWay ?? '',
    });
  }
  if (request.kind === 'release') {
    if ((request.reason ?? '').trim() === '') throw engineCodes.fault('ReasonMissing', {});
    const refused = items.filter(({ release }) => release !== 'reason' && release !== 'second');
    if (refused.length > 0) {
      throw engineCodes.fault('ReleaseNotAllowed', {
        count: refused.length,
        codes: [...new Set(refused.map(({ name }) => name))],
      });
    }
  }
  const decision = crypto.randomUUID();
  return db.transaction().execute(async (trx) => {
    await trx
      .insertInto('lazaret.decision')
      .values({
        id: decision,
        project: request.selection.project,
        kind: request.kind,
        by: request.by,
        at: now,
        reason: request.reason,
        selection: JSON.stringify(request.selection),
        run: null,
      })
      .execute();
    for (let from = 0; from < items.length; from += ROWS_AT_ONCE) {
      await trx
        .insertInto('lazaret.decision_item')
        .values(
          items.slice(from, from + ROWS_AT_ONCE).map(({ runId, no, name }) => ({
            decision,
            run: runId,
            no,
            code: request.kind === 'release' ? name : null,
          })),
        )
        .execute();
    }
    if (request.kind === 'replay') return { decision, items, waiting: [] };
    const waiting = await needSecond(trx, items);
    return { decision, items: items.filter((item) => !waiting.includes(item)), waiting };
  });
}

const ROWS_AT_ONCE = 1_000;

/** Items whose code takes two people, and that only one has released. */
async function needSecond(trx: Trx, items: readonly HeldItem[]): Promise<HeldItem[]> {
  const careful = items.filter(({ release }) => release === 'second');
  const waiting: HeldItem[] = [];
  for (const [run, some] of Map.groupBy(careful, ({ runId }) => runId)) {
    const releases = await releasesOf(
      trx,
      run,
      some.map(({ no }) => no),
    );
    waiting.push(
      ...some.filter(
        ({ no, name }) =>
          !releases.some((given) => given.no === no && given.code === name && given.people > 1),
      ),
    );
  }
  return waiting;
}

export interface ChildRequest {
  readonly parent: RunRow;
  readonly items: readonly HeldItem[];
  readonly decision: string;
  readonly recipe: string;
  readonly output: string;
  readonly configuration: unknown;
  readonly user: string;
  readonly short: string;
  readonly now: Date;
}

/**
 * Makes the run that carries a decision out. Its items are those of the selection, as they first
 * arrived; they go through all stages again, with what was released for them let go.
 */
export async function createChildRun(
  db: Db,
  catalogue: Catalogue,
  pipeline: AnyPipeline,
  key: ProjectKey,
  request: ChildRequest,
): Promise<string> {
  const { parent, items, now } = request;
  const id = crypto.randomUUID();
  await db.transaction().execute(async (trx) => {
    await lockRun(trx, parent.id);
    await trx
      .insertInto('lazaret.run')
      .values({
        id,
        short: request.short,
        project: parent.project,
        site: parent.site,
        pipeline: parent.pipeline,
        status: 'new',
        reason: null,
        source: parent.source,
        configuration: JSON.stringify(request.configuration),
        recipe: request.recipe,
        output: request.output,
        key_id: key.keyId,
        parent: parent.id,
        started_by: request.user,
        created_at: now,
        finished_at: null,
        owner: null,
        heartbeat_at: null,
        checkpoint: null,
        source_done: true,
        next_item: items.length + 1,
      })
      .execute();
    let ordinal = 0;
    let bytes = 0;
    for (let from = 0; from < items.length; from += PARCEL_ITEMS) {
      ordinal += 1;
      const some = items.slice(from, from + PARCEL_ITEMS);
      const travellers = await fetchTravellers(trx, catalogue, pipeline, key, some, from + 1);
      await trx
        .insertInto('lazaret.descent')
        .values(await descentOf(trx, id, some, from + 1))
        .execute();
      const batchBytes = travellers.reduce(
        (sum, { arrival }) => sum + (pipeline.sizeOf?.(arrival) ?? 0),
        0,
      );
      bytes += batchBytes;
      const batch = crypto.randomUUID();
      await trx
        .insertInto('lazaret.batch')
        .values({
          id: batch,
          run: id,
          stage: 0,
          ordinal,
          cut: null,
          status: 'queued',
          published_attempt: null,
          items: travellers.length,
          bytes: batchBytes,
          reason: null,
          qa: null,
          queued_at: now,
          started_at: null,
          finished_at: null,
        })
        .execute();
      for (const { refs, payload } of packParcels(key, travellers)) {
        await trx
          .insertInto('lazaret.parcel')
          .values({
            run: id,
            stage: 0,
            maker: null,
            attempt: null,
            cut: null,
            target: batch,
            refs,
            payload,
          })
          .execute();
      }
    }
    await trx.updateTable('lazaret.run').set({ bytes }).where('id', '=', id).execute();
    await trx
      .updateTable('lazaret.decision')
      .set({ run: id })
      .where('id', '=', request.decision)
      .where('run', 'is', null)
      .execute();
  });
  return id;
}

async function fetchTravellers(
  trx: Trx,
  catalogue: Catalogue,
  pipeline: AnyPipeline,
  key: ProjectKey,
  items: readonly HeldItem[],
  firstNo: number,
): Promise<Traveller[]> {
  const run = items[0]?.runId ?? '';
  const numbers = items.map(({ no }) => no);
  const rows = await trx
    .selectFrom('lazaret.held_item')
    .select(['no', 'arrival', 'digest'])
    .where('run', '=', run)
    .where('no', 'in', numbers)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('lazaret.descent')
            .select('lazaret.descent.no')
            .whereRef('parent_run', '=', 'lazaret.held_item.run')
            .whereRef('parent_no', '=', 'lazaret.held_item.no'),
        ),
      ),
    )
    .execute();
  const released = await releasedOf(trx, catalogue, run, numbers);
  return items.map(({ no }, index) => {
    const row = rows.find((candidate) => candidate.no === no);
    if (row?.arrival === null || row === undefined) {
      // Somebody else's decision was carried out meanwhile.
      throw engineCodes.fault('NothingSelected', {});
    }
    const original = openArrival(key, row.arrival);
    const arrival = pipeline.again?.(original, row.digest) ?? original;
    return { item: firstNo + index, arrival, value: arrival, released: released.get(no) ?? {} };
  });
}

/** What people let go for these items: of a code that takes two, only what two have released. */
async function releasedOf(
  trx: Trx,
  catalogue: Catalogue,
  run: string,
  numbers: readonly number[],
): Promise<Map<number, Released>> {
  const released = new Map<number, Record<string, string>>();
  for (const { no, code, decision, people } of await releasesOf(trx, run, numbers)) {
    if (catalogue.entryOf({ code }).release === 'second' && people < 2) continue;
    released.set(no, { ...released.get(no), [code]: decision });
  }
  return released;
}

interface GivenRelease {
  readonly no: number;
  readonly code: string;
  readonly decision: string;
  /** How many different people have released it. */
  readonly people: number;
}

/**
 * Releases of these items, in all their lives: an item that is held by two codes is released under
 * the second one in a later run than under the first, and both have to hold then.
 */
async function releasesOf(
  trx: Trx,
  run: string,
  numbers: readonly number[],
): Promise<readonly GivenRelease[]> {
  const { rows } = await sql<GivenRelease>`
    with asked as (
      select n.no, coalesce(d.root_run, ${run}::uuid) as root_run, coalesce(d.root_no, n.no) as root_no
      from unnest(${[...numbers]}::bigint[]) as n(no)
      left join lazaret.descent d on d.run = ${run}::uuid and d.no = n.no
    ), lives as (
      select no, root_run as life_run, root_no as life_no from asked
      union
      select a.no, d.run, d.no from asked a
      join lazaret.descent d on d.root_run = a.root_run and d.root_no = a.root_no
    )
    select l.no, i.code, min(d.id::text) as decision, count(distinct d.by)::int as people
    from lives l
    join lazaret.decision_item i on i.run = l.life_run and i.no = l.life_no
    join lazaret.decision d on d.id = i.decision
    where d.kind = 'release' and i.code is not null
    group by l.no, i.code`.execute(trx);
  return rows;
}

async function descentOf(
  trx: Trx,
  run: string,
  items: readonly HeldItem[],
  firstNo: number,
): Promise<
  {
    run: string;
    no: number;
    parent_run: string;
    parent_no: number;
    root_run: string;
    root_no: number;
  }[]
> {
  const parentRun = items[0]?.runId ?? '';
  const earlier = await trx
    .selectFrom('lazaret.descent')
    .select(['no', 'root_run', 'root_no'])
    .where('run', '=', parentRun)
    .where(
      'no',
      'in',
      items.map(({ no }) => no),
    )
    .execute();
  return items.map(({ no }, index) => {
    const root = earlier.find((row) => row.no === no);
    return {
      run,
      no: firstNo + index,
      parent_run: parentRun,
      parent_no: no,
      root_run: root?.root_run ?? parentRun,
      root_no: root?.root_no ?? no,
    };
  });
}
