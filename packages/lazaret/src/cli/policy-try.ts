/** `lazaret policy try`: what another policy would change in what is stored. Nothing is written. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { catalogue, type Application } from '../main.ts';
import type { RunRow } from '../store/runs.ts';
import { folderSource } from '../pipelines/imaging/find.ts';
import { defaultPolicy, parsePolicy, type Policy } from '../pipelines/imaging/policy.ts';
import { tryPolicies, type Trial } from '../pipelines/imaging/policy-try/trial.ts';
import type { ImagingConfiguration } from '../pipelines/imaging/tools.ts';
import { engineCodes } from '../engine/codes.ts';
import type { Source } from '../engine/pipeline.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Execute } from './command.ts';

export interface PolicyTryInput {
  readonly policy: unknown;
  /** The policy that a folder would be taken in under now; null: the one of Lazaret. */
  readonly present: unknown;
  readonly project: string;
  readonly run?: string;
  readonly folder?: string;
  readonly maxItems: number;
}

interface PolicyName {
  readonly name: string;
  readonly version: string;
}

export interface TrialDocument extends Trial {
  /** Null where a folder was tried. */
  readonly run: string | null;
  readonly policies: { readonly before: PolicyName; readonly after: PolicyName };
}

const STAGE = 'try';

export const policyTry: Execute<PolicyTryInput> = async (application, input, session) => {
  const after = parsePolicy(input.policy);
  const { before, open, run } = await subjectOf(application, input);
  const progress = session.progressOf({
    pipeline: 'imaging',
    run: run?.short ?? '',
    stages: [{ name: STAGE, passes: 1 }],
  });
  const trial = await tryPolicies({
    open,
    before,
    after,
    maxItems: input.maxItems,
    ...(run === null ? {} : { known: (digests) => takenIn(application, run, digests) }),
    secret: randomBytes(32),
    signal: session.controller.signal,
    onCounted: (files) => {
      progress.arrived(Math.min(files, input.maxItems), 0);
      progress.allArrived();
    },
    onTried: (files) => progress.advanced(STAGE, files),
  });
  const document: TrialDocument = {
    run: run?.short ?? null,
    policies: { before: nameOf(before), after: nameOf(after) },
    ...trial,
    changed: trial.changed.map(({ before: was, after: is, items }) => ({
      before: withId(was),
      after: withId(is),
      items,
    })),
  };
  return { document, exit: EXIT.complete };
};

/** What the policy is tried on, and the policy that it is compared with. */
async function subjectOf(
  { engine, store }: Application,
  { run: wanted, folder, present, project }: PolicyTryInput,
): Promise<{ before: Policy; open: () => Source; run: RunRow | null }> {
  if (folder !== undefined) {
    const before = present === null ? defaultPolicy() : parsePolicy(present);
    return { before, open: () => folderSource(folder), run: null };
  }
  let run: RunRow | null;
  if (wanted === undefined) {
    const newest = await store.db
      .selectFrom('lazaret.run')
      .select('id')
      .where('project', '=', project)
      .where('pipeline', '=', 'imaging')
      .where('parent', 'is', null)
      .orderBy('created_at', 'desc')
      .executeTakeFirst();
    if (newest === undefined) {
      throw cliCodes.fault('UsageWrong', {
        problem: 'the project has no run of images yet: name a folder to try the policy on',
      });
    }
    run = await engine.find(newest.id);
  } else {
    run = await engine.find(wanted);
    // Releases and replays have the source of the run that they are of, and some of its items.
    while (run.parent !== null) run = await engine.find(run.parent);
    if (run.pipeline !== 'imaging') {
      const nearest = 'A policy is tried on a run of images.';
      throw engineCodes.fault('RunNotFound', { run: run.short, nearest });
    }
  }
  const { configuration } = run;
  const location = await engine.locationOf(run);
  const pipeline = engine.pipelineOf(run.pipeline);
  return {
    before: (configuration as ImagingConfiguration).policy,
    open: () => pipeline.open(configuration, location),
    run,
  };
}

/** Which digests are of items that the run took in, or of items that its were repeats of. */
async function takenIn(
  { store }: Application,
  run: RunRow,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ digest: string }>`
    select digest from lazaret.receipt
      where project = ${run.project} and pipeline = ${run.pipeline}
        and digest = any(${[...digests]}::text[])
    union
    select digest from lazaret.published_item
      where run = ${run.id} and digest = any(${[...digests]}::text[])`.execute(store.db);
  return new Set(rows.map(({ digest }) => digest));
}

function nameOf({ name, version }: Policy): PolicyName {
  return { name, version };
}

/** Codes go with their ids, by which people call them. */
function withId<Standing extends { readonly code: string | null }>(
  standing: Standing,
): Standing & { readonly id: string | null } {
  const { code } = standing;
  return { ...standing, id: code === null ? null : catalogue.entryOf({ code }).id };
}
