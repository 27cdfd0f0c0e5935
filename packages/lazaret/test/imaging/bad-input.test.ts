import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, el } from '../../../../fixtures/dicom/build.ts';
import { ctImage } from '../../../../fixtures/dicom/ct-image.ts';
import { STUDIES } from '../../../../fixtures/dicom/demo-studies.ts';
import { dicomdir, withUnknownVr } from '../../../../fixtures/dicom/demo-faults.ts';
import { chestPhantom } from '../../../../fixtures/dicom/phantom.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { folderSource } from '../../src/pipelines/imaging/find.ts';
import { openWorkbench, quietSession, type Standing, type Workbench } from './workbench.ts';

const SIZE = { rows: 16, columns: 16 };
const chest = chestPhantom(SIZE);

function image(index: number): ReturnType<typeof ctImage> {
  const of = { study: STUDIES.albaFirst, series: 2, seriesDescription: 'Axial', index, count: 40 };
  return ctImage(of, SIZE, chest(index, 40));
}

/** Files of one folder: content, and how each is to end. */
const sound = (index: number): Buffer => Buffer.from(build(image(index)));
const isBeforePixels = ({ tag }: { readonly tag: string }): boolean => tag < '7FE00010';
const NO_PIXELS = el('7FE00010', 'OW', Buffer.alloc(0));
const LONG_NAME = `${'n'.repeat(251)}.dcm`;
const NOT_UTF8 = Buffer.from('caf\xe9.dcm', 'latin1');

const CASES: readonly (readonly [
  name: string | Buffer,
  content: Uint8Array | string,
  expected: string,
])[] = [
  ['text.dcm', 'a letter, and no image', 'rejected NotDicom'],
  ['random.dcm', Buffer.from('00ff13371eeb'.repeat(200), 'hex'), 'rejected NotDicom'],
  ['no-preamble.dcm', build(image(1), { preamble: false }), 'delivered'],
  // Its encoding had to be guessed.
  ['no-meta.dcm', build(image(2), { preamble: false, meta: false }), 'held HeaderInDoubt'],
  // Only the last value runs out of the file, and no other element is in it.
  ['header-cut.dcm', sound(3).subarray(0, 700), 'rejected FileTruncated'],
  // Cut where an element ends: every element that is there is sound.
  ['pixels-missing.dcm', build(image(12).filter(isBeforePixels)), 'held PixelsMissing'],
  [
    'pixels-empty.dcm',
    build([...image(13).filter(isBeforePixels), NO_PIXELS]),
    'held PixelsMissing',
  ],
  ['preamble-only.dcm', sound(4).subarray(0, 132), 'rejected FileTruncated'],
  ['pixels-cut.dcm', sound(5).subarray(0, -40), 'rejected FileTruncated'],
  ['empty.dcm', '', 'rejected FileEmpty'],
  ['corrupt-vr.dcm', build(withUnknownVr(image(6))), 'held HeaderInDoubt'],
  ['DICOMDIR', dicomdir(), 'skipped DicomDirectory'],
  ['.DS_Store', 'whatever', 'skipped SystemFile'],
  ['new\nline.dcm', sound(7), 'delivered'],
  ['\x1b[31mred\x1b]0;title\x07.dcm', sound(8), 'delivered'],
  ['\x1b[2Jtext.txt', 'text', 'rejected NotDicom'],
  [LONG_NAME, sound(9), 'delivered'],
  [NOT_UTF8, sound(10), 'delivered'],
  ['-rf.dcm', sound(11), 'delivered'],
];

let bench: Workbench;
let socket: Server;
let summary: RunSummary;
let standing: Map<string, Standing>;

