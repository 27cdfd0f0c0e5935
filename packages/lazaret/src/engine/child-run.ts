/**
 * The run that carries a decision out: its items are those of the selection, as they first arrived,
 * and they go through all stages again, with what was released for them let go.
 */
import { join } from 'node:path';
import type { Catalogue } from '@lazaret/faults';
import { nameCopies } from '../copies/copy-rows.ts';
import type { ProjectKey } from '../identity/keys.ts';
import type { Db } from '../store/open.ts';
import { lockRun, type RunRow, type Trx } from '../store/runs.ts';
import { engineCodes } from './codes.ts';
import { packParcels, PARCEL_ITEMS, type Traveller } from './members.ts';
import type { AnyPipeline, KeptCopy } from './pipeline.ts';
import { releasedOf } from './releases.ts';
import type { HeldItem } from './selection.ts';
import { openArrival } from './stage-rows.ts';

/** What it takes to find held items again. */
export interface Returning {
  readonly catalogue: Catalogue;
  readonly pipeline: AnyPipeline;
  readonly key: ProjectKey;
  /** Folder of the copies of originals. */
  readonly copies: string | null;
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

/** @throws NothingSelected when another run has taken an item in meanwhile. */
export async function createChildRun(
  trx: Trx,
  returning: Returning,
  request: ChildRequest,
): Promise<string> {
  const { key } = returning;
  const { parent, now } = request;
  // Not in the order of the selection, which is that of the moments at which batches were through.
  const items = request.items.toSorted((a, b) => a.no - b.no);
  const id = crypto.randomUUID();
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
    const travellers = await fetchTravellers(trx, returning, some, from + 1);
    await trx
      .insertInto('lazaret.descent')
      .values(await descentOf(trx, id, some, from + 1))
      .execute();
    const batchBytes = travellers.reduce(
      (sum, { arrival }) => sum + (returning.pipeline.sizeOf?.(arrival) ?? 0),
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
  return id;
}

/**
 * Held items as they first arrived, with what people let go for them, numbered from `firstNo`.
 * @throws NothingSelected when one of them is not held any more, or on its way already.
 */
export async function fetchTravellers(
  db: Db | Trx,
  { catalogue, pipeline, key, copies }: Returning,
  items: readonly HeldItem[],
  firstNo: number,
): Promise<Traveller[]> {
  const run = items[0]?.runId ?? '';
  const numbers = items.map(({ no }) => no);
  const rows = await db
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
  const byNumber = new Map(rows.map((row) => [row.no, row]));
  const released = await releasedOf(db, catalogue, run, numbers);
  const kept = copies === null ? new Map<number, KeptCopy>() : await copiesOf(db, copies, items);
  return items.map(({ no }, index) => {
    const row = byNumber.get(no);
    // Somebody else's decision was carried out meanwhile.
    if (row === undefined || row.arrival === null) throw engineCodes.fault('NothingSelected', {});
    const original = openArrival(key, row.arrival);
    const arrival = pipeline.again?.(original, row.digest, kept.get(no) ?? null) ?? original;
    return { item: firstNo + index, arrival, value: arrival, released: released.get(no) ?? {} };
  });
}

/** The copies of the originals of held items of one run, by the number of the item. */
async function copiesOf(
  db: Db | Trx,
  folder: string,
  items: readonly HeldItem[],
): Promise<Map<number, KeptCopy>> {
  const roots = await descentOf(db, '', items, 1);
  const owners = roots.map(({ root_run, root_no }) => ({ run: root_run, no: root_no }));
  const rows = await nameCopies(db, owners);
  const byRoot = new Map(rows.map((row) => [`${row.run}/${row.no}`, row]));
  const kept = new Map<number, KeptCopy>();
  for (const { parent_no, root_run, root_no } of roots) {
    const row = byRoot.get(`${root_run}/${root_no}`);
    if (row !== undefined)
      kept.set(parent_no, { path: join(folder, row.name), sha256: row.sha256 });
  }
  return kept;
}

/** Where held items come from: each as it first arrived. */
export async function descentOf(
  trx: Db | Trx,
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
  const byNumber = new Map(earlier.map((row) => [row.no, row]));
  return items.map(({ no }, index) => {
    const root = byNumber.get(no);
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
