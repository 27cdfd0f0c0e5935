/** A run of forms that is killed at random moments, and one that is not: nobody can tell them apart. */
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertsDecidedDocument } from '../../src/cli/alert-decisions.ts';
import type { ShownAlert } from '../../src/cli/alerts.ts';
import type { RunDocument } from '../../src/cli/status.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { openApplication, type Application } from '../../src/main.ts';
import { beginnings, chances, leftovers, untilThrough, type Victim } from '../cli/kills.ts';
import { documentOf, lazaret, makeHome, type Home } from '../cli/process.ts';
import { testDatabases } from '../databases.ts';
import { sha256 } from '../imaging/archive-reader.ts';
import { filesBelow } from '../imaging/workbench.ts';
import { NOTED_STUDY, writeVisits } from './changing-visits.ts';
import { keptStateOf, type KeptState } from './kept-state.ts';

/** How often the process is killed, all runs together. */
const KILLS = process.env['LAZARET_LONG'] === '1' ? 30 : 6;
const SEED = 20_260_214;
/** Longest life of a process between two kills: about what a third of the run takes. */
const MAX_LIFE_MS = 900;
/** The same for the runs in which visits go on that were cleared: they are short. */
const MAX_CHILD_LIFE_MS = 250;
/** Of these, so many are killed each time. */
const CHILD_KILLS = 2;

const ANA = ['--user', 'ana@example.org'];
const BEN = ['--user', 'ben@example.org'];

/** All that is to be the same, whatever happened on the way. */
interface Trace {
  /** Digests of what was delivered and of documents, by their names. */
  readonly out: Readonly<Record<string, readonly string[]>>;
  readonly items: RunSummary['items'];
  readonly batches: RunSummary['batches'];
  readonly findings: RunSummary['findings'];
  readonly held: readonly string[];
  readonly state: KeptState;
}

/** Kills processes, or none. */
interface Killer {
  /** How long a process lives behind the beginning of its run; null: as long as it wants. */
  lifeMs(maxMs: number): number | null;
  killed(): void;
}

const NOBODY: Killer = { lifeMs: () => null, killed: () => undefined };

