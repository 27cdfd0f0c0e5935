/**
 * A rehearsal: held items go through the stages as a replay would take them, and nothing comes of
 * it. No run is made, no row is written (batch steps work in transactions that the database keeps
 * read-only), no service is asked, nothing is delivered. Where a step cannot be tried that way, the
 * rehearsal ends before it, and says how far it looked.
 */
import type { Finding } from '@lazaret/faults';
import { secretOf } from '../identity/keys.ts';
import type { Db } from '../store/open.ts';
import type { RunRow } from '../store/runs.ts';
import { descentOf, fetchTravellers, type Returning } from './child-run.ts';
import { findRepeats, type Repeat, type Root } from './dedupe.ts';
import { findErased } from './erased.ts';
import type { Traveller } from './members.ts';
import { hold, pass, type BatchStep, type Stage } from './pipeline.ts';
import type { HeldItem } from './selection.ts';
import { settle, type Released, type Standing } from './settle.ts';
import type { WorkerPool } from './workers/pool.ts';

export interface RehearsalRequest {
  readonly parent: RunRow;
  /** All of one run. */
  readonly items: readonly HeldItem[];
  readonly configuration: unknown;
  readonly recipe: string;
  readonly output: string;
  /** What would be let go by the decision itself, by item number, besides what was released before. */
  readonly released: ReadonlyMap<number, Released>;
}

/** How an item would stand. `through`: as far as the rehearsal looked, nothing stops it. */
export interface Foreseen {
  readonly item: HeldItem;
  readonly would: 'through' | 'held' | 'rejected' | 'skipped' | 'duplicate';
  /** The code that would decide; null for what goes through. */
  readonly code: string | null;
}

export interface Rehearsed {
  readonly foreseen: readonly Foreseen[];
  /** The last step that was gone through; null where not even the first one could be tried. */
  readonly upTo: string | null;
}

interface Stagehands extends Returning {
  readonly db: Db;
  readonly pool: WorkerPool;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onProgress: (stage: string, items: number) => void;
}

/** @throws NothingSelected, the faults of steps, and the signal's reason */
export async function rehearse(hands: Stagehands, request: RehearsalRequest): Promise<Rehearsed> {
  const { pool, pipeline, key } = hands;
  const id = crypto.randomUUID();
  pool.open({
    run: id,
    module: pipeline.module.href,
    configuration: request.configuration,
    secret: secretOf(key),
    recipe: request.recipe,
  });
  try {
    return await new Rehearsal(hands, request, id).perform();
  } finally {
    pool.close(id);
  }
}

class Rehearsal {
  readonly #hands: Stagehands;
  readonly #request: RehearsalRequest;
  readonly #id: string;
  readonly #tools: unknown;
  readonly #roots = new Map<number, Root>();
  readonly #stopped = new Map<number, Extract<Standing, { kind: 'stopped' }>>();
  /** What a recipe with the same output has delivered: repeats, if they get so far. */
  readonly #delivered = new Map<number, Repeat>();
  readonly #found = new Map<number, Finding[]>();
  #upTo: string | null = null;
  #isOver = false;

