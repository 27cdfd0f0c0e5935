/** `lazaret held list|show`: what is held, and why. */
import { renderText, type Parameters, type Place, type Release } from '@lazaret/faults';
import type { DecisionKind, FinalDisposition } from '../store/tables.ts';
import { MAX_SELECTED } from '../engine/decisions.ts';
import { livesOf, livesTable, type Life } from '../engine/lineage.ts';
import {
  groupHeld,
  parseItem,
  selectHeld,
  wayOut,
  type Grouping,
  type HeldGroup,
  type HeldItem,
  type Selection,
} from '../engine/selection.ts';
import { openArrival } from '../engine/stage-rows.ts';
import { engineCodes } from '../engine/codes.ts';
import { catalogue, type Application } from '../main.ts';
import { EXIT, type Execute } from './command.ts';
import { recordReveal } from './reveal.ts';

export interface HeldListInput {
  readonly selection: Selection;
  /** Count in groups instead of listing items. */
  readonly by?: Grouping;
  /** Rows at most; absent: as many as one decision may be about. */
  readonly limit?: number;
  /** Rows to pass over. */
  readonly skip?: number;
}

/** What the text of a list needs beside its rows. */
export interface HeldListExtra {
  /** How many fit, shown or not. */
  readonly total: number;
  readonly skip: number;
  /** What was counted by; null for a list of items. */
  readonly by: Grouping | null;
  /** What fits, by that or by code. */
  readonly groups: readonly HeldGroup[];
}

export type HeldListDocument = readonly ShownItem[] | readonly HeldGroup[];

export const heldList: Execute<HeldListInput> = async (application, input) => {
  const { db } = application.store;
  const { selection, by, limit = MAX_SELECTED, skip = 0 } = input;
  const now = new Date(application.clock.now());
  const groups = await groupHeld(db, catalogue, selection, by ?? 'code', now);
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  const extra: HeldListExtra = { total, skip, by: by ?? null, groups };
  const document: HeldListDocument =
    by === undefined
      ? (await selectHeld(db, catalogue, selection, { limit, skip })).map(shown)
      : groups;
  return { document, extra, exit: EXIT.complete };
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
    release: wayOut(entry),
    action: entry.action,
    site: run.site,
    digest: row.digest,
    facts: row.facts,
    sameAs: await sameAs(application, row.same_as_run, row.same_as_no),
    findings: await findingsOf(application, run.id, no),
    decisions: await decisionsOf(application, run.id, no),
    lives: await livesOf(store.db, run.id, no),
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
  /** What was decided about it in any of its lives. */
  readonly decisions: readonly {
    readonly item: string;
    readonly kind: DecisionKind;
    readonly by: string;
    readonly at: string;
    readonly reason: string | null;
    readonly code: string | null;
    readonly run: string | null;
  }[];
  /** Each time that it went through, this one included, the first one first. */
  readonly lives: readonly Life[];
  /** When it was settled as it is. */
  readonly at: string;
  /** Where it came from; only where that was asked for. */
  readonly source?: string | null;
}

/** A held item, as it is printed. */
export type ShownItem = Omit<HeldItem, 'runId' | 'no'>;

export function shown({ runId: _, no: __, ...item }: HeldItem): ShownItem {
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
    .innerJoin('lazaret.run as o', 'o.id', 'i.run')
    .innerJoin(livesTable(run, no).as('l'), (join) =>
      join.onRef('l.run', '=', 'i.run').onRef('l.no', '=', 'i.no'),
    )
    .leftJoin('lazaret.run as r', 'r.id', 'd.run')
    .select(['o.short', 'i.no', 'd.kind', 'd.by', 'd.at', 'd.reason', 'i.code', 'r.short as run'])
    .orderBy('d.at')
    .execute();
  return rows.map(({ short, no: number, at, ...row }) => ({
    item: `${short}/${number}`,
    at: at.toISOString(),
    ...row,
  }));
}
