/** What those who write rules type: check them, try them, see why one fired, see which ones matter. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import type { ShownAlert } from '../../src/cli/alerts.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { RulesCheckDocument } from '../../src/cli/rules-check.ts';
import type { RulesReportDocument } from '../../src/cli/rules-report.ts';
import type { RulesTryDocument, RulesTryInput } from '../../src/cli/rules-try.ts';
import { documentAs, dumpTables, quietSession } from '../imaging/workbench.ts';
import type { RulesWhyDocument, RulesWhyInput } from '../../src/cli/rules-why.ts';
import { openCommandLine, type CommandLine } from './command-line.ts';
import { openVisitBench, STUDY, type Row, type VisitBench } from './visit-bench.ts';

const ANA = 'ana@example.org';

/** The first visit of somebody; sound unless something else is said. */
function visit(ptid: string, values: Row = {}): Row {
  return { adcid: 1, ptid, visitnum: 1, visitdate: '2026-01-05', age: 50, weight: 70, ...values };
}

async function alertsOf(bench: VisitBench): Promise<ShownAlert[]> {
  const input = { selection: { project: 'default', standing: 'all' as const }, each: true };
  const { application } = bench.workbench;
  return documentAs(await COMMANDS['alerts list'](application, input, quietSession()));
}

async function clear(bench: VisitBench, names: readonly string[]): Promise<void> {
  await COMMANDS['alerts decide'](
    bench.workbench.application,
    {
      ...{ kind: 'clear', selection: { project: 'default', names }, reason: 'measured again' },
      ...{ user: ANA, dryRun: false, yes: true, typed: '', strict: false, maxPauseSeconds: 1 },
    },
    quietSession(),
  );
}

