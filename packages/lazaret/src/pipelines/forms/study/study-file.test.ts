import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModule, readStudy } from './study-file.ts';

const said = (words: string): unknown => expect.stringContaining(words);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-study-'));
  write('uds.schema.json', '{"type": "object", "properties": {"age": {"type": "integer"}}}');
  write('uds.rules.yaml', 'age:\n  type: integer\n  max: 110\n');
  write('twice.yaml', 'age:\n  type: integer\n  type: string\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function problemsOf(text: string): unknown {
  try {
    return readStudy(write('study.yaml', text), 'study.yaml');
  } catch (error) {
    expect(error).toMatchObject({ code: 'StudyInvalid', parameters: { file: 'study.yaml' } });
    return (error as { parameters: { problems: unknown } }).parameters.problems;
  }
}

describe('a study file', () => {
  it('brings the files that a schema refers to, and those that these refer to', () => {
    write('header.json', '{"definitions": {"id": {"$ref": "my%20types.json#/definitions/whole"}}}');
    write('my types.json', '{"definitions": {"whole": {"type": "integer"}}}');
    write('np.json', '{"properties": {"id": {"$ref": "header.json#/definitions/id"}}}');
    const { modules } = readModule({ schema: 'np.json' }, folder);
    expect(modules).toMatchObject([
      {
        name: 'NP',
        schemaFiles: {
          'header.json': { definitions: { id: {} } },
          'my%20types.json': { definitions: { whole: { type: 'integer' } } },
        },
      },
    ]);
  });

  it('brings nothing that lies outside the folder of the schema', () => {
    const [outside, absolute, elsewhere] = [
      '../secret.json',
      '/etc/hostname',
      'https://a.invalid/b',
    ];
    const properties = { a: { $ref: outside }, b: { $ref: absolute }, c: { $ref: elsewhere } };
    write('reaching.json', JSON.stringify({ properties }));
    const { modules } = readModule({ schema: 'reaching.json' }, folder);
    expect(modules[0]).not.toHaveProperty('schemaFiles');
  });

  it('is read with the content of the files that it names, relative to itself', () => {
    const study = readStudy(
      write(
        'study.yaml',
        `modules:
  - name: UDS
    schema: uds.schema.json
    rules: uds.rules.yaml
    files: ['uds*.csv']
moduleColumn: packet
checks: [file-validator]
delivery: csv
keys: { visit: visit_no }
`,
      ),
      'study.yaml',
    );
    expect(study).toMatchObject({
      modules: [
        {
          name: 'UDS',
          schema: { type: 'object' },
          rules: { age: { type: 'integer', max: 110 } },
          files: ['uds*.csv'],
        },
      ],
      moduleColumn: 'packet',
      checks: ['file-validator'],
      delivery: 'csv',
      keys: { visit: 'visit_no', participant: 'ptid' },
    });
  });

  it('may be as the guide shows it', () => {
    const guide = new URL('../../../../../../docs/guides/take-in-forms.md', import.meta.url);
    const [, text = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(readFileSync(guide, 'utf8')) ?? [];
    for (const name of ['vis', 'cog']) write(`${name}.schema.json`, '{"type": "object"}');
    for (const name of ['rules', 'codes']) write(`vis.${name}.yaml`, 'age: {}');
    expect(readStudy(write('guide.yaml', text), 'guide.yaml')).toMatchObject({
      modules: [{ name: 'VIS' }, { name: 'COG', requires: ['VIS'] }],
      moduleColumn: 'packet',
    });
  });

  it('may be JSON', () => {
    const json = '{"modules": [{"name": "UDS", "schema": "uds.schema.json"}]}';
    expect(readStudy(write('study.json', json), 'study.json')).toMatchObject({
      modules: [{ name: 'UDS' }],
    });
  });

  it.each([
    [
      'an unknown key',
      'modules: [{name: UDS, schema: uds.schema.json, rule: a}]',
      ['modules.0.rule: unknown; did you mean rules?'],
    ],
    [
      'an unknown key of the columns',
      'modules: [{name: UDS, schema: uds.schema.json}]\nkeys: {particpant: id}',
      ['keys.particpant: unknown; did you mean participant?'],
    ],
    [
      'an unknown check',
      'modules: [{name: UDS, schema: uds.schema.json}]\nchecks: [qc]',
      [said('checks.0: ')],
    ],
    ['no modules', 'modules: []', [said('modules: ')]],
    ['nothing', '', ['The file is empty']],
    ['a list', '[]', [said('the study: ')]],
    [
      'a missing file',
      'modules: [{name: UDS, schema: missing.json}]',
      ['modules.0.schema: missing.json: there is no such file, or it cannot be read'],
    ],
    [
      'a folder for a file',
      'modules: [{name: UDS, schema: .}]',
      ['modules.0.schema: .: there is no such file, or it cannot be read'],
    ],
    [
      'a rule that stands twice',
      'modules: [{name: UDS, schema: uds.schema.json, rules: twice.yaml}]',
      [
        'modules.0.rules: twice.yaml: Line 3, column 3: The name that stands here stands twice in one mapping',
      ],
    ],
    [
      'a module that stands twice',
      'modules: [{name: UDS, schema: uds.schema.json}, {name: uds, schema: uds.schema.json}]',
      ['modules.1.name: uds stands twice'],
    ],
    [
      'a requirement that nobody meets',
      'modules: [{name: UDS, schema: uds.schema.json, requires: [N]}, {name: NP, schema: uds.schema.json}]',
      ['modules.0.requires: no other module is N; did you mean NP?'],
    ],
    [
      'codes without rules',
      'modules: [{name: UDS, schema: uds.schema.json, codes: uds.rules.yaml}]',
      ['modules.0.codes: codes belong to rules, and the module has none'],
    ],
    [
      'a name that could not be one of a file',
      'modules: [{name: ../UDS, schema: uds.schema.json}]',
      [said('modules.0.name: a name has letters')],
    ],
    ['no YAML', 'modules: [', [said('Line 1, column')]],
  ])('with %s is refused with the place', (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  it('is told of all its mistakes at once', () => {
    const text = 'modules: [{name: A, schema: a.json, rules: b.yaml}, {name: a, schema: c.json}]';
    expect(problemsOf(text)).toHaveLength(4);
  });
});

describe('a module without a study file', () => {
  it('is named by its schema', () => {
    expect(readModule({ schema: 'uds.schema.json', rules: 'uds.rules.yaml' }, folder)).toEqual({
      modules: [
        {
          name: 'UDS',
          schema: { type: 'object', properties: { age: { type: 'integer' } } },
          rules: { age: { type: 'integer', max: 110 } },
        },
      ],
    });
  });

  it('is refused when a file is missing or codes have no rules', () => {
    expect(() => readModule({ schema: 'uds.schema.json', codes: 'nope.yaml' }, folder)).toThrow(
      expect.objectContaining({
        code: 'StudyInvalid',
        parameters: {
          file: 'the command line',
          problems: [
            '--codes: nope.yaml: there is no such file, or it cannot be read',
            '--codes: codes belong to rules, and --rules is not given',
          ],
        },
      }),
    );
  });
});
