/** What a run of forms leaves behind: QC documents, fix lists, and how its files stand. */
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import type { DecidedDocument } from '../../src/cli/held-decisions.ts';
import schema from '../../src/pipelines/forms/documents/qc-document.schema.json' with { type: 'json' };
import { documentAs, filesBelow, quietSession } from '../imaging/workbench.ts';
import { openDocumentsBench, type DocumentsBench, type Row } from './documents-bench.ts';

const ajv = new Ajv({ allErrors: true });
addFormats.default(ajv);
const isValid = ajv.compile(schema);

interface Validation {
  readonly state: string;
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly cleared: readonly Readonly<Record<string, unknown>>[];
}

interface Qc {
  readonly info: {
    readonly qc: Readonly<
      Record<
        string,
        { readonly job_info: Readonly<Record<string, unknown>>; readonly validation: Validation }
      >
    >;
  };
}

let bench: DocumentsBench;

beforeAll(async () => {
  bench = await openDocumentsBench();
});
afterAll(async () => {
  await bench.close();
});

const SOUND: Row = { adcid: 41, ptid: 'A1', visitnum: 1, visitdate: '2024-01-10', age: 70 };

/** Parsed, and valid against the project's schema of such documents. */
function parse(key: string): Qc {
  const document: unknown = JSON.parse(bench.text(key));
  isValid(document);
  expect(isValid.errors ?? []).toEqual([]);
  return document as Qc;
}

function keysOf({ documents = [] }: RunSummary, kind: string): string[] {
  return documents.filter((one) => one.kind === kind).map(({ key }) => key);
}

function qcOf(summary: RunSummary): Qc[] {
  return keysOf(summary, 'qc').map(parse);
}