describe('lazaret rules, on the command line', () => {
  let line: CommandLine;
  const write = (name: string, content: string): string => {
    writeFileSync(join(line.home.folder, name), content);
    return name;
  };

  beforeAll(async () => {
    line = await openCommandLine();
    write(
      'uds.schema.json',
      JSON.stringify({
        type: 'object',
        properties: { ptid: { type: 'string' }, age: {}, sex: {} },
      }),
    );
  });

  afterAll(() => line.close());

  async function check(...args: string[]): Promise<RulesCheckDocument & { exit: number }> {
    const typed = await line.type(['rules', 'check', ...args, '--json']);
    return { exit: typed.exit, ...(JSON.parse(typed.stdout) as RulesCheckDocument) };
  }

  it('says nothing of sound rules, and ends with 0', async () => {
    const rules = write('sound.yaml', 'age:\n  type: integer\n  nullable: true\n  max: 110\n');
    expect(await check(rules, '--schema', 'uds.schema.json')).toMatchObject({
      ...{ exit: 0, sound: true, errors: 0, warnings: 0 },
      checked: [{ rules, fields: 1, remarks: [] }],
    });
  });

  it('tells with pointer and line what cannot be used, and ends with 1', async () => {
    const rules = write(
      'wrong.yaml',
      [
        'age:',
        '  type: integer',
        '  maxx: 110',
        '  logic:',
        '    formula: {"==": [{"/": [{"var": "age"}, 0]}, 1]}',
        'sex:',
        '  type: string',
        '  regex: "(a{900}){900}"',
      ].join('\n'),
    );
    const { exit, sound, checked } = await check(rules);
    const places = checked[0]?.remarks.map(({ pointer, line: at, level }) => [pointer, at, level]);
    expect({ exit, sound }).toEqual({ exit: 2, sound: false });
    expect(places).toEqual([
      ['/age/maxx', 3, 'error'],
      [expect.stringMatching(/^\/age\/logic/), 5, 'error'],
      ['/sex/regex', 8, 'error'],
    ]);
  });

  it('tells what contradicts itself, what can never fire and what the form does not have', async () => {
    const rules = write(
      'odd.yaml',
      [
        'age:',
        '  type: integer',
        '  min: 20',
        '  max: 10',
        'sexx:',
        '  type: integer',
        '  nullable: true',
        '  allowed: [1, 2]',
        '  compatibility:',
        '    - if: {sexx: {allowed: [7]}}',
        '      then: {agee: {min: 1}}',
      ].join('\n'),
    );
    const codes = write('odd-codes.yaml', 'age:\n  min: {code: U-1}\n  regex: {code: U-2}\n');
    const args = [rules, '--schema', 'uds.schema.json', '--codes', codes];
    const { exit, checked } = await check(...args);
    const said = checked[0]?.remarks.map(
      ({ file, line: at, message }) => `${file} ${at}: ${message}`,
    );
    expect(exit).toBe(2);
    expect(said).toEqual(
      expect.arrayContaining([
        'rules 3: The least value is above the greatest, so no value can be right.',
        'rules 5: The form has no field "sexx"; it is blank in every record. Did you mean "sex"?',
        'rules 9: The rule names the field "agee", which the form does not have. Did you mean "age"?',
        'rules 10: The constraint never applies: sexx can have no such value.',
        'codes 3: There is no rule "regex" at the field "age".',
      ]),
    );
    const { stdout } = await line.type(['rules', 'check', ...args], 100);
    expect(stdout).toContain('cannot be used: 1 error');
    expect(stdout).toContain('codes, line 3');
  });

  it('looks over all rules of a study, and names a file that is neither YAML nor JSON', async () => {
    write('np.yaml', 'age: [1,\n');
    const study = write(
      'study.yaml',
      [
        'modules:',
        '  - {name: UDS, schema: uds.schema.json, rules: sound.yaml}',
        '  - {name: NP, schema: uds.schema.json, rules: np.yaml}',
        '  - {name: FREE, schema: uds.schema.json}',
      ].join('\n'),
    );
    const { exit, checked } = await check('--study', study);
    expect(exit).toBe(2);
    expect(checked.map(({ module, remarks }) => [module, remarks.length > 0])).toEqual([
      ['UDS', false],
      ['NP', true],
    ]);
    expect(checked[1]?.remarks[0]?.message).toMatch(/^Line 2/);
  });

  it('leads on to the other commands, in words and with no value in them', async () => {
    write('now.yaml', 'age: {type: integer, max: 110}\nweight: {type: float, max: 300}\n');
    write(
      'codes.yaml',
      'weight: {max: {code: U-3, type: alert, message: A weight above 300 kg?}}\n',
    );
    write('next.yaml', 'age: {type: integer, max: 90}\nweight: {type: float, max: 300}\n');
    write('visits.csv', 'adcid,ptid,visitnum,age,weight\n1,A,1,97,70\n1,B,1,50,311.5\n');
    const number = { type: 'number' };
    const text = { type: 'string' };
    const properties = { adcid: number, ptid: text, visitnum: text, age: number, weight: number };
    write('form.json', JSON.stringify({ type: 'object', properties }));
    const files = ['visits.csv', '--schema', 'form.json', '--rules', 'now.yaml'];
    const { run } = await line.ask<{ run: string }>(
      ...['run', 'forms', ...files, '--codes', 'codes.yaml', '--module', 'U'],
    );
    const type = async (...args: string[]): Promise<string> => {
      const { exit, stdout } = await line.type(['rules', ...args], 110);
      expect(exit).toBe(0);
      return stdout;
    };
    const trial = await type('try', '--new', 'next.yaml');
    expect(trial).toContain('1 new failure.');
    expect(trial).toMatch(/delivered\s+recalled after delivery\s+1/);
    expect(trial).toContain('Nothing was changed.');
    const why = await type('why', `${run}/2`);
    expect(why).toContain('A weight above 300 kg?');
    expect(why).toMatch(/defined\s+300/);
    expect(why).not.toContain('311.5');
    expect(await type('why', `${run}/2`, 'U-3', '--reveal')).toMatch(/weight, this visit\s+311\.5/);
    const report = await type('report');
    expect(report).toContain('Dead: never fired, 1 rule');
    expect(report).toMatch(/U-3\s+U\s+weight/);
    expect((await line.type(['rules', 'try', '--new', 'np.yaml'])).exit).toBe(2);
  });

  it('finds the example of the guide sound, with a code for whatever needs one', async () => {
    const guide = readFileSync(
      new URL('../../../../docs/guides/write-rules.md', import.meta.url),
      'utf8',
    );
    const [rules = '', codes = ''] = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map(
      ([, content = '']) => content,
    );
    const args = [write('guide.yaml', rules), '--codes', write('guide-codes.yaml', codes)];
    const { exit, checked } = await check(...args);
    expect(exit).toBe(0);
    expect(checked[0]?.fields).toBeGreaterThan(10);
    expect(checked[0]?.remarks.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Without a code/),
    ]);
  });

  it('wants one rule file or a study, and a file that is there', async () => {
    expect((await line.type(['rules', 'check'])).exit).toBe(2);
    expect((await line.type(['rules', 'check', 'gone.yaml'])).exit).toBe(2);
    expect((await line.type(['rules', 'check', 'a.yaml', '--study', 'study.yaml'])).exit).toBe(2);
  });
});

