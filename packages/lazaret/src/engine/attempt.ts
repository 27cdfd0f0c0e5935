/**
 * One attempt at one batch: its items go through the steps of a stage. What comes out is a value;
 * nothing counts before `publish` says so.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@lazaret/faults';
import { parcelsOf, type BatchRow } from '../store/batches.ts';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import { engineCodes } from './codes.ts';
import { attemptLots } from './attempt-lots.ts';
import { findEarlierDelivery, findRepeats, rootsOf, type Repeat } from './dedupe.ts';
import { findErased } from './erased.ts';
import { doEffect } from './intents.ts';
import type { LotWork, OnwardLot } from './lot.ts';
import { unpackParcel, type Traveller } from './members.ts';
import {
  hold,
  pass,
  type BatchContext,
  type BatchFacts,
  type BatchStep,
  type Delivery,
  type Stage,
} from './pipeline.ts';
import type { RunContext } from './run-context.ts';
import { settle, type StepFinding } from './settle.ts';

/** An item that goes no further, and why. */
export interface Stopped {
  readonly traveller: Traveller;
  readonly disposition: 'held' | 'rejected' | 'skipped' | 'duplicate';
  readonly code: string;
  readonly step: string;
  /** Duplicates: what stands for the item. */
  readonly sameAs: { readonly run: string; readonly item: number } | null;
  /** Items of a lot: their value is not at hand to ask for these. */
  readonly digest?: string | null;
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Whose data it is, where the value does not tell. */
  readonly subject?: string | undefined;
}

export interface ItemFinding extends StepFinding {
  /** Null: about the batch as a whole. */
  readonly item: number | null;
}

/** What an attempt arrived at. */
export interface Attempt {
  readonly onward: readonly Traveller[];
  /** Instead: what goes on of a stage of lots. */
  readonly lots: readonly OnwardLot[];
  readonly stopped: readonly Stopped[];
  readonly findings: readonly ItemFinding[];
  readonly deliveries: readonly Delivery[];
  readonly qa: Readonly<Record<string, unknown>> | null;
  /** Whether what the attempt was made from is still so. Absent: nobody else changes that. */
  readonly isCurrent?: (db: Db | Trx) => Promise<boolean>;
}

/** The numbers of all items that go on. */
export function onwardItems({ onward, lots }: Pick<Attempt, 'onward' | 'lots'>): number[] {
  const items = onward.map(({ item }) => item);
  for (const lot of lots) for (const item of lot.items) items.push(item);
  return items;
}

/** Items in one batch at most: they are in memory together while batch steps work. */
export const MAX_BATCH_ITEMS = 100_000;
/** Those of a stage of lots are small and packed. */
const MAX_LOT_ITEMS = 1_000_000;

/**
 * Takes a batch through its stage.
 * @throws BatchTooLarge, whatever a step let escape, or the abort reason of the run's signal.
 */
export async function attemptBatch(context: RunContext, batch: BatchRow): Promise<Attempt> {
  const stage = context.pipeline.stages[batch.stage];
  if (stage === undefined) throw new Error(`The pipeline has no stage ${batch.stage}.`);
  const limit = hasLots(stage) ? MAX_LOT_ITEMS : MAX_BATCH_ITEMS;
  if (batch.items > limit) {
    throw engineCodes.fault('BatchTooLarge', { items: batch.items, limit });
  }
  const facts: BatchFacts = {
    run: context.run.id,
    batch: batch.id,
    attempt: batch.attempt,
    staging: join(context.staging, context.run.id, `${batch.id}.${batch.attempt}`),
  };
  await mkdir(facts.staging, { recursive: true, mode: 0o700 });
  try {
    const work = new StageWork(context, stage, batch, facts);
    if (hasLots(stage)) return await attemptLots(context, batch, stage, facts, work.batchContext());
    await work.load();
    await work.holdErased();
    await work.recogniseRepeats();
    await work.goThroughSteps();
    await work.tellOfEarlierDeliveries();
    return work.result();
  } finally {
    await rm(facts.staging, { recursive: true, force: true });
  }
}

function hasLots(
  stage: Stage<unknown>,
): stage is Stage<unknown> & { readonly lots: LotWork<unknown> } {
  return stage.lots !== undefined;
}

class StageWork {
  readonly #context: RunContext;
  readonly #stage: Stage<unknown>;
  readonly #batch: BatchRow;
  readonly #facts: BatchFacts;
  #alive: Traveller[] = [];
  /** Items that a recipe with the same output has delivered: repeats, if they get so far. */
  #delivered: ReadonlyMap<number, Repeat> = new Map();
  readonly #stopped: Stopped[] = [];
  readonly #findings: ItemFinding[] = [];
  readonly #deliveries: Delivery[] = [];
  #qa: Readonly<Record<string, unknown>> | null = null;

  constructor(context: RunContext, stage: Stage<unknown>, batch: BatchRow, facts: BatchFacts) {
    this.#context = context;
    this.#stage = stage;
    this.#batch = batch;
    this.#facts = facts;
  }

