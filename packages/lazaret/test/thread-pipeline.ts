/** A pipeline that does nothing but say on which thread it works: for the tests of the pool. */
import { threadId } from 'node:worker_threads';
import { pass, stage, type ItemStep, type Pipeline } from '../src/engine/pipeline.ts';

const BUSY_MS = 40;

const tellThread: ItemStep<unknown, number, null> = {
  name: 'tell',
  apply() {
    // Busy and not asleep, so that the other thread has to take its part.
    const until = performance.now() + BUSY_MS;
    while (performance.now() < until);
    return pass(threadId);
  },
};

export const pipeline: Pipeline<null, null> = {
  name: 'thread',
  module: new URL(import.meta.url),
  codes: {},
  stages: [stage<unknown, null>('only').item(tellThread).stage],
  configure: () => null,
  recipe: () => null,
  open: () => ({ next: () => Promise.resolve(null) }),
  tools: () => null,
};
