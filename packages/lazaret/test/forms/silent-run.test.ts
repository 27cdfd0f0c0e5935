/** A process that was silent for so long that another run has gone on with the same subjects. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunSummary } from '../../src/engine/summary.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { chances } from '../cli/kills.ts';
import { documentOf, makeHome, start, type Home, type Started } from '../cli/process.ts';
import { testDatabases } from '../databases.ts';
import { openVisitBench, STUDY, type VisitBench } from './visit-bench.ts';

const ROUNDS = 4;
const SEED = 20_260_911;
/** So many visits take a while to judge. */
const MANY = 15_000;
/** Longest time from the moment at which they begin to be judged. */
const MAX_MS = 300;
/** As many come to a second visit meanwhile. */
const FEW = 10;

testDatabases(import.meta.url, (database) => {
  let home: Home;
  let bench: VisitBench;
  const env = { DATABASE_URL: database.url ?? '' };

  beforeAll(async () => {
    home = makeHome();
    bench = await openVisitBench(database.url ?? undefined, home.folder);
    const [module] = STUDY.modules;
    for (const part of ['schema', 'rules', 'codes'] as const) {
      writeFileSync(join(home.folder, `${part}.json`), JSON.stringify(module?.[part]));
    }
    const files = { schema: 'schema.json', rules: 'rules.json', codes: 'codes.json' };
    const study = { modules: [{ name: 'UDS', files: ['*'], ...files }] };
    writeFileSync(join(home.folder, 'study.json'), JSON.stringify(study));
    const rows = Array.from({ length: MANY }, (_, index) => `1,P${index},1,2024-01-10,75`);
    const lines = ['adcid,ptid,visitnum,visitdate,age', ...rows];
    writeFileSync(join(home.folder, 'first-visits.csv'), `${lines.join('\n')}\n`);
  }, 60_000);
  afterAll(async () => {
    await bench.close();
    home.remove();
  });

  /** Younger than at the first visit: an error where that is known. */
  const secondVisits = Array.from({ length: FEW }, (_, index) => ({
    ...{ adcid: 1, ptid: `P${index}`, visitnum: 2, visitdate: '2025-01-10', age: 74 },
  }));

  async function untilJudging(project: string, { ended }: Started): Promise<void> {
    const { db } = bench.workbench.application.store;
    let over = false;
    void ended.then(() => (over = true));
    while (!over) {
      const { rows } = await sql`select 1 from lazaret.batch b join lazaret.run r on r.id = b.run
        where r.project = ${project} and b.stage = 1 and b.status = 'processing'`.execute(db);
      if (rows.length > 0) return;
      await delay(5);
    }
    throw new Error((await ended).stderr);
  }

  async function proven({ run }: RunSummary): Promise<boolean> {
    const { engine, store } = bench.workbench.application;
    return holds(await proveLedger(store.db, (await engine.find(run)).id));
  }

  // The embedded store has one process, which is silent as a whole.
  it.skipIf(database.url === null)(
    'judges once more beside what has come meanwhile',
    { timeout: 240_000 },
    async () => {
      const random = chances(SEED);
      for (let round = 1; round <= ROUNDS; round += 1) {
        const project = `round-${round}`;
        const out = join(home.folder, project);
        const silent = start(
          home,
          [
            ...['run', 'forms', 'first-visits.csv', '--study', 'study.json', '--out', out],
            ...['--data', home.data, '--project', project, '--json'],
          ],
          env,
        );
        await untilJudging(project, silent);
        await delay(random() * MAX_MS);
        silent.child.kill('SIGSTOP');
        // It may hold a lock that the other one needs: then it is not silent for long.
        const waking = setTimeout(() => silent.child.kill('SIGCONT'), 8_000);
        await sql`update lazaret.run set heartbeat_at = heartbeat_at - interval '1 minute'
        where project = ${project}`.execute(bench.workbench.application.store.db);
        const { summary: second } = await bench.send(secondVisits, {}, { project, out });
        clearTimeout(waking);
        silent.child.kill('SIGCONT');
        const ended = await silent.ended;
        expect(ended.exit, ended.stderr).toBe(0);
        const first = documentOf(ended) as RunSummary;
        expect(first.items).toMatchObject({ received: MANY, delivered: MANY });
        expect([await proven(first), await proven(second)]).toEqual([true, true]);
        const forms = join(out, 'default', 'Forms');
        const recalled = readdirSync(forms)
          .filter((name) => name.endsWith('.recall.json'))
          .flatMap((name) => {
            const text = readFileSync(join(forms, name), 'utf8');
            return (JSON.parse(text) as { readonly notices: readonly unknown[] }).notices;
          });
        expect(second.items.rejected + recalled.length).toBe(FEW);
        const lines = readdirSync(forms)
          .filter((name) => name.endsWith('.ndjson'))
          .flatMap((name) => readFileSync(join(forms, name), 'utf8').trimEnd().split('\n'));
        expect(lines).toHaveLength(MANY + second.items.delivered);
      }
      // Else it was never silent when that mattered.
      const { rows } = await sql<{ attempts: number }>`
      select max(attempt) as attempts from lazaret.batch where stage = 1`.execute(
        bench.workbench.application.store.db,
      );
      expect(rows[0]?.attempts).toBeGreaterThan(1);
    },
  );

  const SHARED = 10;

  it.skipIf(database.url === null)(
    'leaves no delivery that nobody counts, if it died behind it',
    { timeout: 120_000 },
    async () => {
      const project = 'died';
      const out = join(home.folder, project);
      const rows = Array.from({ length: 2 * SHARED }, (_, index) => ({
        ...{ adcid: 1, ptid: `D${index}`, visitnum: 1, visitdate: '2024-01-10', age: 75 },
      }));
      const lines = rows.map((row) => Object.values(row).join(','));
      const header = Object.keys(rows[0] ?? {}).join(',');
      writeFileSync(join(home.folder, 'dying.csv'), `${[header, ...lines].join('\n')}\n`);
      const place = ['--data', home.data, '--project', project, '--json'];
      const { db } = bench.workbench.application.store;
      const dying = start(
        home,
        ['run', 'forms', 'dying.csv', '--study', 'study.json', '--out', out, ...place],
        env,
      );
      // What is delivered can be published no sooner than this lets it.
      await db.transaction().execute(async (trx) => {
        await sql`lock table lazaret.outcome in share row exclusive mode`.execute(trx);
        await untilDelivered(out, dying);
        dying.child.kill('SIGKILL');
        await dying.ended;
      });
      await sql`update lazaret.run set heartbeat_at = heartbeat_at - interval '1 minute'
        where project = ${project}`.execute(db);
      const { rows: runs } = await sql<{ short: string }>`
        select short from lazaret.run where project = ${project}`.execute(db);
      // The same study, so that it is the same recipe.
      const study = { modules: STUDY.modules.map((one) => ({ ...one, files: ['*'] })), keys: {} };
      const some = rows.slice(0, SHARED);
      const { summary } = await bench.send(some, { study }, { project, out });
      const resumed = start(home, ['resume', runs[0]?.short ?? '', ...place], env);
      const ended = await resumed.ended;
      expect(ended.exit, ended.stderr).toBe(0);
      const died = documentOf(ended) as RunSummary;
      const both = summary.items.delivered + died.items.delivered;
      expect([both, summary.items.duplicate + died.items.duplicate]).toEqual([20, 10]);
      expect([await proven(summary), await proven(died)]).toEqual([true, true]);
      const forms = join(out, 'default', 'Forms');
      const delivered = readdirSync(forms)
        .flatMap((name) => readFileSync(join(forms, name), 'utf8').trimEnd().split('\n'))
        .map((line) => (JSON.parse(line) as { readonly ptid: string }).ptid);
      expect(delivered.toSorted()).toEqual(rows.map(({ ptid }) => ptid).toSorted());
    },
  );

  async function untilDelivered(out: string, { ended }: Started): Promise<void> {
    let over = false;
    void ended.then(() => (over = true));
    const forms = join(out, 'default', 'Forms');
    while (!over) {
      const isThere =
        existsSync(forms) && readdirSync(forms).some((name) => name.startsWith('UDS_'));
      if (isThere) return;
      await delay(5);
    }
    throw new Error((await ended).stderr);
  }
});
