import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, el } from '../../../../fixtures/dicom/build.ts';
import { ctImage } from '../../../../fixtures/dicom/ct-image.ts';
import { STUDIES } from '../../../../fixtures/dicom/demo-studies.ts';
import { chestPhantom } from '../../../../fixtures/dicom/phantom.ts';
import { withElements } from '../../../../fixtures/dicom/study.ts';
import type { BuildElement } from '../../../../fixtures/dicom/build.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { DecideInput } from '../../src/cli/held-decisions.ts';
import type { HeldItem } from '../../src/engine/selection.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { defaultPolicy } from '../../src/pipelines/imaging/policy.ts';
import {
  documentAs,
  dumpTables,
  filesBelow,
  openWorkbench,
  quietSession,
  type Workbench,
} from '../imaging/workbench.ts';

const SIZE = { rows: 16, columns: 16 };
const chest = chestPhantom(SIZE);
const ULTRASOUND = el('00080060', 'CS', 'US');
const ANNOTATED = el('00280301', 'CS', 'YES');

let bench: Workbench;
let first: RunSummary;

/** One image a file, each of another kind; the number makes its pixels and UIDs its own. */
const FILES: Readonly<Record<string, readonly BuildElement[]>> = {
  'sound.dcm': [],
  'ultrasound.dcm': [ULTRASOUND],
  'ultrasound-2.dcm': [ULTRASOUND],
  'ultrasound-3.dcm': [ULTRASOUND],
  'annotated.dcm': [ANNOTATED],
  'annotated-2.dcm': [ANNOTATED],
  'both.dcm': [ULTRASOUND, ANNOTATED],
  'nobody.dcm': [el('00100020', 'LO', '')],
};

beforeAll(async () => {
  bench = await openWorkbench();
  mkdirSync(bench.source, { recursive: true });
  for (const [index, [name, changes]] of Object.entries(FILES).entries()) {
    const image = {
      study: STUDIES.albaFirst,
      series: 2,
      seriesDescription: 'Axial',
      index,
      count: 12,
    };
    const elements = withElements(
      ctImage(image, SIZE, chest(index, 12)),
      Object.fromEntries(changes.map((change) => [change.tag, change])),
    );
    writeFileSync(join(bench.source, name), build(elements));
  }
  first = await bench.run();
}, 60_000);

afterAll(() => bench.close());

interface Decision {
  readonly decision: string;
  readonly items: number;
  readonly waitingForSecond: readonly string[];
  readonly runs: readonly RunSummary[];
}

async function decide(
  kind: 'release' | 'replay',
  items: readonly string[],
  given: Partial<DecideInput> = {},
): Promise<Decision> {
  const input: DecideInput = {
    kind,
    selection: { project: 'default', items },
    reason: kind === 'release' ? 'looked at by hand' : null,
    user: 'alice',
    dryRun: false,
    strict: false,
    maxPauseSeconds: 1,
    ...given,
  };
  return documentAs<Decision>(
    await COMMANDS['held decide'](bench.application, input, quietSession()),
  );
}

async function list(): Promise<HeldItem[]> {
  const selection = { project: 'default' };
  return documentAs(await COMMANDS['held list'](bench.application, { selection }, quietSession()));
}

async function itemOf(name: string): Promise<string> {
  const found = (await bench.standing(first.run)).get(name);
  if (found === undefined) throw new Error(`${name} was delivered.`);
  return found.item;
}

const archives = (): string[] => [...filesBelow(bench.out).keys()];

describe('what is held', () => {
  it('is listed with its code and the way that it may be let go', async () => {
    expect(first.items).toMatchObject({ received: 8, delivered: 1, held: 7 });
    const ways = (await list()).map(({ name, release }) => `${name}: ${release}`).toSorted();
    expect(ways).toEqual([
      'BurnedInAnnotation: second',
      'BurnedInAnnotation: second',
      'ModalityNotAccepted: reason',
      'ModalityNotAccepted: reason',
      'ModalityNotAccepted: reason',
      'ModalityNotAccepted: reason',
      'PatientIdMissing: replay',
    ]);
  });

  it('is not changed by a dry run', async () => {
    const before = await list();
    const tables = await ownTables();
    const files = [...filesBelow(bench.out), ...filesBelow(bench.source)];
    const dry = await COMMANDS['held decide'](
      bench.application,
      {
        kind: 'release',
        selection: { project: 'default' },
        reason: null,
        user: 'alice',
        dryRun: true,
        strict: false,
        maxPauseSeconds: 1,
      },
      quietSession(),
    );
    // Alice alone releases the four ultrasound images; one of them is annotated besides.
    expect(dry.document).toMatchObject({
      dryRun: true,
      lookedUpTo: 'verify',
      cleared: [
        {
          id: 'IMG-004',
          items: 4,
          cleared: 3,
          others: [{ stands: 'held', id: 'IMG-005', count: 1 }],
        },
      ],
      refused: [{ id: 'IMG-014', count: 1 }],
    });
    expect(dry.document).toHaveProperty('waitingForSecond.length', 2);
    expect(await list()).toEqual(before);
    expect(await ownTables()).toEqual(tables);
    expect([...filesBelow(bench.out), ...filesBelow(bench.source)]).toEqual(files);
    expect(filesBelow(join(bench.data, 'staging'))).toEqual(new Map());
  });
});

