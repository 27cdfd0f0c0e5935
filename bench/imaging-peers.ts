/** What Lazaret is compared with: a bare copy, an editor in place, a packer. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { findProgram } from './machine.ts';
import { measureRow, runMeasured, type Row } from './measure.ts';

export interface PeerContext {
  readonly folder: string;
  /** For what a row writes; empty again after each run. */
  readonly scratch: string;
  readonly cores: number;
  readonly repeat: number | undefined;
}

/** An empty scratch folder, with what was written before on the disk and not still on its way. */
export function clearScratch(scratch: string): void {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  spawnSync('sync');
}

export async function measureCopy({ folder, scratch, repeat }: PeerContext): Promise<Row> {
  return measureRow('cp -r', repeat, async () => {
    clearScratch(scratch);
    return runMeasured({ program: 'cp', args: ['-r', folder, join(scratch, 'copy')] });
  });
}

/** A dozen elements, as a simple script of a site would change them; no verification of anything. */
const DCMODIFY_EDITS = [
  ['-i', '(0010,0010)=SUBJECT-1'],
  ['-i', '(0010,0020)=SUBJECT-1'],
  ['-i', '(0010,0030)='],
  ['-i', '(0008,0050)=ACC-1'],
  ['-i', '(0008,0020)=20120101'],
  ['-i', '(0008,0021)=20120101'],
  ['-i', '(0008,0022)=20120101'],
  ['-i', '(0008,0023)=20120101'],
  ['-e', '(0010,1040)'],
  ['-e', '(0010,2154)'],
  ['-e', '(0008,0080)'],
  ['-e', '(0008,0081)'],
  ['-i', '(0008,0090)='],
].flat();

const FILES_PER_CALL = '200';

/** `processes` calls of dcmodify side by side, over a copy that is made before the clock starts. */
export async function measureDcmodify(context: PeerContext, processes: number): Promise<Row> {
  const { folder, scratch, repeat } = context;
  const name = `dcmodify -nb, ${processes} process${processes === 1 ? '' : 'es'}`;
  const program = findProgram('dcmodify');
  if (program === null) return { name, missing: 'dcmodify is not installed (package dcmtk)' };
  return measureRow(name, repeat, async () => {
    clearScratch(scratch);
    const copy = join(scratch, 'copy');
    await runMeasured({ program: 'cp', args: ['-r', folder, copy] });
    spawnSync('sync');
    const script = `find "$0" -type f -print0 | xargs -0 -n ${FILES_PER_CALL} -P ${processes} "$@"`;
    return runMeasured({
      program: 'bash',
      args: ['-o', 'pipefail', '-c', script, copy, program, '-nb', '-q', ...DCMODIFY_EDITS],
    });
  });
}

/** The row, and how many times smaller the archive is than what went in. */
export async function measurePacking(
  context: PeerContext,
  sourceBytes: number,
): Promise<{ readonly row: Row; readonly compression: number }> {
  const { folder, scratch, repeat, cores } = context;
  const pigz = findProgram('pigz');
  const packer = pigz === null ? 'gzip -1' : `pigz -1 -p ${cores}`;
  const archive = join(scratch, 'archive.tar.gz');
  let archiveBytes = 0;
  const row = await measureRow(
    `tar | ${packer}`,
    repeat,
    async () => {
      clearScratch(scratch);
      const script = `tar -cf - -C "$0" . | ${packer} > "$1"`;
      const args = ['-o', 'pipefail', '-c', script, folder, archive];
      const sample = await runMeasured({ program: 'bash', args });
      archiveBytes = statSync(archive).size;
      return sample;
    },
    pigz === null ? 'pigz is not installed: gzip uses one core' : undefined,
  );
  return { row, compression: sourceBytes / archiveBytes };
}
