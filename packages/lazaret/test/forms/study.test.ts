import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindingsDocument } from '../../src/cli/status.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { documentOf, lazaret, makeHome, type Home } from '../cli/process.ts';

let home: Home;

beforeAll(() => {
  home = makeHome();
  mkdirSync(home.source);
  write('uds.schema.json', schemaOf('age', { type: 'integer', maximum: 110 }));
  write('np.schema.json', schemaOf('cause', { type: 'string', maxLength: 5 }));
  write('study.json', {
    modules: [
      { name: 'UDS', schema: 'uds.schema.json', files: ['uds*'] },
      { name: 'NP', schema: 'np.schema.json', files: ['*np*'] },
    ],
  });
  write('columns.json', {
    modules: [
      { name: 'UDS', schema: 'uds.schema.json' },
      { name: 'NP', schema: 'np.schema.json' },
    ],
    moduleColumn: 'module',
  });
  text('source/uds.csv', 'adcid,ptid,visitnum,age\n1,A,1,70\n1,B,1,170\n');
  text('source/np.csv', 'adcid,ptid,visitnum,cause\n1,A,1,none\n1,B,1,tooLong\n');
  text('source/notes.txt', 'not a form');
  text(
    'all.csv',
    'module,adcid,ptid,visitnum,age,cause\nuds,1,C,1,70,\nNP,1,C,1,,none\nUSD,1,D,1,70,\n,1,E,1,,\n',
  );
  text('other.csv', 'a\n1\n');
  text('uds-np.csv', 'a\n1\n');
  mkdirSync(join(home.folder, 'nothing'));
});

afterAll(() => home.remove());

function text(name: string, content: string): void {
  writeFileSync(join(home.folder, name), content);
}

function write(name: string, document: unknown): void {
  text(name, JSON.stringify(document));
}

function schemaOf(field: string, type: object): unknown {
  const word = { type: 'string' };
  return {
    type: 'object',
    properties: { adcid: { type: 'integer' }, ptid: word, visitnum: word, [field]: type },
    additionalProperties: false,
  };
}

const forms = async (args: readonly string[]): Promise<unknown> =>
  documentOf(await lazaret(home, ['run', 'forms', ...args, '--json', '--data', 'data']));

const found = (name: string, count: number): unknown => expect.objectContaining({ name, count });

describe('a run of a study', { timeout: 120_000 }, () => {
  it('takes the files of a folder, each by the module whose pattern fits its name', async () => {
    expect(await forms(['source', '--study', 'study.json'])).toMatchObject({
      status: 'complete',
      items: { received: 4, delivered: 2, rejected: 2, pending: 0 },
    });
  });

  it('goes on without files that no module takes, or several do, and tells each', async () => {
    const args = ['other.csv', 'source/uds.csv', 'uds-np.csv', '--study', 'study.json'];
    const summary = await forms([...args, '--project', 'others']);
    expect(summary).toMatchObject({
      status: 'complete',
      items: { received: 4, delivered: 1, rejected: 3, pending: 0 },
      findings: expect.arrayContaining([found('FileNotTaken', 2)]) as unknown,
      files: [
        { file: 1, status: 'FAIL', items: { fail: 1 } },
        { file: 2, status: 'FAIL', items: { pass: 1, fail: 1 } },
        { file: 3, status: 'FAIL', items: { fail: 1 } },
      ],
    });
    const { run } = summary as RunSummary;
    const listed = documentOf(
      await lazaret(home, ['findings', '--run', run, '--json', '--data', 'data']),
    );
    const told = (listed as FindingsDocument).findings
      .filter(({ code }) => code === 'FileNotTaken')
      .map(({ item, parameters }) => ({ item, ...parameters }));
    expect(told).toEqual([
      { item: `${run}/1`, number: 1, why: 'its name fits no pattern of UDS, NP' },
      { item: `${run}/4`, number: 3, why: 'its name fits the patterns of UDS and NP' },
    ]);
  });

  it('takes records of several modules from one file, and tells those of none', async () => {
    const args = ['all.csv', '--study', 'columns.json', '--out', 'columns', '--delivery', 'csv'];
    const summary = await forms(args);
    expect(summary).toMatchObject({
      items: { received: 4, delivered: 2, rejected: 2 },
      findings: [found('RecordOfNoModule', 2)],
    });
    const delivered = join(home.folder, 'columns/default/Forms');
    const files = readdirSync(delivered).sort();
    expect(files.map((name) => name.replace(/_.*\./, '.'))).toEqual(['NP.csv', 'UDS.csv']);
    expect(files.map((name) => readFileSync(join(delivered, name), 'utf8'))).toEqual([
      'adcid,ptid,visitnum,cause\r\n1,C,1,none\r\n',
      'adcid,ptid,visitnum,age\r\n1,C,1,70\r\n',
    ]);
  });

  it('runs only the checks that are asked for', async () => {
    const args = ['source/uds.csv', '--schema', 'uds.schema.json', '--only', 'form-qc-checker'];
    expect(await forms(args)).toMatchObject({
      items: { received: 2, delivered: 2 },
      findings: [],
    });
  });

  it('takes no visit for known, and judges none by it, that no rules have judged', async () => {
    const sound = ['source/uds.csv', '--schema', 'uds.schema.json', '--only', 'file-validator'];
    const first = await forms(sound);
    expect(first).toMatchObject({ items: { delivered: 1, rejected: 1, duplicate: 0 } });
    expect(await forms(sound)).toMatchObject({ items: { delivered: 1, duplicate: 0 } });
  });
});

const STUDY = ['--study', 'study.json'];

const WRONG: readonly (readonly [args: readonly string[], name: string, said: string])[] = [
  [['source/uds.csv'], 'UsageWrong', '--study'],
  [['source/uds.csv', ...STUDY, '--rules', 'r.yaml'], 'UsageWrong', '--rules'],
  [['source/uds.csv', ...STUDY, '--only', 'qc'], 'UsageWrong', 'file-validator'],
  [['source/uds.csv', '--study', 'none.json'], 'StudyInvalid', 'no such file'],
  [['nothing', ...STUDY], 'FolderWithoutForms', '.csv'],
  [['source/uds.csv', ...STUDY, '--watch'], 'UsageWrong', 'one folder'],
  [['source', ...STUDY, '--settle', '1s'], 'UsageWrong', '--watch'],
  [['source/uds.csv', 'nowhere.csv', ...STUDY], 'FormFileMissing', 'not there'],
  [['other.csv', ...STUDY], 'FileOfNoModule', 'file 1'],
  [['uds-np.csv', ...STUDY], 'FileOfTwoModules', 'UDS'],
  [['uds-np.csv', ...STUDY, '--module', 'NPP'], 'ModuleNotInStudy', 'NP'],
  [['source', ...STUDY, '--module', 'NPP', '--watch'], 'ModuleNotInStudy', 'NP'],
];

describe('a run that cannot be', () => {
  it.each(WRONG)('%j is refused at start (%s)', async (args, name, said) => {
    const ended = await lazaret(home, ['run', 'forms', ...args, '--json', '--data', 'refused']);
    expect(ended.exit).toBe(2);
    expect(documentOf(ended)).toMatchObject({
      error: { name, message: expect.stringContaining(said) as unknown },
    });
    expect(readdirSync(home.folder)).not.toContain('refused');
  });
});
