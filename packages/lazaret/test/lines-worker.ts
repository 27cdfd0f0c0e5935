/**
 * A process of its own that takes up a run and works on it, to be killed in the middle. Its clock
 * is ahead of that of the one before, so that a dead process counts as silent at once.
 */
import { createSystemClock } from '@lazaret/faults';
import { openBench, work } from './engine-bench.ts';

export interface WorkerOrder {
  readonly url: string | null;
  readonly folder: string;
  readonly run: string;
  readonly aheadMs: number;
}

const order = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
const system = createSystemClock();
const bench = await openBench({
  url: order.url,
  folder: order.folder,
  clock: { ...system, now: () => system.now() + order.aheadMs },
});
await bench.engine.recover();
console.log('ready');
const ended = await work(bench, await bench.engine.find(order.run));
console.log(`ended ${ended.status}`);
await bench.close();
