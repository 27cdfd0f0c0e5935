/**
 * De-identifies and verifies every image of a folder on worker threads: the work on each image
 * alone, without queue, store, packing or delivery. Started as a process of its own, so that its
 * memory and its profile are its own: `node bench/imaging-threads.ts <folder> <threads>`.
 *
 * It writes a document in the shape of a run's summary, as far as `items` goes.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { WorkerReport } from './imaging-worker.ts';

const [folder, threads] = process.argv.slice(2);
if (folder === undefined || threads === undefined) {
  process.stderr.write('Usage: node bench/imaging-threads.ts <folder> <threads>\n');
  process.exit(2);
}

const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .toSorted();

/** The index of the next image, shared: no thread waits while another has work left. */
const next = new Int32Array(new SharedArrayBuffer(4));

const reports = await Promise.all(
  Array.from({ length: Number(threads) }, () => startWorker({ paths, next })),
);

const held = new Map<string, number>();
for (const report of reports) {
  for (const [reason, count] of report.held) held.set(reason, (held.get(reason) ?? 0) + count);
}
const delivered = reports.reduce((sum, report) => sum + report.delivered, 0);
process.stdout.write(
  `${JSON.stringify({
    items: { received: paths.length, delivered, held: paths.length - delivered },
    reasons: Object.fromEntries(held),
  })}\n`,
);

async function startWorker(workerData: {
  readonly paths: readonly string[];
  readonly next: Int32Array;
}): Promise<WorkerReport> {
  const worker = new Worker(new URL('imaging-worker.ts', import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    let report: WorkerReport | undefined;
    worker.once('message', (message: WorkerReport) => (report = message));
    worker.once('error', reject);
    // Waited for to the end, as the thread writes its profile when it exits.
    worker.once('exit', (code) => {
      if (report === undefined) reject(new Error(`a worker ended with ${code} and no report`));
      else resolve(report);
    });
  });
}
