/** An attempt at a batch of lots: prepared here, worked on a thread, finished here. */
import { parcelsOf, type BatchRow } from '../store/batches.ts';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import type { Attempt, ItemFinding, Stopped } from './attempt.ts';
import type { LotBatch, LotWork, SingleItem, ToldItem } from './lot.ts';
import { unpackLot, unpackParcel, type Traveller } from './members.ts';
import { outrun } from './outrun.ts';
import type { BatchContext, BatchFacts, Stage } from './pipeline.ts';
import type { RunContext } from './run-context.ts';

/**
 * @throws DeliveredMeanwhile where what was prepared is not so any more; what `prepare`, `work` or
 *   `finish` let escape; the abort reason of the run's signal.
 */
export async function attemptLots(
  context: RunContext,
  batch: BatchRow,
  stage: Stage<unknown> & { readonly lots: LotWork<unknown> },
  facts: BatchFacts,
  batchContext: BatchContext<unknown>,
): Promise<Attempt> {
  const { pool, progress, signal } = context;
  const { lots, singles, arrivals } = await load(context, batch);
  const whole: LotBatch = { lots, singles };
  const prepared = await stage.lots.prepare?.(whole, batchContext);
  signal.throwIfAborted();
  const result = await pool.workLots(
    { stage: batch.stage, batch: facts },
    { lots, singles, prepared },
    signal,
  );
  assertAccounted(stage.name, whole, result.told, result.onward);
  const isCurrent = (asked: Db | Trx): Promise<boolean> =>
    stage.lots.isCurrent?.(prepared, batchContext, asked) ?? Promise.resolve(true);
  // The commit asks again; but by then something has been delivered that does not count.
  if (!(await isCurrent(context.db))) throw outrun();
  const finish = await stage.lots.finish?.(result, batchContext);
  progress.advanced(stage.name, batch.items);
  const findings: ItemFinding[] = [
    ...result.told.flatMap(({ item, findings: some }) => some.map((one) => ({ item, ...one }))),
    ...(result.findings ?? []).map((one) => ({ item: null, ...one })),
    ...(finish?.findings ?? []).map((finding) => ({
      ...{ item: null, step: stage.name, finding, decision: null },
    })),
  ];
  return {
    onward: [],
    lots: result.onward,
    stopped: result.told.flatMap((told) => stoppedOf(context, told, arrivals)),
    findings,
    deliveries: finish?.deliveries ?? [],
    qa: finish?.qa ?? null,
    ...(stage.lots.isCurrent === undefined ? {} : { isCurrent }),
  };
}

/** A set of items. Numbers of a batch lie near each other, so that blocks of flags take less than a Set. */
class ItemMarks {
  readonly #blocks = new Map<number, Uint8Array>();
  count = 0;

  mark(item: number): void {
    const block = this.#blocks.get(Math.floor(item / BLOCK)) ?? this.#addBlock(item);
    if (block[item % BLOCK] === 1) return;
    block[item % BLOCK] = 1;
    this.count += 1;
  }

  /** Whether it was there. */
  unmark(item: number): boolean {
    const block = this.#blocks.get(Math.floor(item / BLOCK));
    if (block?.[item % BLOCK] !== 1) return false;
    block[item % BLOCK] = 0;
    this.count -= 1;
    return true;
  }

  #addBlock(item: number): Uint8Array {
    const block = new Uint8Array(BLOCK);
    this.#blocks.set(Math.floor(item / BLOCK), block);
    return block;
  }
}

const BLOCK = 4_096;

interface Loaded extends LotBatch {
  /** Of single items: how they came. */
  readonly arrivals: ReadonlyMap<number, unknown>;
}

async function load({ db, key }: RunContext, batch: BatchRow): Promise<Loaded> {
  const lots = [];
  const singles: SingleItem[] = [];
  const arrivals = new Map<number, unknown>();
  let items = 0;
  for (const { refs, lot, payload } of await parcelsOf(db, batch.id)) {
    if (payload === null) throw new Error('A parcel of an unfinished batch has no payload.');
    if (lot) {
      const unpacked = unpackLot(key, { refs, payload });
      items += unpacked.items.length;
      lots.push(unpacked);
      continue;
    }
    for (const { item, arrival, value, released } of unpackParcel(key, { refs, payload })) {
      items += 1;
      singles.push({ item, value, released });
      arrivals.set(item, arrival);
    }
  }
  if (items !== batch.items) {
    throw new Error('A batch does not have the items that it was made of.');
  }
  return { lots, singles, arrivals };
}

/** Each item comes out once: the one thing about lots that cannot be left to the pipeline. */
function assertAccounted(
  stage: string,
  { lots, singles }: LotBatch,
  told: readonly ToldItem[],
  onward: readonly { readonly items: readonly number[] }[],
): void {
  const open = new ItemMarks();
  for (const { items } of lots) for (const item of items) open.mark(item);
  for (const { item } of singles) open.mark(item);
  const take = (item: number): void => {
    if (!open.unmark(item)) throw new Error(`Stage ${stage} gave an item that it did not have.`);
  };
  for (const { items } of onward) for (const item of items) take(item);
  for (const { item, stopped } of told) if (stopped !== null) take(item);
  if (open.count > 0) throw new Error(`Stage ${stage} lost ${open.count} items.`);
}

function stoppedOf(
  { run }: RunContext,
  told: ToldItem,
  arrivals: ReadonlyMap<number, unknown>,
): Stopped[] {
  const { item, stopped, digest, facts, subject } = told;
  if (stopped === null) return [];
  const { disposition, code, step, sameAs } = stopped;
  const arrival = arrivals.get(item) ?? told.arrival;
  const traveller: Traveller = { item, arrival, value: arrival, released: {} };
  return [
    {
      traveller,
      disposition,
      code,
      step,
      sameAs: sameAs === undefined ? null : { run: sameAs.run ?? run.id, item: sameAs.item },
      digest: digest ?? null,
      facts: facts ?? {},
      subject,
    },
  ];
}

/** The items of a batch of lots, one by one: where all of them have to be named. */
export function singleOut(
  { key }: RunContext,
  stage: Stage<unknown>,
  parcel: { readonly refs: string; readonly payload: Uint8Array },
): Traveller[] {
  const lot = unpackLot(key, parcel);
  const arrivals = stage.lots?.arrivalsOf(lot, key) ?? [];
  return lot.items.map((item, index) => ({
    item,
    arrival: arrivals[index] ?? null,
    value: arrivals[index] ?? null,
    released: {},
  }));
}
