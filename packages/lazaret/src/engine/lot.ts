/**
 * Lots: items that travel as one. Rows of a file come by the million and most of them are sound, so
 * that each one for itself would cost more in the engine than in the steps. A stage of lots works
 * on a whole batch at once, on a worker thread, with what the main thread prepared for it; only
 * items that stop, or of which something was found, are told one by one. What counts is the same as
 * everywhere: each item has a number, and in the end a disposition.
 */
import type { Disposition, Finding } from '@lazaret/faults';
import type { ProjectKey } from '../identity/keys.ts';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import type { BatchContext, BatchFacts, Delivery } from './pipeline.ts';
import type { Released, StepFinding } from './settle.ts';

/** Items that travel as one. Only the pipeline knows how to read the content. */
export interface Lot {
  /** Ascending. */
  readonly items: readonly number[];
  readonly content: Uint8Array;
}

/** An item on its own: one that a person sent in again. */
export interface SingleItem {
  readonly item: number;
  /** What `again` made of its arrival. */
  readonly value: unknown;
  readonly released: Released;
}

export interface LotBatch {
  readonly lots: readonly Lot[];
  readonly singles: readonly SingleItem[];
}

/** What there is to say of one item. */
export interface ToldItem {
  readonly item: number;
  readonly findings: readonly StepFinding[];
  /** Null: it goes on. */
  readonly stopped: {
    readonly disposition: Exclude<Disposition, 'delivered'>;
    readonly code: string;
    readonly step: string;
    /** Duplicates: what stands for it; `run` null: this run. */
    readonly sameAs?: { readonly run: string | null; readonly item: number };
  } | null;
  /** How the item is found, and made, again; needed where it stops. Sealed where it is stored. */
  readonly arrival?: unknown;
  /** SHA-256 of what it consists of, hexadecimal. */
  readonly digest?: string;
  /** What may be shown of it to anyone. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Whose data it is, as `Erasing.subjectOf` has it, where the arrival does not tell. */
  readonly subject?: string;
}

export interface OnwardLot extends Lot {
  /** Where the next stage re-cuts: the key that brings lots together. Stored as a keyed hash. */
  readonly cut: string | null;
}

export interface LotResult {
  readonly told: readonly ToldItem[];
  /** Everything that goes on; of the last stage, everything that is delivered. */
  readonly onward: readonly OnwardLot[];
  /** About the batch as a whole. */
  readonly findings?: readonly StepFinding[];
  /** For `finish`. Plain data. */
  readonly kept?: unknown;
}

export interface LotContext<Tools> {
  readonly batch: BatchFacts;
  readonly tools: Tools;
  /** What `prepare` gave. */
  readonly prepared: unknown;
}

export interface LotWork<Tools> {
  /** On the main thread, before: what the work needs of the database and of services. Plain data. */
  prepare?(batch: LotBatch, context: BatchContext<Tools>): Promise<unknown>;
  /**
   * Whether what `prepare` read is still so. Asked before `finish`, and once more in the publishing
   * commit, in turn with every other commit of a project that asks; false: nothing of the attempt
   * counts, and the batch is worked through again.
   */
  isCurrent?(prepared: unknown, context: BatchContext<Tools>, db: Db | Trx): Promise<boolean>;
  /** On a worker thread. */
  work(batch: LotBatch, context: LotContext<Tools>): Promise<LotResult>;
  /** On the main thread, behind: deliveries, and what a pipeline keeps in tables of its own. */
  finish?(result: LotResult, context: BatchContext<Tools>): Promise<LotFinish>;
  /** The arrivals of a lot's items, in their order, for a batch that ended in error. */
  arrivalsOf(lot: Lot, key: ProjectKey): readonly unknown[];
}

export interface LotFinish {
  readonly deliveries?: readonly Delivery[];
  readonly findings?: readonly Finding[];
  readonly qa?: Readonly<Record<string, unknown>>;
}
