/** Where a value stands of which a rule, or the identifier look-up, says something. */
import { rmSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertsDecidedDocument } from '../../src/cli/alert-decisions.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { documentAs, quietSession } from '../imaging/workbench.ts';
import { openInputBench, STUDY, type InputBench, type Told } from './input-bench.ts';

const [FORM] = STUDY.modules;

/** An alert and an error about cells, and one about a field that no file has. */
const RULED = {
  modules: [
    {
      ...FORM,
      rules: {
        height: { type: 'float', nullable: true, max: 80 },
        note: { type: 'string', nullable: true, forbidden: ['blink', 'größer\nals sonst'] },
        smokes: { type: 'boolean', nullable: false },
      },
      codes: {
        height: { max: { code: 'UDS-1', type: 'alert' } },
        smokes: { nullable: { code: 'UDS-9', type: 'alert' } },
      },
    },
  ],
};

const HEADER = 'adcid,ptid,visitnum,height,note';

let bench: InputBench;
beforeAll(async () => {
  bench = await openInputBench(RULED);
}, 120_000);
afterAll(() => bench.close());

/** What rules say of values, without what they say of the field that is not there. */
function ofRules(told: readonly Told[]): Told[] {
  return told.filter(({ code, place }) => code.startsWith('Rule') && !isSmokes(place));
}

function isSmokes({ column, pointer }: Told['place']): boolean {
  return column === 'smokes' || pointer?.endsWith('/smokes') === true;
}

/** The second record begins on line 4 of the file, its note on line 6, in a cell of two lines. */
const TEXT = `${HEADER}\n1,P1,1,60,"fine\nday"\n1,"P\n2",2,81,"größer\nals sonst"\n1,P3,1,,blink\n`;