/** All tables but those in which the queue notes when it last looked after itself. */
async function ownTables(): Promise<[string, Buffer][]> {
  const tables = await dumpTables(bench.application);
  return [...tables].filter(([name]) => name.startsWith('lazaret'));
}

async function countOf(table: 'lazaret.decision' | 'lazaret.run'): Promise<{ rows: number }> {
  return bench.application.store.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
}

describe('a release', () => {
  it('is refused without a reason, a blank one included', async () => {
    const item = await itemOf('ultrasound.dcm');
    for (const reason of [null, '', '  ']) {
      await expect(decide('release', [item], { reason })).rejects.toMatchObject({
        code: 'ReasonMissing',
      });
    }
  });

  it('is refused for a code that only a replay lets go, and nothing of the selection goes', async () => {
    const items = [await itemOf('ultrasound.dcm'), await itemOf('nobody.dcm')];
    await expect(decide('release', items)).rejects.toMatchObject({
      code: 'ReleaseNotAllowed',
      parameters: { count: 1, codes: ['PatientIdMissing'] },
    });
    expect(await list()).toHaveLength(7);
  });

  it('of a modality delivers it in a child run, and it leaves the list', async () => {
    const item = await itemOf('ultrasound.dcm');
    const before = archives();
    const { runs, items, waitingForSecond } = await decide('release', [item]);
    expect({ items, waitingForSecond }).toEqual({ items: 1, waitingForSecond: [] });
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({
      status: 'complete',
      items: { received: 1, delivered: 1, held: 0, pending: 0 },
    });
    expect((await list()).map((held) => held.item)).not.toContain(item);
    expect(archives()).toHaveLength(before.length + 1);
    const status = await COMMANDS.status(bench.application, { project: 'default' }, quietSession());
    expect(status.document).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ run: runs[0]?.run, parent: first.run, status: 'complete' }),
      ]),
    );
    await expect(decide('release', [item])).rejects.toMatchObject({ code: 'NothingSelected' });
  });

  it('of annotated pixels takes two people', async () => {
    const item = await itemOf('annotated.dcm');
    for (const user of ['alice', 'alice']) {
      const { items, waitingForSecond, runs } = await decide('release', [item], { user });
      expect({ items, waitingForSecond, runs }).toEqual({
        items: 0,
        waitingForSecond: [item],
        runs: [],
      });
    }
    const { runs } = await decide('release', [item], { user: 'bob' });
    expect(runs[0]?.items).toMatchObject({ received: 1, delivered: 1 });
  });

  it('by one person does not get through with a replay by the same person', async () => {
    const item = await itemOf('annotated-2.dcm');
    await decide('release', [item]);
    const { runs } = await decide('replay', [item]);
    expect(runs[0]?.items).toMatchObject({ received: 1, delivered: 0, held: 1 });
  });

  it('of one code and then of the other lets an image go that is held by two', async () => {
    const opened = await decide('release', [await itemOf('both.dcm')]);
    expect(opened.runs[0]?.items).toMatchObject({ held: 1 });
    const again = (await list()).find(({ item }) => item.startsWith(`${opened.runs[0]?.run}/`));
    expect(again?.name).toBe('BurnedInAnnotation');
    const item = again?.item ?? '';
    await decide('release', [item], { user: 'alice' });
    const { runs } = await decide('release', [item], { user: 'bob' });
    expect(runs[0]?.items).toMatchObject({ received: 1, delivered: 1, held: 0 });
  });
});

describe('a replay', () => {
  it('under the same recipe holds again what is still not right', async () => {
    const item = await itemOf('nobody.dcm');
    const { runs } = await decide('replay', [item]);
    expect(runs[0]?.items).toMatchObject({ received: 1, held: 1, delivered: 0 });
    expect((await list()).map((held) => held.item)).not.toContain(item);
    expect((await list()).map((held) => held.item)).toContain(`${runs[0]?.run}/1`);
  });

  it('under another policy delivers what that one accepts, into the same output', async () => {
    const item = await itemOf('ultrasound-2.dcm');
    const before = archives();
    const policy = { ...defaultPolicy(), version: '2', modalities: ['CT', 'MR', 'US'] };
    const { runs } = await decide('replay', [item], { policy });
    expect(runs[0]?.items).toMatchObject({ received: 1, delivered: 1, held: 0 });
    expect(archives()).toHaveLength(before.length + 1);
  });

  it('is refused with a policy that is not one, and nothing is decided', async () => {
    const { rows: decisions } = await countOf('lazaret.decision');
    const item = await itemOf('ultrasound-3.dcm');
    const policy = { ...defaultPolicy(), modalites: ['US'] };
    await expect(decide('replay', [item], { policy })).rejects.toMatchObject({
      code: 'PolicyInvalid',
    });
    expect((await countOf('lazaret.decision')).rows).toBe(decisions);
  });

  it('of a file that changed meanwhile, without a copy, is told, and not delivered', async () => {
    const item = await itemOf('ultrasound-3.dcm');
    writeFileSync(join(bench.source, 'ultrasound-3.dcm'), 'something else altogether');
    // With a copy it would be read from that one: see test/imaging/copies.test.ts.
    await bench.application.store.db
      .updateTable('lazaret.copy')
      .set({ state: 'removed' })
      .execute();
    const { runs } = await decide('replay', [item]);
    expect(runs[0]?.items).toMatchObject({ received: 1, rejected: 1 });
    expect(runs[0]?.findings.map(({ name }) => name)).toEqual(['SourceChanged']);
  });
});
