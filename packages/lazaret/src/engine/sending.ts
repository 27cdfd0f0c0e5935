/** Sending held items in again: a decision with the runs that carry it out, or a rehearsal of them. */
import type { Catalogue } from '@lazaret/faults';
import type { ProjectKey } from '../identity/keys.ts';
import type { Db } from '../store/open.ts';
import { lockRun, type RunRow, type Trx } from '../store/runs.ts';
import { createChildRun, type ChildRequest } from './child-run.ts';
import { decide, type Decided, type DecisionRequest } from './decisions.ts';
import type { AnyPipeline } from './pipeline.ts';
import { rehearse, type Rehearsed } from './rehearse.ts';
import type { Progress } from './run-context.ts';
import { selectHeld, type HeldItem } from './selection.ts';
import type { Released } from './settle.ts';
import type { WorkerPool } from './workers/pool.ts';

/** Configurations that items go through under, by the run that they are of; absent: that run's. */
export type Revised = ReadonlyMap<string, unknown>;

export interface ChildrenRequest {
  readonly decided: Pick<Decided, 'decision' | 'items'>;
  readonly user: string;
  readonly configuration?: unknown;
}

export interface RehearseRequest {
  readonly items: readonly HeldItem[];
  /** What would be let go besides, by the name of the item. */
  readonly released: ReadonlyMap<string, Released>;
  readonly revised: Revised;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Sending {
  /**
   * Makes the runs that carry a decision out, one for each run that the items are of. With a
   * configuration the items go through under that one, else under the one of their run.
   */
  createChildren(request: ChildrenRequest): Promise<RunRow[]>;
  /**
   * Records a decision and makes the runs that carry it out, all of it or nothing.
   * @throws NothingSelected, AlreadyUnderWay, ReasonMissing, ReleaseNotAllowed
   */
  decide(
    request: DecisionRequest,
    revised: Revised,
  ): Promise<{ readonly decided: Decided; readonly children: readonly RunRow[] }>;
  /**
   * Makes the runs that carry out what a pipeline decides for itself, in one transaction with it:
   * all of it or nothing.
   * @throws what `make` throws; NothingSelected when another run has taken an item in meanwhile
   */
  decideBy<Made extends Pick<Decided, 'decision' | 'items'>>(
    request: Pick<ChildrenRequest, 'user'> & { readonly project: string },
    make: (trx: Trx) => Promise<Made>,
  ): Promise<{ readonly made: Made; readonly children: readonly RunRow[] }>;
  /** What would become of held items if they were sent in again now. Changes nothing. */
  rehearse(request: RehearseRequest): Promise<Rehearsed>;
}

export interface SendingHands {
  readonly db: Db;
  readonly catalogue: Catalogue;
  readonly pool: WorkerPool;
  readonly now: () => Date;
  pipelineOf(name: string): AnyPipeline;
  keyOf(project: string): Promise<ProjectKey>;
  recipeOf(pipeline: AnyPipeline, configuration: unknown): string;
  outputOf(pipeline: AnyPipeline, configuration: unknown): string;
  find(run: string): Promise<RunRow>;
  /** Folder of the copies of originals. */
  readonly copies: string | null;
  newShort(): string;
}

const NOTHING: Revised = new Map();

export function createSending(hands: SendingHands): Sending {
  const { db, catalogue, pool, now, pipelineOf, keyOf, recipeOf, outputOf, find } = hands;

  const createChild = async (
    trx: Trx,
    key: ProjectKey,
    request: Pick<ChildRequest, 'items' | 'decision' | 'user'> & {
      readonly parent: string;
      readonly revised: Revised;
    },
  ): Promise<string> => {
    const parent = await lockRun(trx, request.parent);
    const pipeline = pipelineOf(parent.pipeline);
    const configuration = request.revised.get(parent.id) ?? parent.configuration;
    const { items, decision, user } = request;
    return createChildRun(
      trx,
      { catalogue, pipeline, key, copies: hands.copies },
      {
        parent,
        items,
        decision,
        user,
        configuration,
        recipe: recipeOf(pipeline, configuration),
        output: outputOf(pipeline, configuration),
        short: hands.newShort(),
        now: now(),
      },
    );
  };

  return {
    async createChildren({ decided: { decision, items }, user, configuration }) {
      const children: RunRow[] = [];
      for (const [parent, some] of Map.groupBy(items, ({ runId }) => runId)) {
        const key = await keyOf((await find(parent)).project);
        const revised = configuration === undefined ? NOTHING : new Map([[parent, configuration]]);
        const request = { parent, items: some, decision, user, revised };
        const child = await db.transaction().execute((trx) => createChild(trx, key, request));
        children.push(await find(child));
      }
      return children;
    },
    async decide(request, revised) {
      // Before the transaction: a key that is made is made for good.
      const known = await selectHeld(db, catalogue, request.selection, 1);
      const key = known.length === 0 ? null : await keyOf(request.selection.project);
      const made: string[] = [];
      const decided = await decide(db, catalogue, request, now(), async (trx, parted) => {
        if (key === null) throw new Error('Items came to be held while a decision was made.');
        for (const [parent, items] of Map.groupBy(parted.items, ({ runId }) => runId)) {
          const { decision } = parted;
          const user = request.by;
          made.push(await createChild(trx, key, { parent, items, decision, user, revised }));
        }
      });
      const children: RunRow[] = [];
      for (const child of made) children.push(await find(child));
      return { decided, children };
    },
    async decideBy({ project, user }, make) {
      // Before the transaction: a key that is made is made for good.
      const key = await keyOf(project);
      const ids: string[] = [];
      const made = await db.transaction().execute(async (trx) => {
        const some = await make(trx);
        for (const [parent, items] of Map.groupBy(some.items, ({ runId }) => runId)) {
          const { decision } = some;
          ids.push(
            await createChild(trx, key, { parent, items, decision, user, revised: NOTHING }),
          );
        }
        return some;
      });
      const children: RunRow[] = [];
      for (const id of ids) children.push(await find(id));
      return { made, children };
    },
    async rehearse({ items, released, revised, progress, signal }) {
      const rehearsed: Rehearsed[] = [];
      progress.arrived(items.length, 0);
      progress.allArrived();
      for (const [runId, some] of Map.groupBy(items, (item) => item.runId)) {
        const parent = await find(runId);
        const pipeline = pipelineOf(parent.pipeline);
        const configuration = revised.get(runId) ?? parent.configuration;
        const key = await keyOf(parent.project);
        rehearsed.push(
          await rehearse(
            {
              db,
              catalogue,
              pipeline,
              key,
              copies: hands.copies,
              pool,
              now,
              signal,
              onProgress: progress.advanced,
            },
            {
              parent,
              items: some,
              configuration,
              recipe: recipeOf(pipeline, configuration),
              output: outputOf(pipeline, configuration),
              released: new Map(some.map(({ no, item }) => [no, released.get(item) ?? {}])),
            },
          ),
        );
      }
      return {
        foreseen: rehearsed.flatMap(({ foreseen }) => foreseen),
        upTo: rehearsed.find(({ upTo }) => upTo !== null)?.upTo ?? null,
      };
    },
  };
}
