/** Inputs that will come: each one through the real pipeline, with what is said of it and where. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInputBench, STUDY, type InputBench, type TakenIn } from './input-bench.ts';

const HEADER = 'adcid,ptid,visitnum,sex,height,smokes,note';
const SOUND = '1,P1,1,1,60,true,fine';

let bench: InputBench;
beforeAll(async () => {
  bench = await openInputBench();
}, 120_000);
afterAll(() => bench.close());

function csv(...rows: readonly string[]): string {
  return [HEADER, ...rows, ''].join('\n');
}

function codes({ told }: TakenIn): string[] {
  return told.map(({ code }) => code);
}

function inOrder(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : 1;
}

function ptids({ delivered }: TakenIn): unknown[] {
  return delivered.map(({ ptid }) => ptid);
}

describe('the encoding of a CSV file', () => {
  it('may have a byte-order mark, which belongs to no column', async () => {
    const taken = await bench.takeCsv(`\ufeff${csv(SOUND)}`);
    expect(taken.told).toEqual([]);
    expect(taken.delivered).toMatchObject([{ adcid: 1, ptid: 'P1' }]);
  });

  it.each(['utf16le', 'utf16be'] as const)('may be %s, with a mark or without', async (name) => {
    const encode = (text: string): Buffer => {
      const bytes = Buffer.from(text, 'utf16le');
      return name === 'utf16le' ? bytes : bytes.swap16();
    };
    const text = csv('1,P2,1,1,60,true,größer', '1,P3,1,7,60,,');
    for (const mark of ['\ufeff', '']) {
      const taken = await bench.takeCsv(encode(mark + text));
      expect(taken.delivered).toMatchObject([{ ptid: 'P2', note: 'größer' }]);
      const place = { item: 2, record: 2, line: 3, column: 'sex' };
      const offset = (mark + text).indexOf(',7,') * 2 + 2;
      expect(taken.told).toMatchObject([{ place: { ...place, offset } }]);
    }
  });

  it.each(['utf16le', 'utf16be'] as const)(
    'is %s by its names, whatever the rest is',
    async (name) => {
      const note = '高血圧と糖尿病の既往歴がある患者です'.repeat(40);
      const bytes = Buffer.from(csv(`1,P7,1,1,60,true,${note}`), 'utf16le');
      const taken = await bench.takeCsv(name === 'utf16le' ? bytes : bytes.swap16());
      expect(taken.told).toEqual([]);
      expect(taken.delivered).toMatchObject([{ ptid: 'P7', note }]);
    },
  );

  it.each(['utf16le', 'utf16be'] as const)(
    'is refused where it might be %s and might not, and never read as another text',
    async (name) => {
      const text = '受診者番号,訪問番号,性別,身長,備考\n患者,初診,女性,高い,なし\n'.repeat(20);
      const bytes = Buffer.from(text, 'utf16le');
      const taken = await bench.takeCsv(name === 'utf16le' ? bytes : bytes.swap16());
      expect(taken.told).toMatchObject([{ item: 1, code: 'EncodingUnclear' }]);
      expect([...taken.stopped.values()]).toEqual(['rejected']);
      expect(taken.delivered).toEqual([]);
    },
  );

  it('is UTF-8 where a NUL or two are all that speaks against it', async () => {
    const taken = await bench.takeCsv(csv(SOUND, '1,P8,1,1,60,true,größer\0\0als'));
    expect(taken.told).toMatchObject([{ item: 2, code: 'ControlCharacter' }]);
    expect(ptids(taken)).toEqual(['P1']);
  });

  it('is told where bytes are no UTF-8, with the place and a guess, and the rest goes on', async () => {
    const text = csv(SOUND, '1,P4,1,1,60,true,"two\nlines and Mu\u00f1oz"', '1,P5,1,1,60,true,x');
    const taken = await bench.takeCsv(Buffer.from(text, 'latin1'));
    expect(taken.told).toMatchObject([
      {
        code: 'EncodingInvalid',
        message: expect.stringContaining('no UTF-8; they are likely Latin-1') as string,
        // The line is that of the byte, in a record that began on the one before.
        place: { item: 2, record: 2, line: 4, offset: text.indexOf('\u00f1'), column: 'note' },
        value: 'two\nlines and Mu\u00f1oz',
      },
    ]);
    expect(ptids(taken).toSorted(inOrder)).toEqual(['P1', 'P5']);
  });

  it('is guessed as Windows-1252 where Latin-1 has only control characters', async () => {
    const [before, after] = csv('1,P6,1,1,60,true,5@ tall').split('@');
    const bytes = Buffer.concat([
      Buffer.from(before ?? ''),
      Buffer.from([0x92]),
      Buffer.from(after ?? ''),
    ]);
    const taken = await bench.takeCsv(bytes);
    expect(taken.told[0]).toMatchObject({ code: 'EncodingInvalid', value: '5’ tall' });
    expect(taken.told[0]?.message).toContain('Windows-1252');
  });
});

describe('the lines of a CSV file', () => {
  it.each([
    ['CRLF', '\r\n'],
    ['lone CR', '\r'],
  ])('may end with %s, and trailing blank ones are none', async (_, end) => {
    const rows = [HEADER, SOUND, '1,P7,1,9,60,,', '', '  ', '', ''];
    const taken = await bench.takeCsv(rows.join(end));
    expect(taken.summary.items).toMatchObject({ received: 2, delivered: 1, rejected: 1 });
    expect(taken.told).toMatchObject([{ place: { line: 3, record: 2, column: 'sex' } }]);
  });

  it('may stand inside of quotes, and are counted there', async () => {
    const taken = await bench.takeCsv(
      csv('1,P8,1,1,60,true,"one\ntwo\r\nthree"', '1,P9,1,1,60,true,"a\nb"', '1,P10,1,3,60,,'),
    );
    expect(taken.delivered.map(({ note }) => note).toSorted(inOrder)).toEqual([
      'a\nb',
      'one\ntwo\r\nthree',
    ]);
    expect(taken.told).toMatchObject([{ place: { record: 3, line: 7, column: 'sex' } }]);
  });

  it('are swallowed by a quote that is never closed, which is pointed at', async () => {
    const text = csv(SOUND, '1,"P11,1,1,60,true,x', '1,P12,1,1,60,true,y');
    const taken = await bench.takeCsv(text);
    const place = { item: 2, record: 2, line: 3, offset: text.indexOf('"'), column: 'ptid' };
    expect(taken.told).toMatchObject([{ code: 'QuoteUnclosed', place }]);
    expect(ptids(taken)).toEqual(['P1']);
    expect(taken.summary.items).toMatchObject({ received: 2, delivered: 1, rejected: 1 });
  });

  it('are not guessed at where text stands outside of the quotes of a cell', async () => {
    const taken = await bench.takeCsv(csv(SOUND, '1,P13,1,1,60,true,"no" he said'));
    expect(taken.told).toMatchObject([
      { code: 'QuoteMisplaced', place: { line: 3, record: 2, column: 'note' } },
    ]);
  });

  it('that hold no value are skipped, and said to be', async () => {
    const taken = await bench.takeCsv(csv(SOUND, ',,,,,,'));
    expect(taken.told).toMatchObject([{ code: 'RecordBlank', place: { line: 3, record: 2 } }]);
    expect(taken.stopped).toEqual(new Map([[2, 'skipped']]));
  });
});

describe('the header of a CSV file', () => {
  it('with a column of two, without a name, and in the wrong case hides no error of a row', async () => {
    const taken = await bench.takeCsv(
      ['adcid,ptid,visitnum,SEX,heigth,ptid,', '1,P14,x,7,,,', '1,P15,1,,,,', ''].join('\n'),
    );
    expect(taken.told).toMatchObject([
      {
        ...{ item: null, code: 'IncorrectColumnName' },
        message: 'The schema has no column SEX; the nearest name is sex.',
        place: { line: 1, offset: 20, column: 'SEX' },
      },
      { message: 'The schema has no column heigth; the nearest name is height.' },
      { code: 'ColumnNameTwice', message: 'Columns 2 and 6 are both named ptid.' },
      { code: 'ColumnNameBlank' },
      { item: 1, place: { line: 2, column: 'visitnum' } },
      { item: 1, code: 'Enum', place: { line: 2, column: 'SEX' } },
      { item: 1, code: 'ValueUnplaced', place: { line: 2, column: 'SEX' }, value: '7' },
    ]);
    // Nothing stands in the columns in question: nothing is lost of it.
    expect(ptids(taken)).toEqual(['P15']);
  });

  it('is missing where no cell of the first row names a column', async () => {
    const taken = await bench.takeCsv('1,Ada Lovelace,1\n2,P17,1\n');
    expect(codes(taken)).toEqual(['MissingHeader', 'RowWithoutHeader', 'RowWithoutHeader']);
    expect(taken.summary.items).toMatchObject({ received: 2, rejected: 2 });
    expect(JSON.stringify(taken.told)).not.toContain('Lovelace');
  });

  it('that shows values does not show them to anyone', async () => {
    const taken = await bench.takeCsv('adcid,Ada,Lovelace,1815\n1,P18,1,2\n');
    expect(codes(taken)).toContain('IncorrectColumnName');
    expect(JSON.stringify(taken.told)).not.toContain('Lovelace');
  });

  it('alone, a wrong delimiter, and nothing at all are three things', async () => {
    const taken = await bench.take({
      'empty.csv': '',
      'blank.csv': '\ufeff\r\n\r\n',
      'header.csv': `${HEADER}\n`,
      'colons.csv': csv(SOUND).replaceAll(',', ':'),
      'semicolons.csv': csv(SOUND).replaceAll(',', ';'),
    });
    expect(codes(taken)).toEqual([
      ...['EmptyFile', 'EmptyFile', 'HeaderOnly', 'DelimiterWrong', 'DelimiterUnusual'],
      'RowWithoutHeader',
      'RowWithoutHeader',
    ]);
    expect(taken.told[3]?.message).toContain('separated by a colon');
    expect(taken.told[4]?.message).toContain('separated by a semicolon, and were read so');
    expect(ptids(taken)).toEqual(['P1']);
  });

  it.each([
    ['a tab', '\t'],
    ['a bar', '|'],
  ])('may be separated by %s', async (_, delimiter) => {
    const taken = await bench.takeCsv(csv('1,P19,1,1,60,true,"a, b"').replaceAll(',', delimiter));
    expect(taken.delivered).toMatchObject([{ ptid: 'P19', note: `a${delimiter} b` }]);
  });

  it('has limits', async () => {
    const many = ['adcid', ...Array.from({ length: 16_384 }, (_, at) => `c${at}`)].join(',');
    expect(codes(await bench.takeCsv(`${many}\n`))[0]).toBe('TooManyColumns');
  });
});

describe('the rows of a CSV file', () => {
  it('are told, every ragged one, with the columns that slipped', async () => {
    const taken = await bench.takeCsv(
      csv(
        SOUND,
        '1,P20,1,1,60,true,a note, of two parts',
        '1,P21,1,1,60,true,b',
        '1,P22,1,60,true,c',
        '1,P23,0,1,1,60,true,d',
        '1,P24',
      ),
    );
    expect(taken.told.map(({ message }) => message)).toEqual([
      'The row has 8 cells, the header 7.',
      'The row has 6 cells, the header 7; from sex on, the values seem to stand one column too far to the left.',
      'The row has 8 cells, the header 7; from height on, the values seem to stand one column too far to the right.',
      'The row has 2 cells, the header 7.',
    ]);
    expect(taken.told.map(({ place }) => place.line)).toEqual([3, 5, 6, 7]);
    expect(codes(taken)).toEqual(Array.from({ length: 4 }, () => 'RaggedRow'));
    expect(ptids(taken).toSorted(inOrder)).toEqual(['P1', 'P21']);
  });

  it('have no control characters', async () => {
    const text = csv(
      '1,P25,1,1,60,true,a\0b',
      SOUND,
      '1,P26,1,1,60,true,größer\u0085',
      '1,P\ufffd,1,,,,',
    );
    const taken = await bench.takeCsv(text);
    const offset = Buffer.byteLength(text.slice(0, text.indexOf('\0')));
    expect(taken.told).toMatchObject([
      {
        ...{ code: 'ControlCharacter', place: { line: 2, offset, column: 'note' } },
        message: 'There is a NUL (U+0000) in the value, which nobody can have entered.',
      },
      { place: { line: 4, offset: Buffer.byteLength(text.slice(0, text.indexOf('\u0085'))) } },
      { place: { line: 5, column: 'ptid' } },
    ]);
    expect(ptids(taken)).toEqual(['P1']);
  });

  it('read FALSE as false, 2.0 as an integer, and nan as no number', async () => {
    const taken = await bench.takeCsv(csv('1,P27,2.0,1,60,FALSE,', '1,P28,1,1,nan,,'));
    expect(taken.delivered).toEqual([
      { adcid: 1, ptid: 'P27', visitnum: 2, sex: 1, height: 60, smokes: false },
    ]);
    expect(taken.told).toMatchObject([{ place: { line: 3, column: 'height' } }]);
  });

  it('may have a cell of 100 MB, which is not kept in memory', { timeout: 60_000 }, async () => {
    const giant = Buffer.alloc(100 * 1024 * 1024, 'x');
    const head = `${csv(SOUND)}1,P29,1,1,60,true,"a\n`;
    const before = process.memoryUsage().rss;
    const taken = await bench.takeCsv(
      Buffer.concat([Buffer.from(head), giant, Buffer.from('"\n1,P30,1,1,60,true,\n')]),
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
    const place = { item: 2, record: 2, line: 3, offset: head.indexOf('"'), column: 'note' };
    expect(taken.told).toMatchObject([{ code: 'CellTooLong', place }]);
    expect(ptids(taken).toSorted(inOrder)).toEqual(['P1', 'P30']);
  });

  it('have a limit to their length', async () => {
    const long = Array.from({ length: 200_000 }, () => '123456').join(',');
    const taken = await bench.takeCsv(csv(long, SOUND));
    expect(taken.told).toMatchObject([{ code: 'RecordTooLong', place: { line: 2, record: 1 } }]);
    expect(ptids(taken)).toEqual(['P1']);
  });
});

describe('a file', () => {
  it('that is a spreadsheet is called one', async () => {
    const taken = await bench.take({ 'rows.csv': Buffer.from('PK\u0003\u0004 and so on') });
    expect(taken.told).toMatchObject([{ item: 1, code: 'FileNotText' }]);
    expect(taken.summary.items).toMatchObject({ received: 1, rejected: 1 });
  });

  it('that is not there is refused before anything happens', async () => {
    await bench.take({ 'first.csv': csv(SOUND) });
    rmSync(bench.path('first.csv'));
    const location = JSON.stringify([bench.path('first.csv')]);
    const run = bench.workbench.run({ pipeline: 'forms', location, settings: { study: STUDY } });
    await expect(run).rejects.toMatchObject({ code: 'FormFileMissing' });
  });
});

describe('a JSON file', () => {
  const sound = (ptid: string): string => `{"adcid":1,"ptid":"${ptid}","visitnum":1}`;

  it('may be a list, lines, or one object, with a mark or in UTF-16', async () => {
    const taken = await bench.take({
      'list.json': `\ufeff[\n${sound('J1')},\n${sound('J2')}\n]\n`,
      'lines.ndjson': `${sound('J3')}\r\n\n${sound('J4')}`,
      'one.json': JSON.stringify(JSON.parse(sound('J5')), null, 2),
      'wide.json': Buffer.from(`\ufeff[${sound('J6')}]`, 'utf16le'),
      unnamed: `${sound('J7')}\n${sound('J8')}\n`,
    });
    expect(taken.told).toEqual([]);
    expect(ptids(taken).toSorted(inOrder)).toEqual([
      'J1',
      'J2',
      'J3',
      'J4',
      'J5',
      'J6',
      'J7',
      'J8',
    ]);
  });

  it('is told by pointer, byte and line', async () => {
    const list = `[${sound('J9')},\n  {"adcid":1, "ptid":"J10", "visitnum":"x"}]`;
    const taken = await bench.take({ 'list.json': list });
    expect(taken.told).toMatchObject([
      {
        ...{ item: 2, code: 'Type' },
        place: { record: 2, pointer: '/1/visitnum', offset: list.indexOf('"x"'), line: 2 },
      },
    ]);
  });

  it.each([
    ['JsonKeyTwice', '"sex":1,"sex":2', '/1/sex'],
    ['NumberUnsafe', '"sex":9007199254740993', '/1/sex'],
    ['NumberOverflow', '"height":1e400', '/1/height'],
    ['NotANumber', '"height":NaN', '/1/height'],
    ['JsonKeyForbidden', '"__proto__":{"adcid":2}', '/1'],
    ['JsonTooDeep', `"note":${'['.repeat(100_000)}${']'.repeat(100_000)}`, '/1/note'],
    ['ControlCharacter', '"note":"a\\u0000b"', '/1/note'],
    ['JsonBroken', '"note":"a,', '/1/note'],
  ])('with %s has it told, and its other records go on', async (code, wrong, pointer) => {
    const second = `{"adcid":1,"ptid":"J12","visitnum":1,${wrong}}`;
    // A text that is not closed leaves open where the next record begins: there, lines help.
    const isBroken = code === 'JsonBroken';
    const text = isBroken
      ? [sound('J11'), second, sound('J13')].join('\n')
      : `[${[sound('J11'), second, sound('J13')].join(',\n')}]`;
    const taken = await bench.take({ [isBroken ? 'lines.ndjson' : 'list.json']: text });
    const place = { record: 2, line: 2, ...(isBroken ? {} : { pointer }) };
    expect(taken.told).toMatchObject([{ item: 2, code, place }]);
    expect(taken.told[0]?.place.offset).toBeGreaterThan(text.indexOf('J12'));
    expect(ptids(taken).toSorted(inOrder)).toEqual(['J11', 'J13']);
  });

  it('that breaks keeps what was sound before, and says where', async () => {
    const text = `[${sound('J14')},\n${sound('J15')},,\n${sound('J16')}]`;
    const taken = await bench.take({ 'list.json': text });
    const place = { record: 3, line: 2, offset: text.indexOf(',,') + 1 };
    expect(taken.told).toMatchObject([{ item: 3, code: 'JsonBroken', place }]);
    expect(ptids(taken).toSorted(inOrder)).toEqual(['J14', 'J15']);
  });

  it('that is no JSON at all, or cut off, is no bug of ours', async () => {
    const taken = await bench.take({
      'text.json': 'not JSON',
      'cut.json': sound('J17').slice(0, -5),
      'number.json': '[17, null, "x"]',
      'empty.json': ' \n',
      'none.json': '[]',
    });
    expect(codes(taken)).toEqual([
      ...['EmptyFile', 'EmptyFile', 'JsonBroken', 'JsonBroken'],
      ...['RecordNotObject', 'RecordNotObject', 'RecordNotObject'],
    ]);
    expect(taken.summary.items).toMatchObject({ received: 5, rejected: 5 });
  });

  it('may have a record of many megabytes, which is not read', { timeout: 60_000 }, async () => {
    const giant = `{"adcid":1,"note":"${'x'.repeat(20 * 1024 * 1024)}"}`;
    const taken = await bench.take({ 'list.json': `[${sound('J18')},\n${giant},${sound('J19')}]` });
    expect(taken.told).toMatchObject([{ code: 'RecordTooLong', place: { record: 2, line: 2 } }]);
    expect(ptids(taken).toSorted(inOrder)).toEqual(['J18', 'J19']);
  });
});
