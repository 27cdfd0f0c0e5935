/** An erasure of forms whose process is killed: nothing of it happens, or all of it, by the next command. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/engine/summary.ts';
import { leftovers } from '../cli/kills.ts';
import { documentOf, lazaret, start, type Home, type Started } from '../cli/process.ts';
import { filesBelow } from '../imaging/workbench.ts';
import { openCommandLine } from './command-line.ts';
import { STUDY } from './visit-bench.ts';

/** Each a run with a delivery, a QC document and a fix list. */
const RUNS = 12;
const HEADER = 'adcid,ptid,visitnum,visitdate,age,weight,height';

/** In each run a visit of each that is delivered, and one that is rejected for a rule. */
const PEOPLE = { anna: 'PANNA', bert: 'PBERT', carl: 'PCARL' };

let home: Home;

beforeAll(async () => {
  const line = await openCommandLine();
  ({ home } = line);
  const [module] = STUDY.modules;
  for (const part of ['schema', 'rules', 'codes'] as const) {
    writeFileSync(join(home.folder, `${part}.json`), JSON.stringify(module?.[part]));
  }
  for (let run = 1; run <= RUNS; run += 1) {
    const summary = await line.ask<RunSummary>(...runOf(run));
    expect(summary.items).toMatchObject({ delivered: 3, rejected: 3 });
  }
  await line.release();
}, 120_000);
afterAll(() => home.remove());

function runOf(run: number, people: readonly string[] = Object.values(PEOPLE)): string[] {
  const year = 2000 + run;
  const rows = people.flatMap((ptid) => [
    `1,${ptid},${run},${year}-01-01,60,70,170`,
    `1,${ptid},${run}x,${year}-01-02,130,70,170`,
  ]);
  const file = `visits-${run}.csv`;
  writeFileSync(join(home.folder, file), `${[HEADER, ...rows].join('\n')}\n`);
  const rules = ['--rules', 'rules.json', '--codes', 'codes.json'];
  return ['run', 'forms', file, '--schema', 'schema.json', ...rules, '--out', 'out'];
}

const place = (): string[] => ['--data', home.data, '--json', '--user', 'anna'];

function beginErasing(ptid: string): Started {
  return start(home, ['erase', '--subject', `1/${ptid}`, '--reason', 'withdrawn', ...place()]);
}

/** Files of one kind in which a participant is. */
function filesOf(ptid: string, kind = ''): number {
  return [...filesBelow(join(home.folder, 'out'))].filter(
    ([path, bytes]) => path.includes(kind) && bytes.includes(ptid),
  ).length;
}

/** What everybody else has, in any file. */
function rowsOf(ptid: string): number {
  const text = [...filesBelow(join(home.folder, 'out')).values()]
    .map((bytes) => bytes.toString('utf8'))
    .join('\n');
  return text.split(ptid).length - 1;
}

async function expectErased(ptid: string): Promise<void> {
  const again = await beginErasing(ptid).ended;
  expect(documentOf(again)).toMatchObject({ error: { name: 'NothingToErase' } });
  expect(filesOf(ptid)).toBe(0);
  expect(leftovers(join(home.folder, 'out'), home.data)).toEqual([]);
}

describe('an erasure of forms that is killed', () => {
  it('in the middle of its files is brought to its end by the next run', async () => {
    const { anna, carl } = PEOPLE;
    const files = filesOf(anna);
    expect(files).toBe(RUNS * 4);
    const others = rowsOf(carl);
    const erasing = beginErasing(anna);
    for (let waited = 0; filesOf(anna) === files; waited += 1) {
      expect(waited, 'nothing was written').toBeLessThan(30_000);
      await delay(1);
    }
    erasing.child.kill('SIGKILL');
    expect((await erasing.ended).signal).toBe('SIGKILL');
    const left = filesOf(anna);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(files);
    mkdirSync(join(home.folder, 'nothing'));
    const next = await lazaret(home, [...runOf(RUNS + 1, []), ...place()]);
    expect(next.exit, next.stderr).toBe(0);
    expect(filesOf(anna)).toBe(0);
    expect(rowsOf(carl)).toBe(others);
    await expectErased(anna);
  }, 120_000);

  it('at whatever moment has happened not at all or altogether, once it is repeated', async () => {
    const { bert, carl } = PEOPLE;
    const others = rowsOf(carl);
    let kills = 0;
    for (let lifeMs = 300; ; lifeMs *= 1.3) {
      expect(lifeMs).toBeLessThan(60_000);
      const erasing = beginErasing(bert);
      const timer = setTimeout(() => erasing.child.kill('SIGKILL'), lifeMs);
      const { signal, exit } = await erasing.ended;
      clearTimeout(timer);
      if (signal === null) {
        // The kill before may have come behind the commit: then there was nothing left to do.
        expect(exit).not.toBeNull();
        break;
      }
      kills += 1;
    }
    expect(kills).toBeGreaterThan(1);
    await expectErased(bert);
    expect(rowsOf(carl)).toBe(others);
    const listed = await lazaret(home, ['status', ...place()]);
    const runs = documentOf(listed) as readonly Pick<RunSummary, 'items'>[];
    const full = runs.filter(({ items }) => items.received === 6);
    expect(full).toHaveLength(RUNS);
    for (const { items } of full) expect(items).toMatchObject({ delivered: 3, rejected: 3 });
  }, 240_000);
});
