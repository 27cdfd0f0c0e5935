/** `lazaret held release|replay`: everything held has a way out, and the result says who took it. */
import type { Release } from '@lazaret/faults';
import { countCleared, foreseenCleared, type Cleared } from '../engine/cleared.ts';
import { MAX_SELECTED, partSelection } from '../engine/decisions.ts';
import { engineCodes } from '../engine/codes.ts';
import type { Foreseen } from '../engine/rehearse.ts';
import { selectHeld, type HeldItem, type Selection } from '../engine/selection.ts';
import type { Revised } from '../engine/sending.ts';
import type { RunSummary } from '../engine/summary.ts';
import { catalogue, type Application } from '../main.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Execute, type Outcome, type Session } from './command.ts';
import { shown, type ShownItem } from './held.ts';
import { workOn, type SummaryExtra, type WorkInput } from './run-command.ts';
import { progressStages } from './terminal/stage-progress.ts';

export interface DecideInput extends WorkInput {
  readonly kind: 'release' | 'replay';
  readonly selection: Selection;
  readonly reason: string | null;
  readonly user: string;
  readonly dryRun: boolean;
  /** Of a release: leave out what nobody may let go, instead of refusing the whole. */
  readonly allowedOnly?: boolean;
  /** A policy to go through under, where it should be another than that of the run. */
  readonly policy?: unknown;
  /** The command, to be proposed again. */
  readonly typed?: Typed;
}

/** The command as it was typed, without `--dry-run`. */
export interface Typed {
  readonly again: string;
  /** By somebody else, with a reason of their own. */
  readonly bySecond: string;
}

/** Items that the decision is not about, by the code that holds them. */
interface LeftOut {
  readonly id: string;
  readonly name: string;
  readonly count: number;
  /** How these may be let go. */
  readonly release: Release;
}

/** What of the selection goes, and what does not. */
interface PartedDocument {
  readonly kind: 'release' | 'replay';
  readonly by: string;
  readonly selection: Selection;
  /** Items that wait until another person releases them, too. */
  readonly waitingForSecond: readonly string[];
  /** What nobody may let go; a release is refused for it, but with `--allowed-only`. */
  readonly refused: readonly LeftOut[];
  /** What is on its way already, by an earlier decision. */
  readonly underWay: { readonly items: number; readonly runs: readonly string[] };
}

export interface DryRunDocument extends PartedDocument {
  readonly dryRun: true;
  /** How each item would stand; `through` is as far as the rehearsal looked. */
  readonly selected: readonly (ShownItem & {
    readonly would: Foreseen['would'];
    readonly wouldCode: string | null;
  })[];
  /** The last step that was rehearsed; null where none could be. */
  readonly lookedUpTo: string | null;
  readonly cleared: readonly Cleared[];
}

export interface DecidedDocument extends PartedDocument {
  readonly dryRun: false;
  readonly decision: string;
  readonly reason: string | null;
  /** How many items go through again. */
  readonly items: number;
  /** By the code that held them: how many are cleared, and what holds the others. */
  readonly cleared: readonly Cleared[];
  readonly runs: readonly RunSummary[];
}

export type DecisionDocument = DryRunDocument | DecidedDocument;

/** What people's text needs beside the document. */
export interface DecisionExtra {
  readonly last: SummaryExtra | null;
  readonly typed: Typed | null;
}

export const heldDecide: Execute<DecideInput> = async (application, input, session) => {
  const { engine, store } = application;
  // A policy that is none is refused before anything is decided.
  const revised = await reviseRuns(application, input);
  if (input.dryRun) return foresee(application, input, revised, session);
  const { kind, selection, reason, user, allowedOnly = false } = input;
  const { decided, children } = await engine.decide(
    { kind, selection, by: user, reason, allowedOnly },
    revised,
  );
  const runs: RunSummary[] = [];
  let exit: number = EXIT.complete;
  let last: SummaryExtra | null = null;
  for (const child of children) {
    const worked = await workOn(application, child, input, session);
    runs.push(worked.summary);
    last = worked.extra;
    exit = Math.max(exit, worked.exit);
  }
  const document: DecidedDocument = {
    dryRun: false,
    decision: decided.decision,
    ...partedDocument(input, decided),
    reason,
    items: decided.items.length,
    cleared: await countCleared(
      store.db,
      catalogue,
      children.map(({ id }) => id),
    ),
    runs,
  };
  const extra: DecisionExtra = { last, typed: input.typed ?? null };
  return { document, extra, exit };
};