beforeAll(async () => {
  bench = await openWorkbench();
  const folder = join(bench.source, 'files');
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of CASES) {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]), content);
  }
  const strange = join(bench.source, 'strange');
  mkdirSync(join(strange, 'inner'), { recursive: true });
  symlinkSync(join(folder, 'text.dcm'), join(strange, 'link-to-file'));
  symlinkSync(folder, join(strange, 'link-to-folder'));
  symlinkSync('..', join(strange, 'inner', 'loop'));
  symlinkSync('/nowhere/at/all', join(strange, 'dangling'));
  expect(spawnSync('mkfifo', [join(strange, 'pipe')]).status).toBe(0);
  socket = createServer().listen(join(strange, 'socket'));
  mkdirSync(join(bench.source, 'nothing-in-it'));
  summary = await bench.run();
  standing = await bench.standing(summary.run);
}, 60_000);

afterAll(async () => {
  socket.close();
  await bench.close();
});

function ending(path: string): string {
  const item = standing.get(path);
  return item === undefined ? 'delivered' : `${item.disposition} ${item.code}`;
}

describe('a file that is not as it should be', () => {
  it.for(CASES)('ends as expected: %j', ([name, , expected]) => {
    const shown = typeof name === 'string' ? name : name.toString('latin1');
    expect(ending(`files/${shown}`)).toBe(expected);
  });

  it.for(['link-to-file', 'link-to-folder', 'inner/loop', 'dangling', 'pipe', 'socket'])(
    'is skipped where it is none: %s',
    (name) => {
      expect(ending(`strange/${name}`)).toBe('skipped NotARegularFile');
    },
  );

  it('leaves a sum that holds, an id and a next step for each', () => {
    expect(summary.status).toBe('complete');
    const { received, pending, ...settled } = summary.items;
    expect(received).toBe(CASES.length + 6);
    expect(pending).toBe(0);
    expect(Object.values(settled).reduce((sum, count) => sum + count, 0)).toBe(received);
    expect(summary.items.delivered).toBe(
      CASES.filter(([, , expected]) => expected === 'delivered').length,
    );
    for (const { id, action } of standing.values()) {
      expect(id).toMatch(/^IMG-\d{3}$/);
      expect(action.length).toBeGreaterThan(10);
    }
  });

  it('says where in the file it broke off', () => {
    for (const name of ['pixels-cut.dcm', 'header-cut.dcm', 'preamble-only.dcm']) {
      const { size } = statSync(join(bench.source, 'files', name));
      const offset = Number(standing.get(`files/${name}`)?.place['offset']);
      expect(offset).toBeGreaterThan(0);
      expect(offset).toBeLessThanOrEqual(size);
    }
  });

  it('puts no control character and no name of a file into the log or a document', async () => {
    const input = { project: 'default', run: summary.run };
    const { document } = await COMMANDS.findings(bench.application, input, quietSession());
    const everything = bench.log.join('\n') + JSON.stringify(document);
    expect(everything).not.toContain('\x1b');
    expect(everything).not.toContain('\\u001b');
    expect(everything).not.toContain('nnnnnn');
    expect(everything).not.toContain(bench.source);
  });
});

async function findingsOf(run: string): Promise<string[]> {
  const { document } = await COMMANDS.findings(
    bench.application,
    { project: 'default', run },
    quietSession(),
  );
  return (document as { readonly counts: readonly { readonly name: string }[] }).counts.map(
    ({ name }) => name,
  );
}

