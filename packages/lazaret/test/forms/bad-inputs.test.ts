/** Bad input, as those meet it who have to mend it: the code, the place, and what to do. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindingsDocument } from '../../src/cli/status.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { openCommandLine, type CommandLine } from './command-line.ts';

const HEADER = 'adcid,ptid,visitnum,dose,days,note';

function schemaWith(note: object): string {
  const text = { type: 'string' };
  return JSON.stringify({
    type: 'object',
    properties: {
      ...{ adcid: { type: 'integer' }, ptid: text, visitnum: text },
      ...{ dose: { type: 'number' }, days: { type: 'number' }, note },
    },
  });
}

let line: CommandLine;
let turn = 0;

beforeAll(async () => {
  line = await openCommandLine();
});
afterAll(() => line.close());

function write(name: string, content: string): string {
  writeFileSync(join(line.home.folder, name), content);
  return name;
}

interface Said {
  readonly summary: RunSummary;
  readonly told: readonly Pick<
    FindingsDocument['findings'][number],
    'id' | 'place' | 'message' | 'action'
  >[];
}

/** Takes files in, in a project of their own. */
async function take(
  files: readonly (readonly string[])[],
  rules: string | null = null,
): Promise<Said> {
  turn += 1;
  const project = ['--project', `turn-${turn}`];
  const names = files.map((rows, at) =>
    write(`turn-${turn}-${at + 1}.csv`, `${[HEADER, ...rows].join('\n')}\n`),
  );
  const schema = write('sound.schema.json', schemaWith({ type: 'string' }));
  const ruled = rules === null ? [] : ['--rules', write('some.rules.yaml', rules)];
  const args = [...names, '--schema', schema, ...ruled, ...project];
  const summary = await line.ask<RunSummary>('run', 'forms', ...args);
  const { findings } = await line.ask<FindingsDocument>('findings', ...project);
  const told = findings.map(({ id, place, message, action }) => ({ id, place, message, action }));
  return { summary, told };
}

const CORRECT = 'Correct the value in the file and send the file again.';

describe('two versions of one visit', () => {
  const action = 'Leave the right one in the file and send the file again.';

  it('in one file are both rejected, each with the place of the other', async () => {
    const { summary, told } = await take([['1,P1,1,1,1,', '1,P2,1,1,1,', '1,P1,1,2,1,']]);
    expect(summary.items).toMatchObject({ received: 3, delivered: 1, rejected: 2 });
    const at = (row: string): number => `${HEADER}\n`.length + row.length;
    expect(told).toMatchObject([
      { id: 'FRM-006', place: { record: 1, line: 2, offset: at('') }, action },
      {
        ...{ id: 'FRM-006', action },
        place: { record: 3, line: 4, offset: at('1,P1,1,1,1,\n1,P2,1,1,1,\n') },
      },
    ]);
    expect(told[0]?.message).toContain('stands in row 3 too');
    expect(told[1]?.message).toContain('stands in row 1 too');
  });

  it('in two files are told with the file', async () => {
    const { told } = await take([['1,P1,1,1,1,'], ['1,P3,1,1,1,', '1,P1,1,2,1,']]);
    const said = told.map(({ message }) => /stands in (.*) too/.exec(message)?.[1]);
    expect(said).toEqual(['row 2 of file 2', 'row 1 of file 1']);
  });
});

describe('a formula that divides by nothing', () => {
  const ratio = (by: string): string =>
    `dose: { type: float, logic: { formula: { '==': [{ '/': [{ var: dose }, ${by}] }, 2] } } }
days: { type: float }
`;

  it('is an error of the record where the record has the nothing', async () => {
    const { summary, told } = await take([['1,P1,1,4,2,', '1,P2,1,4,0,']], ratio('{ var: days }'));
    expect(summary.items).toMatchObject({ delivered: 1, rejected: 1 });
    expect(told).toMatchObject([
      {
        ...{ id: 'FRM-004', action: CORRECT },
        place: { record: 2, line: 3, column: 'dose' },
        message: expect.stringContaining('could not be evaluated: it divides by zero') as string,
      },
    ]);
  });

  it('is refused at the start where the rule has it itself, with the place in the rules', async () => {
    const rules = write('nothing.rules.yaml', ratio('0'));
    const args = ['run', 'forms', write('some.csv', HEADER), '--schema', 'sound.schema.json'];
    const { exit, stderr } = await line.type([...args, '--rules', rules]);
    expect(exit).toBe(2);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /\/dose\/logic\/formula\/==\/0\/~1: "\/" divides by zero\. Mend what is named.*FRM-070/,
    );
  });
});

describe('a pattern that explodes', () => {
  it('takes no longer than another one, in rules', async () => {
    const begun = performance.now();
    const rules = "note: { type: string, nullable: true, regex: '(a+)+' }\n";
    const { told } = await take([[`1,P1,1,1,1,${'a'.repeat(50_000)}b`]], rules);
    expect(told).toMatchObject([
      { id: 'FRM-004', place: { line: 2, column: 'note' }, action: CORRECT },
    ]);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  it('is refused where it cannot be run in bounded time, with its place in the schema', async () => {
    const schema = write('wild.schema.json', schemaWith({ pattern: '^(a+)+\\1$' }));
    const { exit, stderr } = await line.type([
      ...['run', 'forms', write('some.csv', HEADER), '--schema', schema],
    ]);
    expect(exit).toBe(2);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /\/properties\/note\/pattern: .* bounded time; write it without\. Mend the schema.*FRM-002/,
    );
  });
});

describe('a schema that refers to a missing file', () => {
  it('is refused with the place of the reference and the name of the file', async () => {
    const schema = write('gone.schema.json', schemaWith({ $ref: 'codes.json#/notes' }));
    const { exit, stderr } = await line.type([
      ...['run', 'forms', write('some.csv', HEADER), '--schema', schema],
    ]);
    expect(exit).toBe(2);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /\/properties\/note\/\$ref refers to codes\.json#\/notes, which is not there\. Mend the schema.*FRM-002/,
    );
  });
});

describe('an identifier table with one participant twice', () => {
  it('is refused as a whole, with both lines', async () => {
    const table = 'adcid,ptid,naccid\n1,A,NACC000001\n1,B,NACC000002\n1,00A,NACC000003\n';
    const { exit, stderr } = await line.type([...['identifiers', 'load', write('ids.csv', table)]]);
    expect(exit).not.toBe(0);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /lines 2 and 4 are about the same participant\. Nothing was loaded\. Mend the lines .*FRM-108/,
    );
  });
});

describe('a cell of 100 MB', () => {
  it('is told with its place and what to look for, and the rows beside it go on', async () => {
    const giant = `"${'x\n'.repeat(50 * 1024 * 1024)}"`;
    const { summary, told } = await take([['1,P1,1,1,1,', `1,P2,1,1,1,${giant}`, '1,P3,1,1,1,']]);
    expect(summary.items).toMatchObject({ received: 3, delivered: 2, rejected: 1 });
    expect(told).toMatchObject([
      {
        id: 'FRM-026',
        place: { record: 2, line: 3, column: 'note' },
        action:
          'Shorten the value, or look for a quote that is not closed, and send the file again.',
      },
    ]);
  }, 120_000);
});
