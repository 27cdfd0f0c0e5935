/** Decisions about alerts, where they are made: on both stores, and by two people at once. */
import { isFault } from '@lazaret/faults';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AlertDecideInput,
  AlertDecisionDocument,
  AlertDryRun,
  AlertsDecidedDocument,
} from '../../src/cli/alert-decisions.ts';
import type { AlertDocument, ShownAlert, ShownGroup } from '../../src/cli/alerts.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { AlertSelection } from '../../src/pipelines/forms/alerts/alert-selection.ts';
import { testDatabases } from '../databases.ts';
import { documentAs, dumpTables, quietSession } from '../imaging/workbench.ts';
import { openVisitBench, type VisitBench } from './visit-bench.ts';

const ANA = 'ana@example.org';
const BEN = 'ben@example.org';

let bench: VisitBench;

async function list(selection: Omit<AlertSelection, 'project'> = {}): Promise<ShownAlert[]> {
  const input = { selection: { project: 'default', ...selection }, each: true };
  return documentAs(
    await COMMANDS['alerts list'](bench.workbench.application, input, quietSession()),
  );
}

async function groups(selection: Omit<AlertSelection, 'project'> = {}): Promise<ShownGroup[]> {
  const input = { selection: { project: 'default', ...selection }, each: false };
  return documentAs(
    await COMMANDS['alerts list'](bench.workbench.application, input, quietSession()),
  );
}

async function show(alert: string, reveal = false): Promise<AlertDocument> {
  const input = { alert, reveal, user: ANA, project: 'default' };
  return documentAs(
    await COMMANDS['alerts show'](bench.workbench.application, input, quietSession()),
  );
}

async function decide<Document extends AlertDecisionDocument = AlertsDecidedDocument>(
  kind: 'clear' | 'unclear',
  selection: Omit<AlertSelection, 'project'>,
  given: Partial<AlertDecideInput> = {},
): Promise<Document> {
  const input: AlertDecideInput = {
    kind,
    selection: { project: 'default', ...selection },
    reason: 'looked at by hand',
    user: ANA,
    dryRun: false,
    typed: '',
    strict: false,
    maxPauseSeconds: 1,
    ...given,
  };
  return documentAs(
    await COMMANDS['alerts decide'](bench.workbench.application, input, quietSession()),
  );
}

/** The fault that an operation ends with. */
async function faultOf(
  operation: Promise<unknown>,
): Promise<{ code: string; parameters: unknown }> {
  const error = await operation.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isFault(error)) throw new Error('No fault was thrown.', { cause: error });
  const { code, parameters } = error;
  return { code, parameters };
}

let subjects = 0;

/** Visits of new subjects, so many of them too heavy to pass without a look. */
async function sendHeavy(
  count: number,
  given: Record<string, string | number> = {},
): Promise<string> {
  const rows = Array.from({ length: count }, () => {
    subjects += 1;
    const base = { adcid: 1, ptid: `S${subjects}`, visitnum: 1, visitdate: '2024-01-10' };
    return { ...base, age: 70, weight: 301, ...given };
  });
  const { summary } = await bench.send(rows);
  return summary.run;
}

