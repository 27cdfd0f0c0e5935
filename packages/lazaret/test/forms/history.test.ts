/** Visits that change, and the later ones that have looked at them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertDocument, ShownAlert } from '../../src/cli/alerts.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { RulesWhyDocument } from '../../src/cli/rules-why.ts';
import { dependenciesOf } from '../../src/pipelines/forms/history/dependency.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { documentAs, quietSession } from '../imaging/workbench.ts';
import { openVisitBench, STUDY, type VisitBench } from './visit-bench.ts';

let bench: VisitBench;

beforeAll(async () => {
  bench = await openVisitBench();
});
afterAll(async () => {
  await bench.close();
});

const visits = (ptid: string) => ({
  first: { adcid: 1, ptid, visitnum: 1, visitdate: '2023-01-10', age: 70, height: 170 },
  second: { adcid: 1, ptid, visitnum: 2, visitdate: '2024-01-10', age: 71, height: 170 },
  third: { adcid: 1, ptid, visitnum: 3, visitdate: '2025-01-10', age: 72, height: 170 },
});

function notices(): readonly Record<string, unknown>[] {
  const folder = join(bench.workbench.out, 'default', 'Forms');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.recall.json'))
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return (JSON.parse(text) as { notices: Record<string, unknown>[] }).notices;
    });
}

async function findingsOf(run: string): Promise<readonly { code: string; item: string }[]> {
  const { application } = bench.workbench;
  const { id } = await application.engine.find(run);
  const { rows } = await sql<{ code: string; item: string; step: string }>`
    select code, step, parameters->>'item' as item from lazaret.published_finding
    where run = ${id} and item is null`.execute(application.store.db);
  expect(rows.every(({ step }) => step === 'form-qc-checker')).toBe(true);
  return rows.map(({ code, item }) => ({ code, item }));
}

async function expectProof(run: string): Promise<void> {
  const { application } = bench.workbench;
  const { id } = await application.engine.find(run);
  expect(holds(await proveLedger(application.store.db, id))).toBe(true);
}

describe('an earlier visit that changes', () => {
  it('has later visits looked at again that looked at it, and no other ones', async () => {
    const { first, second, third } = visits('E1');
    const before = await bench.send([first, second, third, visits('E2').first]);
    expect(before.fates.every(({ disposition }) => disposition === 'delivered')).toBe(true);
    // The third visit has looked at the second one, which stays as it is.
    const { summary, fates } = await bench.send([{ ...first, age: 75 }]);
    expect(fates).toEqual([{ disposition: 'delivered', codes: [] }]);
    const item = `${before.summary.run}/2`;
    expect(await findingsOf(summary.run)).toEqual([
      { code: 'VisitRecalled', item },
      // It has nothing before it now that counts but the first one.
      { code: 'VisitRecalled', item: `${before.summary.run}/3` },
    ]);
    expect(notices()).toMatchObject([
      {
        what: 'recalled',
        module: 'UDS',
        record: { adcid: 1, ptid: 'E1', visitnum: '2', visitdate: '2024-01-10' },
        why: [{ code: 'UDS-2', type: 'error', field: 'age' }],
      },
      { what: 'recalled', record: { visitnum: '3' } },
    ]);
    await expectProof(summary.run);
    // It is right again: what was recalled holds again.
    const mended = await bench.send([first]);
    expect((await findingsOf(mended.summary.run)).map(({ code }) => code)).toEqual([
      'VisitRestored',
      'VisitRestored',
    ]);
    const told = notices().map(({ what }) => String(what));
    expect(told.filter((what) => what === 'recalled')).toHaveLength(2);
    expect(told.filter((what) => what === 'restored')).toHaveLength(2);
  });

  it('leaves alone what looked at it and sees the same values', async () => {
    const { first, second } = visits('F1');
    await bench.send([first, second]);
    const { summary } = await bench.send([{ ...first }, { ...visits('F2').first }]);
    expect(await findingsOf(summary.run)).toEqual([]);
  });

  it('raises an alert of a delivered visit, which is recalled until it is cleared', async () => {
    const { first, second } = visits('G1');
    const before = await bench.send([first, second]);
    const { summary } = await bench.send([{ ...first, height: 175 }]);
    const item = `${before.summary.run}/2`;
    expect(await findingsOf(summary.run)).toEqual([{ code: 'VisitRecalled', item }]);
    const { db } = bench.workbench.application.store;
    const { rows } = await sql<{ code: string; item: number; run: string }>`
      select a.code, a.item, r.short as run from lazaret_forms.alert a
      join lazaret.run r on r.id = a.item_run where a.standing = 'raised' and a.code = 'UDS-4'`.execute(
      db,
    );
    expect(rows.map(({ run, item: no }) => `${run}/${no}`)).toEqual([item]);
    const { application } = bench.workbench;
    const asked = { project: 'default', user: 'ana@example.org', reveal: false };
    const selection = { project: 'default', names: [item] };
    const [alert] = documentAs<readonly ShownAlert[]>(
      await COMMANDS['alerts list'](application, { selection, each: true }, quietSession()),
    );
    const shown = documentAs<AlertDocument>(
      await COMMANDS['alerts show'](
        application,
        { ...asked, alert: alert?.alert ?? '' },
        quietSession(),
      ),
    );
    expect(shown).toMatchObject({
      itemStands: 'recalled',
      neighbours: {
        standing: 'recalled',
        lookedAt: [{ which: 'previous', module: 'UDS', item: `${summary.run}/1` }],
        lookedAtBy: [],
      },
    });
    // The visit that has changed says what is checked again for it.
    const why = documentAs<RulesWhyDocument>(
      await COMMANDS['rules why'](
        application,
        { ...asked, name: `${summary.run}/1` },
        quietSession(),
      ),
    );
    expect(why).toMatchObject({
      fired: [],
      neighbours: {
        standing: 'delivered',
        lookedAt: [{ which: 'previous', item: null }],
        lookedAtBy: [{ item, module: 'UDS', standing: 'recalled' }],
      },
    });
    // A version that another one has replaced does not count any more.
    const old = documentAs<RulesWhyDocument>(
      await COMMANDS['rules why'](
        application,
        { ...asked, name: `${before.summary.run}/1` },
        quietSession(),
      ),
    );
    expect(old.neighbours).toBeNull();
    // Sent again as it is, it is judged again, and waits for somebody to look.
    const again = await bench.send([second]);
    expect(again.fates).toEqual([{ disposition: 'held', codes: ['UDS-4'] }]);
  });

  it('lets go of a visit in review whose alert is gone, with the next command told', async () => {
    const { first, second } = visits('H1');
    const before = await bench.send([{ ...first, height: 175 }, second]);
    expect(before.fates[1]).toEqual({ disposition: 'held', codes: ['UDS-4'] });
    const { summary } = await bench.send([first]);
    const item = `${before.summary.run}/2`;
    expect(await findingsOf(summary.run)).toEqual([{ code: 'VisitFree', item }]);
    const { application } = bench.workbench;
    const selection = { project: 'default', items: [item] };
    await COMMANDS['held decide'](
      application,
      {
        ...{ kind: 'replay', selection, reason: null, user: 'tester', dryRun: false },
        ...{ allowedOnly: false, strict: false, maxPauseSeconds: 1 },
      },
      quietSession(),
    );
    expect(bench.delivered()).toContainEqual({ ...second, visitnum: '2' });
  });

  it('is told of a visit in review that has errors now', async () => {
    const { first, second } = visits('I1');
    const before = await bench.send([first, { ...second, weight: 301 }]);
    expect(before.fates[1]?.disposition).toBe('held');
    const { summary } = await bench.send([{ ...first, age: 80 }]);
    const item = `${before.summary.run}/2`;
    expect(await findingsOf(summary.run)).toEqual([{ code: 'VisitFails', item }]);
  });

  it('does not count with a version that was rejected', async () => {
    const { first, second } = visits('J1');
    await bench.send([first, second]);
    const { fates, summary } = await bench.send([{ ...first, age: 111 }]);
    expect(fates[0]?.disposition).toBe('rejected');
    expect(await findingsOf(summary.run)).toEqual([]);
  });
});

describe('what visits were judged beside', () => {
  it('can be shown, with the versions that count now', async () => {
    const { first, second } = visits('N1');
    const { summary } = await bench.send([second, first]);
    const { engine, store } = bench.workbench.application;
    const { id } = await engine.find(summary.run);
    const key = await engine.keyOf('default');
    const shown = await dependenciesOf(store.db, key, 'default', '1|N1');
    expect(shown).toMatchObject([
      { visit: '1', item: `${id}/2`, standing: 'delivered', isStale: false },
      { visit: '2', item: `${id}/1`, standing: 'delivered', isStale: false },
    ]);
    const none = { which: 'previous', module: 'UDS', item: null };
    expect(shown[0]?.lookedAt).toMatchObject([none, none]);
    const found = { ...none, item: `${id}/2` };
    expect(shown[1]?.lookedAt).toMatchObject([
      { ...found, filled: ['age'] },
      { ...found, filled: ['height'] },
    ]);
  });
});

describe('an earlier visit that arrives behind a later one', () => {
  it('is looked at by the later one from then on', async () => {
    const { first, second } = visits('K1');
    const later = await bench.send([second]);
    expect(later.fates).toEqual([{ disposition: 'delivered', codes: [] }]);
    const { summary } = await bench.send([{ ...first, age: 75 }]);
    const item = `${later.summary.run}/1`;
    expect(await findingsOf(summary.run)).toEqual([{ code: 'VisitRecalled', item }]);
  });
});

describe('a record that is replayed when a newer version has come', () => {
  it('does not take its place', async () => {
    const { first } = visits('L1');
    const held = await bench.send([{ ...first, weight: 301 }]);
    expect(held.fates[0]?.disposition).toBe('held');
    await bench.send([{ ...first, weight: 80 }]);
    const { application } = bench.workbench;
    const selection = { project: 'default', items: [`${held.summary.run}/1`] };
    await COMMANDS['held decide'](
      application,
      {
        ...{ kind: 'replay', selection, reason: null, user: 'tester', dryRun: false },
        ...{ allowedOnly: false, strict: false, maxPauseSeconds: 1 },
      },
      quietSession(),
    );
    const { rows } = await sql<{ disposition: string }>`
      select disposition from lazaret.published_item where code = 'VisitSuperseded'`.execute(
      application.store.db,
    );
    expect(rows).toEqual([{ disposition: 'rejected' }]);
  });
});

describe('a module that requires another one', () => {
  const [uds] = STUDY.modules;
  const schema = { ...uds?.schema, title: 'NP' };
  const study = {
    ...STUDY,
    modules: [{ name: 'NP', schema, requires: ['UDS'] }, ...STUDY.modules],
  };

  it('waits for the same visit of that one, and goes on when it is there', async () => {
    const { first, second } = visits('M1');
    const np = await bench.send([first, second], { study, module: 'NP' });
    expect(np.fates).toEqual([
      { disposition: 'held', codes: ['ModuleMissing'] },
      { disposition: 'held', codes: ['ModuleMissing'] },
    ]);
    const uds = await bench.send([first, { ...second, age: 111 }], { study, module: 'UDS' });
    expect(uds.fates.map(({ disposition }) => disposition)).toEqual(['delivered', 'rejected']);
    const free = { code: 'VisitFree', item: `${np.summary.run}/1` };
    expect(await findingsOf(uds.summary.run)).toEqual([free]);
  });
});
