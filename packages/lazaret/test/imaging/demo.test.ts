import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeDemoStudies } from '../../../../fixtures/dicom/demo.ts';
import type { DemoFacts, Planted } from '../../../../fixtures/dicom/demo-facts.ts';
import { findDciodvfy, findDcmdump } from '../../../../fixtures/dicom/readers.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { testDatabases } from '../databases.ts';
import { sha256, unpackAll, type Unpacked } from './archive-reader.ts';
import { pixelDigest } from './pixel-digest.ts';
import {
  dumpTables,
  filesBelow,
  openWorkbench,
  quietSession,
  type Standing,
  type Workbench,
} from './workbench.ts';

/** A folder and a file that are named after patients, as exports often are. */
const NAMED = 'Mustermann_Ida/MRN-7740078 Mustermann^Ida 19750222.txt';

let folder = '';
let source = '';
let bench: Workbench;
let facts: DemoFacts;
let first: RunSummary;
let second: RunSummary;
let standing: Map<string, Standing>;
let archives: Unpacked[];
let outAfterFirst: Map<string, Buffer>;
const printed: string[] = [];

/** The documents of every command that only looks. */
async function printEverything(): Promise<void> {
  const { application } = bench;
  const project = 'default';
  const session = quietSession();
  const take = (document: unknown): void => void printed.push(JSON.stringify(document));
  take([first, second]);
  const { run } = first;
  take((await COMMANDS.status(application, { project }, session)).document);
  take((await COMMANDS.status(application, { project, run }, session)).document);
  take((await COMMANDS.batches(application, { project, run, hasError: false }, session)).document);
  take((await COMMANDS.findings(application, { project, run }, session)).document);
  take((await COMMANDS['held list'](application, { selection: { project } }, session)).document);
  take((await COMMANDS.logs(application, { limit: 1_000 }, session)).document);
  for (const { item } of standing.values()) {
    const input = { item, project, user: 'tester', reveal: false };
    take((await COMMANDS['held show'](application, input, session)).document);
  }
}

/** The planted texts that are found. Shorter words occur by chance in megabytes of sealed bytes. */
function found(bytes: Buffer, shortest: number): string[] {
  const names: Planted[] = [
    { kind: 'name', text: 'Mustermann_Ida' },
    { kind: 'name', text: 'Placebo_Vera' },
  ];
  return [...facts.planted, ...names]
    .filter(({ text }) => text.length >= shortest)
    .filter(
      ({ text, bytes: written }) =>
        bytes.includes(text) || (written !== undefined && bytes.includes(Buffer.from(written))),
    )
    .map(({ kind, text }) => `${kind} ${text}`);
}

