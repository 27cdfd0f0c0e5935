/** What the main thread and its workers say to each other. Plain data only: it is cloned. */
import { Fault, type Parameters, type Place } from '@lazaret/faults';
import type { FusedItem, FusedOutcome } from '../fused.ts';
import type { BatchFacts } from '../pipeline.ts';

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
}

export interface CloseRun {
  readonly type: 'close';
  readonly run: string;
}

export type ToWorker = OpenRun | Work | CloseRun;

/** A fault as it crosses threads: error objects lose their properties on the way. */
export interface CarriedFault {
  readonly code: string;
  readonly id: string;
  readonly title: string;
  readonly parameters: Parameters;
  readonly place: Place;
  readonly stack: string;
}

export type FromWorker =
  | { readonly type: 'done'; readonly task: number; readonly outcomes: readonly FusedOutcome[] }
  | { readonly type: 'failed'; readonly task: number; readonly fault: CarriedFault };

export function carryFault(fault: Fault): CarriedFault {
  const cause = fault.cause;
  return {
    code: fault.code,
    id: fault.id,
    title: fault.message,
    parameters: fault.parameters,
    place: fault.place,
    // The lines below the first: that one repeats the message of an error that we do not know.
    stack: ((cause instanceof Error ? cause.stack : undefined) ?? fault.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n'),
  };
}

export function receiveFault(carried: CarriedFault): Fault {
  const fault = new Fault(
    { code: carried.code, id: carried.id, title: carried.title },
    carried.parameters,
    { place: carried.place },
  );
  fault.message = carried.title;
  fault.stack = `${carried.title}\n${carried.stack}`;
  return fault;
}
