/** JSON is what JSON.parse takes, and each record of it has its exact place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormFile } from '../form-file.ts';
import type { JsonShape, Piece } from '../stretch.ts';
import { openWindow } from '../text-window.ts';
import { cutJson } from './cut.ts';
import { parseRecord, type ParsedRecord } from './parse.ts';
import { JsonReader } from './reader.ts';

function parse(text: string): ParsedRecord {
  const bytes = Buffer.from(text);
  return parseRecord(openWindow(bytes, 'utf-8', 0), 0, bytes.length);
}

function parsed(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Pieces of JSON, in an order that is nearly right or not at all. */
const nearly = fc
  .array(
    fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"a"',
        '"b":',
        '1',
        '-0',
        '1.5e3',
        '01',
        '.5',
        '1.',
        'true',
      ],
      ...['null', 'nul', ' ', '\n', '"\\u00e4"', '"\\x"', '"\\u12"', '"', '\t', '"x\ty"', 'ä'],
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const values = fc.jsonValue({ maxDepth: 4 });

describe('a record of JSON', () => {
  it('is parsed as JSON.parse does it, or something is said', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          values.map((value) => JSON.stringify(value)),
          nearly,
        ),
        (text) => {
          const ours = parse(text);
          const theirs = parsed(text);
          if (theirs === null) expect(ours.flaws.length).toBeGreaterThan(0);
          else if (ours.flaws.length === 0) expect(ours.value).toEqual(theirs.value);
          // Broken is what JSON.parse refuses, and nothing else.
          if (ours.flaws[0]?.kind === 'broken') expect(theirs).toBeNull();
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('says nothing against what is plain', () => {
    const plain = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,5}$/),
      fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.stringMatching(/^[\w äß🙂]*$/u)),
    );
    fc.assert(
      fc.property(plain, fc.nat({ max: 3 }), (value, indent) => {
        expect(parse(JSON.stringify(value, null, indent))).toMatchObject({ value, flaws: [] });
      }),
    );
  });

  it.each([
    ['{"a":1,"b":{"c":2,"c":3}}', 'key-twice', 18, ['b', 'c']],
    ['{"a":[1,9007199254740993]}', 'number-unsafe', 8, ['a', 1]],
    ['{"a":1e400}', 'number-overflow', 5, ['a']],
    ['{"a":NaN}', 'not-a-number', 5, ['a']],
    ['{"a":-Infinity}', 'not-a-number', 5, ['a']],
    ['{"a":1,"__proto__":{"b":1}}', 'key-forbidden', 7, ['__proto__']],
    ['{"constructor":1}', 'key-forbidden', 1, ['constructor']],
    ['{"a":{"prototype":1}}', 'key-forbidden', 6, ['a', 'prototype']],
    ['{"a":"\\u0000"}', 'text-unwanted', 5, ['a']],
    ['{"a":"\\ud800"}', 'text-unwanted', 5, ['a']],
    ['{"a":1,}', 'broken', 7, []],
    ['{"a":tru}', 'broken', 5, ['a']],
    ['{"a":"x\ny"}', 'broken', 7, ['a']],
    ['{"a":1} 2', 'broken', 8, []],
    ['{"a"', 'broken', 4, []],
  ])('%s is told with its place', (text, kind, at, path) => {
    expect(parse(text).flaws).toMatchObject([{ kind, at, path }]);
  });

  it('may be nested so far and no further, without a stack that overflows', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(parse(nested(32)).flaws).toEqual([]);
    expect(parse(nested(33)).flaws).toMatchObject([{ kind: 'too-deep', at: 32 }]);
    expect(parse(nested(500_000)).flaws).toMatchObject([{ kind: 'too-deep' }]);
  });

  it('does not touch the prototype of anything', () => {
    const { value } = parse('{"__proto__":{"polluted":1},"toString":2}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(['toString']);
  });
});

interface Found {
  readonly text: string;
  readonly record: number;
  readonly line: number;
  readonly offset: number;
}

