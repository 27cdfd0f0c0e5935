/** The far side of the worker pool: loads pipelines and takes items through their item steps. */
import { parentPort } from 'node:worker_threads';
import { toFault } from '@lazaret/faults';
import { projectKeyFrom } from '../../identity/keys.ts';
import { runFused } from '../fused.ts';
import type { AnyPipeline, ItemStep } from '../pipeline.ts';
import { newIncident } from '../incident.ts';
import {
  carryFault,
  type FromWorker,
  type OpenRun,
  type ToWorker,
  type Work,
  type WorkLots,
} from './protocol.ts';

interface OpenedRun {
  readonly pipeline: AnyPipeline;
  readonly tools: unknown;
}

const port = parentPort;
if (port === null) throw new Error('This module runs on a worker thread only.');

const runs = new Map<string, Promise<OpenedRun>>();
const say = (message: FromWorker, moved: ArrayBuffer[] = []): void =>
  port.postMessage(message, moved);

port.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'load':
      for (const module of message.modules) loadAhead(module);
      return;
    case 'open': {
      const opening = openRun(message);
      // Whoever works for the run hears of a failure; unheard until then, it would end the thread.
      opening.catch(() => null);
      runs.set(message.run, opening);
      return;
    }
    case 'close':
      runs.delete(message.run);
      return;
    case 'work':
      void work(message);
      return;
    case 'lots':
      void workLots(message);
      return;
    default:
      message satisfies never;
  }
});

/** What is wrong with a module is told when a run needs it: it is asked for again then. */
function loadAhead(module: string): void {
  import(module).catch(() => undefined);
}

async function openRun(message: OpenRun): Promise<OpenedRun> {
  const loaded = (await import(message.module)) as { readonly pipeline: AnyPipeline };
  const { pipeline } = loaded;
  const key = projectKeyFrom(message.secret);
  return {
    pipeline,
    tools: pipeline.tools(message.configuration, { key, recipe: message.recipe }),
  };
}

async function work(message: Work): Promise<void> {
  try {
    const opened = await runs.get(message.batch.run);
    if (opened === undefined) throw new Error('Work came for a run that is not open.');
    const steps = itemSteps(opened.pipeline, message);
    const outcomes = [];
    for (const item of message.items) {
      outcomes.push(await runFused(steps, item, message.batch, opened.tools, message.isRehearsal));
    }
    say({ type: 'done', task: message.task, outcomes });
  } catch (error) {
    say({ type: 'failed', task: message.task, fault: carryFault(toFault(error, { newIncident })) });
  }
}

async function workLots(message: WorkLots): Promise<void> {
  const { task, batch, given } = message;
  try {
    const opened = await runs.get(batch.run);
    const lots = opened?.pipeline.stages[message.stage]?.lots;
    if (opened === undefined || lots === undefined) {
      throw new Error('Lots came for a run that is not open, or a stage that takes none.');
    }
    const { prepared, ...whole } = given;
    const result = await lots.work(whole, { batch, tools: opened.tools, prepared });
    const moved = new Set<ArrayBuffer>();
    for (const { content } of result.onward) {
      // What shares its memory with others, or is a part of a greater one, is copied.
      if (
        content.buffer instanceof ArrayBuffer &&
        content.byteLength === content.buffer.byteLength
      ) {
        moved.add(content.buffer);
      }
    }
    say({ type: 'lots-done', task, result }, [...moved]);
  } catch (error) {
    say({ type: 'failed', task, fault: carryFault(toFault(error, { newIncident })) });
  }
}

function itemSteps(pipeline: AnyPipeline, message: Work): ItemStep<never, unknown, unknown>[] {
  const steps = pipeline.stages[message.stage]?.steps.slice(message.from, message.to) ?? [];
  return steps.map((step) => {
    if (step.kind !== 'item') throw new Error('A batch step cannot run on a worker.');
    return step.step;
  });
}
