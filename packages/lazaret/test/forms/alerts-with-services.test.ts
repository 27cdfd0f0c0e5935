/**
 * Visits whose alerts are cleared, and whose checks ask services: they go through again, and ask
 * again. A service that is down just then takes back nothing and loses nothing.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  startFakeDrugs,
  type FakeDrug,
  type FakeDrugs,
} from '../../../../fixtures/drugs/server.ts';
import {
  startFakeIdentifiers,
  type FakeIdentifiers,
} from '../../../../fixtures/identifiers/server.ts';
import type { AlertDecideInput, AlertsDecidedDocument } from '../../src/cli/alert-decisions.ts';
import type { ShownAlert } from '../../src/cli/alerts.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { DecisionDocument } from '../../src/cli/held-decisions.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { testDatabases } from '../databases.ts';
import { documentAs, openWorkbench, quietSession, type Workbench } from '../imaging/workbench.ts';

const TOKEN = 'a-token-for-tests-0815';
const ANA = 'ana@example.org';

const KNOWN = new Map([
  ['17|PAT-1', 'NACC001001'],
  ['17|PAT-2', 'NACC001002'],
  ['17|PAT-3', 'NACC001003'],
]);

const DRUGS: readonly (readonly [string, FakeDrug])[] = [
  ['197361', { status: 'Active', from: '042005', to: '' }],
  ['105260', { status: 'Obsolete', from: '032010', to: '122019' }],
];

/** Fast: what takes minutes in a study takes a fraction of a second here. */
const FAST = {
  ...{ timeoutMs: 250, attempts: 2, backoffMs: 5, maxBackoffMs: 40 },
  ...{ pauseAfter: 1, pauseMs: 80 },
};

const SCHEMA = {
  type: 'object',
  properties: {
    adcid: { type: 'integer' },
    ptid: { type: 'string' },
    visitnum: { type: 'integer' },
    visitdate: { type: 'string' },
    weight: { type: 'number' },
    drug: { type: 'integer' },
  },
};

/** A weight that asks for a look, and a drug that has to be active: that asks for one as well. */
const RULES = {
  weight: { type: 'float', nullable: true, max: 300 },
  drug: { type: 'integer', nullable: true, function: { name: 'check_rxcui', args: {} } },
};
const CODES = {
  weight: { max: { code: 'W-1', type: 'alert', message: 'A weight above 300 kg?' } },
  drug: { function: { code: 'D-1', type: 'alert', message: 'Is the drug still on the market?' } },
};

const ROWS = [
  'adcid,ptid,visitnum,visitdate,weight,drug',
  '17,PAT-1,1,2026-01-10,301,197361',
  '17,PAT-2,1,2026-01-10,80,105260',
  '17,PAT-3,1,2026-01-10,302,105260',
];
const DELIVERED = ['PAT-1 NACC001001', 'PAT-2 NACC001002', 'PAT-3 NACC001003'];

