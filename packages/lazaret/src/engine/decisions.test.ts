/** Decisions over held items: one at a time, two at once, and what they bring about. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCodingService, type CodingService } from '../../test/coding-service.ts';
import { testDatabases } from '../../test/databases.ts';
import {
  catalogue,
  createLinesRun,
  makeFolder,
  openBench,
  removeFolder,
  silent,
  work,
  type Bench,
} from '../../test/engine-bench.ts';
import { countCleared } from './cleared.ts';
import { partSelection, type DecisionRequest } from './decisions.ts';
import { livesOf } from './lineage.ts';
import { groupHeld, selectHeld } from './selection.ts';

const NOTHING = new Map<string, unknown>();

testDatabases(import.meta.url, (database) => {
  let bench: Bench;
  let service: CodingService;
  let folder: string;

  beforeAll(async () => {
    folder = await makeFolder();
    service = await startCodingService();
    bench = await openBench({ url: database.url, folder });
  });
  afterAll(async () => {
    await bench.close();
    await service.close();
    await removeFolder(folder);
  });

  /** A run of ten lines, four of which are held for a look. */
  async function heldRun(): Promise<{ readonly project: string; readonly run: string }> {
    const lines = Array.from(
      { length: 10 },
      (_, at) => `k${at % 2}|${at}|${at < 4 ? 'look' : 'fine'}`,
    );
    const made = await createLinesRun(bench, service.url, lines);
    await work(bench, made.run);
    return { project: made.run.project, run: made.run.short };
  }

  const requestOf = (
    project: string,
    by: string,
    kind: DecisionRequest['kind'] = 'release',
  ): DecisionRequest => ({ kind, by, reason: 'looked', selection: { project } });

  it('two people at once over the same items: one wins, and the other is told', async () => {
    const { project } = await heldRun();
    const both = await Promise.allSettled(
      ['anna', 'bernd'].map((by) => bench.engine.decide(requestOf(project, by), NOTHING)),
    );
    const won = both.filter((ended) => ended.status === 'fulfilled');
    const lost = both.filter((ended) => ended.status === 'rejected');
    expect(won).toHaveLength(1);
    expect(won[0]?.value.decided.items).toHaveLength(4);
    const run = won[0]?.value.children[0]?.short;
    expect(lost.map(({ reason }) => reason as unknown)).toMatchObject([
      { code: 'AlreadyUnderWay', parameters: { count: 4, run } },
    ]);
    const decisions = await bench.db
      .selectFrom('lazaret.decision')
      .select('by')
      .where('project', '=', project)
      .execute();
    expect(decisions).toHaveLength(1);
  });

  it('leaves out what another decision has taken, and says how much that is', async () => {
    const { project, run } = await heldRun();
    const first = { ...requestOf(project, 'anna'), selection: { project, items: [`${run}/1-2`] } };
    await bench.engine.decide(first, NOTHING);
    const { decided } = await bench.engine.decide(requestOf(project, 'bernd'), NOTHING);
    expect(decided.items.map(({ no }) => no)).toEqual([3, 4]);
    expect(decided.underWay.map(({ no }) => no)).toEqual([1, 2]);
  });

  it('says what it cleared, by code, and what the others are held by', async () => {
    const { project, run } = await heldRun();
    const again = await bench.engine.decide(requestOf(project, 'anna', 'replay'), NOTHING);
    const [child] = again.children;
    if (child === undefined) throw new Error('There is no child run.');
    await work(bench, child);
    expect(await countCleared(bench.db, catalogue, [child.id])).toMatchObject([
      {
        id: 'LIN-002',
        items: 4,
        cleared: 0,
        others: [{ stands: 'held', id: 'LIN-002', count: 4 }],
      },
    ]);
    const released = await bench.engine.decide(requestOf(project, 'anna'), NOTHING);
    const [second] = released.children;
    if (second === undefined) throw new Error('There is no second child run.');
    expect(await countCleared(bench.db, catalogue, [second.id])).toMatchObject([
      { id: 'LIN-002', items: 4, cleared: 0, others: [{ stands: 'pending', id: null, count: 4 }] },
    ]);
    await work(bench, second);
    expect(await countCleared(bench.db, catalogue, [second.id])).toMatchObject([
      { id: 'LIN-002', items: 4, cleared: 4, others: [] },
    ]);
    const root = await bench.engine.find(run);
    const lives = await livesOf(bench.db, second.id, 1);
    expect(lives.map(({ item, stands, code }) => [item, stands, code])).toEqual([
      [`${root.short}/1`, 'held', 'LineNeedsLook'],
      [`${child.short}/1`, 'held', 'LineNeedsLook'],
      [`${second.short}/1`, 'delivered', null],
    ]);
  });

  it('is rehearsed as far as no service is asked, and no row is written', async () => {
    const { project } = await heldRun();
    const rows = async (): Promise<number[]> => {
      const tables = ['run', 'batch', 'parcel', 'item', 'finding', 'decision', 'descent'] as const;
      return Promise.all(
        tables.map(async (table) => {
          const { count } = await bench.db
            .selectFrom(`lazaret.${table}`)
            .select((eb) => eb.fn.countAll<number>().as('count'))
            .executeTakeFirstOrThrow();
          return count;
        }),
      );
    };
    const before = await rows();
    const calls = service.calls();
    const { items } = await partSelection(bench.db, catalogue, requestOf(project, 'anna'));
    const rehearse = (released: ReadonlyMap<string, Record<string, string>>) =>
      bench.engine.rehearse({
        items,
        released,
        revised: NOTHING,
        progress: silent,
        signal: new AbortController().signal,
      });
    const replayed = await rehearse(new Map());
    expect(replayed.upTo).toBe('check');
    expect(replayed.foreseen.map(({ would, code }) => [would, code])).toEqual(
      Array.from({ length: 4 }, () => ['held', 'LineNeedsLook']),
    );
    const released = await rehearse(
      new Map(items.map(({ item }) => [item, { LineNeedsLook: 'rehearsed' }])),
    );
    expect(released.foreseen.map(({ would }) => would)).toEqual(
      Array.from({ length: 4 }, () => 'through'),
    );
    expect(await rows()).toEqual(before);
    expect(service.calls()).toBe(calls);
  });

  it('selects by facts, ranges, pipelines and ages, and counts groups exactly', async () => {
    const { project, run } = await heldRun();
    const names = async (selection: object): Promise<number[]> =>
      (await selectHeld(bench.db, catalogue, { project, ...selection }, 100)).map(({ no }) => no);
    expect(await names({ where: { characters: '4' } })).toEqual([1, 2, 3, 4]);
    expect(await names({ where: { characters: '5' } })).toEqual([]);
    expect(await names({ items: [`${run}/2-3`, `${run}/9`] })).toEqual([2, 3]);
    expect(await names({ pipeline: 'imaging' })).toEqual([]);
    expect(await names({ release: 'reason', site: 'site' })).toEqual([1, 2, 3, 4]);
    expect(await names({ release: 'replay' })).toEqual([]);
    expect(await names({ before: new Date(0).toISOString() })).toEqual([]);
    await expect(names({ items: [`${run}/2-x`] })).rejects.toMatchObject({ code: 'ItemNotFound' });
    const inFourDays = new Date(Date.now() + 4 * 86_400_000);
    const ages = await groupHeld(bench.db, catalogue, { project }, 'age', inFourDays);
    expect(ages.map(({ group, count }) => [group, count])).toEqual([['this week', 4]]);
    const sites = await groupHeld(bench.db, catalogue, { project }, 'site', inFourDays);
    expect(sites).toMatchObject([
      { group: 'site', count: 4, codes: [{ id: 'LIN-002', count: 4 }] },
    ]);
  });
});
