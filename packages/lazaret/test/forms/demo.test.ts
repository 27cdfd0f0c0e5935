import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeDrugs, type FakeDrugs } from '../../../../fixtures/drugs/server.ts';
import { writeDemoForms, type DemoForms } from '../../../../fixtures/forms/demo.ts';
import { DEMO_DRUGS } from '../../../../fixtures/forms/drugs.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { readStudy } from '../../src/pipelines/forms/study/study-file.ts';
import { openWorkbench, quietSession, type Workbench } from '../imaging/workbench.ts';

let folder: string;
let forms: DemoForms;
let bench: Workbench;
let drugs: FakeDrugs;
let summary: RunSummary;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-demo-forms-'));
  forms = writeDemoForms(folder);
  drugs = await startFakeDrugs(DEMO_DRUGS);
  bench = await openWorkbench({ folder });
  const about = { project: 'default', site: 'default', user: 'tester' };
  const table = { replace: false, acceptChanges: false, dryRun: false };
  const load = { ...table, ...about, file: forms.identifiers };
  await COMMANDS['identifiers load'](bench.application, load, quietSession());
  const files = readdirSync(forms.arrivals)
    .sort()
    .map((name) => join(forms.arrivals, name));
  summary = await bench.run({
    pipeline: 'forms',
    location: JSON.stringify(files),
    settings: {
      study: readStudy(forms.study, 'study.yaml'),
      lookUps: {
        identifiers: { mode: 'embedded' },
        drugs: { mode: 'http', url: `${drugs.url}/REST`, contact: 'rx@example.org' },
      },
      site: 'default',
    },
  });
}, 120_000);

afterAll(async () => {
  await bench.close();
  await drugs.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly disposition: string;
  readonly codes: readonly string[];
}

/** What became of the items of the run, in their order: those that nothing is told of went through. */
async function ends(): Promise<Ended[]> {
  const { engine, store } = bench.application;
  const { id } = await engine.find(summary.run);
  const stopped = await sql<{ no: number; disposition: string }>`
    select no, disposition from lazaret.published_item where run = ${id}`.execute(store.db);
  const found = await sql<{ item: number; code: string }>`
    select item, coalesce(parameters->>'ruleCode', code) as code
    from lazaret.published_finding where run = ${id} and item is not null
    order by 1, 2`.execute(store.db);
  return Array.from({ length: summary.items.received }, (_, index) => {
    const no = index + 1;
    return {
      disposition: stopped.rows.find((row) => Number(row.no) === no)?.disposition ?? 'delivered',
      codes: found.rows.filter(({ item }) => Number(item) === no).map(({ code }) => code),
    };
  });
}

describe('the forms of the invented study', () => {
  it('end as the facts beside them say, row by row', async () => {
    const ended = await ends();
    const wrong = forms.rows.flatMap(({ file, record, why, disposition, codes }, index) => {
      const expected = { disposition, codes: codes.toSorted() };
      const { disposition: became, codes: said } = ended[index] ?? { disposition: '', codes: [] };
      const actual = { disposition: became, codes: said.toSorted() };
      return JSON.stringify(expected) === JSON.stringify(actual)
        ? []
        : [{ file, record, why, expected, actual }];
    });
    expect(wrong).toEqual([]);
    expect(ended).toHaveLength(forms.rows.length);
  });

  it('make a run that adds up', () => {
    const count = (disposition: string): number =>
      forms.rows.filter((row) => row.disposition === disposition).length;
    expect(summary).toMatchObject({
      status: 'complete',
      items: {
        received: forms.rows.length,
        delivered: count('delivered'),
        held: count('held'),
        rejected: count('rejected'),
        duplicate: count('duplicate'),
        skipped: 0,
        pending: 0,
      },
    });
  });

  it('are counted as the README says', () => {
    const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
    const told = [...readme.matchAll(/^ {2}[ ✓◼✕⧉] (\w+) +(\d+)(?: |$)/gm)];
    const { received, delivered, held, rejected, duplicate } = summary.items;
    expect(Object.fromEntries(told.map(([, name, count]) => [name, Number(count)]))).toEqual({
      ...{ received, delivered, held, rejected, duplicate },
    });
  });

  it('are delivered as CSV, a file a form and group', () => {
    const delivered = join(bench.out, 'default/Forms');
    const rows = readdirSync(delivered).flatMap((name) => {
      expect(name).toMatch(/^(?:VIS|COG|MED)_[0-9a-f]{16}\.csv$/);
      return readFileSync(join(delivered, name), 'utf8').trimEnd().split('\r\n').slice(1);
    });
    expect(rows).toHaveLength(summary.items.delivered);
  });
});
