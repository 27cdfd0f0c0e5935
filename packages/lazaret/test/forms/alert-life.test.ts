/** The life of an alert as a data manager meets it: on the command line, from raised to closed. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertsDecidedDocument } from '../../src/cli/alert-decisions.ts';
import type { AlertDocument, ShownAlert } from '../../src/cli/alerts.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { openCommandLine, type CommandLine, type Typed } from './command-line.ts';

const ANA = 'ana@example.org';
const BEN = 'ben@example.org';

const SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['adcid', 'ptid'],
  properties: {
    adcid: { type: 'integer' },
    ptid: { type: 'string' },
    visitnum: { type: 'string' },
    visitdate: { type: 'string' },
    weight: { type: 'number' },
    height: { type: 'number' },
  },
};

/** Taller or smaller by more than this since the visit before asks for a look. */
const rulesWith = (adjustment: number): unknown => ({
  height: {
    type: 'float',
    nullable: true,
    compare_with: {
      ...{ comparator: '<=', base: 'height', op: 'abs', adjustment },
      ...{ previous_record: true, ignore_empty: true },
    },
  },
});
const TEXT = 'The height differs by more than 2 cm from the visit before.';
const CODES = { height: { compare_with: { code: 'UDS-4', type: 'alert', message: TEXT } } };

/** Visits by name; the second one of P1 is what the alert is about. */
const VISITS = {
  first: '1,P1,1,2024-01-10,80,170',
  second: '1,P1,2,2025-01-10,80,150',
  other: '1,P2,1,2024-01-10,70,160',
  third: '1,P3,1,2024-01-10,70,180',
};

let line: CommandLine;

beforeAll(async () => {
  line = await openCommandLine();
  const { folder } = line.home;
  writeFileSync(join(folder, 'uds.json'), JSON.stringify(SCHEMA));
  writeFileSync(join(folder, 'rules.json'), JSON.stringify(rulesWith(2)));
  writeFileSync(join(folder, 'new-rules.json'), JSON.stringify(rulesWith(3)));
  writeFileSync(join(folder, 'codes.json'), JSON.stringify(CODES));
}, 60_000);
afterAll(() => line.close());

/** What people are shown of a command that is to go well. */
async function text(...args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await line.type(args);
  expect(exit, stderr).toBe(0);
  return stdout;
}

let files = 0;

async function send(rows: readonly string[], rules = 'rules.json'): Promise<RunSummary> {
  files += 1;
  const file = `visits-${files}.csv`;
  const header = 'adcid,ptid,visitnum,visitdate,weight,height';
  writeFileSync(join(line.home.folder, file), `${[header, ...rows].join('\n')}\n`);
  const schema = ['--schema', 'uds.json', '--rules', rules, '--codes', 'codes.json'];
  return line.ask('run', 'forms', file, ...schema, '--out', 'out');
}

function deliveredHeights(): readonly unknown[] {
  const folder = join(line.home.out, 'default', 'Forms');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ ptid, visitnum }) => ptid === 'P1' && visitnum === '2')
    .map(({ height }) => height);
}

const eventsOf = ({ provenance }: AlertDocument): readonly string[] =>
  provenance.map((event) => ('by' in event ? `${event.what} by ${event.by}` : event.what));

