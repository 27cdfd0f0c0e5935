/** What those who write rules type: check them, try them, see why one fired, see which ones matter. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RulesCheckDocument } from '../../src/cli/rules-check.ts';
import { openCommandLine, type CommandLine } from './command-line.ts';

describe('lazaret rules check', () => {
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
    expect({ exit, sound }).toEqual({ exit: 1, sound: false });
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
    expect(exit).toBe(1);
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
    expect(exit).toBe(1);
    expect(checked.map(({ module, remarks }) => [module, remarks.length > 0])).toEqual([
      ['UDS', false],
      ['NP', true],
    ]);
    expect(checked[1]?.remarks[0]?.message).toMatch(/^Line 2/);
  });

  it('wants one rule file or a study, and a file that is there', async () => {
    expect((await line.type(['rules', 'check'])).exit).toBe(2);
    expect((await line.type(['rules', 'check', 'gone.yaml'])).exit).toBe(2);
    expect((await line.type(['rules', 'check', 'a.yaml', '--study', 'study.yaml'])).exit).toBe(2);
  });
});
