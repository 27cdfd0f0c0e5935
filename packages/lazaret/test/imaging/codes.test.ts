/** The codes that no other test comes across: each raised by what it is there for. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { el } from '../../../../fixtures/dicom/build.ts';
import { askHolder } from '../../src/cli/socket.ts';
import { decide } from '../../src/engine/decisions.ts';
import { catalogue } from '../../src/main.ts';
import { projectKeyFrom } from '../../src/identity/keys.ts';
import {
  buildSample,
  sampleInput,
  walkBytes,
} from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { deidentify } from '../../src/pipelines/imaging/dicom/deidentify.ts';
import { keepAll, rewrite } from '../../src/pipelines/imaging/dicom/rewrite.ts';
import { defaultPolicy } from '../../src/pipelines/imaging/policy.ts';
import { verify } from '../../src/pipelines/imaging/steps/clean.ts';
import { makeTools } from '../../src/pipelines/imaging/tools.ts';
import { openStore } from '../../src/store/open.ts';
import { openWorkbench, quietSession, type Workbench } from './workbench.ts';

const uid = (number: number): string => `1.2.826.0.1.3680043.8.498.${number}`;

describe('codes of images and runs', () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await openWorkbench();
    mkdirSync(join(bench.source, 'mixed'), { recursive: true });
    const write = (name: string, bytes: Uint8Array): void =>
      writeFileSync(join(bench.source, name), bytes);
    write('mixed/1.dcm', buildSample([el('00080018', 'UI', uid(1)), el('00080050', 'SH', '2')]));
    write(
      'mixed/2.dcm',
      buildSample([
        el('00080018', 'UI', uid(2)),
        el('0020000D', 'UI', uid(20)),
        el('00100020', 'LO', 'MRN-OTHER-1'),
        el('00080023', 'DA', '2024-1-5'),
        el('00180050', 'DS', 'thin'),
        el('00181250', 'SH', 'HEAD Erika'),
        el('00200052', 'UI', `${uid(4)}.20240115`),
      ]),
    );
    write('held.dcm', buildSample([el('00080018', 'UI', uid(3)), el('00080060', 'CS', 'US')]));
    write('large.dcm', buildSample([el('7FE00010', 'OW', new Uint8Array(64_000))]));
    write('mime.dcm', buildSample([], { syntaxUid: '1.2.840.10008.1.2.6.1' }));
  });
  afterAll(() => bench.close());

  it('are raised on a first run, and repeats are told on a second', async () => {
    const plain = defaultPolicy();
    const options = [...plain.options, 'retainUids'] as const;
    const policy = { ...plain, options, maxFileBytes: 32_000 };
    const first = await bench.run({ settings: { policy } });
    const counts = (summary: typeof first): Record<string, number> =>
      Object.fromEntries(summary.findings.map(({ name, count }) => [name, count]));
    expect(counts(first)).toMatchObject({
      SeveralStudies: 1,
      SeveralPatients: 1,
      IdentifierShort: 1,
      DateRemoved: 1,
      ValueNotOfVr: 1,
      IdentifierTakenOut: 1,
      UidHoldsDate: 1,
      LimitReached: 1,
      SyntaxNotSupported: 1,
      ModalityNotAccepted: 1,
    });
    const second = await bench.run({ settings: { policy } });
    expect(counts(second)).toMatchObject({
      SameAsDelivered: first.items.delivered,
      SameAsHeld: 1,
    });
    expect(second.items.delivered).toBe(0);
  });

  it('refuse to send an item in again that is on its way already', async () => {
    const { engine, store } = bench.application;
    const select = { project: 'default', code: 'ModalityNotAccepted' };
    const request = { kind: 'replay', selection: select, by: 'tester', reason: null } as const;
    const decided = await decide(store.db, catalogue, request, new Date(0));
    const [child] = await engine.createChildren({ decided, user: 'tester' });
    await expect(decide(store.db, catalogue, request, new Date(0))).rejects.toMatchObject({
      code: 'AlreadyUnderWay',
      parameters: { run: child?.short },
    });
  });

  it('refuse to go on under another recipe, and tell of a process that is gone', async () => {
    const { engine, store } = bench.application;
    const pipeline = engine.pipelineOf('imaging');
    const { source, out, data } = bench;
    const run = await engine.create({
      pipeline: 'imaging',
      configuration: pipeline.configure({ source, out, data }),
      location: source,
      project: 'default',
      site: 'default',
      user: 'tester',
    });
    const request = {
      progress: quietSession().progressOf({ pipeline: 'imaging', run: run.short, stages: [] }),
      controller: new AbortController(),
      maxPauseMs: 0,
    };
    await expect(engine.work({ ...run, recipe: 'another' }, request)).rejects.toMatchObject({
      code: 'RecipeChanged',
    });
    await store.db
      .updateTable('lazaret.run')
      .set({ status: 'running', owner: 'nobody', heartbeat_at: new Date(0) })
      .where('id', '=', run.id)
      .execute();
    await engine.recover();
    const found = await engine.find(run.short);
    expect(found).toMatchObject({ status: 'interrupted', reason: { code: 'RunProcessDied' } });
  });
});

describe('two runs over one folder at the same time', () => {
  it('deliver each image once: the slower one meets DeliveredMeanwhile or the receipt', async () => {
    const bench = await openWorkbench();
    try {
      mkdirSync(bench.source);
      const images = Array.from({ length: 12 }, (_, index) => uid(500 + index));
      images.forEach((instance, index) =>
        writeFileSync(
          join(bench.source, `${index}.dcm`),
          buildSample([el('00080018', 'UI', instance)]),
        ),
      );
      const ended = await Promise.all([bench.run(), bench.run()]);
      const sum = (name: 'delivered' | 'duplicate'): number =>
        ended.reduce((total, { items }) => total + items[name], 0);
      expect(ended.map(({ status }) => status)).toEqual(['complete', 'complete']);
      expect([sum('delivered'), sum('duplicate')]).toEqual([images.length, images.length]);
    } finally {
      await bench.close();
    }
  });
});

describe('codes of what is around a run', () => {
  it('hold an image whose output breaks the profile', async () => {
    const source = walkBytes(buildSample());
    const spoilt = rewrite(source, keepAll, { meta: [] });
    const tools = makeTools(
      { policy: defaultPolicy(), out: '' },
      { key: projectKeyFrom(new Uint8Array(32)), recipe: '' },
    );
    const value = {
      travelsAs: {
        file: { path: '/source/1.dcm', encoding: 'utf8' },
        identity: { pseudonym: 'P1', accession: '', shiftDays: -3 },
      },
      opened: { source: source.source, digest: '', close: () => undefined },
      source,
      clean: deidentify(source, sampleInput()),
      rendition: spoilt,
    };
    const batch = { run: '', batch: '', attempt: 1, staging: '' };
    const result = await verify.apply(value as never, { item: 1, batch, tools });
    expect(result).toMatchObject({ kind: 'stop', disposition: 'held' });
    expect(result.findings.map(({ code }) => code)).toContain('ProfileBroken');
  });

  it('say when the data folder cannot be used, and when its holder does not answer', async () => {
    const bench = await openWorkbench();
    try {
      writeFileSync(join(bench.folder, 'file'), '');
      const options = {
        dataFolder: join(bench.folder, 'file', 'data'),
        command: 'a test',
        cacheFolder: null,
      };
      await expect(openStore({ ...options, now: () => new Date(0) })).rejects.toMatchObject({
        code: 'StoreUnusable',
      });
      const holder = {
        ...{ nonce: '', pid: 1, processStart: null, host: hostname(), command: 'lazaret run' },
        ...{ since: '', socket: join(bench.folder, 'no.sock') },
      };
      await expect(askHolder(holder, 'status', {}, quietSession())).rejects.toMatchObject({
        code: 'HolderDidNotAnswer',
      });
    } finally {
      await bench.close();
    }
  });
});