describe('lazaret rules try', () => {
  let bench: VisitBench;
  let run = '';
  const [UDS] = STUDY.modules;

  const tryRules = async (given: Partial<RulesTryInput> = {}): Promise<RulesTryDocument> => {
    const input = { project: 'default', user: ANA, rules: UDS?.rules, reveal: false, ...given };
    const { application } = bench.workbench;
    return documentAs(await COMMANDS['rules try'](application, input, quietSession()));
  };

  beforeAll(async () => {
    bench = await openVisitBench();
    const { summary, fates } = await bench.send([
      visit('A', { weight: 310.5 }),
      visit('B'),
      visit('C', { age: 120, weight: 50 }),
      visit('D', { weight: 305 }),
    ]);
    ({ run } = summary);
    expect(fates.map(({ disposition }) => disposition)).toEqual([
      ...['held', 'delivered', 'rejected', 'held'],
    ]);
    await clear(bench, [`${run}/1`]);
  });

  afterAll(() => bench.close());

  /** A lower limit of weight, a higher one of age. */
  const NEW = {
    ...UDS?.rules,
    age: { ...UDS?.rules.age, max: 130 },
    weight: { ...UDS?.rules.weight, max: 60 },
  };

  it('counts new failures, failures that vanish and clearances that would be asked again', async () => {
    const before = await dumpTables(bench.workbench.application);
    const { totals, standings, rules, ...trial } = await tryRules({ rules: NEW });
    expect(trial).toMatchObject({ run, module: 'UDS', kept: 3, rejected: 1, isSame: false });
    expect(totals).toMatchObject({ new: 1, gone: 1, 'asked-again': 1 });
    expect(standings).toEqual([
      { before: 'delivered', after: 'recalled', visits: 2 },
      { before: 'rejected', after: 'delivered', visits: 1 },
    ]);
    const examples = rules.flatMap(({ code, examples: some }) =>
      some.map(({ what, item }) => [code, what, item]),
    );
    expect(examples).toEqual([
      ['UDS-3', 'asked-again', expect.stringMatching(/\/1$/)],
      ['UDS-3', 'new', `${run}/2`],
      ['UDS-1', 'gone', `${run}/3`],
    ]);
    expect(JSON.stringify(rules)).not.toContain('310.5');
    expect(await dumpTables(bench.workbench.application)).toEqual(before);
  });

  it('tries every rejected record, of each visit the newest one', async () => {
    const other = await openVisitBench();
    const { application } = other.workbench;
    const tried = async (): Promise<RulesTryDocument> => {
      const input = { project: 'default', user: ANA, rules: NEW, reveal: false };
      return documentAs(await COMMANDS['rules try'](application, input, quietSession()));
    };
    try {
      // More than are opened at once, of one subject and of many.
      const old = Array.from({ length: 1_100 }, (_, at) => visit(`O${at}`, { age: 120 }));
      const same = Array.from({ length: 600 }, (_, at) => visit('S', { age: 131, visitnum: at }));
      await other.send([...old, ...same]);
      expect(await tried()).toMatchObject({ kept: 0, rejected: 1_700, totals: { gone: 1_100 } });
      await other.send([visit('O7', { age: 140 })]);
      expect(await tried()).toMatchObject({ rejected: 1_700, totals: { gone: 1_099 } });
    } finally {
      await other.close();
    }
  }, 60_000);

  it('changes nothing with the rules that count already', async () => {
    const { totals, standings, isSame } = await tryRules();
    expect({ isSame, standings }).toEqual({ isSame: true, standings: [] });
    expect(Object.values(totals)).toEqual([0, 0, 0, 0, 0]);
  });

  it('tells alerts that would become errors, with other codes over the same rules', async () => {
    const codes = { ...UDS?.codes, weight: { max: { code: 'UDS-3', type: 'error' } } };
    const { totals, standings } = await tryRules({ codes });
    expect(totals).toMatchObject({ new: 0, gone: 0, 'becomes-error': 2 });
    expect(standings).toEqual(
      expect.arrayContaining([
        { before: 'delivered', after: 'recalled', visits: 1 },
        { before: 'held', after: 'rejected', visits: 1 },
      ]),
    );
  });

  it('shows the values of the examples where somebody asks, and records the look', async () => {
    const { rules } = await tryRules({ rules: NEW, reveal: true });
    const again = rules
      .flatMap(({ examples }) => examples)
      .find(({ what }) => what === 'asked-again');
    expect(again?.revealed).toEqual({
      ...{ subject: '1|A', visit: '1' },
      values: [{ visit: 'current', field: 'weight', value: 310.5 }],
    });
    const { rows } = await sql<{ by: string }>`
      select by from lazaret.decision where kind = 'reveal'`.execute(
      bench.workbench.application.store.db,
    );
    expect(rows).toEqual([{ by: ANA }]);
  });

  it('refuses rules that cannot be used, and a module that the study does not have', async () => {
    const wrong = { age: { maxx: 1 } };
    await expect(tryRules({ rules: wrong })).rejects.toMatchObject({ code: 'RulesInvalid' });
    await expect(tryRules({ module: 'NP' })).rejects.toMatchObject({ code: 'UsageWrong' });
    await expect(tryRules({ project: 'empty' })).rejects.toMatchObject({ code: 'UsageWrong' });
  });
});

