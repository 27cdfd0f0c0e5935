/** `lazaret held list|show|release|replay`: everything held has a way out. */
import { renderText } from '@lazaret/faults';
import { decide } from '../engine/decisions.ts';
import { parseItem, selectHeld, type HeldItem, type Selection } from '../engine/selection.ts';
import { openArrival } from '../engine/stage-rows.ts';
import { engineCodes } from '../engine/codes.ts';
import { catalogue, type Application } from '../main.ts';
import { EXIT, type Execute } from './command.ts';
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
    await recordReveal(application, run.id, no, input);
    place = pipeline.reveal?.(openArrival(await engine.keyOf(run.project), row.arrival)) ?? null;
  }
  return {
    document: {
      item: input.item,
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
      facts: row.facts,
      sameAs: await sameAs(application, row.same_as_run, row.same_as_no),
      findings: await findingsOf(application, run.id, no),
      decisions: await decisionsOf(application, run.id, no),
      since: held?.since ?? null,
      ...(input.reveal ? { source: place } : {}),
    },
    exit: EXIT.complete,
  };
};

export interface DecideInput extends WorkInput {
  readonly kind: 'release' | 'replay';
  readonly selection: Selection;
  readonly reason: string | null;
  readonly user: string;
  readonly dryRun: boolean;
  /** A configuration to go through under, where it should be another than that of the run. */
  readonly given?: unknown;
}

export const heldDecide: Execute<DecideInput> = async (application, input, session) => {
  const { store, engine, clock } = application;
  const { kind, selection, reason, user } = input;
  if (input.dryRun) {
    const items = await selectHeld(store.db, catalogue, selection, MAX_LISTED);
    return { document: { dryRun: true, selected: items.map(shown) }, exit: EXIT.complete };
  }
  const decided = await decide(
    store.db,
    catalogue,
    { kind, selection, by: user, reason },
    new Date(clock.now()),
  );
  const pipeline = engine.pipelineOf(decided.items[0]?.pipeline ?? 'imaging');
  const children = await engine.createChildren({
    decided,
    user,
    ...(input.given === undefined ? {} : { configuration: pipeline.configure(input.given) }),
  });
  const runs = [];
  let exit: number = EXIT.complete;
  let extra: unknown;
  for (const child of children) {
    const worked = await workOn(application, child, input, session);
    runs.push(worked.summary);
    extra = worked.extra;
    exit = Math.max(exit, worked.exit);
  }
  return {
    document: {
      decision: decided.decision,
      kind,
      by: user,
      reason,
      items: decided.items.length,
      waitingForSecond: decided.waiting.map(({ item }) => item),
      runs,
    },
    extra,
    exit,
  };
};

function shown({ runId: _, no: __, ...item }: HeldItem): Omit<HeldItem, 'runId' | 'no'> {
  return item;
}

async function sameAs(
  { engine }: Application,
  run: string | null,
  no: number | null,
): Promise<string | null> {
  return run === null ? null : `${(await engine.find(run)).short}/${no}`;
}

async function findingsOf({ store }: Application, run: string, no: number): Promise<unknown[]> {
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

async function decisionsOf({ store }: Application, run: string, no: number): Promise<unknown[]> {
  return store.db
    .selectFrom('lazaret.decision_item as i')
    .innerJoin('lazaret.decision as d', 'd.id', 'i.decision')
    .leftJoin('lazaret.run as r', 'r.id', 'd.run')
    .select(['d.kind', 'd.by', 'd.at', 'd.reason', 'i.code', 'r.short as run'])
    .where('i.run', '=', run)
    .where('i.no', '=', no)
    .orderBy('d.at')
    .execute();
}

async function recordReveal(
  { store, clock }: Application,
  run: string,
  no: number,
  input: HeldShowInput,
): Promise<void> {
  const decision = crypto.randomUUID();
  await store.db.transaction().execute(async (trx) => {
    await trx
      .insertInto('lazaret.decision')
      .values({
        id: decision,
        project: input.project,
        kind: 'reveal',
        by: input.user,
        at: new Date(clock.now()),
        reason: null,
        selection: JSON.stringify({ items: [input.item] }),
        run: null,
      })
      .execute();
    await trx
      .insertInto('lazaret.decision_item')
      .values({ decision, run, no, code: null })
      .execute();
  });
}
