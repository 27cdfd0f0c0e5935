import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { BATCH_IMAGES, writeCtBatch } from '../fixtures/dicom/ct-batch.ts';
import {
  measureDeidentification,
  measureStarts,
  measureWholeRun,
  type LazaretContext,
} from './imaging-lazaret.ts';
import { measureCopy, measureDcmodify, measurePacking } from './imaging-peers.ts';
import { renderReport, type ImagingReport } from './imaging-report.ts';
import { describeMachine } from './machine.ts';
import type { Row } from './measure.ts';
import { ratiosOf } from './report.ts';

const USAGE = `Usage: node bench/index.ts imaging [options]
  --folder DIR   measure on this folder instead of a batch made for the purpose
  --images N     images to make (${BATCH_IMAGES})
  --repeat N     runs of each row (3 of short ones, 1 of long ones)
  --only WORDS   rows to measure, by words of their names, separated by commas
  --profile      where Lazaret's time goes, by thread kind and function
  --json         one JSON document
`;

/** Measures Lazaret and its peers on one batch of CT images, and prints one table. */
export async function benchImaging(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n${USAGE}`);
    return 2;
  }
  const root = mkdtempSync(join(tmpdir(), 'lazaret-bench-'));
  try {
    const report = await measureAll(root, options);
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : renderReport(report));
    return 0;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

interface Options {
  readonly folder: string | undefined;
  readonly images: number;
  readonly repeat: number | undefined;
  readonly only: readonly string[];
  readonly profile: boolean;
  readonly json: boolean;
}

/** The options, or what is wrong with them. */
function readOptions(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        folder: { type: 'string' },
        images: { type: 'string', default: String(BATCH_IMAGES) },
        repeat: { type: 'string' },
        only: { type: 'string', default: '' },
        profile: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const images = Number(values.images);
    const repeat = values.repeat === undefined ? undefined : Number(values.repeat);
    for (const [name, number] of Object.entries({ images, repeat })) {
      if (number !== undefined && !(Number.isSafeInteger(number) && number > 0)) {
        return `--${name} must be a whole number above 0.`;
      }
    }
    const only = values.only.split(',').filter((word) => word !== '');
    const { folder, profile, json } = values;
    return { folder, images, repeat, only, profile, json };
  } catch (error) {
    // parseArgs says what it does not know in a sentence of its own.
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

async function measureAll(root: string, options: Options): Promise<ImagingReport> {
  const machine = describeMachine();
  const folder = options.folder ?? join(root, 'batch');
  let generatedSeconds: number | null = null;
  if (options.folder === undefined) {
    say(`making ${options.images} images …`);
    const start = performance.now();
    await writeCtBatch(folder, { images: options.images });
    generatedSeconds = (performance.now() - start) / 1000;
  }
  const { images, sizeBytes } = warmUp(folder);
  const context: LazaretContext = {
    folder,
    scratch: join(root, 'scratch'),
    cores: machine.cores,
    repeat: options.repeat,
    images,
    profileFolder: options.profile ? join(root, 'profiles') : null,
  };
  const rows: Row[] = [];
  const profiles: ImagingReport['profiles'][number][] = [];
  let compression: number | null = null;
  const row = async (name: string, measure: () => Promise<Row>): Promise<void> => {
    if (options.only.length > 0 && !options.only.some((word) => name.includes(word))) return;
    say(`${name} …`);
    rows.push(await measure());
  };
  await row('cp', () => measureCopy(context));
  await row('dcmodify', () => measureDcmodify(context, 1));
  if (machine.cores > 1) await row('dcmodify', () => measureDcmodify(context, machine.cores));
  await row('tar', async () => {
    const packing = await measurePacking(context, sizeBytes);
    compression = packing.compression;
    return packing.row;
  });
  for (const [name, measure] of [
    ['lazaret de-identify', measureDeidentification],
    ['lazaret run', measureWholeRun],
  ] as const) {
    await row(name, async () => {
      const measured = await measure(context);
      if (measured.profile.length > 0) profiles.push({ row: name, threads: measured.profile });
      return measured.row;
    });
  }
  let starts: Row[] = [];
  if (options.only.length === 0 || options.only.some((word) => 'lazaret start'.includes(word))) {
    say('lazaret start …');
    starts = await measureStarts(context);
  }
  const batch = { images, sizeBytes, generatedSeconds, compression };
  return { bench: 'imaging', machine, batch, rows, starts, ratios: ratiosOf(rows), profiles };
}

/** Reads every byte once, so that no row pays for the disk, and counts on the way. */
function warmUp(folder: string): { images: number; sizeBytes: number } {
  say('reading every file once, so that the page cache is warm …');
  let images = 0;
  let sizeBytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    sizeBytes += statSync(path).size;
    images++;
    readFileSync(path);
  }
  return { images, sizeBytes };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
