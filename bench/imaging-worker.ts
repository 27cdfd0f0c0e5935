/** One thread of `imaging-threads.ts`: takes images one by one, until there is none left. */

import { createHmac, createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** Sent once, at the end. */
export interface WorkerReport {
  readonly delivered: number;
  /** Why the others were not, with how many. */
  readonly held: readonly (readonly [string, number])[];
}

const { paths, next } = workerData as {
  readonly paths: readonly string[];
  readonly next: Int32Array;
};

/** Dates moved, patient's age and weight kept: what most studies of research ask for. */
const OPTIONS: ReadonlySet<string> = new Set([
  'retainLongitudinalModifiedDates',
  'retainPatientCharacteristics',
]);
const PSEUDONYM = 'BENCH-0001';
const ACCESSION = 'BENCH-A1';

const sources = new URL('../packages/lazaret/src/', import.meta.url);

/**
 * The functions that are measured, by the least that is used of them. They are loaded by name, so
 * that the rows of the peers can be measured where a part of Lazaret is missing.
 */
interface Walked {
  readonly forgiven: readonly { readonly kind: string }[];
}
interface Steps {
  bufferSource(bytes: Uint8Array): object;
  walk(source: object): Walked | { readonly unreadable: string };
  deidentify(walk: Walked, input: object): { readonly rendition: object };
  readBack(rendition: object): object;
  verify(output: object, walk: Walked, expectation: object): readonly { readonly kind: string }[];
  harvest(walk: Walked): object;
  scan(
    output: object,
    identifiers: object,
    expectation: object,
  ): readonly { readonly kind: string }[];
}

const steps: Steps = {
  ...(await load('bytes/byte-source.ts', 'bufferSource')),
  ...(await load('pipelines/imaging/dicom/walk.ts', 'walk')),
  ...(await load('pipelines/imaging/dicom/deidentify.ts', 'deidentify')),
  ...(await load('pipelines/imaging/dicom/verify-reader.ts', 'readBack')),
  ...(await load('pipelines/imaging/dicom/verify.ts', 'verify')),
  ...(await load('pipelines/imaging/dicom/residual.ts', 'harvest')),
  ...(await load('pipelines/imaging/dicom/residual.ts', 'scan')),
};

async function load<K extends keyof Steps>(file: string, name: K): Promise<Pick<Steps, K>> {
  const module: unknown = await import(new URL(file, sources).href);
  const step =
    typeof module === 'object' && module !== null && name in module
      ? (module as Partial<Steps>)[name]
      : undefined;
  if (typeof step !== 'function') throw new TypeError(`${file} exports no function ${name}`);
  return { [name]: step } as Pick<Steps, K>;
}

/** Made into a key object once, as the pipeline does: from bytes it would be made anew each time. */
const key = createSecretKey(Buffer.alloc(32, 7));
const expectation = {
  profile: { options: OPTIONS, rules: new Map(), vocabularies: new Map(), safePrivate: [] },
  policyLabel: 'Lazaret bench',
  pseudonym: PSEUDONYM,
  accession: ACCESSION,
  shiftDays: -41,
};
const input = {
  ...expectation,
  keyedBytes: (domain: string, value: string): Uint8Array =>
    createHmac('sha256', key).update(domain).update('\0').update(value).digest(),
};

/** The reason why an image may not go on, or null. */
function handle(path: string): string | null {
  const walked = steps.walk(steps.bufferSource(readFileSync(path)));
  if ('unreadable' in walked) return walked.unreadable;
  const [forgiven] = walked.forgiven;
  if (forgiven !== undefined) return forgiven.kind;
  const { rendition } = steps.deidentify(walked, input);
  const output = steps.readBack(rendition);
  const breach = steps.verify(output, walked, expectation)[0]?.kind;
  const hit = steps.scan(output, steps.harvest(walked), expectation)[0]?.kind;
  return breach ?? hit ?? null;
}

let delivered = 0;
const held = new Map<string, number>();
for (;;) {
  const path = paths[Atomics.add(next, 0, 1)];
  if (path === undefined) break;
  const reason = handle(path);
  if (reason === null) delivered++;
  else held.set(reason, (held.get(reason) ?? 0) + 1);
}
const report: WorkerReport = { delivered, held: [...held] };
parentPort?.postMessage(report);
