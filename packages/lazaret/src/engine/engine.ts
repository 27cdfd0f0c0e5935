/**
 * The engine's front: runs are started, taken up, stopped and asked about here. It knows no
 * pipeline but those that it is given.
 *
 *     new ──▶ running ⇄ paused ──▶ complete | failed
 *                 └─▶ stop-requested ──▶ interrupted ──▶ running (resumed)
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { toFault, type Catalogue, type Clock, type Fault } from '@lazaret/faults';
import { secretOf, type ProjectKey } from '../identity/keys.ts';
import type { Log } from '../log/log.ts';
import type { KeptLog } from '../log/kept-log.ts';
import { SILENCE_MS } from '../store/batches.ts';
import type { Store } from '../store/open.ts';
import {
  ensureSite,
  findAbandoned,
  findRun,
  lockRun,
  projectKeyId,
  recordKeyId,
  transition,
  type RunRow,
  type Trx,
} from '../store/runs.ts';
import { canonicalJson } from './canonical-json.ts';
import { engineCodes } from './codes.ts';
import { createDependencyCalls, type DependencyOptions } from './dependencies.ts';
import { newIncident } from './incident.ts';
import { insertRun, openSource } from './make-run.ts';
import { patiently } from './patience.ts';
import { pauseKeeper } from './pause-keeper.ts';
import type { AnyPipeline } from './pipeline.ts';
import { openQueue, type Queue } from './queue.ts';
import { reasonOf } from './reason.ts';
import type { Progress, RunContext } from './run-context.ts';
import { createSpaceGate, type SpaceLimits } from './space.ts';
import { shortId } from './short-id.ts';
import { createSending, type Sending } from './sending.ts';
import { closeRun, workRun } from './work-run.ts';
import { createWorkerPool, type WorkerPool } from './workers/pool.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly pipelines: readonly AnyPipeline[];
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly log: Log;
  readonly keptLog: KeptLog;
  /** Of the process, for what must not be stored: secrets of services. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The version of the program: part of every recipe. */
  readonly version: string;
  /** Folder for what attempts stage. */
  readonly staging: string;
  /** Folder for copies of originals; absent: none are kept. */
  readonly copies?: string;
  readonly workers: number;
  /** How much room there has to be on the disks. Absent: it is not measured. */
  readonly space?: SpaceLimits | undefined;
  /** Threads that were started before the engine, and end with it; else it starts `workers` itself. */
  readonly pool?: WorkerPool;
  /** Gives a project's key; the id is the one that the store knows, where it knows one. */
  readonly loadKey: (project: string, expectedKeyId: string | null) => Promise<ProjectKey>;
}

export interface RunRequest {
  readonly pipeline: string;
  readonly configuration: unknown;
  /** Where the data is, in the pipeline's own terms: a folder, a provider. */
  readonly location: string;
  readonly project: string;
  readonly site: string;
  readonly user: string;
}

export interface WorkRequest {
  readonly progress: Progress;
  /** Aborting it stops the run; the reason should be a fault. */
  readonly controller: AbortController;
  /** How long a closed dependency gate may pause the run before it is interrupted. */
  readonly maxPauseMs: number;
}

export interface Engine extends Sending {
  readonly pool: WorkerPool;
  readonly queue: Queue;
  readonly pipelines: readonly AnyPipeline[];
  pipelineOf(name: string): AnyPipeline;
  keyOf(project: string): Promise<ProjectKey>;
  recipeOf(pipeline: AnyPipeline, configuration: unknown): string;
  /** Digest of the part of the recipe that determines what is delivered, and under which key. */
  outputOf(pipeline: AnyPipeline, configuration: unknown): string;
  /** Makes a run; nothing is read yet. */
  create(request: RunRequest): Promise<RunRow>;
  /**
   * Makes a run in one commit with something else, which says by `false` that there is to be none.
   */
  createIf(
    request: RunRequest,
    alongside: (trx: Trx, run: string) => Promise<boolean>,
  ): Promise<RunRow | null>;
  /** Works on a run until it is complete, interrupted or failed. */
  work(run: RunRow, request: WorkRequest): Promise<RunRow>;
  /** Marks runs whose process is gone as interrupted, and removes what they had staged. */
  recover(): Promise<RunRow[]>;
  /** @throws RunNotFound */
  find(run: string): Promise<RunRow>;
  /** Where the data of a run is, in its pipeline's terms. It may name a patient. */
  locationOf(run: RunRow): Promise<string>;
  /** Asks whoever works on it to stop. @throws RunNotFound */
  stop(run: string, by: string): Promise<RunRow>;
  close(): Promise<void>;
}