describe('the QC documents of a run', () => {
  let summary: RunSummary;

  beforeAll(async () => {
    summary = await bench.send(
      [{ ...SOUND, initials: 'AB' }],
      [
        { ...SOUND, ptid: 'B2', initials: 'CD', age: 111, note: 'x'.repeat(61) },
        { ...SOUND, ptid: 'B3', initials: 'CD', age: 17 },
        { ...SOUND, ptid: 'B4', initials: 'EF', age: 105, weight: 301 },
      ],
      [{ ...SOUND, ptid: 'C1', initials: 'GH', visitnum: 3, weight: 320 }],
    );
  });

  it('have the names, the keys in their order and the types that viewers read', () => {
    const [, wrong] = qcOf(summary);
    const checks = wrong?.info.qc ?? {};
    expect(Object.keys(checks)).toEqual(['file-validator', 'form-qc-checker']);
    for (const check of Object.values(checks)) {
      expect(Object.keys(check)).toEqual(['job_info', 'validation']);
      expect(Object.keys(check.validation)).toEqual(['state', 'data', 'cleared']);
    }
    const core = ['type', 'code', 'location', 'flywheel_path', 'container_id'];
    const rest = ['value', 'expected', 'message', 'timestamp'];
    for (const error of checks['file-validator']?.validation.data ?? []) {
      expect(Object.keys(error)).toEqual([...core, ...rest]);
    }
    for (const error of checks['form-qc-checker']?.validation.data ?? []) {
      expect(Object.keys(error)).toEqual([...core, ...rest, 'ptid', 'visit_number', 'Initial']);
    }
  });

  it('tell errors of the schema by line and column, in the order of the file', () => {
    const [, wrong] = qcOf(summary);
    const { state, data } = wrong?.info.qc['file-validator']?.validation ?? { data: [] };
    expect(state).toBe('FAIL');
    expect(data.map(({ location }) => location)).toEqual([
      { line: 2, column_name: 'age' },
      { line: 2, column_name: 'note' },
    ]);
    expect(data[0]).toMatchObject({
      type: 'error',
      flywheel_path: `default/harbour/${summary.run}/uds-2.csv`,
      container_id: `${summary.run}/file-2`,
    });
  });

  it('tell errors and alerts of rules by the codes that their author gave them', () => {
    const [, wrong] = qcOf(summary);
    const { state, data } = wrong?.info.qc['form-qc-checker']?.validation ?? { data: [] };
    expect(state).toBe('FAIL');
    const told = data.map(({ type, code, ptid, visit_number: visit, Initial: initial }) =>
      [type, code, ptid, visit, initial].join(' '),
    );
    expect(told).toEqual([
      'error UDS-MIN-AGE B3 1 CD',
      'alert UDS-MAX-AGE B4 1 EF',
      'alert UDS-WEIGHT B4 1 EF',
    ]);
    expect(data[0]).toMatchObject({ location: { line: 3, column_name: 'age' }, value: '17' });
  });

  it('say PASS where nothing is wrong, and FAIL while an alert is open', () => {
    const [sound, , review] = qcOf(summary);
    expect(sound?.info.qc['file-validator']?.validation).toEqual({
      state: 'PASS',
      data: [],
      cleared: [],
    });
    expect(sound?.info.qc['form-qc-checker']?.validation.state).toBe('PASS');
    expect(review?.info.qc['file-validator']?.validation.state).toBe('PASS');
    expect(review?.info.qc['form-qc-checker']?.validation.state).toBe('FAIL');
    expect(review?.info.qc['form-qc-checker']?.job_info).toMatchObject({
      ...{ job_id: summary.run, file: 3, records: 1, errors: 0, alerts: 1, open_alerts: 1 },
      ...{ not_checked: 0, shown: 1, sampled: false },
    });
  });

  it('are written once, whoever writes them again', async () => {
    const before = filesBelow(bench.workbench.out);
    const again = await bench.rewrite(summary.run);
    expect(again.map(({ key }) => key).toSorted()).toEqual(
      (summary.documents ?? []).map(({ key }) => key).toSorted(),
    );
    expect(filesBelow(bench.workbench.out)).toEqual(before);
  });

  describe('when an alert is cleared', () => {
    it('name who cleared it and when, as another version', async () => {
      expect(await bench.clear(summary.run, 'dana@example.org')).toBe(3);
      const written = await bench.rewrite(summary.run);
      const key = written.find(({ kind, number }) => kind === 'qc' && number === 3)?.key ?? '';
      expect(key).toBe(`default/QC/${summary.run}/file-3-v2.json`);
      const { state, data, cleared } = parse(key).info.qc['form-qc-checker']?.validation ?? {};
      expect(state).toBe('PASS');
      expect(data).toHaveLength(1);
      expect(cleared).toEqual([
        {
          'alert-hash': expect.stringMatching(/^[\w-]{40,}$/) as string,
          clear: true,
          provenance: [
            {
              user: 'dana@example.org',
              'clear-set-to': true,
              timestamp: expect.stringContaining('T') as string,
            },
          ],
        },
      ]);
      expect(JSON.stringify(cleared)).not.toContain('as the site says');
      // What nobody has touched keeps its version.
      expect(written.find(({ number }) => number === 1)?.key).toMatch(/file-1\.json$/);
    });

    it('are written anew under the child run in which the visit went on', async () => {
      const outcome = await COMMANDS['held decide'](
        bench.workbench.application,
        {
          kind: 'replay',
          selection: { project: 'default', run: summary.run },
          ...{ reason: 'cleared', user: 'dana@example.org', dryRun: false },
          ...{ strict: false, maxPauseSeconds: 1 },
        },
        quietSession(),
      );
      const [child] = documentAs<DecidedDocument>(outcome).runs;
      if (child === undefined) throw new Error('Nothing was sent in again.');
      expect(child.items).toMatchObject({ received: 2, delivered: 2 });
      expect(child.files?.map(({ status }) => status)).toEqual(['PASS', 'FAIL', 'PASS']);
      expect(child.files?.[2]?.items).toEqual({ pass: 1, fail: 0, inReview: 0, pending: 0 });
      const [, , review] = qcOf(child);
      const check = review?.info.qc['form-qc-checker'];
      expect(check?.validation.state).toBe('PASS');
      expect(check?.job_info).toMatchObject({ job_id: summary.run, alerts: 1, open_alerts: 0 });
      // Of a visit that went through, the record is nowhere but in its delivery; its place is told.
      expect(check?.validation.data[0]).toMatchObject({ ptid: 'C1', visit_number: '3' });
    });
  });
});