describe('a source that is not as it should be', () => {
  it('that is empty completes with a warning', async () => {
    const empty = join(bench.folder, 'empty');
    mkdirSync(empty);
    const done = await bench.run({ location: empty });
    expect(done).toMatchObject({ status: 'complete', items: { received: 0, pending: 0 } });
    expect(await findingsOf(done.run)).toEqual(['SourceEmpty']);
  });

  it('that is missing, or a file, is refused before there is a run', async () => {
    for (const location of [
      join(bench.folder, 'missing'),
      join(bench.source, 'files', 'text.dcm'),
    ]) {
      await expect(bench.run({ location })).rejects.toMatchObject({ code: 'SourceMissing' });
    }
  });

  it('whose folder vanishes between being listed and being read is told, and the rest goes on', async () => {
    const root = join(bench.folder, 'vanishing');
    for (const name of ['a', 'b', 'c']) {
      mkdirSync(join(root, name), { recursive: true });
      writeFileSync(join(root, name, 'x.txt'), name);
    }
    const source = folderSource(root);
    const never = new AbortController().signal;
    const read = [];
    let checkpoint: unknown = null;
    for (;;) {
      const arrivals = await source.next(checkpoint, never);
      if (arrivals === null) break;
      // The root is listed by now, and its folders are not yet read.
      rmSync(join(root, 'b'), { recursive: true, force: true });
      read.push(arrivals);
      ({ checkpoint } = arrivals);
    }
    expect(read.flatMap(({ findings }) => findings ?? []).map(({ code }) => code)).toEqual([
      'FolderVanished',
    ]);
    expect(read.map(({ batch }) => batch?.length ?? null).filter(Boolean)).toEqual([1, 1]);
  });

  it('of more files than a batch may have is read on from the middle of a folder', async () => {
    const root = join(bench.folder, 'large');
    mkdirSync(root);
    for (const name of ['a', 'b', 'c', 'd', 'e']) writeFileSync(join(root, name), name);
    const never = new AbortController().signal;
    const first = await folderSource(root, { maxItems: 2 }).next(null, never);
    expect(first?.batch).toHaveLength(2);
    // A resumption knows the checkpoint and nothing else, and another file has come meanwhile.
    writeFileSync(join(root, 'aa'), 'late');
    const again = folderSource(root, { maxItems: 2 });
    const rest = [];
    let checkpoint: unknown = first?.checkpoint;
    for (;;) {
      const arrivals = await again.next(checkpoint, never);
      if (arrivals === null) break;
      rest.push(...(arrivals.batch ?? []).map(({ value }) => value));
      ({ checkpoint } = arrivals);
    }
    expect(rest.map((value) => (value as { path: string }).path.slice(root.length + 1))).toEqual([
      'c',
      'd',
      'e',
    ]);
  });
});

describe('an output that fails', () => {
  const full = (): string => join(bench.folder, 'full');

  it('for want of space pauses the run, and a resumption delivers everything', async ({ skip }) => {
    mkdirSync(full());
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', full()]).status !== 0) {
      return skip('a small file system cannot be mounted here');
    }
    try {
      // An output of its own kind of disk, and a project of its own: nothing is a repeat.
      const source = join(bench.folder, 'for-full');
      mkdirSync(source);
      for (let index = 20; index < 28; index += 1) {
        writeFileSync(join(source, `${index}.dcm`), sound(index));
      }
      const paused = await bench.run({ location: source, out: full(), project: 'full' });
      expect(paused).toMatchObject({
        status: 'interrupted',
        reason: { code: 'DependencyPausedTooLong' },
        items: { received: 8, delivered: 0, held: 0, pending: 8 },
        batches: { error: 0 },
      });
      const { document: status } = await COMMANDS.status(
        bench.application,
        { project: 'full', run: paused.run },
        quietSession(),
      );
      const { history } = status as { readonly history: readonly Record<string, unknown>[] };
      const pause = history.find(({ to }) => to === 'paused');
      expect(pause).toMatchObject({
        causedBy: 'gate disk space',
        reason: { code: 'SpaceTooLow' },
      });
      expect(
        readdirSync(full(), { recursive: true }).filter((path) => /\./.test(String(path))),
      ).toEqual([]);
      expect(spawnSync('mount', ['-o', 'remount,size=4m', full()]).status).toBe(0);
      const { document } = await COMMANDS.resume(
        bench.application,
        { run: paused.run, strict: false, maxPauseSeconds: 1 },
        quietSession(),
      );
      expect(document).toMatchObject({ status: 'complete', items: { received: 8, delivered: 8 } });
    } finally {
      spawnSync('umount', [full()]);
    }
  });
});
