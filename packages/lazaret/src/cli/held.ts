/** `lazaret held list|show|release|replay`: everything held has a way out. */
import { renderText, type Parameters, type Place, type Release } from '@lazaret/faults';
import type { RunSummary } from '../engine/summary.ts';
import type { RunRow } from '../store/runs.ts';
import type { DecisionKind, FinalDisposition } from '../store/tables.ts';
import { decide, MAX_SELECTED } from '../engine/decisions.ts';
import { parseItem, selectHeld, type HeldItem, type Selection } from '../engine/selection.ts';
import { openArrival } from '../engine/stage-rows.ts';
import { engineCodes } from '../engine/codes.ts';
import { catalogue, type Application } from '../main.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Execute } from './command.ts';
import { recordReveal } from './reveal.ts';
import { workOn, type WorkInput } from './run-command.ts';

export interface HeldListInput {
  readonly selection: Selection;
}

const MAX_LISTED = 10_000;

export const heldList: Execute<HeldListInput> = async ({ store }, { selection }) => {
  const items = await selectHeld(store.db, catalogue, selection, MAX_LISTED);
  return { document: items.map(shown), exit: EXIT.complete };
};

export interface HeldShowInput {
  readonly item: string;
  /** Show where the item came from: it may name a patient, so the look is recorded. */
  readonly reveal: boolean;
  readonly user: string;
  readonly project: string;
}

export const heldShow: Execute<HeldShowInput> = async (application, input) => {
  const { store, engine } = application;
  const { run: short, no } = parseItem(input.item);
  const run = await engine.find(short);
  const row = await store.db
    .selectFrom('lazaret.published_item')
    .selectAll()
    .where('run', '=', run.id)
    .where('no', '=', no)
    .executeTakeFirst();
  if (row === undefined) throw engineCodes.fault('ItemNotFound', { item: input.item });
  const entry = catalogue.entryOf(row);
  const [held] = await selectHeld(
    store.db,
    catalogue,
    { project: run.project, items: [input.item] },
    1,
  );
  const pipeline = engine.pipelineOf(run.pipeline);
  let place: string | null = null;
  if (input.reveal && row.arrival !== null) {
    await recordReveal(application, {
      project: input.project,
      user: input.user,
      reason: null,
      selection: { items: [input.item] },
      items: [{ run: run.id, no }],
    });
    place = pipeline.reveal?.(openArrival(await engine.keyOf(run.project), row.arrival)) ?? null;
  }
  const batch = await store.db
    .selectFrom('lazaret.batch')
    .select('finished_at')
    .where('id', '=', row.batch)
    .executeTakeFirstOrThrow();
  const document: HeldDocument = {
    item: input.item,
    pipeline: run.pipeline,
    disposition: row.disposition,
    stillHeld: held !== undefined,
    id: entry.id,
    name: entry.name,
    title: entry.title,
    stage: row.stage,
    step: row.step,
    release: entry.release,
    action: entry.action,
    site: run.site,
    digest: row.digest,
    facts: row.facts,
    sameAs: await sameAs(application, row.same_as_run, row.same_as_no),
    findings: await findingsOf(application, run.id, no),
    decisions: await decisionsOf(application, run.id, no),
    at: (batch.finished_at ?? run.created_at).toISOString(),
    ...(input.reveal ? { source: place } : {}),
  };
  return { document, exit: EXIT.complete };
};

/** One item that was not delivered, in full. */
export interface HeldDocument {
  readonly item: string;
  readonly pipeline: string;
  readonly disposition: FinalDisposition;
  /** Whether it is held at this moment: a later run may have settled it. */
  readonly stillHeld: boolean;
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly stage: string;
  readonly step: string;
  readonly release: Release;
  readonly action: string;
  readonly site: string;
  readonly digest: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly sameAs: string | null;
  readonly findings: readonly {
    readonly code: string;
    readonly id: string;
    readonly type: 'error' | 'alert' | 'warning';
    readonly step: string;
    readonly parameters: Parameters;
    readonly place: Place;
    readonly decision: string | null;
    readonly message: string;
  }[];
  readonly decisions: readonly {
    readonly kind: DecisionKind;
    readonly by: string;
    readonly at: string;
    readonly reason: string | null;
    readonly code: string | null;
    readonly run: string | null;
  }[];
  /** When it was settled as it is. */
  readonly at: string;
  /** Where it came from; only where that was asked for. */
  readonly source?: string | null;
}