/** The embedded store is tidied this often while a run works, and after a run of so many items. */
const UPKEEP_MS = 5 * 60_000;
const UPKEEP_ITEMS = 1_000;

/** Batches under way at a time: one computes on all threads while another waits for disk or database. */
const LANES = 2;

/** Where a batch keeps one thread busy, as lots do: one for each, and one that waits. */
function lanesFor({ stages }: AnyPipeline, threads: number): number {
  return stages.some(({ lots }) => lots !== undefined) ? threads + 1 : LANES;
}

export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { store, catalogue, clock, log } = options;
  const { db } = store;
  const owner = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  const now = (): Date => new Date(clock.now());
  const queue = await openQueue(store, () => {
    log.say('warn', 'The queue reported an error; its work goes on with the next poll.');
  });
  const pool = options.pool ?? createWorkerPool(options.workers);
  const keys = new Map<string, Promise<ProjectKey>>();
  /** Runs that this engine works on. */
  const underWay = new Set<string>();

  const pipelineOf = (name: string): AnyPipeline => {
    const pipeline = options.pipelines.find((candidate) => candidate.name === name);
    if (pipeline === undefined) throw new Error(`No pipeline is named ${name}.`);
    return pipeline;
  };
  const keyOf = (project: string): Promise<ProjectKey> => {
    const known = keys.get(project);
    if (known !== undefined) return known;
    const loading = projectKeyId(db, project).then(async (keyId) => {
      const key = await options.loadKey(project, keyId);
      await recordKeyId(db, project, key.keyId);
      const recorded = await projectKeyId(db, project);
      // Another process recorded its key first; asking for that one says what is wrong, if it is.
      return recorded === key.keyId ? key : options.loadKey(project, recorded);
    });
    keys.set(project, loading);
    // A failure is not kept: the next one who asks may be luckier.
    loading.catch(() => keys.delete(project));
    return loading;
  };
  const digestOf = (pipeline: AnyPipeline, recipe: Readonly<Record<string, unknown>>): string =>
    createHash('sha256')
      .update(canonicalJson({ pipeline: pipeline.name, version: options.version, ...recipe }))
      .digest('hex');
  const recipeOf = (pipeline: AnyPipeline, configuration: unknown): string =>
    digestOf(pipeline, { recipe: pipeline.recipe(configuration) });
  const outputOf = (pipeline: AnyPipeline, configuration: unknown): string => {
    if (pipeline.outputRecipe === undefined) return recipeOf(pipeline, configuration);
    const asks = pipeline.stages.some(({ steps }) => steps.some(({ kind }) => kind === 'repeats'));
    if (!asks) throw new Error(`${pipeline.name} does not say where repeats leave.`);
    return digestOf(pipeline, { output: pipeline.outputRecipe(configuration) });
  };
  const find = async (name: string): Promise<RunRow> => {
    const run = await findRun(db, name);
    if (run !== null) return run;
    const latest = await db
      .selectFrom('lazaret.run')
      .select('short')
      .orderBy('created_at', 'desc')
      .executeTakeFirst();
    throw engineCodes.fault('RunNotFound', {
      run: name.slice(0, 40),
      nearest: latest === undefined ? 'There are none yet.' : `The latest one is ${latest.short}.`,
    });
  };

  let lastUpkeepMs = clock.monotonic();
  /** Vacuum and statistics, where the store does not see to them itself. */
  const upkeep = async (isDue: boolean): Promise<void> => {
    if (!isDue && clock.monotonic() - lastUpkeepMs < UPKEEP_MS) return;
    lastUpkeepMs = clock.monotonic();
    await store.maintain();
  };

  /** Between taking a run up and closing it: what fails here is the run's reason. */
  const workOn = async (
    run: RunRow,
    pipeline: AnyPipeline,
    key: ProjectKey,
    { progress, controller, maxPauseMs }: WorkRequest,
    onGate: DependencyOptions['onGate'],
    at: Log,
  ): Promise<Fault | null> => {
    await mkdir(options.staging, { recursive: true, mode: 0o700 });
    const calls = createDependencyCalls({
      dependencies: pipeline.dependencies?.(run.configuration) ?? [],
      catalogue,
      clock,
      random: Math.random,
      log: at,
      signal: controller.signal,
      maxPauseMs,
      onGate,
    });
    const context: RunContext = {
      run: {
        id: run.id,
        short: run.short,
        project: run.project,
        recipe: run.recipe,
        output: run.output,
      },
      owner,
      pipeline,
      configuration: run.configuration,
      copies:
        options.copies === undefined
          ? null
          : { folder: options.copies, key, random: (length) => randomBytes(length) },
      tools: pipeline.tools(run.configuration, { key, recipe: run.recipe }),
      db,
      key,
      queue,
      pool,
      catalogue,
      log: at,
      now,
      env: options.env,
      signal: controller.signal,
      staging: options.staging,
      progress,
      space: createSpaceGate({
        places: [
          { name: 'data', path: options.staging },
          ...(pipeline.writesTo?.(run.configuration) ?? []).map(
            (path) => ({ name: 'output', path }) as const,
          ),
        ],
        limits: options.space ?? null,
        clock,
        log: at,
        maxPauseMs,
        onGate,
      }),
      call: (name, operation) => calls.call(name, operation),
    };
    await patiently(controller.signal, () => queue.open(run.short));
    pool.open({
      run: run.id,
      module: pipeline.module.href,
      configuration: run.configuration,
      secret: secretOf(key),
      recipe: run.recipe,
    });
    // Items that are there already: those of a child run, or of an earlier life of this one.
    if (run.next_item > 1) context.progress.arrived(run.next_item - 1, run.bytes);
    if (run.source_done) context.progress.allArrived();
    return workRun(context, {
      source: run.source_done ? null : pipeline.open(run.configuration, openSource(key, run)),
      controller,
      lanes: lanesFor(pipeline, options.workers),
      onBeat: async () => {
        await store.lock?.check();
        await options.keptLog.flush(db);
        await upkeep(false);
      },
    });
  };

  const create = async (
    request: RunRequest,
    alongside: (trx: Trx, run: string) => Promise<boolean>,
  ): Promise<RunRow | null> => {
    const pipeline = pipelineOf(request.pipeline);
    const at = now();
    await ensureSite(db, request.project, request.site, at);
    const key = await keyOf(request.project);
    const id = crypto.randomUUID();
    const isMade = await db.transaction().execute(async (trx) => {
      await insertRun(trx, key, {
        ...request,
        id,
        recipe: recipeOf(pipeline, request.configuration),
        output: outputOf(pipeline, request.configuration),
        at,
      });
      if (await alongside(trx, id)) return true;
      await trx.deleteFrom('lazaret.run').where('id', '=', id).execute();
      return false;
    });
    return isMade ? find(id) : null;
  };

  const sending = createSending({
    db,
    catalogue,
    pool,
    now,
    pipelineOf,
    keyOf,
    recipeOf,
    outputOf,
    find,
    copies: options.copies ?? null,
    newShort: () => `r_${shortId()}`,
  });

  return {
    pool,
    queue,
    pipelines: options.pipelines,
    pipelineOf,
    keyOf,
    recipeOf,
    outputOf,
    find,
    async create(request) {
      const run = await create(request, () => Promise.resolve(true));
      if (run === null) throw new Error('A run without a condition was not made.');
      return run;
    },
    createIf: create,
    async locationOf(run) {
      return openSource(await keyOf(run.project), run);
    },
    ...sending,
    async work(run, request) {
      const pipeline = pipelineOf(run.pipeline);
      const key = await keyOf(run.project);
      if (recipeOf(pipeline, run.configuration) !== run.recipe) {
        throw engineCodes.fault('RecipeChanged', { run: run.short });
      }
      const at = log.about('engine.run', { run: run.id });
      const { progress, controller } = request;
      const notResumable = (status: string): Error =>
        engineCodes.fault('RunNotResumable', { run: run.short, status });
      if (underWay.has(run.id)) throw notResumable(run.status);
      underWay.add(run.id);
      try {
        await patiently(controller.signal, () =>
          db.transaction().execute(async (trx) => {
            const row = await lockRun(trx, run.id);
            // Ours already: it was the acknowledgement that got lost.
            if (row.owner === owner && row.status === 'running') return;
            const moved = await transition(trx, run.id, {
              to: 'running',
              from: ['new', 'interrupted', 'failed'],
              causedBy: owner,
              at: now(),
            });
            if (!moved) throw notResumable(row.status);
            await trx
              .updateTable('lazaret.run')
              .set({ owner, heartbeat_at: now() })
              .where('id', '=', run.id)
              .execute();
          }),
        );
        at.tell(run.status === 'new' ? 'Run started.' : 'Run resumed.', { pipeline: run.pipeline });
        const pause = pauseKeeper(options, run, progress);
        const fault = await workOn(run, pipeline, key, request, pause.onGate, at).catch(
          (error: unknown) => toFault(error, { newIncident }),
        );
        pool.close(run.id);
        // A process that has lost its store, or its run, touches neither of them any more.
        if (fault?.code === 'StoreLockLost' || fault?.code === 'RunTakenOver') throw fault;
        await pause.settled();
        if (fault !== null) {
          await patiently(null, () =>
            closeRun({ db, run, owner, now, catalogue: options.catalogue }, fault),
          );
        }
        await rm(join(options.staging, run.id), { recursive: true, force: true });
        const ended = await patiently(null, () => find(run.id));
        if (fault !== null && ended.status !== 'complete') at.fault(fault);
        at.tell(`Run ${ended.status}.`, { items: ended.next_item - 1 });
        await patiently(null, async () => {
          if (ended.status === 'complete') await queue.close(run.short);
          await options.keptLog.flush(db);
        });
        await upkeep(ended.next_item > UPKEEP_ITEMS);
        return ended;
      } finally {
        underWay.delete(run.id);
      }
    },
    async recover() {
      const abandoned = await findAbandoned(db, {
        before: new Date(clock.now() - SILENCE_MS),
        everyOwner: store.kind === 'pglite',
        except: owner,
      });
      const reason = reasonOf(catalogue, engineCodes.fault('RunProcessDied', {}));
      for (const run of abandoned) {
        await transition(db, run.id, {
          to: 'interrupted',
          from: ['new', 'running', 'paused', 'stop-requested'],
          causedBy: 'recovery',
          reason,
          at: now(),
        });
        await rm(join(options.staging, run.id), { recursive: true, force: true });
        log.about('engine.run', { run: run.id }).tell('Run found without its process.', {});
      }
      return abandoned;
    },
    async stop(name, by) {
      const run = await find(name);
      await transition(db, run.id, {
        to: 'stop-requested',
        from: ['running', 'paused'],
        causedBy: by,
        at: now(),
      });
      return find(run.id);
    },
    async close() {
      await pool.end();
      await queue.stop();
      await options.keptLog.flush(db);
    },
  };
}
