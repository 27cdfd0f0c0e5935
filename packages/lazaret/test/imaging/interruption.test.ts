import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/engine/summary.ts';
import { documentOf, lazaret, makeHome, start, type Home, type Started } from '../cli/process.ts';
import { sha256 } from './archive-reader.ts';
import { writeManyStudies } from './many-studies.ts';
import { filesBelow } from './workbench.ts';

/** How often the process is killed in the middle of the one run. */
const KILLS = 10;
const SEED = 20_190_312;
/** Longest life of a process between two kills: about what a third of the run takes. */
const MAX_LIFE_MS = 700;
const WAIT_MS = 60_000;

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

/** The run's ids in the log, one for each time that it was taken up. */
function beginnings(name: string): string[] {
  const log = join(dataOf(name), 'lazaret.log');
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines
    .filter((line) => /Run (started|resumed)\./.test(line))
    .map((line) => /"run":"([0-9a-f-]+)"/.exec(line)?.[1] ?? '');
}

/** Waits until the run is under way once more. False: the process ended before that. */
async function underWay(name: string, before: number, { ended }: Started): Promise<boolean> {
  let over = false;
  void ended.then(() => (over = true));
  for (let waited = 0; waited < WAIT_MS; waited += 10) {
    if (beginnings(name).length > before) return true;
    if (over) return false;
    await delay(10);
  }
  throw new Error('The run did not begin.');
}

function leftovers(name: string): string[] {
  return [
    ...readdirSync(outOf(name), { recursive: true, encoding: 'utf8' }).filter((path) =>
      /(^|\/)\.|\.tmp|\.part|\.lock/.test(path),
    ),
    ...readdirSync(join(dataOf(name), 'staging')),
    ...readdirSync(dataOf(name)).filter((path) => path.includes('lock') || path.includes('sock')),
  ];
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
    expect(leftovers('calm')).toEqual([]);
  });
});

describe('a run that gets SIGINT', () => {
  it('ends with 130 and one document, and resumed makes the same archives', async () => {
    const name = 'interrupted';
    const summary = await interrupt(name, 'SIGINT');
    const resumed = await lazaret(home, ['resume', summary.run, ...placeArguments(name)]);
    expect(resumed.exit, resumed.stderr).toBe(0);
    expect(await traceOf(name, documentOf(resumed) as RunSummary)).toEqual(undisturbed);
    expect(leftovers(name)).toEqual([]);
  }, 60_000);
});

async function interrupt(name: string, signal: NodeJS.Signals): Promise<RunSummary> {
  const started = start(home, runArguments(name));
  expect(await underWay(name, 0, started)).toBe(true);
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
    const random = generator(SEED);
    let kills = 0;
    // A run may be through before it was killed ten times: then the next one is begun.
    for (let round = 1; kills < KILLS; round += 1) {
      const name = `killed-${round}`;
      if (round === 1) await interrupt(name, 'SIGTERM');
      const whole = await untilThrough(
        name,
        () => (kills === KILLS ? null : random() * MAX_LIFE_MS),
        () => (kills += 1),
      );
      expect(await traceOf(name, whole), `${kills} kills`).toEqual(undisturbed);
      expect(leftovers(name)).toEqual([]);
    }
  }, 180_000);
});

/** Starts and resumes a run and kills it after each life, until one life is not cut short. */
async function untilThrough(
  name: string,
  nextLifeMs: () => number | null,
  onKill: () => void,
): Promise<RunSummary> {
  for (;;) {
    const lives = beginnings(name);
    const [run] = lives;
    const args = run === undefined ? runArguments(name) : ['resume', run, ...placeArguments(name)];
    const life = start(home, args);
    const lifeMs = nextLifeMs();
    if (lifeMs !== null && (await underWay(name, lives.length, life))) {
      await Promise.race([delay(lifeMs), life.ended]);
      life.child.kill('SIGKILL');
    }
    const ended = await life.ended;
    if (ended.signal === 'SIGKILL') {
      onKill();
      continue;
    }
    expect(ended.exit, ended.stdout + ended.stderr).toBe(0);
    return documentOf(ended) as RunSummary;
  }
}

/** Numbers from 0 to 1, the same each time (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
