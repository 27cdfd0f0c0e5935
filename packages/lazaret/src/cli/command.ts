/**
 * What a command is: it makes a document from the application, and the document is shown. The two
 * are apart, because the application may be in another process: whoever holds the embedded store
 * executes the commands of all others, and they only show what comes back.
 */
import type { Progress } from '../engine/run-context.ts';
import type { Application } from '../main.ts';
import type { ProgressStage } from './terminal/stage-progress.ts';

/** Where a command is at work. */
export interface Session {
  /** Aborting it stops the run that the command works on. */
  readonly controller: AbortController;
  /** Makes the display of a run's progress. */
  progressOf(run: RunTitle): Progress;
}

export interface RunTitle {
  readonly pipeline: string;
  readonly run: string;
  readonly stages: readonly ProgressStage[];
}

/** What a command leaves behind. */
export interface Outcome {
  /** What `--json` prints: one JSON document. */
  readonly document: unknown;
  /** What only people's text needs besides. */
  readonly extra?: unknown;
  /** Exit status. */
  readonly exit: number;
}

export type Execute<Input> = (
  application: Application,
  input: Input,
  session: Session,
) => Promise<Outcome>;

/** Exit statuses: a promise of the command line. */
export const EXIT = {
  complete: 0,
  failed: 1,
  usage: 2,
  notDelivered: 3,
  interrupted: 130,
} as const;
