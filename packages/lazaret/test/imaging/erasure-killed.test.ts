/** An erasure whose process is killed: nothing of it happens, or all of it does, by the next command. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { el } from '../../../../fixtures/dicom/build.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { documentOf, lazaret, makeHome, start, type Home, type Started } from '../cli/process.ts';

/** An archive each. */
const STUDIES = { anna: 60, bert: 3 };

let home: Home;

beforeAll(async () => {
  home = makeHome();
  mkdirSync(home.source, { recursive: true });
  for (const [patient, studies] of Object.entries(STUDIES)) {
    for (let at = 0; at < studies; at += 1) {
      const uid = `1.2.826.0.1.3680043.8.498.${studies}.${at}`;
      const changes = [
        el('00080018', 'UI', `${uid}.1`),
        el('00100020', 'LO', `MRN-${patient.toUpperCase()}`),
        el('0020000D', 'UI', uid),
      ];
      writeFileSync(join(home.source, `${patient}-${at}.dcm`), buildSample(changes));
    }
  }
  const ended = await command('run', 'imaging', home.source, '--out', home.out);
  expect((documentOf(ended) as RunSummary).items.delivered, ended.stderr).toBe(63);
}, 120_000);
afterAll(() => home.remove());

const place = (): string[] => ['--data', home.data, '--json', '--user', 'anna'];

const command = (...args: readonly string[]): ReturnType<typeof lazaret> =>
  lazaret(home, [...args, ...place()]);

/** The pseudonym under which there are so many archives. */
function pseudonymOf(archives: number): string {
  const folder = join(home.out, 'default', 'Entity');
  const found = readdirSync(folder).find((name) => archivesOf(name) === archives);
  if (found === undefined) throw new Error('Nobody has so many.');
  return found;
}

function archivesOf(pseudonym: string): number {
  return readdirSync(join(home.out, 'default', 'Entity', pseudonym)).length;
}

function beginErasing(pseudonym: string): Started {
  const args = ['erase', '--subject', pseudonym, '--reason', 'consent withdrawn', ...place()];
  return start(home, args);
}

/** The end of the log, for a failure to tell. */
function log(): string {
  return readFileSync(join(home.data, 'lazaret.log'), 'utf8').slice(-4_000);
}

async function expectErased(pseudonym: string): Promise<void> {
  const again = await beginErasing(pseudonym).ended;
  expect(documentOf(again), log()).toMatchObject({ error: { name: 'NothingToErase' } });
  expect(archivesOf(pseudonym)).toBe(0);
}

describe('an erasure that is killed', () => {
  it('in the middle of its files is brought to its end by the next run', async () => {
    const anna = pseudonymOf(STUDIES.anna);
    const bert = pseudonymOf(STUDIES.bert);
    const erasing = beginErasing(anna);
    for (let waited = 0; archivesOf(anna) === STUDIES.anna; waited += 1) {
      expect(waited, 'nothing was removed').toBeLessThan(30_000);
      await delay(1);
    }
    erasing.child.kill('SIGKILL');
    expect((await erasing.ended).signal).toBe('SIGKILL');
    const left = archivesOf(anna);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(STUDIES.anna);
    const nothing = join(home.folder, 'nothing');
    mkdirSync(nothing);
    const next = await command('run', 'imaging', nothing, '--out', home.out);
    expect(next.exit, next.stderr).toBe(0);
    expect(archivesOf(anna)).toBe(0);
    expect(archivesOf(bert)).toBe(STUDIES.bert);
    await expectErased(anna);
  }, 120_000);

  it('at whatever moment has happened not at all or altogether, once it is repeated', async () => {
    const bert = pseudonymOf(STUDIES.bert);
    let kills = 0;
    for (let lifeMs = 400; ; lifeMs *= 1.5) {
      expect(lifeMs).toBeLessThan(60_000);
      const erasing = beginErasing(bert);
      const timer = setTimeout(() => erasing.child.kill('SIGKILL'), lifeMs);
      const { signal, exit } = await erasing.ended;
      clearTimeout(timer);
      if (signal === null) {
        // The kill before may have come behind the commit: then there was nothing left to do.
        expect(exit, log()).not.toBeNull();
        break;
      }
      kills += 1;
    }
    expect(kills).toBeGreaterThan(1);
    await expectErased(bert);
    const listed = await command('status');
    const [run] = (documentOf(listed) as { readonly run: string; readonly items: object }[]).slice(
      -1,
    );
    expect(run?.items).toMatchObject({ received: 63, delivered: 63, pending: 0 });
    const again = await command('run', 'imaging', home.source, '--out', home.out);
    expect((documentOf(again) as RunSummary).items).toMatchObject({ held: 63, delivered: 0 });
  }, 240_000);
});
