import type { Catalogue } from '@lazaret/faults';
import type { CopyPlace } from '../copies/copy-folder.ts';
import type { ProjectKey } from '../identity/keys.ts';
import type { Log } from '../log/log.ts';
import type { Db } from '../store/open.ts';
import type { AnyPipeline } from './pipeline.ts';
import type { Queue } from './queue.ts';
import type { SpaceGate } from './space.ts';
import type { WorkerPool } from './workers/pool.ts';

/** Everything that work on one run needs. Put together once, when the run is taken up. */
export interface RunContext {
  readonly run: {
    readonly id: string;
    readonly short: string;
    readonly project: string;
    readonly recipe: string;
    /** Digest of the part of the recipe that determines what is delivered. */
    readonly output: string;
  };
  /** Says who works on the run; what somebody else has taken over is not ours to change. */
  readonly owner: string;
  readonly pipeline: AnyPipeline;
  readonly configuration: unknown;
  /** Where copies of originals are kept; null where none are. */
  readonly copies: CopyPlace | null;
  readonly tools: unknown;
  readonly db: Db;
  readonly key: ProjectKey;
  readonly queue: Queue;
  readonly pool: WorkerPool;
  readonly catalogue: Catalogue;
  readonly log: Log;
  readonly now: () => Date;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the run is to stop; the reason is a fault. */
  readonly signal: AbortSignal;
  /** Folder for what attempts stage. */
  readonly staging: string;
  readonly progress: Progress;
  readonly space: SpaceGate;
  call<Result>(
    dependency: string,
    operation: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result>;
}

/** Told as work goes on, for whoever watches. */
export interface Progress {
  arrived(items: number, bytes: number): void;
  /** Every item is known to have arrived. */
  allArrived(): void;
  advanced(stage: string, items: number): void;
  status(status: string, detail?: string): void;
}
