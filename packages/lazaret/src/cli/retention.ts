/** `lazaret retention apply` and `lazaret erase`: what goes, and what they leave behind. */
import { join } from 'node:path';
import { messageParts } from '@lazaret/faults';
import type { SettledFiles } from '../engine/pipeline.ts';
import { catalogue, type Application } from '../main.ts';
import { erase as eraseAll, type Erased } from '../retention/erase.ts';
import type { ErasureSelection } from '../retention/erasure-scope.ts';
import { settleRemovals, type RetentionHands } from '../retention/removals.ts';
import { retain, type Retained } from '../retention/retain.ts';
import { EXIT, type Execute } from './command.ts';

export interface RetainInput {
  readonly project: string;
  readonly olderThanMs: number;
  readonly user: string;
  readonly dryRun: boolean;
}

/** What became of files that were to go. */
export interface FilesDocument {
  readonly removed: number;
  readonly left: number;
  /** Why the first of them is left. */
  readonly because: {
    readonly id: string;
    readonly message: string;
    readonly action: string;
  } | null;
}

export type RetainDocument = Omit<Retained, 'files'> & {
  readonly dryRun: boolean;
  readonly olderThan: string;
  readonly files: FilesDocument | null;
};

export const retentionApply: Execute<RetainInput> = async (application, input) => {
  const { project, olderThanMs, user, dryRun } = input;
  const olderThan = new Date(application.clock.now() - olderThanMs);
  const retained = await retain(handsOf(application), { project, olderThan, by: user, dryRun });
  const files = filesDocument(retained.files);
  const document: RetainDocument = {
    dryRun,
    olderThan: olderThan.toISOString(),
    ...retained,
    files,
  };
  return { document, exit: exitOf(files) };
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

export type EraseDocument = Omit<Erased, 'files'> & {
  readonly files: FilesDocument | null;
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
  const files = filesDocument(erased.files);
  const document: EraseDocument = { dryRun, by: user, selection, ...erased, files };
  return { document, extra: { typed }, exit: exitOf(files) };
};

/**
 * Brings to an end what an erasure or a retention before could not remove. Said in the log and not
 * thrown: what is about to be done has nothing to do with it.
 */
export async function finishRemovals(application: Application): Promise<void> {
  const { removed, left, fault } = await settleRemovals(handsOf(application));
  const log = application.log.about('retention');
  if (removed > 0) log.tell('Files of an earlier removal are gone.', { files: removed });
  if (fault !== null) {
    log.fault(fault);
    log.say('warn', 'Files that were to be removed are still there.', { files: left });
  }
}

function filesDocument(files: SettledFiles | null): FilesDocument | null {
  if (files === null) return null;
  const { removed, left, fault } = files;
  if (fault === null) return { removed, left, because: null };
  const entry = catalogue.entryOf(fault);
  const { message, action } = messageParts(entry, fault.parameters, fault.place, 'operator');
  return { removed, left, because: { id: entry.id, message, action } };
}

/** What was decided stands, but it is not done before the files are gone. */
function exitOf(files: FilesDocument | null): number {
  return (files?.left ?? 0) > 0 ? EXIT.failed : EXIT.complete;
}

function handsOf({ store, engine, clock, dataFolder }: Application): RetentionHands {
  return {
    db: store.db,
    copies: join(dataFolder, 'copies'),
    staging: join(dataFolder, 'staging'),
    now: () => new Date(clock.now()),
    pipelines: engine.pipelines,
    pipelineOf: (name) => engine.pipelineOf(name),
    keyOf: (project) => engine.keyOf(project),
  };
}