testDatabases(import.meta.url, (database) => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazaret-imaging-'));
    source = join(folder, 'Placebo_Vera export');
    facts = await writeDemoStudies(source);
    mkdirSync(join(source, 'Mustermann_Ida'), { recursive: true });
    writeFileSync(join(source, NAMED), 'Mustermann^Ida came by in person');
    printed.length = 0;
    bench = await openWorkbench({
      folder,
      ...(database.url === null ? {} : { databaseUrl: database.url }),
    });
    first = await bench.run({ location: source });
    standing = await bench.standing(first.run);
    outAfterFirst = filesBelow(bench.out);
    archives = unpackAll(bench.out, join(folder, 'unpacked'));
    second = await bench.run({ location: source });
    await printEverything();
  }, 120_000);

  afterAll(async () => {
    await bench.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('the demo studies', () => {
    it('end each as the facts say, and the sum holds', () => {
      const expected = facts.files
        .filter((file) => file.expected !== 'delivered')
        .map(({ path, expected: disposition }) => [path, disposition]);
      const dispositions = [...standing].map(([path, { disposition }]) => [path, disposition]);
      expect(Object.fromEntries(dispositions)).toEqual({
        ...Object.fromEntries(expected),
        [NAMED]: 'rejected',
      });
      const { received, pending, ...settled } = first.items;
      expect({ ...settled, rejected: settled.rejected - 1 }).toEqual(facts.counts);
      expect(received).toBe(facts.files.length + 1);
      expect(pending).toBe(0);
      expect(first.status).toBe('complete');
    });

    it('have batches that are done or empty as the facts say', () => {
      const done = facts.batches.filter(({ expected }) => expected === 'done').length;
      const empty = facts.batches.length - done;
      // The folder that the file named after a patient lies in held images already.
      expect(first.batches).toEqual({ total: done + empty + 1, done, empty: empty + 1, error: 0 });
    });

    it('come with a code, a place and a next step for each that was not delivered', () => {
      for (const { code, id, action } of standing.values()) {
        expect(id).toMatch(/^[A-Z]{3}-\d{3}$/);
        expect(code).not.toBe('');
        expect(action.length).toBeGreaterThan(10);
      }
      const offsets = [...standing.values()].filter(({ code }) => code === 'FileTruncated');
      expect(offsets[0]?.place).toMatchObject({ offset: expect.any(Number) as number });
    });

    it('give one patient one pseudonym and one shift of dates', () => {
      const keys = archives.map(({ key }) => key.split('/').at(-1)?.split('_') ?? []);
      const pairs = facts.samePerson.map(({ studyUids }) => studyUids.length);
      expect(pairs).toEqual([2]);
      // 2019-03-12 and 2019-09-30 are 202 days apart, and stay so.
      const dates = Map.groupBy(keys, ([pseudonym]) => pseudonym);
      const apart = [...dates.values()].flatMap((each) => {
        const days = each
          .map(([, date]) => Date.parse(isoDate(date ?? '')) / 86_400_000)
          .sort((a, b) => a - b);
        return days.slice(1).map((day, index) => day - (days[index] ?? 0));
      });
      expect(apart).toContain(202);
    });

    it('are delivered once: a second run delivers nothing and adds no file', () => {
      expect(second.status).toBe('complete');
      expect(second.items.delivered).toBe(0);
      // What was held is a duplicate of what is held; what cannot be used is looked at again.
      expect(second.items).toMatchObject({
        received: first.items.received,
        rejected: first.items.rejected,
        skipped: first.items.skipped,
        pending: 0,
      });
      expect(second.items.held + second.items.duplicate).toBe(
        first.items.delivered + first.items.held + first.items.duplicate,
      );
      expect([...filesBelow(bench.out).keys()]).toEqual([...outAfterFirst.keys()]);
    });
  });

  describe('what was planted', () => {
    it('is found nowhere in the output, by name or by byte', () => {
      for (const [path, bytes] of outAfterFirst) {
        expect(found(Buffer.from(path), 4), path).toEqual([]);
        expect(found(bytes, 8), path).toEqual([]);
        expect(found(gunzipSync(bytes), 4), path).toEqual([]);
      }
    });

    it('is found in no log line and in no document that a command prints', () => {
      expect(bench.log.length).toBeGreaterThan(10);
      expect(found(Buffer.from(bench.log.join('\n')), 4)).toEqual([]);
      expect(printed.length).toBeGreaterThan(20);
      expect(found(Buffer.from(printed.join('\n')), 4)).toEqual([]);
    });

    it('is found in no table, and in no byte of the data folder', async () => {
      const tables = await dumpTables(bench.application);
      expect([...tables.keys()]).toContain('lazaret_identity.map');
      for (const [name, bytes] of tables) expect(found(bytes, 5), name).toEqual([]);
      expect(tables.get('lazaret.item')?.length).toBeGreaterThan(1_000);
      const files = filesBelow(bench.data);
      for (const [path, bytes] of files) expect(found(bytes, 6), path).toEqual([]);
      // The search reads what the store wrote: the run's own name is found where the store is.
      const inFolder = [...files.values()].some((bytes) => bytes.includes(first.run));
      expect(inFolder).toBe(database.store === 'pglite');
    });

    it('would be found: the search sees it in the source', () => {
      const everything = Buffer.concat([...filesBelow(source).values()]);
      expect(found(everything, 4).length).toBeGreaterThan(facts.planted.length - 2);
    });
  });

  describe('the archives', () => {
    it('hold what their manifests say, digest for digest', () => {
      expect(archives.length).toBe(first.deliveries.count);
      let entries = 0;
      for (const { key, manifest, images } of archives) {
        expect(manifest.archive).toBe(key);
        expect(key).toMatch(
          /^default\/Entity\/(P[0-9A-Z]+)\/\1_\d{8}_A[0-9A-Z]+_[0-9a-f]{16}\.tar\.gz$/,
        );
        const listed = manifest.entries.map(({ name, size, sha256: digest }) => [
          name,
          size,
          digest,
        ]);
        expect(listed).toEqual(
          [...images]
            .map(([name, bytes]) => [name, bytes.length, sha256(bytes)] as const)
            .toSorted(([a], [b]) => (a < b ? -1 : 1)),
        );
        entries += images.size;
      }
      expect(entries).toBe(first.items.delivered);
    });

    it('hold the pixels of the source, byte for byte', () => {
      const sources = countBy([...filesBelow(source).values()].flatMap(pixelDigest));
      const delivered = countBy(
        archives.flatMap(({ images }) => [...images.values()].flatMap(pixelDigest)),
      );
      for (const [digest, count] of delivered) {
        expect(count, digest).toBeLessThanOrEqual(sources.get(digest) ?? 0);
      }
      const total = [...delivered.values()].reduce((sum, count) => sum + count, 0);
      expect(total).toBe(first.items.delivered);
    });

    it('hold files that pydicom opens, with the pixels that the source has', ({ skip }) => {
      const python = '/usr/bin/python3';
      if (spawnSync(python, ['-c', 'import pydicom, numpy']).status !== 0) {
        return skip('pydicom is not installed');
      }
      const script = `
import sys, hashlib, pydicom, warnings
warnings.simplefilter('error')
from pathlib import Path
for path in sys.argv[1:]:
    d = pydicom.dcmread(path)
    [str(e.value) for e in d.iterall()]
    d.pixel_array
    print(hashlib.sha256(d.PixelData).hexdigest(), d.PatientIdentityRemoved, d.PatientID)`;
      const paths = imagePaths();
      const read = spawnSync(python, ['-c', script, ...paths], { encoding: 'utf8' });
      expect(read.stderr).toBe('');
      const lines = read.stdout.trim().split('\n');
      expect(lines.length).toBe(paths.length);
      const sources = new Set([...filesBelow(source).values()].flatMap(pixelDigest));
      for (const line of lines) {
        expect(line).toMatch(/^[0-9a-f]{64} YES P[0-9A-Z]+$/);
        expect(sources.has(line.slice(0, 64))).toBe(true);
      }
    });

    it('hold files that dcmdump reads without a word', ({ skip }) => {
      const reader = findDcmdump();
      if (reader === null) return skip('dcmdump is not installed');
      expect(reader.findFaults(imagePaths())).toEqual(new Map());
    });

    it('hold files in which dciodvfy finds no error', ({ skip }) => {
      const reader = findDciodvfy();
      if (reader === null) return skip('dciodvfy is not installed');
      expect(reader.findFaults(imagePaths())).toEqual(new Map());
    });
  });
});

function imagePaths(): string[] {
  return archives.flatMap((archive) =>
    [...archive.images.keys()].map((name) => join(archive.folder, name)),
  );
}

function isoDate(date: string): string {
  return `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`;
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
