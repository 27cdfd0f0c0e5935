/** `lazaret run imaging <folder> --watch`: takes what arrives below a folder, until it is stopped. */
import { createSpaceGate, type SpaceLimits } from '../engine/space.ts';
import { summarise, type RunSummary } from '../engine/summary.ts';
import { catalogue } from '../main.ts';
import { ensureSite } from '../store/runs.ts';
import { createArrivalRuns } from '../watch/arrival-runs.ts';
import { LISTING_LIMITS } from '../watch/listing.ts';
import { arrivalMemory } from '../watch/memory.ts';
import { partialNames } from '../watch/partial-name.ts';
import { MAX_ARRIVALS, watch as watchFolder } from '../watch/watcher.ts';
import { EXIT, type Execute } from './command.ts';
import { finishRemovals } from './retention.ts';
import { checkRun, type RunInput } from './run.ts';
import { progressStages } from './terminal/stage-progress.ts';

export interface WatchInput extends RunInput {
  readonly settleSeconds: number;
  /** Names of files that are still being written, besides those that are known. */
  readonly partialNames: readonly string[];
  readonly space: SpaceLimits;
}

/** Summaries that the closing document has at most: those of the last runs. */
const MAX_SUMMARIES = 1_000;

export const watch: Execute<WatchInput> = async (application, input, session) => {
  const { engine, store, clock } = application;
  const log = application.log.about('watch');
  const pipeline = engine.pipelineOf(input.pipeline);
  const { watching } = pipeline;
  if (watching === undefined) throw new Error(`${pipeline.name} cannot watch a folder.`);
  const configuration = checkRun(pipeline, input);
  const { project, site, user, location: folder } = input;
  const now = (): Date => new Date(clock.now());
  await ensureSite(store.db, project, site, now());
  const key = await engine.keyOf(project);
  await finishRemovals(application);
  const { signal } = session.controller;
  const summaries: RunSummary[] = [];
  const space = createSpaceGate({
    places: [
      { name: 'data', path: input.data },
      ...(pipeline.writesTo?.(configuration) ?? []).map(
        (path) => ({ name: 'output', path }) as const,
      ),
    ],
    limits: input.space,
    clock,
    log,
    // Nobody waits for an answer here: as long as there is no room, nothing is taken.
    maxPauseMs: Number.POSITIVE_INFINITY,
    onGate: (_, { type }) => {
      if (type === 'opened') log.tell('No arrival is taken: there is too little room.');
      if (type === 'closed') log.tell('Arrivals are taken again: there is room.');
    },
  });
  const runs = await createArrivalRuns({
    engine,
    memory: arrivalMemory({
      db: store.db,
      key,
      project,
      pipeline: pipeline.name,
      folder,
      now,
    }),
    clock,
    log,
    signal,
    requestOf: ({ path, direct }) => ({
      pipeline: pipeline.name,
      configuration: watching.configurationOf(configuration, direct ? 'files' : 'folder'),
      location: path,
      project,
      site,
      user,
    }),
    workOf: (run, controller) => ({
      progress: session.progressOf({
        pipeline: run.pipeline,
        run: run.short,
        stages: progressStages(pipeline.stages),
      }),
      controller,
      maxPauseMs: input.maxPauseSeconds * 1_000,
    }),
    async ended(run) {
      summaries.push(await summarise(store.db, catalogue, run, pipeline));
      if (summaries.length > MAX_SUMMARIES) summaries.shift();
    },
  });
  const isPartial = partialNames(input.partialNames);
  log.tell('Watching.', { settleSeconds: input.settleSeconds });
  await watchFolder({
    folder,
    arrivals: watching.arrivals,
    settleMs: input.settleSeconds * 1_000,
    limits: { ...LISTING_LIMITS, maxArrivals: MAX_ARRIVALS },
    isPartial: (name) => isPartial(name) || watching.takes?.(name) === false,
    clock,
    signal,
    log,
    isTaken: runs.isTaken,
    async beforeLook() {
      await space.pass(signal);
      await runs.takeUpUnfinished();
    },
    async take(arrival) {
      await space.pass(signal);
      await runs.take(arrival);
    },
  });
  log.tell('Watching ended.', { runs: summaries.length });
  const wasCut = summaries.some(({ status, reason }) => {
    return status === 'interrupted' && reason?.code === 'RunStoppedByPerson';
  });
  return { document: summaries, exit: wasCut ? EXIT.interrupted : EXIT.complete };
};
