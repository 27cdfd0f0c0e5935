/** `lazaret documents [run]`: the QC documents and fix lists of a run, as things stand now. */
import { mkdirSync } from 'node:fs';
import { toFault } from '@lazaret/faults';
import { pipeline as forms } from '../pipelines/forms/index.ts';
import { writeDocuments } from '../pipelines/forms/documents/write-documents.ts';
import type { FormsConfiguration } from '../pipelines/forms/configure.ts';
import { FINAL_STATUSES } from '../store/runs.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Execute } from './command.ts';
import { latestOr } from './status.ts';

export interface DocumentsInput {
  readonly run?: string;
  /** Absolute; absent: beside the deliveries. */
  readonly out?: string;
  readonly project: string;
}

export interface DocumentsDocument {
  readonly run: string | null;
  /** Keys tell nothing of the data. */
  readonly documents: readonly {
    readonly kind: 'qc' | 'fix-list-csv' | 'fix-list-page';
    /** Of the file, or of the site. */
    readonly number: number;
    readonly key: string;
    readonly bytes: number;
  }[];
}

/** @throws RunNotFound, UsageWrong, the faults of the sink */
export const documents: Execute<DocumentsInput> = async (application, input, session) => {
  const { engine, store, clock } = application;
  const run = await latestOr(application, input.run, input.project);
  if (run === null) return { document: { run: null, documents: [] }, exit: EXIT.complete };
  if (run.pipeline !== forms.name) {
    throw cliCodes.fault('UsageWrong', {
      problem: `run ${run.short} took in no forms: there are no documents of it`,
    });
  }
  if (!FINAL_STATUSES.includes(run.status)) {
    throw cliCodes.fault('UsageWrong', {
      problem: `run ${run.short} is ${run.status}: it writes its documents when it is through`,
    });
  }
  if (input.out !== undefined) makeFolder(input.out);
  const key = await engine.keyOf(run.project);
  const written = await writeDocuments(
    {
      run,
      tools: forms.tools(run.configuration as FormsConfiguration, { key, recipe: run.recipe }),
      ...{ db: store.db, key, signal: session.controller.signal },
      now: () => new Date(clock.now()),
    },
    crypto.randomUUID(),
    input.out ?? null,
  );
  return { document: { run: run.short, documents: written }, exit: EXIT.complete };
};

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
  } catch (error) {
    throw toFault(error);
  }
}