testDatabases(import.meta.url, (database) => {
  let home: Home;
  let before: readonly string[] = [];
  let after: readonly string[] = [];
  let undisturbed: Trace;

  beforeAll(async () => {
    home = makeHome();
    before = writeVisits(join(home.source, 'before'), { changed: false, files: 40 });
    after = writeVisits(join(home.source, 'after'), { changed: true, files: 60 });
    for (const part of ['schema', 'rules', 'codes'] as const) {
      writeFileSync(join(home.folder, `${part}.json`), JSON.stringify(NOTED_STUDY[part]));
    }
    undisturbed = await live('calm', NOBODY);
  }, 240_000);
  afterAll(() => home.remove());

  const projectOf = (name: string): string => `project-${name}`;
  const dataOf = (name: string): string => join(home.folder, `data-${projectOf(name)}`);
  const outOf = (name: string): string => join(home.folder, `out-${projectOf(name)}`);
  const env = database.url === null ? {} : { DATABASE_URL: database.url };

  /** Projects keep runs apart on a store that they share. */
  const placeOf = (name: string): string[] => [
    ...['--data', dataOf(name), '--project', projectOf(name), '--json', '--workers', '1'],
  ];

  async function ask<Document>(name: string, ...args: readonly string[]): Promise<Document> {
    const ended = await lazaret(home, [...args, ...placeOf(name)], env);
    expect(ended.exit, ended.stderr).toBe(0);
    return documentOf(ended) as Document;
  }

  function taking(name: string, files: readonly string[]): string[] {
    const study = ['schema', 'rules', 'codes'].flatMap((part) => [`--${part}`, `${part}.json`]);
    return ['run', 'forms', ...files, ...study, '--out', outOf(name)];
  }

  /** Carries a command out whose process is killed, and the run that it began taken up, until it is through. */
  async function through(
    name: string,
    args: readonly string[],
    { killed, lifeMs }: Omit<Killer, 'lifeMs'> & { readonly lifeMs: () => number | null },
  ): Promise<unknown> {
    const [data, place] = [dataOf(name), placeOf(name)];
    const victim: Victim = {
      ...{ home, data, place, env, between: letTimePass, behind: beginnings({ data }).length },
      begin: [...args, ...place],
    };
    return untilThrough(victim, lifeMs, killed);
  }

  /** A process counts as dead when it was silent for half a minute: nobody waits for that here. */
  async function letTimePass(): Promise<void> {
    if (database.url === null) return;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`update lazaret.run set heartbeat_at = heartbeat_at - interval '1 minute'`);
    await client.end();
  }

  /**
   * A project's life: visits come in; most of what asks for a look is cleared, and some of that is
   * taken back; the visits come in again, changed, and later ones; what is open then is cleared.
   * The first part is the same quiet one for all; from there on processes are killed.
   */
  async function live(name: string, killer: Killer): Promise<Trace> {
    shareKey(name);
    const first = await ask<RunSummary>(name, ...taking(name, before));
    const reason = ['--reason', 'weighed again', '--yes', ...ANA];
    const heavy = ['--run', first.run, '--code', 'UDS-3'];
    const cleared = await ask<AlertsDecidedDocument>(name, 'alerts', 'clear', ...heavy, ...reason);
    expect(cleared).toMatchObject({ alerts: 144, staying: { held: 0, otherAlerts: 0 } });
    expect(cleared.runs).toMatchObject([{ items: { delivered: 144 } }]);
    const wrong = await wronglyCleared(name);
    await ask(name, 'alerts', 'unclear', ...wrong, '--reason', 'the wrong ones', ...BEN);

    const { killed } = killer;
    const lifeMs = (): number | null => killer.lifeMs(MAX_LIFE_MS);
    await through(name, taking(name, after), { lifeMs, killed });
    const [latest] = await ask<readonly RunDocument[]>(name, 'status');
    const second = latest?.run ?? '';

    let left = CHILD_KILLS;
    const childLifeMs = (): number | null => (left-- > 0 ? killer.lifeMs(MAX_CHILD_LIFE_MS) : null);
    const killedChild = { lifeMs: childLifeMs, killed };
    const open = ['--run', second, '--reason', 'as it is', '--yes', ...BEN];
    await through(name, ['alerts', 'clear', ...open], killedChild);
    const runs = await ask<readonly RunDocument[]>(name, 'status');
    for (const { run, status } of runs) {
      if (status !== 'complete') await through(name, ['resume', run], killedChild);
    }
    return traceOf(name, await ask(name, 'status', second));
  }

  /** Under one key, alerts have the same names and digests are the same. */
  function shareKey(name: string): void {
    if (name === 'calm') return;
    const keys = join(home.keys, 'keys');
    const [from, to] = ['calm', name].map((one) => join(keys, `${projectOf(one)}.key.json`));
    cpSync(from ?? '', to ?? '');
  }

  /** Of the cleared alerts those of four visits, two of which come again as they were. */
  async function wronglyCleared(name: string): Promise<string[]> {
    const list = ['alerts', 'list', '--each', '--standing', 'cleared', '--limit', '200'];
    const alerts = await ask<readonly ShownAlert[]>(name, ...list);
    const lines = new Set([13, 14, 16]);
    const wrong = alerts.filter(({ line }) => lines.has(line ?? 0));
    return wrong.flatMap(({ alert, item }) => (Number(item.split('/')[1]) <= 8 ? [alert] : []));
  }

  async function traceOf(name: string, summary: RunSummary): Promise<Trace> {
    const held = await ask<readonly { readonly item: string; readonly name: string }[]>(
      ...([name, 'held', 'list'] as const),
    );
    const { state, withoutNames } = await within(name, (application) =>
      keptStateOf(application, projectOf(name)),
    );
    const out: Record<string, string[]> = {};
    for (const [path, bytes] of filesBelow(outOf(name))) {
      // What names runs has a digest of its own each time.
      const known = withoutNames(path).replace(/[0-9a-f]{16,}/, 'DIGEST');
      (out[known] ??= []).push(sha256(Buffer.from(withoutNames(bytes.toString('utf8')))));
    }
    for (const digests of Object.values(out)) digests.sort();
    return {
      out,
      items: summary.items,
      batches: summary.batches,
      findings: summary.findings,
      held: held.map(({ item, name: code }) => withoutNames(`${item} ${code}`)).toSorted(),
      state,
    };
  }

  async function within<Result>(
    name: string,
    look: (application: Application) => Promise<Result>,
  ): Promise<Result> {
    const application = await openApplication({
      dataFolder: dataOf(name),
      databaseUrl: database.url ?? undefined,
      env: { ...home.env, ...env },
      command: 'look',
      works: false,
      logFormat: 'tab',
      logLevel: 'error',
      timeZone: 'UTC',
      writeLog: () => undefined,
      onKeyCreated: () => undefined,
    });
    try {
      return await look(application);
    } finally {
      await application.close();
    }
  }

  describe('an undisturbed run of forms', () => {
    it('accounts for every row', () => {
      const { items, state } = undisturbed;
      expect(items).toMatchObject({ received: 1_200, pending: 0 });
      expect(Math.min(items.delivered, items.held, items.rejected)).toBeGreaterThan(100);
      expect(items.duplicate).toBeGreaterThan(600);
      expect(state['ledger']).toHaveLength(state['runs']?.length ?? 0);
      expect(state['ledger']?.every((row) => row.includes('"holds":true'))).toBe(true);
      expect(state['leftovers']).toEqual([]);
      expect(leftovers(outOf('calm'), dataOf('calm'))).toEqual([]);
    });

    it('has kept clearances, asked anew, closed alerts, recalled visits and let held ones go on', () => {
      const { findings = [], alerts = [], clearances = [], runs = [] } = undisturbed.state;
      const said = (rows: readonly string[], what: string): number =>
        rows.filter((row) => row.includes(what)).length;
      expect(said(findings, '"standing":"raised-again"')).toBeGreaterThan(30);
      expect(said(findings, '"standing":"cleared"')).toBeGreaterThan(200);
      expect(said(findings, '"code":"VisitRecalled"')).toBeGreaterThan(10);
      expect(said(alerts, '"standing":"closed"')).toBeGreaterThan(30);
      expect(said(clearances, '"clear":false')).toBe(6);
      expect(said(clearances, '"version":3')).toBeGreaterThan(0);
      // Of the two that came in, two with visits that were cleared, and the second time for both.
      expect(runs).toHaveLength(5);
    });
  });

  describe('a run of forms that is killed again and again', () => {
    it(`ends as if nothing had happened, ${KILLS} kills on`, { timeout: 900_000 }, async () => {
      const random = chances(SEED);
      let kills = 0;
      for (let round = 1; kills < KILLS; round += 1) {
        const name = `killed-${round}`;
        const trace = await live(name, {
          lifeMs: (maxMs) => (kills === KILLS ? null : random() * maxMs),
          killed: () => (kills += 1),
        });
        expect(trace, `${kills} kills`).toEqual(undisturbed);
        expect(leftovers(outOf(name), dataOf(name))).toEqual([]);
        expect(readdirSync(outOf(name)).length).toBeGreaterThan(0);
      }
    });
  });
});
