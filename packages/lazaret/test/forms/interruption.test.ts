/** A run of forms that is killed at random moments, and one that is not: nobody can tell them apart. */
import { readdirSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/engine/summary.ts';
import { openApplication } from '../../src/main.ts';
import { unpackVisits } from '../../src/pipelines/forms/history/kept-visit.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { chances, leftovers, untilThrough, type Victim } from '../cli/kills.ts';
import { documentOf, lazaret, makeHome, type Home } from '../cli/process.ts';
import { testDatabases } from '../databases.ts';
import { sha256 } from '../imaging/archive-reader.ts';
import { filesBelow } from '../imaging/workbench.ts';
import { STUDY } from './visit-bench.ts';

/** How often the process is killed, all runs together. */
const KILLS = process.env['LAZARET_LONG'] === '1' ? 30 : 6;
const SEED = 20_260_214;
/** Longest life of a process between two kills: about what a third of the run takes. */
const MAX_LIFE_MS = 900;
const FILES = 60;
const SUBJECTS_A_FILE = 40;

const COLUMNS = ['adcid', 'ptid', 'visitnum', 'visitdate', 'age', 'weight', 'height'] as const;

/**
 * Files of visits: each subject comes in three files, a year apart. Of every forty visits one has an
 * error, one raises an alert, and one has no number where one belongs; each tenth file comes twice.
 */
function writeFiles(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: FILES }, (_, file) => {
    const source = file % 10 === 9 ? file - 1 : file;
    const rows = Array.from({ length: SUBJECTS_A_FILE }, (__, index) => {
      const subject = (source % 20) * SUBJECTS_A_FILE + index;
      const visit = 1 + Math.floor(source / 20);
      const age = index === 7 ? 130 : index === 8 ? 'old' : 60 + visit;
      const height = index === 9 && visit === 2 ? 150 : 170;
      const weight = index === 11 ? 310 : 70;
      return [1, `P${subject}`, visit, `202${visit}-03-0${1 + (index % 9)}`, age, weight, height];
    });
    const path = join(folder, `visits-${String(file).padStart(2, '0')}.csv`);
    writeFileSync(path, [COLUMNS, ...rows].map((row) => `${row.join(',')}\n`).join(''));
    return path;
  });
}

/** All that is to be the same, whatever happened on the way. */
interface Trace {
  /** Digests of what was delivered and of documents; their names depend on the project's key. */
  readonly out: readonly string[];
  readonly items: RunSummary['items'];
  readonly batches: RunSummary['batches'];
  readonly findings: RunSummary['findings'];
  readonly held: readonly string[];
  readonly history: readonly string[];
  readonly alerts: readonly string[];
  readonly ledger: boolean;
}

/** Documents say which run of which project they are of, when that was, and which alerts it raised. */
function withoutNames(bytes: Buffer, project: string, run: string): Buffer {
  const text = bytes
    .toString('utf8')
    .replaceAll(run, 'RUN')
    .replaceAll(`${project}/default/RUN`, 'PROJECT/default/RUN')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'AT')
    .replace(/"alert-hash":"[\w-]+"/g, '"alert-hash":"HASH"');
  return Buffer.from(text);
}