describe('a rule that speaks of a cell', () => {
  it.each(['\n', '\r\n', '\r'])('names line, offset and column of the cell (%j)', async (end) => {
    const text = TEXT.replaceAll('\n', end);
    const { told } = await bench.takeCsv(text);
    const offset = (part: string): number => Buffer.byteLength(text.slice(0, text.indexOf(part)));
    const found = ofRules(told).map(({ place }) => place);
    expect(found).toContainEqual({
      ...{ item: 2, record: 2, line: 5, column: 'height', offset: offset('81,') },
    });
    expect(found).toContainEqual({
      ...{ item: 3, record: 3, line: 7, column: 'note', offset: offset('blink') },
    });
  });

  it('names the line on which the cell begins, though it goes on', async () => {
    const { told } = await bench.takeCsv(TEXT);
    const note = ofRules(told).find(({ value }) => value === 'größer\nals sonst');
    const offset = Buffer.byteLength(TEXT.slice(0, TEXT.indexOf('"größer')));
    expect(note?.place).toEqual({ item: 2, record: 2, line: 5, column: 'note', offset });
  });

  it.each(['utf16le', 'utf16be'] as const)(
    'counts bytes as the file has them: %s',
    async (name) => {
      const text = `\ufeff${TEXT}`;
      const bytes = Buffer.from(text, 'utf16le');
      const { told } = await bench.takeCsv(name === 'utf16le' ? bytes : bytes.swap16());
      const places = ofRules(told).map(({ place }) => place);
      expect(places).toContainEqual({
        ...{ item: 3, record: 3, line: 7, column: 'note', offset: text.indexOf('blink') * 2 },
      });
    },
  );

  it('counts the bytes of a file in which others are no UTF-8', async () => {
    const text = `${HEADER}\n1,P14,1,60,Mu\u00f1oz\n1,P15,1,81,x\n`;
    const { told } = await bench.takeCsv(Buffer.from(text, 'latin1'));
    expect(told).toContainEqual(expect.objectContaining({ code: 'EncodingInvalid' }));
    const offset = text.indexOf('81,x');
    expect(ofRules(told).map(({ place }) => place)).toMatchObject([
      { record: 2, line: 3, column: 'height', offset },
    ]);
  });

  it('names an empty cell too, and the record where it has no such cell', async () => {
    const text = `${HEADER},smokes\n1,"P\n5",1,60,fine,\n`;
    const { told } = await bench.take({
      'empty.csv': text,
      'none.csv': `${HEADER}\n1,P6,1,60,x\n`,
    });
    const places = told.filter(({ place }) => isSmokes(place)).map(({ place }) => place);
    expect(places).toEqual([
      { item: 1, record: 1, line: 3, column: 'smokes', offset: text.length - 1 },
      { item: 2, record: 1, line: 2, column: 'smokes', offset: HEADER.length + 1 },
    ]);
  });

  it('knows the cell of a record that is sent in again, though the file is gone', async () => {
    const text = `${HEADER}\n1,"P\n9",1,81,x\n`;
    const { summary, told } = await bench.take({ 'again.csv': text });
    rmSync(bench.path('again.csv'));
    const { application } = bench.workbench;
    const { project } = await application.engine.find(summary.run);
    const outcome = await COMMANDS['alerts decide'](
      application,
      {
        ...{ kind: 'clear', selection: { project, run: summary.run }, reason: 'measured again' },
        ...{ user: 'ana@example.org', dryRun: false, typed: '', strict: false, maxPauseSeconds: 1 },
      },
      quietSession(),
    );
    const [child] = documentAs<AlertsDecidedDocument>(outcome).runs;
    expect(child?.items).toMatchObject({ received: 1, delivered: 1 });
    const { id } = await application.engine.find(child?.run ?? '');
    const { rows } = await sql<{ place: Told['place'] }>`
      select place from lazaret.published_finding
      where run = ${id} and code = 'RuleAlert' order by place ->> 'column'`.execute(
      application.store.db,
    );
    expect(rows).toMatchObject([
      { place: { line: 3, column: 'height', offset: text.indexOf('81') } },
      { place: { column: 'smokes' } },
    ]);
    expect(ofRules(told).map(({ place }) => place)).toMatchObject([{ line: 3, column: 'height' }]);
  });

  it('finds the cell in a record that is longer than most', async () => {
    const long = 'n'.repeat(20_000);
    const text = `${HEADER}\n1,P7,1,60,${long}\n1,P8,1,81,${long}\n`;
    const { told } = await bench.takeCsv(text);
    const offset = text.indexOf('81,n');
    expect(ofRules(told).map(({ place }) => place)).toEqual([
      { item: 2, record: 2, line: 3, column: 'height', offset },
    ]);
  });
});

describe('a rule that speaks of a value in JSON', () => {
  const records = [
    { adcid: 1, ptid: 'J1', visitnum: 1, height: 60 },
    { adcid: 1, ptid: 'ß2', visitnum: 1, height: 81, note: 'blink' },
  ];

  it('points to it in a list, with line and offset', async () => {
    const text = JSON.stringify(records, null, 1);
    const { told } = await bench.take({ 'list.json': text });
    const at = (part: string) => ({
      line: text.slice(0, text.indexOf(part)).split('\n').length,
      offset: Buffer.byteLength(text.slice(0, text.indexOf(part))),
    });
    const places = ofRules(told).map(({ place }) => place);
    expect(places).toHaveLength(2);
    expect(places).toContainEqual({ item: 2, record: 2, pointer: '/1/height', ...at('81') });
    expect(places).toContainEqual({ item: 2, record: 2, pointer: '/1/note', ...at('"blink"') });
  });

  it('points to it in lines and in a single record', async () => {
    const lines = `${records.map((one) => JSON.stringify(one)).join('\n')}\n`;
    const single = JSON.stringify({ ...records[1], ptid: 'J3' });
    const { told } = await bench.take({ 'lines.ndjson': lines, 'one.json': single });
    const height = ofRules(told).filter(({ place }) => place.pointer === '/height');
    const offset = (text: string): number => Buffer.byteLength(text.slice(0, text.indexOf('81')));
    expect(height.map(({ place }) => place)).toEqual([
      { item: 2, record: 2, line: 2, pointer: '/height', offset: offset(lines) },
      { item: 3, record: 1, line: 1, pointer: '/height', offset: offset(single) },
    ]);
  });
});