  async load(): Promise<void> {
    const parcels = await parcelsOf(this.#context.db, this.#batch.id);
    this.#alive = parcels
      .flatMap(({ refs, payload }) => {
        if (payload === null) throw new Error('A parcel of an unfinished batch has no payload.');
        return unpackParcel(this.#context.key, { refs, payload });
      })
      .sort((a, b) => a.item - b.item);
    if (this.#alive.length !== this.#batch.items) {
      throw new Error('A batch does not have the items that it was made of.');
    }
  }

  /** What was erased does not come back in by itself. */
  async holdErased(): Promise<void> {
    if (!this.#stage.dedupe) return;
    const erased = await findErased(this.#context, this.#alive);
    if (erased.size === 0) return;
    const before = this.#alive;
    this.#alive = [];
    for (const traveller of before) {
      const finding = erased.get(traveller.item);
      const { value, released } = traveller;
      const said = finding === undefined ? pass(value) : hold(finding, value);
      const { findings, standing } = settle('dedupe', value, said, released);
      this.#take(traveller, findings, standing);
    }
  }

  async recogniseRepeats(): Promise<void> {
    if (!this.#stage.dedupe) return;
    const roots = await rootsOf(this.#context.db, this.#batch.run, this.#alive);
    const { certain, delivered } = await findRepeats(this.#context, this.#alive, roots);
    this.#setAside(certain);
    this.#delivered = delivered;
  }

  #setAside(repeats: ReadonlyMap<number, Repeat>): void {
    this.#alive = this.#alive.filter((traveller) => {
      const repeat = repeats.get(traveller.item);
      if (repeat === undefined) return true;
      const { finding, sameAs } = repeat;
      this.#findings.push({ item: traveller.item, step: 'dedupe', finding, decision: null });
      this.#stopped.push({
        traveller,
        disposition: 'duplicate',
        code: finding.code,
        step: 'dedupe',
        sameAs,
      });
      return false;
    });
  }

  async goThroughSteps(): Promise<void> {
    const { steps } = this.#stage;
    for (let from = 0; from < steps.length;) {
      this.#context.signal.throwIfAborted();
      const step = steps[from];
      if (step?.kind === 'batch') {
        await this.#batchStep(step.step);
        from += 1;
      } else if (step?.kind === 'repeats') {
        this.#setAside(this.#delivered);
        from += 1;
      } else {
        let to = from;
        while (steps[to]?.kind === 'item') to += 1;
        await this.#itemSteps(from, to);
        from = to;
      }
    }
  }

  /** Items that this policy does not let through and that an earlier one did. */
  async tellOfEarlierDeliveries(): Promise<void> {
    for (const { traveller, disposition } of this.#stopped) {
      const earlier = this.#delivered.get(traveller.item);
      if (earlier === undefined || disposition === 'duplicate') continue;
      const finding = await findEarlierDelivery(this.#context.db, traveller.item, earlier);
      this.#findings.push({ item: traveller.item, step: 'dedupe', finding, decision: null });
    }
  }

  result(): Attempt {
    return {
      onward: this.#alive,
      lots: [],
      stopped: this.#stopped,
      findings: this.#findings,
      deliveries: this.#deliveries,
      qa: this.#qa,
    };
  }

  async #itemSteps(from: number, to: number): Promise<void> {
    const { pool, progress, signal } = this.#context;
    const before = this.#alive;
    const outcomes = await pool.work(
      { stage: this.#batch.stage, from, to, batch: this.#facts },
      before.map(({ item, value, released }) => ({ item, value, released })),
      signal,
      (items) => progress.advanced(this.#stage.name, items),
    );
    this.#alive = [];
    before.forEach((traveller, index) => {
      const outcome = outcomes[index];
      if (outcome?.item !== traveller.item) throw new Error('Outcomes are out of order.');
      this.#take(traveller, outcome.findings, outcome.standing);
    });
  }

  async #batchStep(step: BatchStep<never, unknown, unknown>): Promise<void> {
    if (this.#alive.length === 0) return;
    const before = this.#alive;
    const members = before.map(({ item, value }) => ({ item, value: value as never }));
    const done = await step.apply(members, this.batchContext());
    if (done.results.length !== before.length) {
      throw new Error(
        `Step ${step.name} gave ${done.results.length} results for ${before.length}.`,
      );
    }
    this.#alive = [];
    before.forEach((traveller, index) => {
      const result = done.results[index];
      if (result === undefined) throw new Error('A result is missing.');
      const settled = settle(step.name, traveller.value, result, traveller.released);
      this.#take(traveller, settled.findings, settled.standing);
    });
    for (const finding of done.findings ?? []) {
      this.#findings.push({ item: null, step: step.name, finding, decision: null });
    }
    this.#deliveries.push(...(done.deliveries ?? []));
    if (done.qa !== undefined) this.#qa = { ...this.#qa, ...done.qa };
  }

  #take(
    traveller: Traveller,
    findings: readonly StepFinding[],
    standing: ReturnType<typeof settle>['standing'],
  ): void {
    for (const finding of findings) this.#findings.push({ item: traveller.item, ...finding });
    if (standing.kind === 'on') {
      this.#alive.push({ ...traveller, value: standing.value });
      return;
    }
    const { disposition, code, step, sameAs, value } = standing;
    this.#stopped.push({
      traveller: { ...traveller, value },
      disposition,
      code,
      step,
      sameAs: sameAs === null ? null : { run: this.#context.run.id, item: sameAs },
    });
  }

  batchContext(): BatchContext<unknown> {
    const context = this.#context;
    const facts = this.#facts;
    const byItem = new Map<number | null, Finding[]>();
    for (const { item, finding } of this.#findings) {
      const found = byItem.get(item);
      if (found === undefined) byItem.set(item, [finding]);
      else found.push(finding);
    }
    return {
      batch: facts,
      tools: context.tools,
      db: context.db,
      key: context.key,
      recipe: context.run.recipe,
      project: context.run.project,
      signal: context.signal,
      now: context.now,
      env: context.env,
      findingsOf: (item): readonly Finding[] => byItem.get(item) ?? [],
      effect: (intent, act) => doEffect(context, facts, intent, act),
      call: (dependency, operation) => context.call(dependency, operation),
    };
  }
}