describe('an alert', () => {
  it('is raised, cleared, kept, raised again, asked anew, un-cleared and closed, and tells all of it', async () => {
    // Raised: the visit waits.
    const { first, second, other, third } = VISITS;
    const arrived = await send([first, second, other]);
    expect(arrived.items).toMatchObject({ delivered: 2, held: 1 });
    const open = await line.ask<readonly ShownAlert[]>('alerts', 'list', '--each');
    expect(open).toMatchObject([
      { code: 'UDS-4', field: 'height', standing: 'new', message: TEXT, line: 3, decisions: 0 },
    ]);
    const { alert, version } = open[0]!;
    expect(await text('alerts', 'list')).toContain(`lazaret alerts show ${alert} --data`);

    // Cleared with a reason: the visit goes on.
    const clear = ['--reason', 'measured again by the site', '--user', ANA];
    const cleared = await line.ask<AlertsDecidedDocument>(
      ...['alerts', 'clear', alert, '--version', version, ...clear],
    );
    expect(cleared).toMatchObject({ alerts: 1, by: ANA, goOn: [`${arrived.run}/2`] });
    expect(cleared.runs).toMatchObject([{ status: 'complete', items: { delivered: 1 } }]);
    expect(deliveredHeights()).toEqual([150]);
    expect(await line.ask('alerts', 'list')).toEqual([]);

    // Kept: the same in another order is known; with another weight, which the rule does not read,
    // it is a new version that goes through under the old clearance.
    const reordered = await send([third, other, second, first]);
    expect(reordered.items).toMatchObject({ delivered: 1, duplicate: 3 });
    const heavier = await send([other, second.replace(',80,', ',81,'), first]);
    expect(heavier.items).toMatchObject({ delivered: 1, duplicate: 2, held: 0 });
    const kept = await line.ask<AlertDocument>('alerts', 'show', alert);
    expect(kept).toMatchObject({ standing: 'cleared', item: `${heavier.run}/2`, decisions: 1 });

    // Raised again: the value changed, and the old reason is shown.
    const changed = await send([first, second.replace(',150', ',140')]);
    expect(changed.items).toMatchObject({ duplicate: 1, held: 1 });
    const again = await text('alerts', 'show', alert);
    expect(again).toContain('open: values have changed since it was cleared');
    expect(again).toMatch(/raised again {2}.*other values; cleared before by ana@example\.org/);
    expect(again).toContain('measured again by the site');
    await line.ask('alerts', 'clear', `${changed.run}/2`, '--reason', 'confirmed', '--user', BEN);

    // Another rule asks for a new look.
    const stricter = await send([second.replace(',150', ',140')], 'new-rules.json');
    expect(stricter.items).toMatchObject({ held: 1 });
    const asked = await line.ask<AlertDocument>('alerts', 'show', alert);
    expect(asked).toMatchObject({ standing: 'rule-changed', judged: { reason: 'confirmed' } });
    await line.ask('alerts', 'clear', alert, '--reason', 'confirmed twice', '--user', BEN);

    // Taken back: it is said that the visit is delivered.
    const back = ['alerts', 'unclear', alert, '--user', ANA, '--reason', 'the wrong visit'];
    expect(await text(...back)).toContain('1 visit is delivered already');
    expect(await line.ask<readonly ShownAlert[]>('alerts', 'list', '--each')).toMatchObject([
      { alert, standing: 'uncleared', judged: { clear: false, by: ANA } },
    ]);

    // Mended: it closes by itself, and nothing is left to clear.
    const mended = await send([second.replace(',150', ',171')], 'new-rules.json');
    expect(mended.items).toMatchObject({ delivered: 1 });
    expect(deliveredHeights()).toContain(171);
    const refused = await line.type(['alerts', 'clear', alert, '--reason', 'x', '--user', ANA]);
    expect(refused).toMatchObject({ exit: 2 });
    expect(refused.stderr).toContain('it has closed by itself');

    const life = await line.ask<AlertDocument>('alerts', 'show', alert);
    expect(life).toMatchObject({ standing: 'closed', code: 'UDS-4', decisions: 4 });
    expect(eventsOf(life)).toEqual([
      'raised',
      `cleared by ${ANA}`,
      'kept',
      'raised-again',
      `cleared by ${BEN}`,
      'kept',
      'rule-changed',
      `cleared by ${BEN}`,
      'kept',
      `uncleared by ${ANA}`,
      'closed',
    ]);
    expect(life.provenance).toMatchObject([
      { run: arrived.run, item: `${arrived.run}/2`, earlier: null },
      { reason: 'measured again by the site', decision: cleared.decision },
      { run: heavier.run, times: 2 },
      { run: changed.run, earlier: { by: ANA, reason: 'measured again by the site' } },
      { reason: 'confirmed' },
      {},
      { run: stricter.run, earlier: { by: BEN, reason: 'confirmed' } },
      { reason: 'confirmed twice' },
      {},
      { reason: 'the wrong visit' },
      { run: mended.run },
    ]);
  }, 120_000);

  it('is cleared by one of two people at once, and the other is told who was first', async () => {
    await send(['1,P9,1,2024-01-10,80,170', '1,P9,2,2025-01-10,80,150']);
    const [open] = await line.ask<readonly ShownAlert[]>('alerts', 'list', '--each');
    const { alert = '', version = '' } = open ?? {};
    const clear = (user: string): Promise<Typed> =>
      line.type([
        ...['alerts', 'clear', alert, '--version', version, '--reason', `seen by ${user}`],
        ...['--user', user, '--json'],
      ]);
    const both = await Promise.all([clear(ANA), clear(BEN)]);
    expect(new Set(both.map(({ exit }) => exit))).toEqual(new Set([0, 2]));
    const [won, lost] = both[0].exit === 0 ? both : [both[1], both[0]];
    const { by } = JSON.parse(won.stdout) as AlertsDecidedDocument;
    expect(JSON.parse(lost.stdout)).toMatchObject({ error: { name: 'AlertJudgedMeanwhile' } });
    expect(lost.stderr).toContain(`was cleared by ${by} at`);
    const shown = await line.ask<AlertDocument>('alerts', 'show', alert);
    expect(shown).toMatchObject({ decisions: 1, judged: { by } });
  }, 120_000);
});