testDatabases(import.meta.url, (database) => {
  let folder: string;
  let bench: Workbench;
  let ids: FakeIdentifiers;
  let drugs: FakeDrugs;
  /** What the service of drugs knows. */
  let known: Map<string, FakeDrug>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazaret-cleared-'));
    mkdirSync(join(folder, 'source'));
    ids = await startFakeIdentifiers(KNOWN);
    known = new Map(DRUGS);
    drugs = await startFakeDrugs(known);
    ids.accept(TOKEN);
    bench = await openWorkbench({
      ...{ folder, env: { IDS_TOKEN: TOKEN } },
      ...(database.url === null ? {} : { databaseUrl: database.url }),
    });
  }, 60_000);
  afterEach(() => {
    ids.behave('well');
    drugs.behave('well');
  });
  afterAll(async () => {
    await bench.close();
    await ids.close();
    await drugs.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const outOf = (project: string): string => join(folder, 'outs', project);

  let files = 0;

  async function send(project: string, lines: readonly string[]): Promise<RunSummary> {
    files += 1;
    const path = join(folder, 'source', `uds-${files}.csv`);
    writeFileSync(path, `${lines.join('\n')}\n`);
    const lookUps = {
      identifiers: {
        ...{ mode: 'http', url: `${ids.url}/identifiers`, contact: 'ids@example.org' },
        ...{ tokenEnv: 'IDS_TOKEN', ...FAST },
      },
      drugs: { mode: 'http', url: `${drugs.url}/REST`, contact: 'rx@example.org', ...FAST },
    };
    const module = { name: 'UDS', schema: SCHEMA, rules: RULES, codes: CODES };
    return bench.run({
      ...{ pipeline: 'forms', location: JSON.stringify([path]), maxPauseSeconds: 0.3 },
      ...{ project, out: outOf(project) },
      settings: { study: { modules: [module], keys: {} }, lookUps },
    });
  }

  /** Three visits that are held for alerts, one of them for two. */
  async function hold(project: string): Promise<string> {
    const summary = await send(project, ROWS);
    expect(summary.items).toMatchObject({ received: 3, held: 3 });
    // So that it is asked again.
    await sql`delete from lazaret_forms.drug_answer`.execute(bench.application.store.db);
    return summary.run;
  }

  async function decide(
    project: string,
    given: Partial<AlertDecideInput>,
  ): Promise<AlertsDecidedDocument & { readonly exit: number }> {
    const outcome = await COMMANDS['alerts decide'](
      bench.application,
      {
        ...{ kind: 'clear', selection: { project, standing: 'open' }, reason: 'asked the site' },
        ...{ user: ANA, dryRun: false, typed: '', strict: false, maxPauseSeconds: 0.3 },
        ...given,
      },
      quietSession(),
    );
    return { ...documentAs<AlertsDecidedDocument>(outcome), exit: outcome.exit };
  }

  const clear = (project: string): ReturnType<typeof decide> => decide(project, {});

  async function standings(project: string): Promise<string[]> {
    const input = { selection: { project, standing: 'all' as const }, each: true };
    const outcome = await COMMANDS['alerts list'](bench.application, input, quietSession());
    return documentAs<readonly ShownAlert[]>(outcome).map(
      ({ code, standing, decisions }) => `${code} ${standing} ${decisions}`,
    );
  }

  function delivered(project: string): string[] {
    const forms = join(outOf(project), 'default', 'Forms');
    return readdirSync(forms)
      .flatMap((name) => readFileSync(join(forms, name), 'utf8').trimEnd().split('\n'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .map(({ ptid, naccid }) => `${String(ptid)} ${String(naccid)}`)
      .toSorted();
  }

  async function expectProof(...runs: readonly string[]): Promise<void> {
    const { engine, store } = bench.application;
    for (const run of runs) {
      expect(holds(await proveLedger(store.db, (await engine.find(run)).id))).toBe(true);
    }
  }

  const CLEARED = ['D-1 cleared 1', 'D-1 cleared 1', 'W-1 cleared 1', 'W-1 cleared 1'];

  async function resume(run: string): Promise<RunSummary> {
    const input = { run, strict: false, maxPauseSeconds: 5 };
    return documentAs(await COMMANDS.resume(bench.application, input, quietSession()));
  }

  async function replay(project: string): Promise<readonly RunSummary[]> {
    const input = {
      ...{ kind: 'replay' as const, selection: { project }, reason: null, user: 'tester' },
      ...{ dryRun: false, strict: false, maxPauseSeconds: 5 },
    };
    const outcome = await COMMANDS['held decide'](bench.application, input, quietSession());
    const document = documentAs<DecisionDocument>(outcome);
    return document.dryRun ? [] : document.runs;
  }

  describe('visits that were cleared while services are well', () => {
    it('are asked about again, and go on with the ids of their subjects', async () => {
      const run = await hold('well');
      const before = [ids.questions.length, drugs.questions.length];
      const { runs, exit } = await clear('well');
      expect(exit).toBe(0);
      expect(runs).toMatchObject([{ status: 'complete', items: { received: 3, delivered: 3 } }]);
      expect(ids.questions.slice(before[0])).toHaveLength(1);
      expect(drugs.questions.slice(before[1]).toSorted()).toEqual(['105260', '197361']);
      expect(delivered('well')).toEqual(DELIVERED);
      expect(await standings('well')).toEqual(CLEARED);
      await expectProof(run, runs[0]?.run ?? '');
    });
  });

  const DOWN = [
    ['identifiers', 'is-unavailable'],
    ['identifiers', 'hangs'],
    ['drugs', 'is-unavailable'],
    ['drugs', 'hangs'],
  ] as const;

  describe('visits that were cleared while a service is down', () => {
    it.each(DOWN)('wait for %s that %s, and go on when they are resumed', async (service, how) => {
      const project = `down-${service}-${how}`;
      const run = await hold(project);
      (service === 'drugs' ? drugs : ids).behave(how);
      const { runs, exit, goOn } = await clear(project);
      expect(exit).toBe(1);
      expect(goOn).toHaveLength(3);
      const [child] = runs;
      expect(child).toMatchObject({
        ...{ status: 'interrupted', reason: { code: 'DependencyPausedTooLong' } },
        items: { received: 3, delivered: 0, pending: 3 },
      });
      expect(await standings(project)).toEqual(CLEARED);
      await expectProof(run, child?.run ?? '');
      // Nobody can judge them once more, or send them in beside the run that has them.
      await expect(clear(project)).rejects.toMatchObject({ code: 'NoAlertSelected' });
      await expect(replay(project)).rejects.toMatchObject({ code: 'AlreadyUnderWay' });

      (service === 'drugs' ? drugs : ids).behave('well');
      const resumed = await resume(child?.run ?? '');
      expect(resumed).toMatchObject({ status: 'complete', items: { delivered: 3, pending: 0 } });
      expect(delivered(project)).toEqual(DELIVERED);
      expect(await standings(project)).toEqual(CLEARED);
      await expectProof(run, resumed.run);
    });

    it('are held anew where that is taken back before they go on', async () => {
      const project = 'taken-back';
      await hold(project);
      ids.behave('is-unavailable');
      const { runs, decision } = await clear(project);
      const [child] = runs;
      await decide(project, { kind: 'unclear', selection: { project, decision } });
      ids.behave('well');
      const resumed = await resume(child?.run ?? '');
      expect(resumed).toMatchObject({ status: 'complete', items: { delivered: 0, held: 3 } });
      expect(new Set(await standings(project))).toEqual(
        new Set(['D-1 uncleared 2', 'W-1 uncleared 2']),
      );
      const again = await clear(project);
      expect(again.runs).toMatchObject([{ items: { received: 3, delivered: 3 } }]);
      expect(delivered(project)).toEqual(DELIVERED);
      await expectProof(resumed.run, again.runs[0]?.run ?? '');
    });

    const SPOILT = [
      ['identifiers', () => ids.behave('sends-html')],
      ['drugs', () => drugs.behave('odd-status')],
    ] as const;

    it.each(SPOILT)(
      'are held where answers of %s cannot be used, and go on in a replay',
      async (service, spoil) => {
        const project = `spoilt-${service}`;
        const run = await hold(project);
        spoil();
        const { runs } = await clear(project);
        const [child] = runs;
        expect(child).toMatchObject({ status: 'complete', items: { delivered: 0, held: 3 } });
        expect(await standings(project)).toEqual(CLEARED);
        ids.behave('well');
        drugs.behave('well');
        const again = await replay(project);
        expect(again).toMatchObject([{ status: 'complete', items: { received: 3, delivered: 3 } }]);
        expect(delivered(project)).toEqual(DELIVERED);
        expect(await standings(project)).toEqual(CLEARED);
        await expectProof(run, child?.run ?? '', again[0]?.run ?? '');
      },
    );
  });

  describe('a cleared alert about what a service said', () => {
    it('holds while the service says the same, and closes itself when it says otherwise', async () => {
      const project = 'said';
      await hold(project);
      await clear(project);
      const weighing = async (weight: number): Promise<RunSummary['items']> =>
        (await send(project, [...ROWS.slice(0, 2), ROWS[2]?.replace(',80,', `,${weight},`) ?? '']))
          .items;
      expect(await weighing(81)).toMatchObject({ delivered: 1, duplicate: 1 });
      expect(await standings(project)).toEqual(CLEARED);
      // The drug is on the market again.
      known.set('105260', { status: 'Active', from: '032010', to: '' });
      await sql`delete from lazaret_forms.drug_answer`.execute(bench.application.store.db);
      expect(await weighing(82)).toMatchObject({ delivered: 1, duplicate: 1 });
      expect((await standings(project)).toSorted()).toEqual([
        ...['D-1 cleared 1', 'D-1 closed 1', 'W-1 cleared 1', 'W-1 cleared 1'],
      ]);
    });
  });
});
