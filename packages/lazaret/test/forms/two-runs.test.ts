/** Two runs that judge visits of the same subjects at the same time: as if one had come after the other. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/engine/summary.ts';
import { unpackVisits } from '../../src/pipelines/forms/history/kept-visit.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { makeHome, type Home } from '../cli/process.ts';
import { testDatabases } from '../databases.ts';
import { NOTED_STUDY } from './changing-visits.ts';
import { openVisitBench, type Row, type VisitBench } from './visit-bench.ts';

const ROUNDS = 12;
const SUBJECTS = 24;

/** Enough notes make a source of more than one group of subjects. */
const LONG_NOTE = 'x'.repeat(200_000);

testDatabases(import.meta.url, (database) => {
  let home: Home;
  /** On the embedded store both are the one process that it belongs to. */
  let benches: readonly [VisitBench, VisitBench];

  beforeAll(async () => {
    home = makeHome();
    const first = await openVisitBench(database.url ?? undefined, home.folder);
    const second = database.url === null ? first : await openVisitBench(database.url, home.folder);
    benches = [first, second];
  }, 60_000);
  afterAll(async () => {
    for (const bench of new Set(benches)) await bench.close();
    home.remove();
  });

  const ptidOf = (round: number, subject: number): string => `R${round}S${subject}`;

  /** What both have: equal visits, of subjects of their own. */
  const common = (round: number): Row[] =>
    Array.from({ length: SUBJECTS }, (_, subject) => {
      const ptid = `R${round}C${subject}`;
      return { adcid: 1, ptid, visitnum: 1, visitdate: '2024-01-10', age: 70, weight: 70 };
    });

  const initials = (round: number): Row[] =>
    Array.from({ length: SUBJECTS }, (_, subject) => {
      const ptid = ptidOf(round, subject);
      return { adcid: 1, ptid, visitnum: 1, visitdate: '2024-01-10', age: 75, weight: 70 };
    });

  /** Of the first half, younger than before: an error once the initial visit is known. */
  const followUps = (round: number): Row[] =>
    Array.from({ length: SUBJECTS }, (_, subject) => {
      const ptid = ptidOf(round, subject);
      const age = subject < SUBJECTS / 2 ? 74 : 76;
      return { adcid: 1, ptid, visitnum: 2, visitdate: '2025-01-10', age, weight: 70 };
    });

  /** Each round in a project of its own, so that each begins with nothing. */
  async function send(
    bench: VisitBench,
    rows: readonly Row[],
    round: number,
    isLarge: boolean,
  ): Promise<RunSummary> {
    const noted = [
      ...rows.map((row) => ({ ...row, note: isLarge ? LONG_NOTE : 'x' })),
      ...common(round),
    ];
    const study = { modules: [{ name: 'UDS', ...NOTED_STUDY }], keys: {} };
    const given = { project: `round-${round}`, out: outOf(round) };
    return bench.workbench.run(bench.prepare(noted, { study }, given));
  }

  const outOf = (round: number): string => join(home.folder, `out-${round}`);

  function linesOf(round: number): string[] {
    const folder = join(outOf(round), 'default', 'Forms');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.endsWith('.ndjson'))
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
      .map((line) => {
        const { ptid, visitnum, age } = JSON.parse(line) as Record<string, unknown>;
        return [ptid, visitnum, age].join(' ');
      });
  }

  function recalledOf(round: number): string[] {
    const folder = join(outOf(round), 'default', 'Forms');
    return readdirSync(folder)
      .filter((name) => name.endsWith('.recall.json'))
      .flatMap((name) => {
        const text = readFileSync(join(folder, name), 'utf8');
        return (JSON.parse(text) as { notices: { record: { ptid: string } }[] }).notices;
      })
      .map(({ record }) => record.ptid);
  }

  /** The latest version of each visit that is kept. */
  async function standingsOf(round: number): Promise<Map<string, string>> {
    const { application } = benches[0].workbench;
    const project = `round-${round}`;
    const key = await application.engine.keyOf(project);
    const { rows } = await sql<{ payload: Uint8Array }>`
      select payload from lazaret_forms.published_segment where project = ${project}
      order by id`.execute(application.store.db);
    return new Map(
      rows
        .flatMap(({ payload }) => unpackVisits(key, Uint8Array.from(payload)))
        .map(({ subject, visit, standing }) => [`${subject} ${visit}`, standing]),
    );
  }

  async function proven({ run }: RunSummary): Promise<boolean> {
    const { engine, store } = benches[0].workbench.application;
    return holds(await proveLedger(store.db, (await engine.find(run)).id));
  }

  describe('two runs over the same subjects at the same time', () => {
    it(`end as one behind the other, ${ROUNDS} times`, { timeout: 300_000 }, async () => {
      for (let round = 1; round <= ROUNDS; round += 1) {
        const [one, other] = benches;
        const [first, second] = round % 2 === 0 ? [one, other] : [other, one];
        const [earlier, later] = await Promise.all([
          send(first, initials(round), round, round % 3 === 0),
          send(second, followUps(round), round, round % 3 === 1),
        ]);
        const both = [earlier, later];
        for (const summary of both) {
          expect(summary).toMatchObject({ status: 'complete', items: { held: 0, pending: 0 } });
          expect(await proven(summary)).toBe(true);
        }
        const half = SUBJECTS / 2;
        const [repeats, refused] = [
          both.reduce((sum, { items }) => sum + items.duplicate, 0),
          later.items.rejected,
        ];
        expect(repeats).toBe(SUBJECTS);
        // Whatever was delivered of the younger ones before the initial visit came is recalled.
        const recalled = recalledOf(round);
        expect(refused + recalled.length).toBe(half);
        expect(new Set(recalled).size).toBe(recalled.length);
        const standings = await standingsOf(round);
        for (let subject = 0; subject < SUBJECTS; subject += 1) {
          const of = `1|${ptidOf(round, subject)}`;
          expect(standings.get(`${of} 1`)).toBe('delivered');
          const stands = standings.get(`${of} 2`) ?? 'rejected';
          if (subject >= half) expect(stands).toBe('delivered');
          else expect(['rejected', 'recalled']).toContain(stands);
        }
        const lines = linesOf(round);
        expect(new Set(lines).size).toBe(lines.length);
        expect(lines).toHaveLength(4 * SUBJECTS - SUBJECTS - refused);
      }
    });
  });
});