describe('the files of a run', () => {
  it('pass, fail or are in review, as their visits do', async () => {
    const { files, run } = await bench.send(
      [{ ...SOUND, ptid: 'F1' }],
      [
        { ...SOUND, ptid: 'F2' },
        { ...SOUND, ptid: 'F3', age: 104 },
      ],
      [
        { ...SOUND, ptid: 'F4', age: 1 },
        { ...SOUND, ptid: 'F5', age: 104 },
      ],
      // The same visit as in the second file.
      [{ ...SOUND, ptid: 'F3', age: 104 }],
    );
    expect(files).toEqual([
      { file: 1, status: 'PASS', items: { pass: 1, fail: 0, inReview: 0, pending: 0 } },
      { file: 2, status: 'IN REVIEW', items: { pass: 1, fail: 0, inReview: 1, pending: 0 } },
      { file: 3, status: 'FAIL', items: { pass: 0, fail: 1, inReview: 1, pending: 0 } },
      { file: 4, status: 'IN REVIEW', items: { pass: 0, fail: 0, inReview: 1, pending: 0 } },
    ]);
    const input = { run, project: 'default' };
    const { document } = await COMMANDS.status(bench.workbench.application, input, quietSession());
    expect(document).toMatchObject({ files });
  });
});

describe('a file of JSON', () => {
  it('has its mistakes told by pointers to the values', async () => {
    const record = { adcid: 41, visitnum: 1, visitdate: '2024-01-10' };
    const summary = await bench.sendTexts(
      JSON.stringify([
        { ...record, ptid: 'J1', age: 70 },
        { ...record, ptid: 'J2', age: 170 },
        { ...record, ptid: 'J3', age: 4 },
      ]),
    );
    const [document] = qcOf(summary);
    const locations = Object.values(document?.info.qc ?? {}).map(({ validation }) =>
      validation.data.map(({ location }) => location),
    );
    expect(locations).toEqual([[{ key_path: '/1/age' }], [{ key_path: '/2/age' }]]);
    const [page = ''] = keysOf(summary, 'fix-list-page').map((key) => bench.text(key));
    expect([...page.matchAll(/, (record \d+|lines? [\d to]+)</g)].map(([, at]) => at)).toEqual([
      'record 2',
      'record 3',
    ]);
  });
});

describe('a record whose cells have several lines', () => {
  it('has each cell told by its own line', async () => {
    const header = 'adcid,ptid,visitnum,visitdate,age,note,weight';
    const summary = await bench.sendTexts(
      `${header}\n41,"M\n1",1,2024-01-10,105,"two\nlines",301\n41,M2,1,2024-01-10,105,,70\n`,
    );
    const [document] = qcOf(summary);
    const { data = [] } = document?.info.qc['form-qc-checker']?.validation ?? {};
    expect(data.map(({ location }) => location)).toEqual([
      { line: 3, column_name: 'age' },
      { line: 4, column_name: 'weight' },
      { line: 5, column_name: 'age' },
    ]);
    const [page = ''] = keysOf(summary, 'fix-list-page').map((key) => bench.text(key));
    expect(page).toContain(', lines 3 to 4<');
    expect(page).toContain(', line 5<');
  });
});