/** Says what would become of the selection, and leaves everything as it is. */
async function foresee(
  application: Application,
  input: DecideInput,
  revised: Revised,
  session: Session,
): Promise<Outcome> {
  const { engine, store } = application;
  const { kind, selection, reason, user } = input;
  const parted = await partSelection(store.db, catalogue, { kind, selection, by: user, reason });
  if (parted.items.length + parted.waiting.length + parted.refused.length === 0) {
    if (parted.underWay.length === 0) throw engineCodes.fault('NothingSelected', {});
  }
  const [first] = parted.items;
  const rehearsed =
    first === undefined
      ? { foreseen: [], upTo: null }
      : await engine.rehearse({
          items: parted.items,
          released: new Map(
            parted.items.map(({ item, name }) => [
              item,
              kind === 'release' ? { [name]: REHEARSED } : {},
            ]),
          ),
          revised,
          progress: session.progressOf({
            pipeline: first.pipeline,
            run: 'dry run',
            stages: progressStages(engine.pipelineOf(first.pipeline).stages),
          }),
          signal: session.controller.signal,
        });
  const document: DryRunDocument = {
    dryRun: true,
    ...partedDocument(input, parted),
    selected: rehearsed.foreseen.map(({ item, would, code }) => ({
      ...shown(item),
      would,
      wouldCode: code === null ? null : catalogue.entryOf({ code }).id,
    })),
    lookedUpTo: rehearsed.upTo,
    cleared: foreseenCleared(catalogue, rehearsed.foreseen),
  };
  const extra: DecisionExtra = { last: null, typed: input.typed ?? null };
  return { document, extra, exit: EXIT.complete };
}

/** Stands for the decision that a rehearsal does not make. */
const REHEARSED = 'rehearsed';

function partedDocument(
  { kind, user, selection }: DecideInput,
  parted: Pick<Awaited<ReturnType<typeof partSelection>>, 'waiting' | 'refused' | 'underWay'>,
): PartedDocument {
  const runs = parted.underWay.flatMap(({ underWay }) => (underWay === null ? [] : [underWay]));
  return {
    kind,
    by: user,
    selection,
    waitingForSecond: parted.waiting.map(({ item }) => item),
    refused: countByHolder(parted.refused),
    underWay: { items: parted.underWay.length, runs: [...new Set(runs)] },
  };
}

function countByHolder(items: readonly HeldItem[]): LeftOut[] {
  return [...Map.groupBy(items, ({ id }) => id).values()]
    .flatMap((some) => {
      const [first] = some;
      if (first === undefined) return [];
      const { id, name, release } = first;
      return [{ id, name, release, count: some.length }];
    })
    .sort((a, b) => b.count - a.count);
}

/** The configurations of the runs that a selection is of, under the policy that was given. */
async function reviseRuns(
  { store, engine }: Application,
  { policy, selection }: DecideInput,
): Promise<Revised> {
  const revised = new Map<string, unknown>();
  if (policy === undefined) return revised;
  for (const { runId } of await selectHeld(store.db, catalogue, selection, MAX_SELECTED)) {
    if (revised.has(runId)) continue;
    const run = await engine.find(runId);
    const pipeline = engine.pipelineOf(run.pipeline);
    if (pipeline.revise === undefined) {
      throw cliCodes.fault('UsageWrong', { problem: `${run.pipeline} takes no policy` });
    }
    revised.set(runId, pipeline.revise(run.configuration, policy));
  }
  return revised;
}