describe('lazaret rules why', () => {
  let bench: VisitBench;
  let first = '';
  let second = '';

  const why = async (given: Partial<RulesWhyInput>): Promise<RulesWhyDocument> => {
    const input = { project: 'default', user: ANA, name: '', reveal: false, ...given };
    const { application } = bench.workbench;
    return documentAs(await COMMANDS['rules why'](application, input, quietSession()));
  };

  const later = { visitnum: 2, visitdate: '2026-06-05' };

  beforeAll(async () => {
    bench = await openVisitBench();
    first = (await bench.send([visit('A', { height: 170.5 }), visit('B', { age: 61 })])).summary
      .run;
    const { summary, fates } = await bench.send([
      visit('A', { ...later, height: 181.5 }),
      visit('B', { ...later, age: 59, weight: 305.5 }),
    ]);
    second = summary.run;
    expect(fates.map(({ codes }) => codes)).toEqual([['UDS-4'], ['UDS-2', 'UDS-3']]);
    // What comes later says nothing of what was seen then.
    await bench.send([visit('B', { age: 40 })]);
  });

  afterAll(() => bench.close());

  it('gives the rule, the fields that it read and the visit before, for an alert', async () => {
    const alert = (await alertsOf(bench)).find(({ code }) => code === 'UDS-4');
    const document = await why({ name: alert?.alert ?? '' });
    expect(document).toMatchObject({
      ...{ item: `${second}/1`, line: 2, record: 1, module: 'UDS', run: second },
      fired: [
        {
          ...{ type: 'alert', code: 'UDS-4', field: 'height', rule: 'compare_with' },
          definition: STUDY.modules[0]?.rules.height.compare_with,
          ...{ alert: alert?.alert, standing: 'new' },
          read: [
            { visit: 'current', field: 'height' },
            { visit: 'current', field: 'ptid' },
            { visit: 'previous', field: 'height' },
          ],
        },
      ],
      beside: [{ visit: 'previous', module: 'UDS', item: `${first}/1` }],
    });
    expect(document.fired[0]?.message).toContain('height');
    expect(document.fired[0]).not.toHaveProperty('values');
    expect(JSON.stringify(document)).not.toMatch(/170\.5|181\.5/);
  });

  it('finds out again what an error went by, as it was then, and narrows down by code', async () => {
    const { fired, beside, revealed } = await why({
      ...{ name: `${second}/2`, code: 'UDS-2', reveal: true },
    });
    expect(fired).toMatchObject([
      {
        ...{ type: 'error', code: 'UDS-2', alert: null, standing: null },
        values: [
          { visit: 'current', field: 'age', value: 59 },
          { visit: 'current', field: 'ptid', value: 'B' },
          { visit: 'previous', field: 'age', value: 61 },
        ],
      },
    ]);
    expect(beside).toContainEqual({ visit: 'previous', module: 'UDS', item: `${first}/2` });
    expect(revealed).toEqual({ subject: '1|B', visit: '2' });
    const all = await why({ name: `${second}/2` });
    expect(all.fired.map(({ code }) => code).sort()).toEqual(['UDS-2', 'UDS-3']);
    expect(all.revealed).toBeUndefined();
  });

  it('says that no rule fires for a sound visit, and refuses what is not there', async () => {
    expect(await why({ name: `${first}/1` })).toMatchObject({ fired: [] });
    await expect(why({ name: `${first}/99` })).rejects.toMatchObject({ code: 'ItemNotFound' });
    await expect(why({ name: 'a_000000' })).rejects.toMatchObject({ code: 'AlertNotFound' });
  });
});