export interface DecideInput extends WorkInput {
  readonly kind: 'release' | 'replay';
  readonly selection: Selection;
  readonly reason: string | null;
  readonly user: string;
  readonly dryRun: boolean;
  /** A policy to go through under, where it should be another than that of the run. */
  readonly policy?: unknown;
}

export type DecisionDocument =
  | { readonly dryRun: true; readonly selected: readonly ShownItem[] }
  | {
      readonly dryRun: false;
      readonly decision: string;
      readonly kind: 'release' | 'replay';
      readonly by: string;
      readonly reason: string | null;
      /** How many items go through again. */
      readonly items: number;
      /** Items that wait until another person releases them, too. */
      readonly waitingForSecond: readonly string[];
      readonly runs: readonly RunSummary[];
    };

export const heldDecide: Execute<DecideInput> = async (application, input, session) => {
  const { store, engine, clock } = application;
  const { kind, selection, reason, user } = input;
  if (input.dryRun) {
    const items = await selectHeld(store.db, catalogue, selection, MAX_LISTED);
    const document: DecisionDocument = { dryRun: true, selected: items.map(shown) };
    return { document, exit: EXIT.complete };
  }
  // A policy that is none is refused before anything is decided.
  const revised = await reviseRuns(application, input);
  const decided = await decide(
    store.db,
    catalogue,
    { kind, selection, by: user, reason },
    new Date(clock.now()),
  );
  const children: RunRow[] = [];
  for (const [run, items] of Map.groupBy(decided.items, ({ runId }) => runId)) {
    const configuration = revised.get(run);
    children.push(
      ...(await engine.createChildren({
        decided: { ...decided, items },
        user,
        ...(configuration === undefined ? {} : { configuration }),
      })),
    );
  }
  const runs: RunSummary[] = [];
  let exit: number = EXIT.complete;
  let extra: unknown;
  for (const child of children) {
    const worked = await workOn(application, child, input, session);
    runs.push(worked.summary);
    extra = worked.extra;
    exit = Math.max(exit, worked.exit);
  }
  const document: DecisionDocument = {
    dryRun: false,
    decision: decided.decision,
    kind,
    by: user,
    reason,
    items: decided.items.length,
    waitingForSecond: decided.waiting.map(({ item }) => item),
    runs,
  };
  return { document, extra, exit };
};

type ShownItem = Omit<HeldItem, 'runId' | 'no'>;

/** The configurations of the runs that a selection is of, under the policy that was given. */
async function reviseRuns(
  { store, engine }: Application,
  { policy, selection }: DecideInput,
): Promise<Map<string, unknown>> {
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

function shown({ runId: _, no: __, ...item }: HeldItem): ShownItem {
  return item;
}

async function sameAs(
  { engine }: Application,
  run: string | null,
  no: number | null,
): Promise<string | null> {
  return run === null ? null : `${(await engine.find(run)).short}/${no}`;
}

async function findingsOf(
  { store }: Application,
  run: string,
  no: number,
): Promise<HeldDocument['findings']> {
  const rows = await store.db
    .selectFrom('lazaret.published_finding')
    .select(['code', 'code_id as id', 'type', 'step', 'parameters', 'place', 'decision'])
    .where('run', '=', run)
    .where('item', '=', no)
    .orderBy('at')
    .execute();
  return rows.map((row) => ({
    ...row,
    message: renderText(catalogue.entryOf(row), row.parameters, row.place, 'operator'),
  }));
}

async function decisionsOf(
  { store }: Application,
  run: string,
  no: number,
): Promise<HeldDocument['decisions']> {
  const rows = await store.db
    .selectFrom('lazaret.decision_item as i')
    .innerJoin('lazaret.decision as d', 'd.id', 'i.decision')
    .leftJoin('lazaret.run as r', 'r.id', 'd.run')
    .select(['d.kind', 'd.by', 'd.at', 'd.reason', 'i.code', 'r.short as run'])
    .where('i.run', '=', run)
    .where('i.no', '=', no)
    .orderBy('d.at')
    .execute();
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