function readAll(bytes: Uint8Array, shape: JsonShape, from: Partial<Piece> = {}): Found[] {
  const { start = 0, firstRecord: record = 1, firstLine: line = 1 } = from;
  const reader = new JsonReader(openWindow(bytes, 'utf-8', start), {
    ...{ shape, record, line, atEnd: true },
  });
  const found: Found[] = [];
  while (reader.next()) {
    const text = Buffer.from(bytes.subarray(reader.begin, reader.end)).toString();
    const offset = reader.offsetOf(reader.begin);
    found.push({ text, record: reader.record, line: reader.line, offset });
  }
  return found;
}

function cutAll(bytes: Uint8Array, shape: JsonShape, body: number, stretchBytes: number): Piece[] {
  const file: Pick<FormFile, 'stamp' | 'read'> = {
    stamp: { size: bytes.length, modified: '', inode: '' },
    read: (offset, length) => bytes.slice(offset, offset + length),
  };
  const pieces: Piece[] = [];
  let at = { offset: body, line: 1, record: 1 };
  for (;;) {
    const piece = cutJson(file, { encoding: 'utf-8', shape }, at, stretchBytes);
    pieces.push(piece);
    if (piece.isLast) return pieces;
    const { end, firstLine, lines, firstRecord, records } = piece;
    expect(end).toBeGreaterThan(piece.start);
    at = { offset: end, line: firstLine + lines, record: firstRecord + records };
  }
}

describe('the records of a JSON file', () => {
  const records = fc.array(values, { maxLength: 8 });
  const blanks = fc.constantFrom('', ' ', '\n', '\r\n', '\n\n\t');

  it('are those that were written, in a list or line by line, wherever it is cut', () => {
    fc.assert(
      fc.property(
        records,
        blanks,
        fc.boolean(),
        fc.integer({ min: 8, max: 60 }),
        (all, gap, isList, size) => {
          const texts = all.map((one) => JSON.stringify(one));
          const shape = isList ? 'list' : 'lines';
          const text = isList
            ? `[${gap}${texts.join(`${gap},${gap}`)}${gap}]${gap}`
            : texts.map((one) => `${gap}${one}\n`).join('');
          const bytes = new Uint8Array(Buffer.from(text));
          const body = isList ? 1 : 0;
          const whole = readAll(bytes.slice(body), shape, { start: body });
          expect(whole.map((one) => one.text)).toEqual(texts);
          for (const { text: one, line, offset } of whole) {
            const before = Buffer.from(bytes.subarray(0, offset)).toString();
            expect(line).toBe(before.split(/\r\n|\r|\n/).length);
            expect(text.startsWith(one, before.length)).toBe(true);
          }
          const pieces = cutAll(bytes, shape, body, size);
          const counted = pieces.reduce((sum, piece) => sum + piece.records, 0);
          expect(counted).toBe(all.length);
          expect(pieces.at(-1)?.end).toBe(bytes.length);
          const cut = pieces.flatMap((piece) => {
            if (piece.flaw === null)
              return readAll(bytes.slice(piece.start, piece.end), shape, piece);
            // Too long for the piece that was looked at, and told where it begins.
            expect(piece.flaw.kind).toBe('record-too-long');
            return whole.filter(({ record }) => record === piece.firstRecord);
          });
          expect(cut).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('end where a list is broken, and what is behind is one', () => {
    const breaking = fc.constantFrom(',,', ' ', ',]', '}', ', {"a": [1}', ',', '] x', ',"');
    fc.assert(
      fc.property(records, breaking, fc.integer({ min: 200, max: 300 }), (all, wrong, size) => {
        const text = `[${all.map((one) => JSON.stringify(one)).join(',')}${wrong}`;
        const pieces = cutAll(new Uint8Array(Buffer.from(text)), 'list', 1, size);
        expect(pieces.at(-1)?.flaw?.kind).toBe('json-broken');
        const sound = pieces.filter(({ flaw }) => flaw === null);
        const counted = sound.reduce((sum, piece) => sum + piece.records, 0);
        const tooLong = pieces.filter(({ flaw }) => flaw?.kind === 'record-too-long').length;
        expect(counted + tooLong).toBe(all.length);
      }),
    );
  });
});
