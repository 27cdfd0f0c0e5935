import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Arrivals, Source } from '../../engine/pipeline.ts';
import { configure } from './configure.ts';
import { formsOfFile } from './reading/file-forms.ts';
import { readStretch } from './reading/read-stretch.ts';
import { locateIn, stretchOf } from './reading/record-locator.ts';
import type { StretchContent } from './reading/stretch.ts';
import { compileSchema } from './schema/record-schema.ts';
import { fileSource } from './source.ts';
import { studySchema } from './study.ts';

const MODULE = {
  name: 'UDS',
  schema: { type: 'object', properties: { ptid: { type: 'string' }, note: { type: 'string' } } },
};
const STUDY = { modules: [MODULE] };

let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-source-'));
  path = join(folder, 'rows.csv');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const filler = 'n'.repeat(2_000);

/** Writes a file of several stretches. */
function writeRows(count: number): void {
  const rows = Array.from({ length: count }, (_, at) => `P${at},"${filler}\n"`);
  writeFileSync(path, ['ptid,note', ...rows, ''].join('\n'));
}

function sourceOf(...paths: readonly string[]): Source {
  const location = JSON.stringify(paths);
  const given = { source: location, out: join(folder, 'out'), data: folder, study: STUDY };
  return fileSource(configure(given), location);
}

async function readOn(source: Source, from: unknown = null): Promise<Arrivals[]> {
  const all: Arrivals[] = [];
  let checkpoint = from;
  for (;;) {
    const next = await source.next(checkpoint, new AbortController().signal);
    if (next === null) return all;
    all.push(next);
    // What is stored is JSON.
    checkpoint = JSON.parse(JSON.stringify(next.checkpoint));
  }
}

function contentOf({ lot }: Arrivals): StretchContent {
  return JSON.parse(Buffer.from(lot?.content ?? []).toString('utf8')) as StretchContent;
}

function read(arrivals: Arrivals): { readonly code: string; readonly disposition: string }[] {
  const content = contentOf(arrivals);
  const schemas = new Map([['UDS', compileSchema(MODULE)]]);
  const forms = formsOfFile({ study: studySchema.parse(STUDY) }, schemas, content.path);
  const items = Array.from({ length: content.stretch.records }, (_, at) => at + 1);
  return [...readStretch(content, forms, items)].map((one) =>
    one.kind === 'record'
      ? { code: '', disposition: 'read' }
      : { code: one.findings[0]?.code ?? '', disposition: one.disposition },
  );
}

describe('a source of files', () => {
  it('comes to the same stretches from wherever it is taken up again', async () => {
    writeRows(4_000);
    const whole = await readOn(sourceOf(path));
    expect(whole.length).toBeGreaterThan(3);
    for (const [index, { checkpoint }] of whole.entries()) {
      const rest = await readOn(sourceOf(path), checkpoint);
      expect(rest).toEqual(whole.slice(index + 1));
    }
    const stretches = whole.map((arrivals) => contentOf(arrivals).stretch);
    expect(stretches.reduce((sum, { records }) => sum + records, 0)).toBe(4_000);
    for (const [index, { start, firstRecord, firstLine }] of stretches.entries()) {
      const before = stretches[index - 1];
      if (before === undefined) continue;
      expect(start).toBe(before.end);
      expect(firstRecord).toBe(before.firstRecord + before.records);
      expect(firstLine).toBe(before.firstLine + before.lines);
    }
  });

  it('goes no further in a file that changed, and says so as one item', async () => {
    writeRows(3_000);
    const source = sourceOf(path);
    const first = await source.next(null, new AbortController().signal);
    appendFileSync(path, 'P-new,x\n');
    const [rest, ...more] = await readOn(source, first?.checkpoint);
    expect(more).toEqual([]);
    expect(rest?.lot?.items).toBe(1);
    expect(read(rest as Arrivals)).toEqual([{ code: 'FormFileChanged', disposition: 'rejected' }]);
  });

  it('goes on with the next file where one is gone', async () => {
    writeRows(3);
    const gone = join(folder, 'gone.csv');
    writeFileSync(gone, 'ptid\nP1\n');
    const source = sourceOf(gone, path);
    rmSync(gone);
    const [first, second] = await readOn(source);
    expect(read(first as Arrivals)).toEqual([{ code: 'FormFileGone', disposition: 'rejected' }]);
    expect(second?.lot?.items).toBe(3);
  });
});

describe('a stretch', () => {
  it('whose bytes are not those that were listed is held, every record of it', async () => {
    writeRows(3);
    const [first] = await readOn(sourceOf(path));
    writeRows(2);
    appendFileSync(path, `P2,"${filler}X\n"\n`);
    const expected = Array.from({ length: 3 }, () => ({
      ...{ code: 'FormFileChanged', disposition: 'held' },
    }));
    expect(read(first as Arrivals)).toEqual(expected);
    rmSync(path);
    expect(read(first as Arrivals)).toEqual(
      expected.map((each) => ({ ...each, code: 'FormFileGone' })),
    );
    // As it was before, it is read.
    writeRows(3);
    expect(read(first as Arrivals).map(({ disposition }) => disposition)).toEqual([
      ...['read', 'read', 'read'],
    ]);
  });

  it('of one record alone is found again by where it was', async () => {
    writeRows(1_500);
    const [, second] = await readOn(sourceOf(path));
    const content = contentOf(second as Arrivals);
    const schemas = new Map([['UDS', compileSchema(MODULE)]]);
    const forms = formsOfFile({ study: studySchema.parse(STUDY) }, schemas, path);
    const place = ({ stretch, path: at }: StretchContent, count: number): unknown => {
      const items = Array.from({ length: count }, () => 1);
      return [...readStretch({ path: at, stretch }, forms, items)][7]?.place;
    };
    const again = stretchOf(locateIn(content, 7), forms.known);
    expect(place(again, 8)).toEqual(place(content, content.stretch.records));
    expect(place(again, 8)).toMatchObject({ record: content.stretch.firstRecord + 7 });
  });
});
