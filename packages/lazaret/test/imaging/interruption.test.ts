import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/engine/summary.ts';
import { chances, leftovers, underWay, untilThrough, type Victim } from '../cli/kills.ts';
import { documentOf, lazaret, makeHome, start, type Home } from '../cli/process.ts';
import { sha256 } from './archive-reader.ts';
import { writeManyStudies } from './many-studies.ts';
import { filesBelow } from './workbench.ts';

/** How often the process is killed in the middle of the one run. */
const KILLS = 10;
const SEED = 20_190_312;
/** Longest life of a process between two kills: about what a third of the run takes. */
const MAX_LIFE_MS = 700;

let home: Home;
let files = 0;
let undisturbed: Trace;

/** All that is to be the same, whatever happened on the way. */
interface Trace {
  readonly out: Readonly<Record<string, string>>;
  readonly items: RunSummary['items'];
  readonly batches: RunSummary['batches'];
  readonly findings: RunSummary['findings'];
  readonly held: readonly string[];
}

beforeAll(async () => {
  home = makeHome();
  files = writeManyStudies(home.source);
  const ended = await lazaret(home, runArguments('calm'));
  expect(ended.exit, ended.stderr).toBe(0);
  undisturbed = await traceOf('calm', documentOf(ended) as RunSummary);
}, 120_000);

afterAll(() => home.remove());

/** Each test has its own data and output; source and key are shared. */
function runArguments(name: string): string[] {
  return ['run', 'imaging', home.source, '--out', outOf(name), ...placeArguments(name)];
}

function placeArguments(name: string): string[] {
  return ['--data', dataOf(name), '--json', '--workers', '1'];
}

function victimOf(name: string): Victim {
  return { home, data: dataOf(name), begin: runArguments(name), place: placeArguments(name) };
}

const dataOf = (name: string): string => join(home.folder, `data-${name}`);
const outOf = (name: string): string => join(home.folder, `out-${name}`);

async function traceOf(name: string, summary: RunSummary): Promise<Trace> {
  const listed = await lazaret(home, ['held', 'list', ...placeArguments(name)]);
  const held = documentOf(listed) as { readonly item: string; readonly name: string }[];
  return {
    out: Object.fromEntries(
      [...filesBelow(outOf(name))].map(([key, bytes]) => [key, sha256(bytes)]),
    ),
    items: summary.items,
    batches: summary.batches,
    findings: summary.findings,
    held: held.map(({ item, name: code }) => `${item.split('/')[1]} ${code}`).toSorted(),
  };
}

describe('an undisturbed run', () => {
  it('accounts for every file', () => {
    expect(undisturbed.items).toEqual({
      received: files,
      delivered: 300,
      held: 6,
      rejected: 3,
      skipped: 0,
      duplicate: 3,
      pending: 0,
    });
    expect(leftovers(outOf('calm'), dataOf('calm'))).toEqual([]);
  });
});

describe('a run that gets SIGINT', () => {
  it('ends with 130 and one document, and resumed makes the same archives', async () => {
    const name = 'interrupted';
    const summary = await interrupt(name, 'SIGINT');
    const resumed = await lazaret(home, ['resume', summary.run, ...placeArguments(name)]);
    expect(resumed.exit, resumed.stderr).toBe(0);
    expect(await traceOf(name, documentOf(resumed) as RunSummary)).toEqual(undisturbed);
    expect(leftovers(outOf(name), dataOf(name))).toEqual([]);
  }, 60_000);
});

async function interrupt(name: string, signal: NodeJS.Signals): Promise<RunSummary> {
  const started = start(home, runArguments(name));
  expect(await underWay({ data: dataOf(name) }, 0, started)).toBe(true);
  await delay(150);
  started.child.kill(signal);
  const ended = await started.ended;
  expect(ended.exit, ended.stderr).toBe(130);
  const summary = documentOf(ended) as RunSummary;
  expect(summary.status).toBe('interrupted');
  expect(summary.reason?.code).toBe('RunStoppedByPerson');
  const { received, pending, ...settled } = summary.items;
  expect(Object.values(settled).reduce((sum, count) => sum + count, pending)).toBe(received);
  return summary;
}

describe('a run that gets SIGTERM and is then killed again and again', () => {
  it(`loses nothing and doubles nothing in ${KILLS} kills`, async () => {
    const random = chances(SEED);
    let kills = 0;
    // A run may be through before it was killed ten times: then the next one is begun.
    for (let round = 1; kills < KILLS; round += 1) {
      const name = `killed-${round}`;
      if (round === 1) await interrupt(name, 'SIGTERM');
      const whole = await untilThrough(
        victimOf(name),
        () => (kills === KILLS ? null : random() * MAX_LIFE_MS),
        () => (kills += 1),
      );
      expect(await traceOf(name, whole), `${kills} kills`).toEqual(undisturbed);
      expect(leftovers(outOf(name), dataOf(name))).toEqual([]);
    }
  }, 180_000);
});
