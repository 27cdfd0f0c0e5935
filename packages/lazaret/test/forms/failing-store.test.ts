/**
 * The store fails at the n-th query of a run that changes an earlier visit: before it, or behind it.
 * What was recalled, kept, delivered and told in the end is what it would have been anyway.
 */
import { isFault } from '@lazaret/faults';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sql } from 'kysely';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { unpackVisits } from '../../src/pipelines/forms/history/kept-visit.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { LONG } from '../engine-bench.ts';
import { filesBelow, quietSession } from '../imaging/workbench.ts';
import { openVisitBench, type Row, type VisitBench } from './visit-bench.ts';

/** Some of everything that a second file can do to what the first one brought. */
const SUBJECTS = 12;

function firstFile(): Row[] {
  return Array.from({ length: SUBJECTS }, (_, index) => index).flatMap((index) => [
    { adcid: 1, ptid: `S${index}`, visitnum: 1, visitdate: '2023-01-10', age: 70, height: 170 },
    {
      ...{ adcid: 1, ptid: `S${index}`, visitnum: 2, visitdate: '2024-01-10', age: 71 },
      ...{ height: index % 4 === 1 ? 180 : 170, weight: index % 4 === 2 ? 301 : 80 },
    },
  ]);
}

function secondFile(): Row[] {
  return firstFile()
    .filter(({ visitnum }) => visitnum === 1)
    .map((row, index) => ({
      ...row,
      // Recalled, free again, failing in review, and an error that changes nothing.
      age: [80, 70, 80, 111][index % 4] ?? 0,
      height: index % 4 === 1 ? 180 : 170,
    }));
}

function lost(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
}

/** Makes the n-th query from now fail, before it is done or after. */
function failAt(n: number, when: 'before' | 'after'): () => number {
  let count = 0;
  const original = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...args: unknown[]
  ) {
    count += 1;
    if (count !== n) return original.apply(this, args) as never;
    if (when === 'before') return Promise.reject(lost()) as never;
    return (async () => {
      await original.apply(this, args);
      throw lost();
    })() as never;
  });
  return () => count;
}

interface Outcome {
  readonly items: RunSummary['items'];
  readonly findings: RunSummary['findings'];
  readonly files: readonly string[];
  readonly visits: readonly string[];
  readonly alerts: readonly string[];
  readonly ledger: boolean;
}

let bench: VisitBench;
let trials = 0;
let undisturbed: Outcome;
let queries = 0;

beforeAll(async () => {
  bench = await openVisitBench();
  let counted = () => 0;
  undisturbed = await trial(() => {
    counted = failAt(Number.POSITIVE_INFINITY, 'before');
  });
  queries = counted();
});
afterAll(async () => {
  await bench.close();
});

async function work(run: string): Promise<RunSummary> {
  const { application } = bench.workbench;
  const input = { run, strict: false, maxPauseSeconds: 1 };
  const { document } = await COMMANDS.resume(application, input, quietSession());
  return document as RunSummary;
}

/** Where it was the summary that could not be read, the run is complete and there is nothing to resume. */
async function takeUp(run: string, project: string): Promise<RunSummary> {
  const { application } = bench.workbench;
  const { status } = await application.engine.find(run);
  if (status !== 'complete') return work(run);
  const { document } = await COMMANDS.status(application, { run, project }, quietSession());
  return document as RunSummary;
}

/** The two files in a project of their own, the second one disturbed. */
async function trial(disturb: () => void): Promise<Outcome> {
  const { workbench } = bench;
  const { application } = workbench;
  trials += 1;
  const project = `trial-${trials}`;
  const out = `${workbench.out}-${trials}`;
  await bench.send(firstFile(), {}, { project, out });
  const { engine } = application;
  const { location = '', settings } = bench.prepare(secondFile());
  const pipeline = engine.pipelineOf('forms');
  const made = await engine.create({
    ...{ pipeline: 'forms', location, project, site: 'default', user: 'tester' },
    configuration: pipeline.configure({ source: location, out, data: workbench.data, ...settings }),
  });
  disturb();
  // Where the command itself lost its connection, a person gives it again.
  const first = await work(made.short).catch((error: unknown) => {
    if (isFault(error) && error.code === 'StoreUnreachable') return null;
    throw error;
  });
  vi.restoreAllMocks();
  const summary = first?.status === 'complete' ? first : await takeUp(made.short, project);
  expect(summary.status).toBe('complete');
  const { db } = application.store;
  const key = await engine.keyOf(project);
  const segments = await sql<{ payload: Uint8Array }>`
    select payload from lazaret_forms.published_segment where project = ${project}
    order by id`.execute(db);
  const alerts = await sql<{ rule: string; item: number; standing: string }>`
    select rule, item, standing from lazaret_forms.alert where project = ${project}`.execute(db);
  return {
    items: summary.items,
    findings: summary.findings,
    // Names are made of a key that each project has its own of, and so are the items of a recall.
    files: [...filesBelow(out)]
      .filter(([name]) => /\.(?:ndjson|recall\.json)$/.test(name))
      .map(([, bytes]) => bytes.toString('utf8').replaceAll(/"item": "[^"]*"/g, '"item": …'))
      .toSorted(),
    visits: segments.rows
      .flatMap(({ payload }) => unpackVisits(key, Uint8Array.from(payload)))
      .map(({ subject, visit, standing, digest }) =>
        [subject, visit, standing, digest.text].join(' '),
      )
      .toSorted(),
    alerts: alerts.rows.map(({ rule, item, standing }) => `${rule} ${item} ${standing}`).toSorted(),
    ledger: holds(await proveLedger(db, made.id)),
  };
}

describe('a run that recalls visits', () => {
  it('does so undisturbed', () => {
    expect(undisturbed.ledger).toBe(true);
    const names = undisturbed.findings.map(({ name, count }) => `${name} ${count}`).toSorted();
    expect(names).toEqual(['RuleFailed 3', 'VisitFails 3', 'VisitFree 3', 'VisitRecalled 3']);
    expect(undisturbed.files.filter((text) => text.includes('"kind": "recall"'))).toHaveLength(1);
    expect(queries).toBeGreaterThan(30);
  });

  it.each(['before', 'after'] as const)(
    'ends alike when a connection is lost %s a query',
    { timeout: 300_000 },
    async (when) => {
      const step = Math.max(1, Math.floor(queries / (6 * LONG)));
      for (let n = when === 'before' ? 2 : 4; n <= queries; n += step) {
        expect(await trial(() => failAt(n, when)), `query ${n}`).toEqual(undisturbed);
      }
    },
  );
});
