import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FormRecord } from '../record.ts';
import { openFormFile } from './form-file.ts';
import { readLayout } from './layout.ts';
import { ValuePlaces, type Origin } from './value-places.ts';

const FORMS = { refusal: null, known: ['ptid', 'note'], moduleColumn: null, schemaOf: () => null };
const TEXT = 'ptid,note\nP1,"two\nlines"\nP2,"two\nmore"\n';

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-places-'));
  path = join(folder, 'rows.csv');
});
beforeEach(() => writeFileSync(path, TEXT));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function originOfFile(): Origin {
  const file = openFormFile(path);
  if (file === null) throw new Error('There is no such file.');
  const { stamp } = file;
  file.close();
  return { path, file: 0, stamp, layout: readLayout(path, Buffer.from(TEXT), true, FORMS.known) };
}

const RECORD: FormRecord = {
  ...{ item: 2, module: 'UDS', values: { ptid: 'P2', note: 'two\nmore' } },
  place: { file: 0, record: 2, line: 4, offset: TEXT.indexOf('P2') },
};

function locate(origin: Origin, record = RECORD): FormRecord {
  const places = new ValuePlaces(() => FORMS);
  places.add([origin]);
  try {
    return places.locate(record);
  } finally {
    places.close();
  }
}

describe('the places of values', () => {
  it('are counted from that of their record', () => {
    expect(locate(originOfFile()).offsets).toEqual({ ptid: [0, 0], note: [0, 3] });
  });

  it('are not looked up where a record knows them', () => {
    const known = { ...RECORD, offsets: { ptid: [1, 2] } } as const;
    expect(locate(originOfFile(), known)).toBe(known);
  });

  it('are left open where the file is another one, or gone', () => {
    const origin = originOfFile();
    utimesSync(path, 1, 1);
    expect(locate(origin)).toBe(RECORD);
    rmSync(path);
    expect(locate(origin)).toBe(RECORD);
  });

  it('are left open for a record of no file', () => {
    expect(new ValuePlaces(() => FORMS).locate(RECORD)).toBe(RECORD);
  });
});
