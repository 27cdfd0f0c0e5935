/**
 * What verification found is never waved through: not by a reason, not by two people, not by letting go
 * of another code that the same image has, and not by sending it in again unchanged.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { el, type BuildElement } from '../../../../fixtures/dicom/build.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { DecideInput } from '../../src/cli/held-decisions.ts';
import type { HeldItem } from '../../src/engine/selection.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { catalogue } from '../../src/main.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import {
  documentAs,
  filesBelow,
  openWorkbench,
  quietSession,
  type Workbench,
} from './workbench.ts';

/** In the name of the folder and in an element that stays: the header's own names do not have it. */
const KERNEL = el('00181210', 'SH', 'Zwetschke 30');
const FOLDER = 'Zwetschke_Anna';
const FILES: Readonly<Record<string, readonly BuildElement[]>> = {
  'plain.dcm': [],
  'ultrasound.dcm': [el('00080060', 'CS', 'US')],
  'annotated.dcm': [el('00280301', 'CS', 'YES')],
};

interface Decision {
  readonly items: number;
  readonly waitingForSecond: readonly string[];
  readonly runs: readonly RunSummary[];
}

let bench: Workbench;
let first: RunSummary;

beforeAll(async () => {
  bench = await openWorkbench();
  mkdirSync(join(bench.source, FOLDER), { recursive: true });
  for (const [index, [name, changes]] of Object.entries(FILES).entries()) {
    const instance = el('00080018', 'UI', `1.2.826.0.1.3680043.8.498.10${index}`);
    writeFileSync(
      join(bench.source, FOLDER, name),
      buildSample([instance, KERNEL, ...changes].toSorted((a, b) => (a.tag < b.tag ? -1 : 1))),
    );
  }
  first = await bench.run();
}, 60_000);
afterAll(() => bench.close());

async function decide(
  kind: 'release' | 'replay',
  item: string,
  user: string,
  given: Partial<DecideInput> = {},
): Promise<Decision> {
  const outcome = await COMMANDS['held decide'](
    bench.application,
    {
      kind,
      selection: { project: 'default', items: [item] },
      reason: kind === 'release' ? 'looked at by hand' : null,
      user,
      dryRun: false,
      strict: false,
      maxPauseSeconds: 1,
      ...given,
    },
    quietSession(),
  );
  return documentAs<Decision>(outcome);
}

async function held(): Promise<readonly HeldItem[]> {
  const selection = { project: 'default' };
  return documentAs(await COMMANDS['held list'](bench.application, { selection }, quietSession()));
}

async function itemOf(name: string): Promise<string> {
  const item = (await bench.standing(first.run)).get(`${FOLDER}/${name}`)?.item;
  if (item === undefined) throw new Error(`${name} was delivered.`);
  return item;
}

/** The item that stands for this one in the child run of a decision. */
async function heirOf({ runs }: Decision): Promise<HeldItem> {
  const heir = (await held()).find(({ item }) => item.startsWith(`${runs[0]?.run}/`));
  if (heir === undefined) throw new Error('The image is not held any more.');
  return heir;
}

const refused = { code: 'ReleaseNotAllowed', parameters: { codes: ['IdentifierInOutput'] } };

describe('what verification found', () => {
  it('can be replayed and nothing else, by the catalogue', () => {
    for (const name of ['IdentifierInOutput', 'ProfileBroken'] as const) {
      expect(catalogue.entryOf({ code: name }).release, name).toBe('replay');
    }
  });

  it('is not let go by a reason, nor by a second person', async () => {
    const item = await itemOf('plain.dcm');
    expect((await held()).find((each) => each.item === item)).toMatchObject({
      name: 'IdentifierInOutput',
      release: 'replay',
    });
    for (const user of ['alice', 'bob', 'alice']) {
      await expect(decide('release', item, user)).rejects.toMatchObject(refused);
    }
    expect(filesBelow(bench.out).size).toBe(0);
  });

  it('is found again in a replay under the same recipe', async () => {
    const item = await itemOf('plain.dcm');
    const again = await decide('replay', item, 'alice');
    expect(again.runs[0]?.items).toMatchObject({ received: 1, held: 1, delivered: 0 });
    const heir = await heirOf(again);
    expect(heir.name).toBe('IdentifierInOutput');
    await expect(decide('release', heir.item, 'bob')).rejects.toMatchObject(refused);
  });

  it('is not let go with another code of the same image that a reason lets go', async () => {
    const item = await itemOf('ultrasound.dcm');
    const released = await decide('release', item, 'alice');
    expect(released.runs[0]?.items).toMatchObject({ received: 1, held: 1, delivered: 0 });
    const heir = await heirOf(released);
    expect(heir.name).toBe('IdentifierInOutput');
    await expect(decide('release', heir.item, 'bob')).rejects.toMatchObject(refused);
  });

  it('is not let go with another code that two people let go', async () => {
    const item = await itemOf('annotated.dcm');
    expect((await decide('release', item, 'alice')).waitingForSecond).toEqual([item]);
    const released = await decide('release', item, 'bob');
    expect(released.runs[0]?.items).toMatchObject({ received: 1, held: 1, delivered: 0 });
    const heir = await heirOf(released);
    expect(heir.name).toBe('IdentifierInOutput');
    for (const user of ['carol', 'dave']) {
      await expect(decide('release', heir.item, user)).rejects.toMatchObject(refused);
    }
    expect(filesBelow(bench.out).size).toBe(0);
  });
});
