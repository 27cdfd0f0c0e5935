/** `lazaret retention apply` and `lazaret erase`: what goes, and what they leave behind. */
import { join } from 'node:path';
import type { Application } from '../main.ts';
import { erase as eraseAll, type Erased } from '../retention/erase.ts';
import type { ErasureSelection } from '../retention/erasure-scope.ts';
import type { RetentionHands } from '../retention/removals.ts';
import { retain, type Retained } from '../retention/retain.ts';
import { EXIT, type Execute } from './command.ts';

export interface RetainInput {
  readonly project: string;
  readonly olderThanMs: number;
  readonly user: string;
  readonly dryRun: boolean;
}

export type RetainDocument = Retained & { readonly dryRun: boolean; readonly olderThan: string };

export const retentionApply: Execute<RetainInput> = async (application, input) => {
  const { project, olderThanMs, user, dryRun } = input;
  const olderThan = new Date(application.clock.now() - olderThanMs);
  const retained = await retain(handsOf(application), { project, olderThan, by: user, dryRun });
  const document: RetainDocument = { dryRun, olderThan: olderThan.toISOString(), ...retained };
  return { document, exit: EXIT.complete };
};

export interface EraseInput {
  readonly project: string;
  readonly selection: ErasureSelection;
  readonly reason: string | null;
  readonly user: string;
  readonly dryRun: boolean;
  /** The command as it was typed, without `--dry-run`. */
  readonly typed: string;
}

export type EraseDocument = Erased & {
  readonly dryRun: boolean;
  readonly by: string;
  readonly selection: ErasureSelection;
};

export const erase: Execute<EraseInput> = async (application, input) => {
  const { project, selection, reason, user, dryRun, typed } = input;
  const erased = await eraseAll(handsOf(application), {
    project,
    selection,
    reason,
    by: user,
    dryRun,
  });
  const document: EraseDocument = { dryRun, by: user, selection, ...erased };
  return { document, extra: { typed }, exit: EXIT.complete };
};

function handsOf({ store, engine, clock, dataFolder }: Application): RetentionHands {
  return {
    db: store.db,
    copies: join(dataFolder, 'copies'),
    staging: join(dataFolder, 'staging'),
    now: () => new Date(clock.now()),
    pipelineOf: (name) => engine.pipelineOf(name),
    keyOf: (project) => engine.keyOf(project),
  };
}
