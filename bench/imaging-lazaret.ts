/** Lazaret's own rows: de-identifying and verifying alone, and the whole run by the command line. */

import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readProfiles, type ThreadProfile } from './cpu-profile.ts';
import { clearScratch, type PeerContext } from './imaging-peers.ts';
import { CommandFailed, measureRow, runMeasured, type Row, type Sample } from './measure.ts';

const THREADS_SCRIPT = fileURLToPath(new URL('imaging-threads.ts', import.meta.url));
const STEPS = new URL('../packages/lazaret/src/', import.meta.url);
const BIN = fileURLToPath(new URL('../packages/lazaret/bin/lazaret.js', import.meta.url));

/** What `imaging-worker.ts` loads. */
const STEP_FILES = [
  'bytes/byte-source.ts',
  'pipelines/imaging/dicom/walk.ts',
  'pipelines/imaging/dicom/deidentify.ts',
  'pipelines/imaging/dicom/verify-reader.ts',
  'pipelines/imaging/dicom/verify.ts',
  'pipelines/imaging/dicom/residual.ts',
];

export interface LazaretContext extends PeerContext {
  readonly images: number;
  /** Write CPU profiles into this folder, one below it for each row. */
  readonly profileFolder: string | null;
}

export interface LazaretRow {
  readonly row: Row;
  readonly profile: readonly ThreadProfile[];
}

/** Read, de-identify, verify, search what is left; nothing is written, packed or recorded. */
export async function measureDeidentification(context: LazaretContext): Promise<LazaretRow> {
  const name = `lazaret de-identify + verify, ${context.cores} threads`;
  const absent = STEP_FILES.filter((file) => !existsSync(new URL(file, STEPS)));
  if (absent.length > 0) {
    return { row: { name, missing: `there is no ${absent.join(', ')} yet` }, profile: [] };
  }
  return measureNode(context, name, 'de-identify', [
    THREADS_SCRIPT,
    context.folder,
    String(context.cores),
  ]);
}

/** `lazaret run imaging`, as a person would start it: from a folder to archives in another. */
export async function measureWholeRun(context: LazaretContext): Promise<LazaretRow> {
  const name = 'lazaret run imaging';
  if (!existsSync(BIN)) {
    return {
      row: { name, missing: 'packages/lazaret/bin/lazaret.js does not exist' },
      profile: [],
    };
  }
  return measureNode(context, name, 'run', runArguments(context.scratch, context.folder));
}

function runArguments(scratch: string, folder: string): string[] {
  const out = join(scratch, 'out');
  const data = join(scratch, 'data');
  return [BIN, 'run', 'imaging', folder, '--out', out, '--data', data, '--json'];
}

/** A key of the bench's own, so that it leaves none in the configuration of whoever runs it. */
function environment(scratch: string): Readonly<Record<string, string>> {
  return { LAZARET_CONFIG_DIR: join(scratch, 'keys') };
}

/**
 * A run of one image, which is all start-up: the first with an empty data folder, where the store
 * has to be made, and one more behind it, which finds the image delivered already.
 */
export async function measureStarts(context: LazaretContext): Promise<Row[]> {
  const { folder, scratch } = context;
  const first = readdirSync(folder, { recursive: true, withFileTypes: true }).find((entry) =>
    entry.isFile(),
  );
  if (first === undefined || !existsSync(BIN)) return [];
  const start = async (clear: boolean): Promise<Sample> => {
    if (clear) clearScratch(scratch);
    const source = join(scratch, 'one');
    rmSync(source, { recursive: true, force: true });
    mkdirSync(source);
    copyFileSync(join(first.parentPath, first.name), join(source, first.name));
    return runMeasured({
      program: process.execPath,
      args: runArguments(scratch, source),
      env: environment(scratch),
    });
  };
  return [
    await measureRow('first start', context.repeat, () => start(true)),
    await measureRow('later start', context.repeat, () => start(false)),
  ];
}

async function measureNode(
  context: LazaretContext,
  name: string,
  label: string,
  args: readonly string[],
): Promise<LazaretRow> {
  const { scratch, repeat, profileFolder } = context;
  const folder = profileFolder === null ? null : join(profileFolder, label);
  if (folder !== null) mkdirSync(folder, { recursive: true });
  const flags = folder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
  try {
    const row = await measureRow(
      name,
      // Profiles of several runs would be added up.
      folder === null ? repeat : 1,
      async (): Promise<Sample> => {
        clearScratch(scratch);
        const sample = await runMeasured({
          program: process.execPath,
          args: [...flags, ...args],
          env: environment(scratch),
        });
        assertAllDelivered(sample.output, context.images);
        return sample;
      },
      folder === null ? undefined : 'with the profiler on, which costs time',
    );
    return { row, profile: folder === null ? [] : readProfiles(folder) };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { row: { name, missing: error.message }, profile: [] };
  }
}

/** A run that delivers less has done less, and must not count as a fast one. */
function assertAllDelivered(output: string, images: number): void {
  const summary: unknown = parseSummary(output);
  const items =
    typeof summary === 'object' && summary !== null && 'items' in summary ? summary.items : null;
  const delivered =
    typeof items === 'object' && items !== null && 'delivered' in items ? items.delivered : null;
  if (delivered !== images) {
    throw new CommandFailed(
      `${String(delivered)} of ${images} images were delivered: ${output.slice(0, 500).trim()}`,
    );
  }
}

function parseSummary(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch (error) {
    throw new CommandFailed('what it wrote to standard output is not one JSON document', {
      cause: error,
    });
  }
}
