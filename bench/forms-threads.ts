/**
 * The file-validator alone: reads, types and checks every record of a file on worker threads, without
 * queue, store or delivery. Started as a process of its own, so that its memory and its profile are its
 * own: `node bench/forms-threads.ts <csv> <schema> <threads>`.
 *
 * It writes a document in the shape of a run's summary, as far as `items` goes.
 */

import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

import { fileSource } from '../packages/lazaret/src/pipelines/forms/source.ts';
import { studySchema } from '../packages/lazaret/src/pipelines/forms/study.ts';
import type { FormsWorkerSetup, StretchOrder, StretchReport } from './forms-worker.ts';

const [csv, schemaFile, threads] = process.argv.slice(2);
if (csv === undefined || schemaFile === undefined || threads === undefined) {
  process.stderr.write('Usage: node bench/forms-threads.ts <csv> <schema> <threads>\n');
  process.exit(2);
}

const schema: unknown = JSON.parse(readFileSync(schemaFile, 'utf8'));
const study = studySchema.parse({
  modules: [{ name: 'VISIT', schema }],
}) as FormsWorkerSetup['study'];

/** Stretches that a thread has before it at most: the file is never in memory as a whole. */
const AHEAD = 3;
const items = { received: 0, rejected: 0 };
const signal = new AbortController().signal;
const source = fileSource({ study, groups: 1 } as never, JSON.stringify([csv]));
let checkpoint: unknown = null;
/** Stretches are cut one after the other, whoever asks. */
let cutting: Promise<StretchOrder | null> = Promise.resolve(null);

function nextOrder(): Promise<StretchOrder | null> {
  cutting = cutting.then(async () => {
    const arrivals = await source.next(checkpoint, signal);
    if (arrivals?.lot === undefined) return null;
    ({ checkpoint } = arrivals);
    return { content: arrivals.lot.content, items: arrivals.lot.items };
  });
  return cutting;
}

async function work(): Promise<void> {
  const setup: FormsWorkerSetup = { study, csv: csv ?? '' };
  const worker = new Worker(new URL('forms-worker.ts', import.meta.url), { workerData: setup });
  const ended = new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`ended with ${code}`)),
    );
  });
  let under = 0;
  const give = async (): Promise<void> => {
    const order = await nextOrder();
    if (order === null) {
      if (under === 0) worker.postMessage(null);
      return;
    }
    under += 1;
    worker.postMessage(order);
  };
  worker.on('message', ({ records, rejected }: StretchReport) => {
    items.received += records;
    items.rejected += rejected;
    under -= 1;
    void give();
  });
  for (let ahead = 0; ahead < AHEAD; ahead += 1) await give();
  await ended;
}

await Promise.all(Array.from({ length: Number(threads) }, () => work()));
process.stdout.write(`${JSON.stringify({ items })}\n`);
