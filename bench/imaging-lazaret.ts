/** Lazaret's own rows: de-identifying and verifying alone, and the whole run by the command line. */

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readProfiles, type ThreadProfile } from './cpu-profile.ts';
import { clearScratch, type PeerContext } from './imaging-peers.ts';
import { CommandFailed, measureRow, runMeasured, type Row, type Sample } from './measure.ts';

const THREADS_SCRIPT = fileURLToPath(new URL('imaging-threads.ts', import.meta.url));
const STEPS = new URL('../packages/lazaret/src/pipelines/imaging/dicom/', import.meta.url);
const BIN = fileURLToPath(new URL('../packages/lazaret/bin/lazaret.js', import.meta.url));

/** What `imaging-worker.ts` loads. */
const STEP_FILES = [
  'byte-source.ts',
  'walk.ts',
  'deidentify.ts',
  'verify-reader.ts',
  'verify.ts',
  'residual.ts',
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
  const out = join(context.scratch, 'out');
  const data = join(context.scratch, 'data');
  return measureNode(context, name, 'run', [
    BIN,
    'run',
    'imaging',
    context.folder,
    '--out',
    out,
    '--data',
    data,
    '--json',
  ]);
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
        const sample = await runMeasured({ program: process.execPath, args: [...flags, ...args] });
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
