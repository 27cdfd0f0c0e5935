/** A process that dies while it clears alerts: the decision is there and goes on, or is not there at all. */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { beginnings, chances, underWay } from '../cli/kills.ts';
import { lazaret, makeHome, start, type Home } from '../cli/process.ts';
import { testDatabases } from '../databases.ts';
import { documentAs, quietSession } from '../imaging/workbench.ts';
import { openVisitBench, type VisitBench } from './visit-bench.ts';

const KILLS = 10;
const SEED = 20_260_508;
const VISITS = 25;
/** Longest life of a process in which visits go on. */
const MAX_CHILD_LIFE_MS = 250;

testDatabases(import.meta.url, (database) => {
  let home: Home;
  /** Of each, all visits are held for one alert. */
  const runs: string[] = [];
  /** How long a process takes that clears the alerts of one run. */
  let wholeMs = 0;

  const open = (): Promise<VisitBench> => openVisitBench(database.url ?? undefined, home.folder);

  const clear = (run: string): string[] => [
    ...['alerts', 'clear', '--run', run, '--code', 'UDS-3', '--yes', '--reason', 'weighed again'],
    ...['--user', 'ana@example.org', '--data', home.data, '--json', '--workers', '1'],
  ];
  const env = database.url === null ? {} : { DATABASE_URL: database.url };

  beforeAll(async () => {
    home = makeHome();
    const bench = await open();
    for (let run = 0; run <= KILLS; run += 1) {
      const rows = Array.from({ length: VISITS }, (_, index) => {
        const ptid = `P${run}x${index}`;
        return { adcid: 1, ptid, visitnum: 1, visitdate: '2024-01-10', age: 70, weight: 301 };
      });
      const { summary } = await bench.send(rows);
      expect(summary.items).toMatchObject({ held: VISITS });
      runs.push(summary.run);
    }
    await bench.close();
    const begun = performance.now();
    const calm = await lazaret(home, clear(runs[KILLS] ?? ''), env);
    wholeMs = performance.now() - begun;
    expect(calm.exit, calm.stderr).toBe(0);
  }, 240_000);
  afterAll(() => home.remove());

  /** Every other time at any moment, else while the visits that were cleared go on. */
  async function clearAndDie(run: string, turn: number, chance: number): Promise<void> {
    const before = beginnings(home).length;
    const life = start(home, clear(run), env);
    const anyMs = ((turn + chance) / KILLS) * wholeMs;
    const goesOn = turn % 2 === 1 && (await underWay(home, before, life));
    await Promise.race([delay(goesOn ? chance * MAX_CHILD_LIFE_MS : anyMs), life.ended]);
    life.child.kill('SIGKILL');
    await life.ended;
  }

  interface Standing {
    readonly clearances: number;
    /** Alerts that were cleared more than once. */
    readonly twice: number;
    readonly decisions: number;
    readonly children: number;
    readonly held: number;
    readonly proven: boolean;
  }

  async function standingOf({ workbench }: VisitBench, run: string): Promise<Standing> {
    const { store, engine } = workbench.application;
    const { id } = await engine.find(run);
    const { rows } = await sql<Omit<Standing, 'proven'>>`
      with raised as (select distinct key from lazaret_forms.published_evaluation where run = ${id}),
        cleared as (select c.* from lazaret_forms.clearance c join raised using (key)
          where c.project = 'default')
      select (select count(*)::int from cleared) as clearances,
        (select count(*)::int from cleared where version > 1) as twice,
        (select count(distinct decision)::int from lazaret.decision_item where run = ${id}) as decisions,
        (select count(*)::int from lazaret.run where parent = ${id}) as children,
        (select count(*)::int from lazaret.held_item where run = ${id}) as held`.execute(store.db);
    const family = await store.db
      .selectFrom('lazaret.run')
      .select('id')
      .where((eb) => eb.or([eb('id', '=', id), eb('parent', '=', id)]))
      .execute();
    const proofs = await Promise.all(family.map((one) => proveLedger(store.db, one.id)));
    const [standing] = rows;
    if (standing === undefined) throw new Error('Counts make a row.');
    return { ...standing, proven: proofs.every(holds) };
  }

  /** The next command finds what was left, and a person takes it up again. */
  async function takeUp({ workbench }: VisitBench): Promise<void> {
    const { application } = workbench;
    // A process counts as dead when it was silent for half a minute: nobody waits for that here.
    await sql`update lazaret.run set heartbeat_at = heartbeat_at - interval '1 minute'`.execute(
      application.store.db,
    );
    const abandoned = await application.engine.recover();
    for (const { short } of abandoned) {
      const input = { run: short, strict: false, maxPauseSeconds: 1 };
      const resumed = await COMMANDS.resume(application, input, quietSession());
      expect(documentAs<RunSummary>(resumed)).toMatchObject({
        status: 'complete',
        items: { received: VISITS, delivered: VISITS },
      });
    }
  }

  const DONE = { clearances: VISITS, twice: 0, decisions: 1, children: 1, held: 0, proven: true };
  const NOTHING = { ...DONE, clearances: 0, decisions: 0, children: 0, held: VISITS };

  describe('a process that is killed while it clears alerts', () => {
    it(`leaves the whole decision or none, ${KILLS} times`, { timeout: 300_000 }, async () => {
      const random = chances(SEED);
      const seen = { whole: 0, none: 0 };
      for (const [turn, run] of runs.slice(0, KILLS).entries()) {
        await clearAndDie(run, turn, random());
        const bench = await open();
        try {
          await takeUp(bench);
          const found = await standingOf(bench, run);
          expect([DONE, NOTHING]).toContainEqual(found);
          seen[found.decisions === 0 ? 'none' : 'whole'] += 1;
          if (found.decisions > 0) continue;
        } finally {
          await bench.close();
        }
        const again = await lazaret(home, clear(run), env);
        expect(again.exit, again.stderr).toBe(0);
      }
      const bench = await open();
      for (const run of runs) expect(await standingOf(bench, run)).toEqual(DONE);
      const delivered = bench.delivered().map(({ ptid }) => String(ptid));
      expect(delivered).toHaveLength(runs.length * VISITS);
      expect(new Set(delivered).size).toBe(delivered.length);
      await bench.close();
      // Else the moments were not those in which anything could have gone wrong.
      expect(seen.none).toBeGreaterThan(0);
      expect(seen.whole).toBeGreaterThan(0);
    });
  });
});