testDatabases(import.meta.url, (database) => {
  beforeAll(async () => {
    bench = await openVisitBench(database.url ?? undefined);
  }, 60_000);
  afterAll(() => bench.close());

  describe('alerts', () => {
    it('are listed by rule, with counts, an example and a version', async () => {
      const run = await sendHeavy(3);
      const [group, ...others] = await groups({ run, standing: 'open' });
      expect(others).toEqual([]);
      expect(group).toMatchObject({
        ...{ code: 'UDS-3', rule: 'max', field: 'weight', module: 'UDS' },
        ...{ message: 'A weight above 300 kg?', count: 3, visits: 3, standings: { new: 3 } },
        example: { item: `${run}/1`, line: 2, record: 1 },
      });
      const each = await list({ run });
      expect(each.map(({ item, line }) => [item, line])).toEqual([
        [`${run}/1`, 2],
        [`${run}/2`, 3],
        [`${run}/3`, 4],
      ]);
      expect(new Set(each.map(({ alert, version }) => alert + version)).size).toBe(3);
      const preview = await decide<AlertDryRun>('clear', { run }, { dryRun: true });
      expect(preview.version).toBe(group?.version);
    });

    it('are found by code, rule, field, module, standing, item and the beginning of a name', async () => {
      const run = await sendHeavy(1);
      const [alert] = await list({ run });
      const found = async (selection: Omit<AlertSelection, 'project'>): Promise<number> =>
        (await list({ run, ...selection })).length;
      expect(await found({ code: 'UDS-3' })).toBe(1);
      expect(await found({ code: 'max' })).toBe(1);
      expect(await found({ code: 'UDS-4' })).toBe(0);
      expect(await found({ field: 'WEIGHT' })).toBe(1);
      expect(await found({ field: 'height' })).toBe(0);
      expect(await found({ module: 'uds' })).toBe(1);
      expect(await found({ module: 'NP' })).toBe(0);
      expect(await found({ standing: 'new' })).toBe(1);
      expect(await found({ standing: 'cleared' })).toBe(0);
      expect(await found({ before: '2020-01-01T00:00:00Z' })).toBe(0);
      expect(await found({ names: [`${run}/1`] })).toBe(1);
      expect(await found({ names: [`${run}/2`] })).toBe(0);
      expect(await found({ names: [alert?.alert.slice(0, 10) ?? ''] })).toBe(1);
      expect((await faultOf(list({ names: ['a_00000000000000'] }))).code).toBe('AlertNotFound');
      await sql`insert into lazaret_forms.evaluation (project, bucket, key, visit, run, batch, attempt,
          item_run, item, module, field, rule, code, rule_digest, state, standing, detail, at)
        select project, bucket, left(key, 12) || 'ffff', visit, run, batch, attempt, item_run, item,
          module, field, rule, code, rule_digest, state, standing, detail, at
        from lazaret_forms.evaluation where starts_with('a_' || key, ${alert?.alert ?? ''}::text)`.execute(
        bench.workbench.application.store.db,
      );
      const short = await faultOf(list({ names: [alert?.alert ?? ''] }));
      expect(short.code).toBe('AlertNameShort');
      expect((await faultOf(list({ names: ['seventeen'] }))).code).toBe('AlertNotFound');
    });

    it('are found and judged by subject, whose name is kept nowhere', async () => {
      const base = { visitdate: '2024-01-10', age: 70, weight: 301 };
      const { summary } = await bench.send([
        { ...base, adcid: 17, ptid: 'OF-ONE', visitnum: 1 },
        { ...base, adcid: 17, ptid: '0OF-ONE', visitnum: 2, visitdate: '2025-01-10' },
        { ...base, adcid: 18, ptid: 'OF-ONE', visitnum: 1 },
      ]);
      const { application } = bench.workbench;
      const selection = { project: 'default', standing: 'open' } as const;
      const itemsOf = async (subject: string): Promise<string[]> => {
        const input = { selection, subject, each: true };
        const outcome = await COMMANDS['alerts list'](application, input, quietSession());
        return documentAs<readonly ShownAlert[]>(outcome).map(({ item }) => item);
      };
      const [first, second, third] = [1, 2, 3].map((no) => `${summary.run}/${no}`);
      expect(await itemsOf('17/OF-ONE')).toEqual([first, second]);
      expect(await itemsOf(' 017 / 00OF-ONE ')).toEqual([first, second]);
      expect(await itemsOf('OF-ONE')).toEqual([first, second, third]);
      expect(await itemsOf('17/OF-TWO')).toEqual([]);
      expect(await itemsOf('7/OF-ONE')).toEqual([]);
      const unknown = decide('clear', {}, { subject: '17/OF-TWO' });
      expect((await faultOf(unknown)).code).toBe('NoAlertSelected');
      const made = await decide('clear', {}, { subject: '18/OF-ONE' });
      expect(made).toMatchObject({ alerts: 1, goOn: [third] });
      expect(await itemsOf('OF-ONE')).toEqual([first, second]);
      const { rows } = await sql<{ selection: unknown }>`
        select selection from lazaret.decision where id = ${made.decision}::uuid`.execute(
        application.store.db,
      );
      expect(JSON.stringify(rows)).not.toContain('OF-ONE');
      expect(JSON.stringify(rows)).toContain('visits');
    });

    it('show their values only where somebody asks, and the look is recorded', async () => {
      const run = await sendHeavy(1, { ptid: 'CANARY7', weight: 333.25 });
      const [alert] = await list({ run });
      const closed = await show(alert?.alert ?? '');
      expect(JSON.stringify(closed)).not.toMatch(/CANARY7|333\.25/);
      expect(closed).toMatchObject({ itemStands: 'held', definition: 300, others: [] });
      const open = await show(alert?.alert ?? '', true);
      expect(open.revealed).toEqual({
        subject: '1|CANARY7',
        visit: '1',
        values: [{ visit: 'current', field: 'weight', value: 333.25 }],
      });
      const tables = await dumpTables(bench.workbench.application);
      const decisions = tables.get('lazaret.decision')?.toString() ?? '';
      expect(decisions).toContain('reveal');
      for (const [table, bytes] of tables) {
        expect(bytes.includes('CANARY7'), table).toBe(false);
      }
    });
  });

  describe('clearing alerts', () => {
    it('lets visits go on whose last open alert it was, in a run of their own', async () => {
      await sendHeavy(1, { weight: 80 });
      const run = await sendHeavy(2);
      const before = bench.delivered().length;
      const [first] = await list({ run });
      const decided = await decide('clear', { names: [first?.alert ?? ''] });
      expect(decided).toMatchObject({ alerts: 1, goOn: [`${run}/1`], by: ANA });
      expect(decided.runs).toMatchObject([{ status: 'complete', items: { delivered: 1 } }]);
      expect(bench.delivered()).toHaveLength(before + 1);
      // The finding carries the decision, and the child run has its parent's.
      const after = await show(first?.alert ?? '');
      expect(after).toMatchObject({ standing: 'cleared', itemStands: 'delivered', decisions: 1 });
      expect(after.item).toBe(`${decided.runs[0]?.run}/1`);
      const findings = await bench.workbench.application.store.db
        .selectFrom('lazaret.published_finding')
        .select(['code', 'decision'])
        .where('decision', '=', decided.decision)
        .execute();
      expect(findings).toEqual([{ code: 'RuleAlert', decision: decided.decision }]);
      expect((await list({ run, standing: 'open' })).map(({ item }) => item)).toEqual([`${run}/2`]);
    });

    it('lets a visit wait as long as another alert of it is open', async () => {
      await bench.send([
        { adcid: 1, ptid: 'W1', visitnum: 1, visitdate: '2024-01-10', age: 70, height: 170 },
      ]);
      const later = { adcid: 1, ptid: 'W1', visitnum: 2, visitdate: '2025-01-10', age: 71 };
      const { summary } = await bench.send([{ ...later, weight: 302, height: 150 }]);
      const { run } = summary;
      const first = await decide('clear', { run, code: 'UDS-3' });
      expect(first).toMatchObject({ goOn: [], runs: [], staying: { otherAlerts: 1 } });
      const second = await decide('clear', { run });
      expect(second).toMatchObject({ alerts: 1, goOn: [`${run}/1`] });
      expect(second.runs).toMatchObject([{ items: { delivered: 1 } }]);
    });

    it('judges an alert of a visit that has errors besides, and sends nothing on', async () => {
      const run = await sendHeavy(1, { age: 111 });
      const decided = await decide('clear', { run });
      expect(decided).toMatchObject({ alerts: 1, goOn: [], runs: [], staying: { rejected: 1 } });
    });

    it('never clears an error, and says so', async () => {
      const run = await sendHeavy(1, { age: 111, weight: 80 });
      for (const selection of [
        { code: 'UDS-1' },
        { names: [`${run}/1`] },
        { run, code: 'FRM-004' },
      ]) {
        expect((await faultOf(decide('clear', selection))).code).toBe('ErrorNotClearable');
      }
    });

    it('wants a reason, an e-mail address and something to decide about', async () => {
      const run = await sendHeavy(1);
      const refused = async (given: Partial<AlertDecideInput>): Promise<string> =>
        (await faultOf(decide('clear', { run }, given))).code;
      expect(await refused({ reason: null })).toBe('ReasonMissing');
      expect(await refused({ reason: '  ' })).toBe('ReasonMissing');
      for (const user of ['root', 'ana@', 'ana@example', 'a na@example.org', '']) {
        expect(await refused({ user })).toBe('UserNotEmail');
      }
      expect(await refused({ expect: 2 })).toBe('AlertCountDiffers');
      expect((await faultOf(decide('clear', { run, code: 'UDS-9' }))).code).toBe('NoAlertSelected');
      const [alert] = await list({ run });
      const names = [alert?.alert ?? ''];
      expect((await faultOf(decide('unclear', { names }))).code).toBe('AlertNotOpen');
      expect(await list({ run, standing: 'new' })).toHaveLength(1);
    });

    it('asks for a number where there are many, takes a whole decision back, and clears again', async () => {
      const run = await sendHeavy(21);
      const fault = await faultOf(decide('clear', { run }));
      expect(fault).toEqual({ code: 'AlertsUnconfirmed', parameters: { found: 21, limit: 20 } });
      const preview = await decide<AlertDryRun>('clear', { run }, { dryRun: true });
      expect(preview).toMatchObject({ alerts: 21, visits: 21, asks: true });
      expect(preview.rules).toMatchObject([{ code: 'UDS-3', count: 21 }]);
      expect(preview.goOn).toHaveLength(21);
      expect(await list({ run, standing: 'new' })).toHaveLength(21);

      const { decision, runs } = await decide('clear', { run }, { version: preview.version });
      expect(runs).toMatchObject([{ items: { delivered: 21 } }]);
      const undone = await decide(
        'unclear',
        { decision: decision.slice(0, 8) },
        { expect: 21, reason: 'the wrong run', user: BEN },
      );
      expect(undone).toMatchObject({ alerts: 21, runs: [], staying: { delivered: 21 } });
      const open = await list({ run, standing: 'uncleared' });
      expect(open).toHaveLength(21);
      expect(open[0]?.judged).toMatchObject({ clear: false, by: BEN, reason: 'the wrong run' });
      const again = await decide('clear', { decision: undone.decision }, { yes: true });
      expect(again).toMatchObject({ alerts: 21, runs: [] });
    });
  });

  describe('a clearance that is taken back after the visit was delivered', () => {
    it('is said to be so; the next check recalls the visit, and another clearance lets it go on', async () => {
      const visit = { adcid: 1, ptid: 'R1', visitnum: 1, visitdate: '2024-01-10', age: 70 };
      const { summary } = await bench.send([{ ...visit, weight: 301 }]);
      const names = [(await list({ run: summary.run }))[0]?.alert ?? ''];
      await decide('clear', { names });
      const undone = await decide('unclear', { names }, { reason: 'the wrong one' });
      expect(undone).toMatchObject({ staying: { delivered: 1 }, runs: [] });
      expect(await show(names[0] ?? '')).toMatchObject({
        ...{ standing: 'uncleared', itemStands: 'delivered' },
      });

      const checked = await bench.send([{ ...visit, weight: 301 }]);
      expect(checked.fates).toEqual([{ disposition: 'duplicate', codes: ['VisitKnown'] }]);
      const codes = ({ findings }: typeof summary): readonly string[] =>
        findings.map(({ name }) => name);
      expect(codes(checked.summary)).toContain('VisitRecalled');
      // Recalled, it is a visit like any other that asks for a look.
      const held = await bench.send([{ ...visit, weight: 301 }]);
      expect(held.fates).toEqual([{ disposition: 'held', codes: ['UDS-3'] }]);
      const again = await decide('clear', { names }, { reason: 'right after all' });
      expect(again).toMatchObject({ goOn: [`${held.summary.run}/1`], alerts: 1 });
      expect(again.runs).toMatchObject([{ items: { delivered: 1 } }]);
      expect((await show(names[0] ?? '')).provenance.map(({ what }) => what)).toEqual([
        ...['raised', 'cleared', 'kept', 'uncleared', 'still-open', 'cleared', 'kept'],
      ]);
    });

    it('restores a recalled visit that is cleared again, when its subject is judged next', async () => {
      const visit = { adcid: 1, ptid: 'R2', visitnum: 1, visitdate: '2024-01-10', age: 70 };
      const later = { ...visit, visitnum: 2, visitdate: '2025-01-10' };
      const { summary } = await bench.send([{ ...visit, weight: 301 }]);
      const names = [(await list({ run: summary.run }))[0]?.alert ?? ''];
      await decide('clear', { names });
      await decide('unclear', { names });
      const codesOf = async (age: number): Promise<readonly string[]> =>
        (await bench.send([{ ...later, age }])).summary.findings.map(({ name }) => name);
      expect(await codesOf(71)).toEqual(['VisitRecalled']);
      expect(await codesOf(72)).toEqual([]);
      expect(await decide('clear', { names })).toMatchObject({
        goOn: [],
        staying: { delivered: 1 },
      });
      expect(await codesOf(73)).toEqual(['VisitRestored']);
      expect(await codesOf(74)).toEqual([]);
    });
  });

  describe('two people at once', () => {
    it('decide one after the other; the second is told who was first, and nothing is half done', async () => {
      const run = await sendHeavy(2);
      const [one, other] = await list({ run });
      const names = [one?.alert ?? '', other?.alert ?? ''];
      const settled = await Promise.allSettled([
        decide('clear', { names }, { user: ANA, reason: 'by Ana' }),
        decide('clear', { names: names.toReversed() }, { user: BEN, reason: 'by Ben' }),
      ]);
      const done = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      expect(done).toHaveLength(1);
      const lost = settled.find((each) => each.status === 'rejected');
      const parameters = { by: done[0]?.by, done: 'cleared' };
      expect(lost?.reason).toMatchObject({ code: 'AlertJudgedMeanwhile', parameters });
      const judged = (await list({ run, standing: 'all' })).map((alert) => alert.judged?.by);
      expect(judged).toEqual([done[0]?.by, done[0]?.by]);
      expect(done[0]?.runs).toMatchObject([{ items: { delivered: 2 } }]);
    });

    it('clear the two alerts of one visit, and the visit goes on once', async () => {
      const person = { adcid: 1, ptid: `T${database.store}` };
      await bench.send([{ ...person, visitnum: 1, visitdate: '2024-01-10', age: 70, height: 170 }]);
      const { summary } = await bench.send([
        { ...person, visitnum: 2, visitdate: '2025-01-10', age: 71, weight: 302, height: 150 },
      ]);
      const both = await Promise.all([
        decide('clear', { run: summary.run, code: 'UDS-3' }),
        decide('clear', { run: summary.run, code: 'UDS-4' }, { user: BEN }),
      ]);
      expect(both.flatMap(({ runs }) => runs).map(({ items }) => items.delivered)).toEqual([1]);
    });

    it('are told when what they looked at is not what it was', async () => {
      const run = await sendHeavy(2);
      const [one, other] = await list({ run });
      const { version } = await decide<AlertDryRun>('clear', { run }, { dryRun: true });
      await decide('clear', { names: [one?.alert ?? ''] }, { user: BEN });
      expect(await faultOf(decide('clear', { run }, { version }))).toMatchObject({
        code: 'AlertJudgedMeanwhile',
        parameters: { alert: one?.alert, by: BEN, done: 'cleared' },
      });
      expect(await list({ run, standing: 'new' })).toHaveLength(1);
      // Values that were not seen are not judged either.
      const ptid = `S${subjects}`;
      const { summary } = await bench.send([
        { adcid: 1, ptid, visitnum: 1, visitdate: '2024-01-10', age: 70, weight: 999 },
      ]);
      const names = [other?.alert ?? ''];
      expect(
        await faultOf(decide('clear', { names }, { version: other?.version ?? '' })),
      ).toMatchObject({ code: 'AlertsChangedMeanwhile', parameters: { run: summary.run } });
    });
  });
});