testDatabases(import.meta.url, (database) => {
  let home: Home;
  let files: readonly string[] = [];
  let undisturbed: Trace;

  beforeAll(async () => {
    home = makeHome();
    files = writeFiles(home.source);
    const [module] = STUDY.modules;
    for (const part of ['schema', 'rules', 'codes'] as const) {
      writeFileSync(join(home.folder, `${part}.json`), JSON.stringify(module?.[part]));
    }
    const calm = victimOf('calm');
    const ended = await lazaret(home, calm.begin, calm.env);
    expect(ended.exit, ended.stderr).toBe(0);
    undisturbed = await traceOf('calm', documentOf(ended) as RunSummary);
  }, 120_000);
  afterAll(() => home.remove());

  const dataOf = (name: string): string => join(home.folder, `data-${name}`);
  const outOf = (name: string): string => join(home.folder, `out-${name}`);
  const env = database.url === null ? {} : { DATABASE_URL: database.url };

  function victimOf(name: string): Victim {
    // Projects keep runs apart on a store that they share.
    const place = ['--data', dataOf(name), '--project', name, '--json', '--workers', '1'];
    const study = ['schema', 'rules', 'codes'].flatMap((part) => [`--${part}`, `${part}.json`]);
    return {
      ...{ home, data: dataOf(name), place, env },
      begin: ['run', 'forms', ...files, ...study, '--out', outOf(name), ...place],
      between: letTimePass,
    };
  }

  /** A process counts as dead when it was silent for half a minute: nobody waits for that here. */
  async function letTimePass(): Promise<void> {
    if (database.url === null) return;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`update lazaret.run set heartbeat_at = heartbeat_at - interval '1 minute'`);
    await client.end();
  }

  async function traceOf(name: string, summary: RunSummary): Promise<Trace> {
    const { place } = victimOf(name);
    const listed = await lazaret(home, ['held', 'list', ...place], env);
    const held = documentOf(listed) as { readonly item: string; readonly name: string }[];
    return {
      out: [...filesBelow(outOf(name)).values()]
        .map((bytes) => sha256(withoutNames(bytes, name, summary.run)))
        .toSorted(),
      items: summary.items,
      batches: summary.batches,
      findings: summary.findings,
      held: held.map(({ item, name: code }) => `${item.split('/')[1]} ${code}`).toSorted(),
      ...(await rememberedOf(name, summary.run)),
    };
  }

  /** What the store remembers of subjects, without the names of runs and keys. */
  async function rememberedOf(
    name: string,
    short: string,
  ): Promise<Pick<Trace, 'history' | 'alerts' | 'ledger'>> {
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
      const { db } = application.store;
      const run = await application.engine.find(short);
      const key = await application.engine.keyOf(name);
      const segments = await sql<{ payload: Uint8Array }>`
        select payload from lazaret_forms.published_segment where project = ${name}`.execute(db);
      const alerts = await sql<{ item: number; rule: string; standing: string }>`
        select item, rule, standing from lazaret_forms.alert where project = ${name}`.execute(db);
      return {
        history: segments.rows
          .flatMap(({ payload }) => unpackVisits(key, Uint8Array.from(payload)))
          .map(({ subject, visit, standing, digest }) =>
            [subject, visit, standing, digest].join(' '),
          )
          .toSorted(),
        alerts: alerts.rows
          .map(({ item, rule, standing }) => `${item} ${rule} ${standing}`)
          .toSorted(),
        ledger: holds(await proveLedger(db, run.id)),
      };
    } finally {
      await application.close();
    }
  }

  describe('an undisturbed run of forms', () => {
    it('accounts for every row', () => {
      const rows = FILES * SUBJECTS_A_FILE;
      expect(undisturbed.items).toMatchObject({ received: rows, pending: 0 });
      expect(undisturbed.items.delivered).toBeGreaterThan(rows / 2);
      expect(undisturbed.items.rejected).toBeGreaterThan(100);
      expect(undisturbed.items.held).toBeGreaterThan(50);
      expect(undisturbed.items.duplicate).toBeGreaterThan(100);
      expect(undisturbed.ledger).toBe(true);
      expect(undisturbed.history.length).toBe(undisturbed.items.delivered + undisturbed.items.held);
      expect(leftovers(outOf('calm'), dataOf('calm'))).toEqual([]);
    });
  });

  describe('a run of forms that is killed again and again', () => {
    it(`ends as if nothing had happened, ${KILLS} kills on`, { timeout: 600_000 }, async () => {
      const random = chances(SEED);
      let kills = 0;
      for (let round = 1; kills < KILLS; round += 1) {
        const name = `killed-${round}`;
        const whole = await untilThrough(
          victimOf(name),
          () => (kills === KILLS ? null : random() * MAX_LIFE_MS),
          () => (kills += 1),
        );
        expect(await traceOf(name, whole), `${kills} kills`).toEqual(undisturbed);
        expect(leftovers(outOf(name), dataOf(name))).toEqual([]);
        expect(readdirSync(outOf(name)).length).toBeGreaterThan(0);
      }
    });
  });
});
