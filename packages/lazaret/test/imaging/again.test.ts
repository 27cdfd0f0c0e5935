/** The same folder again: under the same policy, under a changed one, and under two at once. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { el } from '../../../../fixtures/dicom/build.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { FindingsDocument } from '../../src/cli/status.ts';
import type { HeldItem } from '../../src/engine/selection.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { defaultPolicy, type Policy } from '../../src/pipelines/imaging/policy.ts';
import { testDatabases } from '../databases.ts';
import { unpackAll } from './archive-reader.ts';
import {
  documentAs,
  filesBelow,
  openWorkbench,
  quietSession,
  type Workbench,
} from './workbench.ts';

const uid = (number: number): string => `1.2.826.0.1.3680043.8.498.7.${number}`;
const CT = 4;
const US = 2;

/** One study of four CT and two ultrasound images. */
function writeStudy(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < CT + US; index += 1) {
    const modality = index < CT ? [] : [el('00080060', 'CS', 'US')];
    writeFileSync(
      join(folder, `${index}.dcm`),
      buildSample([el('00080018', 'UI', uid(index)), ...modality]),
    );
  }
}

const base = defaultPolicy();
const WITH_US: Policy = { ...base, version: '2', modalities: [...base.modalities, 'US'] };
const WITHOUT_CT: Policy = { ...base, version: '3', modalities: ['MR'] };
const OTHER_OPTIONS: Policy = { ...base, version: '4', options: [] };