describe('what is wrong with a file as a whole', () => {
  let summary: RunSummary;

  beforeAll(async () => {
    summary = await bench.sendTexts(
      '',
      '41,W1,1\n41,W2,1\n',
      'adcid,ptid,visitnum,colour\n41,W3,1,red\n',
      'adcid,ptid,visitnum\n41,W4,1\n',
    );
  });

  it('is an error without a place and without a value, under the name of its check', () => {
    const documents = qcOf(summary).map(({ info }) => info.qc['file-validator']?.validation);
    expect(documents.map((validation) => validation?.state)).toEqual([
      ...['FAIL', 'FAIL', 'FAIL', 'PASS'],
    ]);
    const [empty, headless, column] = documents.map((validation) => validation?.data[0]);
    const nothing = { type: 'error', location: '', value: '', expected: '' };
    expect(empty).toMatchObject({ ...nothing, code: 'EmptyFile' });
    expect(headless).toMatchObject({ ...nothing, code: 'MissingHeader' });
    expect(column).toMatchObject({ ...nothing, code: 'IncorrectColumnName' });
  });

  it('fails the file, and comes first on the list of who sent it', () => {
    expect(summary.files?.map(({ status }) => status)).toEqual(['FAIL', 'FAIL', 'FAIL', 'PASS']);
    const pages = keysOf(summary, 'fix-list-page').map((key) => bench.text(key));
    const html = pages.find((text) => text.includes('Fix list of site harbour')) ?? '';
    expect(html).toContain('<h2>About whole files</h2>');
    expect(html).toContain('The file is empty');
  });
});

describe('more mistakes than the store keeps', () => {
  it('are counted exactly, and told to be samples', async () => {
    const rows = Array.from({ length: 1_300 }, (_, index) => ({
      ...SOUND,
      ptid: `M${index}`,
      age: 200 + index,
    }));
    const summary = await bench.send(rows);
    const [document] = qcOf(summary);
    const check = document?.info.qc['file-validator'];
    expect(check?.job_info).toMatchObject({
      ...{ records: 1_300, errors: 1_300, shown: 1_000, sampled: true },
    });
    expect(check?.validation.data).toHaveLength(1_000);
    const [csv = ''] = keysOf(summary, 'fix-list-csv');
    expect(bench.text(csv)).toContain('300 more of this kind');
    const [page = ''] = keysOf(summary, 'fix-list-page');
    expect(bench.text(page)).toContain('<h1>1,300 values to mend</h1>');
    expect(bench.text(page)).toContain('100 below, 1,200 more of this kind');
  });
});

describe('the fix lists of a run', () => {
  it('are one a site: the centre of a record, or else who sent the run', async () => {
    const summary = await bench.send([
      { ...SOUND, adcid: 7, ptid: 'S1', age: 5 },
      { ...SOUND, adcid: 12, ptid: 'S2', age: 104 },
      { ...SOUND, adcid: '', ptid: 'S3' },
    ]);
    const lists = keysOf(summary, 'fix-list-csv').map((key) => bench.text(key).split('\r\n'));
    expect(lists.map(([, line]) => line?.split(',').slice(0, 4))).toEqual([
      ['7', 'mend', 'S1', '1'],
      ['12', 'check', 'S2', '1'],
      ['harbour', 'mend', 'S3', '1'],
    ]);
  });

  it('are not written where nothing has to be done', async () => {
    const summary = await bench.send([{ ...SOUND, ptid: 'N1' }]);
    expect(summary.documents?.map(({ kind }) => kind)).toEqual(['qc']);
  });

  it('carry nothing out, neither in a spreadsheet nor in a browser', async () => {
    const formula = '=HYPERLINK("http://evil.example/","x")';
    const markup = '</td><script>alert(1)</script><img src=x onerror=alert(1)>';
    const summary = await bench.send([
      { ...SOUND, ptid: formula, visitnum: 1 },
      { ...SOUND, ptid: `${markup}${markup}`, initials: '@SUM(A1)', visitnum: 1 },
    ]);
    const [csv = ''] = keysOf(summary, 'fix-list-csv');
    const table = bench.text(csv);
    expect(table.startsWith('\ufeffsite,')).toBe(true);
    expect(table).toContain(`"'=HYPERLINK(`);
    expect(table).toContain(`'@SUM(A1)`);
    const [page = ''] = keysOf(summary, 'fix-list-page');
    const html = bench.text(page);
    const tags = html.match(/<[^>]+>/g) ?? [];
    expect(
      tags.filter((tag) => /^<(?:script|img|link|iframe|a)\b|\s(?:src|href|on\w+)=/i.test(tag)),
    ).toEqual([]);
    expect(html).not.toMatch(/url\(|@import/i);
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain(`default-src 'none'`);
  });
});
