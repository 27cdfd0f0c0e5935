/** `lazaret run imaging <folder>` and `lazaret resume <run>`. */
import type { AnyPipeline } from '../engine/pipeline.ts';
import type { Execute } from './command.ts';
import { summaryOutcome, type WorkInput } from './run-command.ts';

export interface RunInput extends WorkInput {
  readonly pipeline: string;
  /** Where the data is: absolute, because another process may carry the command out. */
  readonly location: string;
  readonly out: string;
  readonly data: string;
  readonly policy: unknown;
  /** The identifier service, where it is not the embedded one. */
  readonly identity?: unknown;
  readonly project: string;
  readonly site: string;
  readonly user: string;
}

/**
 * Checks what was asked for, before a store is opened: a wrong folder or policy leaves no trace.
 * Returns what the run is configured with.
 * @throws the pipeline's faults about its configuration and its source.
 */
export function checkRun(pipeline: AnyPipeline, input: RunInput): unknown {
  const configuration = pipeline.configure({
    source: input.location,
    out: input.out,
    data: input.data,
    ...(input.policy === undefined ? {} : { policy: input.policy }),
    ...(input.identity === undefined ? {} : { identity: input.identity }),
  });
  pipeline.open(configuration, input.location);
  return configuration;
}

export const run: Execute<RunInput> = async (application, input, session) => {
  const { engine } = application;
  const pipeline = engine.pipelineOf(input.pipeline);
  const configuration = checkRun(pipeline, input);
  const made = await engine.create({
    pipeline: pipeline.name,
    configuration,
    location: input.location,
    project: input.project,
    site: input.site,
    user: input.user,
  });
  return summaryOutcome(application, made, input, session);
};

export interface ResumeInput extends WorkInput {
  readonly run: string;
}

export const resume: Execute<ResumeInput> = async (application, input, session) => {
  const found = await application.engine.find(input.run);
  return summaryOutcome(application, found, input, session);
};