testDatabases(import.meta.url, (database) => {
  let folder: string;
  let bench: Workbench;
  let project = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazaret-again-'));
    bench = await openWorkbench({
      folder,
      ...(database.url === null ? {} : { databaseUrl: database.url }),
    });
    writeStudy(bench.source);
  }, 60_000);
  afterAll(async () => {
    await bench.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A project and an output of its own: what one test delivers is no repeat for another. */
  interface Place {
    readonly name: string;
    readonly out: string;
    run(policy: Policy): Promise<RunSummary>;
    held(): Promise<HeldItem[]>;
    archives(): string[];
    /** Names of the images in all archives. */
    images(): string[];
  }
  function makePlace(): Place {
    project += 1;
    const name = `again-${project}`;
    const out = join(folder, name);
    return {
      name,
      out,
      run: (policy) => bench.run({ project: name, out, settings: { policy } }),
      held: async () =>
        documentAs(
          await COMMANDS['held list'](
            bench.application,
            { selection: { project: name } },
            quietSession(),
          ),
        ),
      archives: () => [...filesBelow(out).keys()],
      images: () => {
        const into = mkdtempSync(join(folder, 'unpacked-'));
        return unpackAll(out, into).flatMap((archive) => [...archive.images.keys()]);
      },
    };
  }

  const ended = (summary: RunSummary): Partial<RunSummary['items']> => {
    expect(summary.status, JSON.stringify(summary.reason)).toBe('complete');
    const { delivered, held, duplicate } = summary.items;
    return { delivered, held, duplicate };
  };
  const codes = (summary: RunSummary): Record<string, number> =>
    Object.fromEntries(summary.findings.map(({ name, count }) => [name, count]));

  describe('a second run over the same folder', () => {
    it('delivers nothing, and lists what is held exactly once', async () => {
      const place = makePlace();
      expect(ended(await place.run(base))).toEqual({ delivered: CT, held: US, duplicate: 0 });
      const [archives, held] = [place.archives(), await place.held()];
      const second = await place.run(base);
      expect(ended(second)).toEqual({ delivered: 0, held: 0, duplicate: CT + US });
      expect(codes(second)).toMatchObject({ SameAsDelivered: CT, SameAsHeld: US });
      expect(place.archives()).toEqual(archives);
      expect(await place.held()).toEqual(held);
      expect(held).toHaveLength(US);
    });

    it('under a policy with another label, limit or packing delivers nothing either', async () => {
      const place = makePlace();
      await place.run(base);
      const second = await place.run({
        ...base,
        name: 'renamed',
        compressionLevel: 6,
        maxFileBytes: 1_000_000,
      });
      expect(ended(second)).toEqual({ delivered: 0, held: US, duplicate: CT });
      expect(place.archives()).toHaveLength(1);
    });
  });

  describe('a run under a policy that lets more through', () => {
    it('delivers only what it concerns, and that leaves the list of what is held', async () => {
      const place = makePlace();
      await place.run(base);
      const before = place.images();
      expect(ended(await place.run(WITH_US))).toEqual({ delivered: US, held: 0, duplicate: CT });
      const images = place.images();
      expect(images).toHaveLength(CT + US);
      expect(new Set(images).size).toBe(CT + US);
      expect(images).toEqual(expect.arrayContaining(before));
      expect(await place.held()).toEqual([]);
      expect(ended(await place.run(WITH_US))).toEqual({ delivered: 0, held: 0, duplicate: 6 });
    });

    it('leaves nothing for a later replay of what was held: that finds it delivered', async () => {
      const place = makePlace();
      await place.run(base);
      const held = await place.held();
      const items = held.map(({ item }) => item);
      const replayed = await COMMANDS['held decide'](
        bench.application,
        {
          kind: 'replay',
          selection: { project: place.name, items },
          reason: null,
          user: 'alice',
          dryRun: false,
          strict: false,
          maxPauseSeconds: 1,
          policy: WITH_US,
        },
        quietSession(),
      );
      expect(replayed.document).toMatchObject({ runs: [{ items: { delivered: US } }] });
      expect(ended(await place.run(WITH_US))).toEqual({ delivered: 0, held: 0, duplicate: 6 });
      expect(place.images()).toHaveLength(CT + US);
    });
  });

  describe('a run under a policy with another output', () => {
    it('delivers everything anew under other keys, and overwrites nothing', async () => {
      const place = makePlace();
      await place.run(base);
      const before = filesBelow(place.out);
      expect(ended(await place.run(OTHER_OPTIONS))).toEqual({
        delivered: CT,
        held: US,
        duplicate: 0,
      });
      const after = filesBelow(place.out);
      expect(after.size).toBe(before.size + 1);
      for (const [key, bytes] of before) expect(after.get(key)?.equals(bytes)).toBe(true);
      expect(ended(await place.run(OTHER_OPTIONS))).toMatchObject({ delivered: 0, duplicate: 6 });
    });
  });

  describe('a run under a stricter policy', () => {
    it('holds what it does not let through, and names the earlier delivery', async () => {
      const place = makePlace();
      const first = await place.run(base);
      const stricter = await place.run(WITHOUT_CT);
      expect(ended(stricter)).toEqual({ delivered: 0, held: CT + US, duplicate: 0 });
      expect(codes(stricter)).toMatchObject({
        ModalityNotAccepted: CT + US,
        DeliveredUnderEarlierPolicy: CT,
      });
      const document = documentAs<FindingsDocument>(
        await COMMANDS.findings(
          bench.application,
          { project: place.name, run: stricter.run, code: 'ENG-061' },
          quietSession(),
        ),
      );
      const [archive] = place.archives();
      expect(document.findings).toHaveLength(CT);
      for (const { parameters, action } of document.findings) {
        expect(parameters).toMatchObject({ run: first.run, delivery: archive });
        expect(action).toMatch(/Decide/);
      }
      // Two of the first run, and all of the second.
      expect(await place.held()).toHaveLength(US + CT + US);
      expect(ended(await place.run(WITHOUT_CT))).toEqual({ delivered: 0, held: 0, duplicate: 6 });
    });

    it('sends a released image nowhere that is delivered already, and takes it off the list', async () => {
      const place = makePlace();
      await place.run(base);
      const stricter = await place.run(WITHOUT_CT);
      const own = (await place.held()).filter(({ item }) => item.startsWith(stricter.run));
      const { document } = await COMMANDS['held decide'](
        bench.application,
        {
          kind: 'release',
          selection: { project: place.name, run: stricter.run },
          reason: 'looked at',
          user: 'alice',
          dryRun: false,
          strict: false,
          maxPauseSeconds: 1,
        },
        quietSession(),
      );
      expect(own).toHaveLength(CT + US);
      expect(document).toMatchObject({ runs: [{ items: { delivered: US, duplicate: CT } }] });
      expect(place.images()).toHaveLength(CT + US);
      expect(await place.held()).toEqual([]);
    });
  });

  describe('two runs at once, each under a policy of its own', () => {
    it('deliver each image once, and leave no archive that nobody counts', async () => {
      const place = makePlace();
      const both = await Promise.all([place.run(base), place.run(WITH_US)]);
      const sum = (name: 'delivered' | 'duplicate' | 'held'): number =>
        both.reduce((total, { items }) => total + items[name], 0);
      expect(both.map(({ status }) => status)).toEqual(['complete', 'complete']);
      expect(sum('delivered')).toBe(CT + US);
      expect(sum('delivered') + sum('duplicate') + sum('held')).toBe(2 * (CT + US));
      const images = place.images();
      expect(images).toHaveLength(CT + US);
      expect(new Set(images).size).toBe(CT + US);
    });
  });
});
