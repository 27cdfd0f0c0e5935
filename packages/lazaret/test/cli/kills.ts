/** Processes that are killed in the middle of a run, again and again, until the run is through. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { RunSummary } from '../../src/engine/summary.ts';
import { documentOf, start, type Home, type Started } from './process.ts';

const WAIT_MS = 60_000;

/** A run that is to be killed: how it is begun and taken up, and where its data lies. */
export interface Victim {
  readonly home: Home;
  readonly data: string;
  /** Arguments of the command that begins the run. */
  readonly begin: readonly string[];
  /** Arguments behind `resume <run>`. */
  readonly place: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** How many beginnings of other runs are in the log already. */
  readonly behind?: number;
  /** Between two lives: what a test does in the place of waiting. */
  readonly between?: () => Promise<void>;
}

/** The run's ids in the log, one for each time that it was taken up. */
export function beginnings({ data }: Pick<Victim, 'data'>): string[] {
  const log = join(data, 'lazaret.log');
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines
    .filter((line) => /Run (started|resumed)\./.test(line))
    .map((line) => /"run":"([0-9a-f-]+)"/.exec(line)?.[1] ?? '');
}

/** Waits until the run is under way once more. False: the process ended before that. */
export async function underWay(
  victim: Pick<Victim, 'data'>,
  before: number,
  { ended }: Started,
): Promise<boolean> {
  let over = false;
  void ended.then(() => (over = true));
  for (let waited = 0; waited < WAIT_MS; waited += 10) {
    if (beginnings(victim).length > before) return true;
    if (over) return false;
    await delay(10);
  }
  throw new Error('The run did not begin.');
}

/** Starts and resumes a run and kills it after each life, until one life is not cut short. */
export async function untilThrough(
  victim: Victim,
  nextLifeMs: () => number | null,
  onKill: () => void,
): Promise<RunSummary> {
  const { home, begin, place, env, behind = 0, between } = victim;
  for (;;) {
    const lives = beginnings(victim);
    const run = lives[behind];
    const life = start(home, run === undefined ? begin : ['resume', run, ...place], env);
    const lifeMs = nextLifeMs();
    if (lifeMs !== null && (await underWay(victim, lives.length, life))) {
      await Promise.race([delay(lifeMs), life.ended]);
      life.child.kill('SIGKILL');
    }
    const ended = await life.ended;
    if (ended.signal === 'SIGKILL') {
      onKill();
      await between?.();
      continue;
    }
    expect(ended.exit, ended.stdout + ended.stderr).toBe(0);
    return documentOf(ended) as RunSummary;
  }
}

/** What nothing should be left of: files aside, staging, locks and sockets. */
export function leftovers(out: string, data: string): string[] {
  return [
    ...readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /(^|\/)\.|\.tmp|\.part|\.lock/.test(path),
    ),
    ...readdirSync(join(data, 'staging')),
    ...readdirSync(data).filter((path) => path.includes('lock') || path.includes('sock')),
  ];
}

/** Numbers from 0 to 1, the same each time (mulberry32). */
export function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