  constructor(hands: Stagehands, request: RehearsalRequest, id: string) {
    this.#hands = hands;
    this.#request = request;
    this.#id = id;
    this.#tools = hands.pipeline.tools(request.configuration, {
      key: hands.key,
      recipe: request.recipe,
    });
  }

  async perform(): Promise<Rehearsed> {
    const { items } = this.#request;
    let alive = await this.#arrive();
    for (const [index, stage] of this.#hands.pipeline.stages.entries()) {
      if (this.#isOver || alive.length === 0) break;
      const batches = index === 0 ? [alive] : cutAnew(stage, alive);
      // The stage ends for all of its batches where it ends for one: how far it looked is one place.
      alive = await this.#goThrough(stage, index, batches);
    }
    return {
      upTo: this.#upTo,
      foreseen: items.map((item, at) => {
        const stopped = this.#stopped.get(at + 1);
        return stopped === undefined
          ? { item, would: 'through', code: null }
          : { item, would: stopped.disposition, code: stopped.code };
      }),
    };
  }

  async #arrive(): Promise<Traveller[]> {
    const { db } = this.#hands;
    const { items, released } = this.#request;
    const travellers: Traveller[] = [];
    for (let from = 0; from < items.length; from += ITEMS_AT_ONCE) {
      const some = items.slice(from, from + ITEMS_AT_ONCE);
      for (const row of await descentOf(db, this.#id, some, from + 1)) {
        this.#roots.set(row.no, { run: row.root_run, no: row.root_no });
      }
      travellers.push(...(await fetchTravellers(db, this.#hands, some, from + 1)));
    }
    return travellers.map((traveller, at) => ({
      ...traveller,
      released: { ...traveller.released, ...released.get(items[at]?.no ?? 0) },
    }));
  }

  async #goThrough(
    stage: Stage<unknown>,
    index: number,
    batches: readonly (readonly Traveller[])[],
  ): Promise<Traveller[]> {
    let groups = batches;
    if (stage.dedupe) {
      await this.#holdErased(groups.flat());
      groups = await this.#recogniseRepeats(
        groups.map((some) => some.filter(({ item }) => !this.#stopped.has(item))),
      );
    }
    for (let from = 0; from < stage.steps.length && !this.#isOver;) {
      const step = stage.steps[from];
      if (step?.kind === 'batch') {
        const next = await this.#batchStep(step.step, groups);
        if (next === null) break;
        groups = next;
        from += 1;
      } else if (step?.kind === 'repeats') {
        groups = groups.map((some) => this.#setAside(some, this.#delivered));
        from += 1;
      } else {
        let to = from;
        while (stage.steps[to]?.kind === 'item') to += 1;
        groups = [await this.#itemSteps(stage, index, from, to, groups.flat())].flatMap((some) =>
          regroup(groups, some),
        );
        from = to;
      }
    }
    return groups.flat();
  }

  async #holdErased(travellers: readonly Traveller[]): Promise<void> {
    const { db, key, pipeline } = this.#hands;
    const { parent, configuration } = this.#request;
    const context = { db, key, pipeline, configuration, run: { project: parent.project } };
    const erased = await findErased(context, travellers);
    for (const traveller of travellers) {
      const finding = erased.get(traveller.item);
      const { value, released } = traveller;
      const said = finding === undefined ? pass(value) : hold(finding, value);
      this.#take(traveller, settle('dedupe', value, said, released).standing);
    }
  }

  async #recogniseRepeats(
    groups: readonly (readonly Traveller[])[],
  ): Promise<readonly (readonly Traveller[])[]> {
    const { db, pipeline } = this.#hands;
    const { parent, recipe, output } = this.#request;
    const run = { id: this.#id, project: parent.project, recipe, output };
    const left: Traveller[][] = [];
    for (const some of groups) {
      const repeats = await findRepeats({ db, pipeline, run }, some, this.#roots);
      for (const [item, repeat] of repeats.delivered) this.#delivered.set(item, repeat);
      left.push(this.#setAside(some, repeats.certain));
    }
    return left;
  }

  #setAside(travellers: readonly Traveller[], repeats: ReadonlyMap<number, Repeat>): Traveller[] {
    return travellers.filter(({ item, value }) => {
      const repeat = repeats.get(item);
      if (repeat === undefined) return true;
      const { code } = repeat.finding;
      const stopped = { kind: 'stopped', disposition: 'duplicate', step: 'dedupe' } as const;
      this.#stopped.set(item, { ...stopped, code, sameAs: null, value });
      return false;
    });
  }

  async #itemSteps(
    stage: Stage<unknown>,
    index: number,
    from: number,
    to: number,
    travellers: readonly Traveller[],
  ): Promise<Traveller[]> {
    const steps = stage.steps
      .slice(from, to)
      .flatMap((each) => (each.kind === 'item' ? [each.step] : []));
    const end = steps.findIndex(({ endRehearsal }) => endRehearsal !== undefined);
    const through = end === -1 ? steps : steps.slice(0, end);
    if (through.length === 0) {
      this.#isOver = true;
      return [...travellers];
    }
    const { pool, signal, onProgress } = this.#hands;
    const outcomes = await pool.work(
      {
        stage: index,
        from,
        to: end === -1 ? to : from + end + 1,
        batch: { run: this.#id, batch: this.#id, attempt: 1, staging: '' },
        isRehearsal: true,
      },
      travellers.map(({ item, value, released }) => ({ item, value, released })),
      signal,
      (items) => onProgress(stage.name, items),
    );
    this.#upTo = through.at(-1)?.name ?? this.#upTo;
    if (end !== -1) this.#isOver = true;
    return travellers.flatMap((traveller, at) => {
      const outcome = outcomes[at];
      if (outcome === undefined) throw new Error('An outcome is missing.');
      this.#note(
        traveller.item,
        outcome.findings.map(({ finding }) => finding),
      );
      return this.#take(traveller, outcome.standing);
    });
  }

  /** The batches behind the step; null where it cannot be tried. */
  async #batchStep(
    step: BatchStep<never, unknown, unknown>,
    groups: readonly (readonly Traveller[])[],
  ): Promise<Traveller[][] | null> {
    const { db, signal } = this.#hands;
    const next: Traveller[][] = [];
    for (const some of groups) {
      signal.throwIfAborted();
      if (some.length === 0) continue;
      const members = some.map(({ item, value }) => ({ item, value: value as never }));
      const done = await db
        .transaction()
        .setAccessMode('read only')
        .execute(async (trx) => step.rehearse?.(members, this.#context(trx)) ?? null);
      if (done === null) {
        this.#isOver = true;
        return null;
      }
      next.push(
        some.flatMap((traveller, at) => {
          const result = done.results[at];
          if (result === undefined) throw new Error(`Step ${step.name} left out a result.`);
          const settled = settle(step.name, traveller.value, result, traveller.released);
          this.#note(
            traveller.item,
            settled.findings.map(({ finding }) => finding),
          );
          return this.#take(traveller, settled.standing);
        }),
      );
    }
    this.#upTo = step.name;
    return next;
  }

  #context(db: Db): Parameters<NonNullable<BatchStep<never, unknown, unknown>['rehearse']>>[1] {
    const { key, now, signal } = this.#hands;
    const { parent, recipe } = this.#request;
    return {
      tools: this.#tools,
      db,
      key,
      recipe,
      project: parent.project,
      signal,
      now,
      findingsOf: (item) => this.#found.get(item) ?? [],
    };
  }

  #note(item: number, findings: readonly Finding[]): void {
    if (findings.length > 0) this.#found.set(item, [...(this.#found.get(item) ?? []), ...findings]);
  }

  #take(traveller: Traveller, standing: Standing): Traveller[] {
    if (standing.kind === 'on') return [{ ...traveller, value: standing.value }];
    this.#stopped.set(traveller.item, standing);
    return [];
  }
}

const ITEMS_AT_ONCE = 1_000;

/** Items put together by the key of the stage, as the store would do it between two stages. */
function cutAnew(stage: Stage<unknown>, travellers: readonly Traveller[]): Traveller[][] {
  const { cut } = stage;
  if (cut === undefined) return [[...travellers]];
  return [...Map.groupBy(travellers, ({ value }) => cut(value as never)).values()];
}

/** What is left of each batch. */
function regroup(
  groups: readonly (readonly Traveller[])[],
  left: readonly Traveller[],
): Traveller[][] {
  const byItem = new Map(left.map((traveller) => [traveller.item, traveller]));
  return groups.map((some) =>
    some.flatMap(({ item }) => {
      const traveller = byItem.get(item);
      return traveller === undefined ? [] : [traveller];
    }),
  );
}