describe('lazaret rules report', () => {
  let bench: VisitBench;

  const report = async (module?: string): Promise<RulesReportDocument> => {
    const input = module === undefined ? { project: 'default' } : { project: 'default', module };
    const { application } = bench.workbench;
    return documentAs(await COMMANDS['rules report'](application, input, quietSession()));
  };

  beforeAll(async () => {
    bench = await openVisitBench();
  });

  afterAll(() => bench.close());

  it('wants a run of forms', async () => {
    await expect(report()).rejects.toMatchObject({ code: 'UsageWrong' });
  });

  it('tells rules that are cleared nearly always from dead ones, with exact counts', async () => {
    const heavy = Array.from({ length: 12 }, (_, at) => visit(`H${at}`, { weight: 301 + at }));
    const { summary } = await bench.send([...heavy, visit('C', { age: 120 }), visit('D')]);
    const alerts = await alertsOf(bench);
    await clear(
      bench,
      alerts.slice(0, 10).map(({ alert }) => alert),
    );
    const { basis, rules, run } = await report('uds');
    expect({ run, records: basis.records }).toEqual({ run: summary.run, records: 14 });
    const byCode = new Map(rules.map((rule) => [rule.code, rule]));
    expect(byCode.get('UDS-3')).toMatchObject({
      ...{ module: 'UDS', field: 'weight', rule: 'max', type: 'alert', isCurrent: true },
      ...{ errors: 0, isNoisy: true, isDead: false },
      judged: { raised: 12, open: 2, cleared: 10, uncleared: 0, mended: 0 },
    });
    // Once as they came in, and once as they went on.
    expect(byCode.get('UDS-3')?.alerts).toBe(22);
    expect(byCode.get('UDS-1')).toMatchObject({
      ...{ errors: 1, alerts: 0, fired: 1, records: 14, isNoisy: false, isDead: false },
      lastFired: { run: summary.run },
    });
    const dead = rules.filter((rule) => rule.isDead).map(({ code }) => code);
    expect(dead.sort()).toEqual(['UDS-2', 'UDS-4']);
  });

  it('counts forms apart that share a code and a field, in files that hold both', async () => {
    const other = await openVisitBench();
    const [UDS] = STUDY.modules;
    const schema = {
      ...UDS?.schema,
      properties: { ...UDS?.schema.properties, height: { type: 'string' } },
    };
    const form = (name: string) => ({ ...UDS, name, schema });
    const study = {
      ...STUDY,
      modules: [form('UDS'), form('NP')],
      // Any column of text will do to say of which form a record is.
      moduleColumn: 'height',
    };
    const rows = [1, 2, 3].map((no) =>
      visit(`F${no}`, { weight: 301, height: no < 3 ? 'UDS' : 'NP' }),
    );
    try {
      await other.send(rows, { study });
      const { application } = other.workbench;
      const document = documentAs<RulesReportDocument>(
        await COMMANDS['rules report'](application, { project: 'default' }, quietSession()),
      );
      const counted = document.rules
        .filter(({ code }) => code === 'UDS-3')
        .map(({ module, alerts, judged }) => [module, alerts, judged.raised]);
      expect(counted).toEqual([
        ['UDS', 2, 2],
        ['NP', 1, 1],
      ]);
    } finally {
      await other.close();
    }
  });

  it('calls a rule noisy no more when values were mended, and keeps a rule that is gone', async () => {
    await bench.send([visit('H10'), visit('H11')]);
    const [UDS] = STUDY.modules;
    const rules = { ...UDS?.rules, age: { type: 'integer', nullable: true } };
    const codes = { weight: UDS?.codes.weight, height: UDS?.codes.height };
    const study = { ...STUDY, modules: [{ ...UDS, rules, codes }] };
    await bench.send([visit('E')], { study });
    const document = await report();
    const byCode = new Map(document.rules.map((rule) => [rule.code, rule]));
    expect(byCode.get('UDS-3')).toMatchObject({
      isNoisy: false,
      judged: { raised: 12, open: 0, cleared: 10, mended: 2 },
    });
    expect(byCode.get('UDS-1')).toMatchObject({ isCurrent: false, errors: 1, isDead: false });
    expect(document.rules.filter((rule) => rule.isDead).map(({ code }) => code)).toEqual(['UDS-4']);
  });
});
