/** What the main thread and its workers say to each other. Plain data only: it is cloned. */
import { packFault, pruneStack, type Fault, type PlainFault } from '@lazaret/faults';
import type { FusedItem, FusedOutcome } from '../fused.ts';
import type { LotBatch, LotResult } from '../lot.ts';
import type { BatchFacts } from '../pipeline.ts';

/** Modules that runs will need: loading them takes a while, and may as well begin before a run. */
export interface LoadModules {
  readonly type: 'load';
  readonly modules: readonly string[];
}

/** What a worker needs to know of a run before it can work for it. */
export interface OpenRun {
  readonly type: 'open';
  readonly run: string;
  readonly module: string;
  readonly configuration: unknown;
  readonly secret: Uint8Array;
  readonly recipe: string;
}

export interface Work {
  readonly type: 'work';
  readonly task: number;
  readonly stage: number;
  /** Steps [from, to) of the stage, item steps all of them. */
  readonly from: number;
  readonly to: number;
  readonly batch: BatchFacts;
  readonly items: readonly FusedItem[];
  /** Only to see what would become of the items. */
  readonly isRehearsal?: boolean;
}

export interface WorkLots {
  readonly type: 'lots';
  readonly task: number;
  readonly stage: number;
  readonly batch: BatchFacts;
  readonly given: LotBatch & { readonly prepared: unknown };
}

export interface CloseRun {
  readonly type: 'close';
  readonly run: string;
}

export type ToWorker = LoadModules | OpenRun | Work | WorkLots | CloseRun;

export type FromWorker =
  | { readonly type: 'done'; readonly task: number; readonly outcomes: readonly FusedOutcome[] }
  | { readonly type: 'lots-done'; readonly task: number; readonly result: LotResult }
  | { readonly type: 'failed'; readonly task: number; readonly fault: PlainFault };

/**
 * A fault for the way to the main thread. Of an unknown cause only the frames travel: its message
 * may quote the data, and may have lines that look like frames.
 */
export function carryFault(fault: Fault): PlainFault {
  const frames = pruneStack(fault.cause ?? fault);
  return { ...packFault(fault), stack: [fault.title, ...frames].join('\n') };
}
