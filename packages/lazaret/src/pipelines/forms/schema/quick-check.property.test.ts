import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvReader } from '../reading/csv/reader.ts';
import { openWindow } from '../reading/text-window.ts';
import { compileQuickCheck } from './quick-check.ts';
import { compileSchema } from './record-schema.ts';

const numbers = fc.constantFrom<unknown>(0, 1, -1, 0.5, 2, 87.9, 99, 1e15, -0.25, 9007199254740991);
const limit = fc.option(numbers, { nil: undefined });

const column = fc
  .record(
    {
      type: fc.constantFrom<unknown>(
        ...['integer', 'number', 'string', 'boolean', ['integer', 'null'], ['null', 'string']],
        ...[['number', 'string'], ['null'], 'object'],
      ),
      enum: fc.uniqueArray(
        fc.oneof(numbers, fc.constantFrom<unknown>('', 'a', '1', '2.0', null, true)),
        { minLength: 1, maxLength: 4, comparator: 'SameValueZero' },
      ),
      minimum: limit,
      maximum: limit,
      exclusiveMinimum: limit,
      exclusiveMaximum: limit,
      minLength: fc.nat({ max: 3 }),
      maxLength: fc.nat({ max: 4 }),
      pattern: fc.constantFrom('^[a-z]{1,3}$', '^\\d+$', 'a|b', '1$'),
      nullable: fc.constant(true),
      multipleOf: fc.constantFrom(1, 0.5),
      title: fc.constant('A'),
      unknown: fc.constant(1),
    },
    { requiredKeys: [] },
  )
  // Not all at once: that proves nothing ever.
  .chain(({ type = 'string', ...all }) =>
    fc
      .subarray(Object.entries(all), { maxLength: 3 })
      .map((entries): [string, unknown][] => [['type', type], ...entries]),
  )
  .map((entries) => Object.fromEntries(entries.filter(([, value]) => value !== undefined)));

const cell = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    '-1',
    '+1',
    '2.0',
    '0.5',
    '.5',
    '5.',
    '87.9',
    '99',
    '1e3',
    'a',
    'abc',
  ),
  fc.constantFrom('true', 'FALSE', 'nan', '-', '-0', '007', ' 1', '1 ', '--1', '1.2.3', '0x1', 'ä'),
  fc.constantFrom(
    '9007199254740993',
    '999999999999999',
    '0.1000000000000001',
    '-87.90',
    '""',
    '"1"',
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true }).map(String),
  fc.stringMatching(/^[a-z0-9.-]{0,5}$/),
);

/** The value of a cell as it stands in a file, and whether the quick check proves it. */
function prove(
  schema: unknown,
  text: string,
): { readonly proven: boolean; readonly value: unknown } {
  const bytes = new Uint8Array(Buffer.from(`x,${text}\n`));
  const start = { delimiter: ',', record: 1, line: 1, atEnd: true };
  const reader = new CsvReader(openWindow(bytes, 'utf-8', 0), start);
  reader.next();
  const quick = compileQuickCheck(schema)?.columns.get('c');
  const isEmpty = reader.isEmpty(1);
  const proven = quick !== undefined && (isEmpty ? quick.mayBeEmpty : reader.proves(1, quick));
  return { proven, value: reader.cell(1) };
}

describe('the quick check of a row', () => {
  it('proves nothing that the validator refuses', () => {
    let proofs = 0;
    fc.assert(
      fc.property(
        column,
        fc.boolean(),
        fc.array(cell, { minLength: 1 }),
        (given, isNeeded, texts) => {
          const schema = {
            type: 'object',
            properties: { c: given },
            ...(isNeeded ? { required: ['c'] } : {}),
          };
          const { cast, check } = compileSchema({ name: 'M', schema });
          for (const text of texts) {
            const { proven, value } = prove(schema, text);
            if (!proven) continue;
            proofs += 1;
            const made = cast('c', String(value));
            expect(check(made === undefined ? {} : { c: made })).toEqual([]);
          }
        },
      ),
      { numRuns: 400 },
    );
    // It does prove, or it would be of no use.
    expect(proofs).toBeGreaterThan(200);
  });

  it.each([
    [{ type: 'integer', minimum: 1, maximum: 99 }, '42'],
    [{ type: 'integer', enum: [1, 2] }, '2.0'],
    [{ type: 'number', maximum: 87.9 }, '87.9'],
    [{ type: ['integer', 'null'] }, ''],
    [{ type: 'string', maxLength: 3 }, 'abc'],
    [{ type: 'string', pattern: '^[a-z]+$' }, '"abc"'],
  ])('proves what is plain: %j, %s', (given, text) => {
    const schema = { type: 'object', properties: { c: given }, required: ['c'] };
    expect(prove(schema, text).proven).toBe(true);
  });

  it.each([
    { allOf: [] },
    { if: {} },
    { patternProperties: {} },
    { minProperties: 1 },
    { dependentRequired: {} },
    { not: {} },
  ])('leaves a schema to the validator that says more of a record: %j', (more) => {
    expect(compileQuickCheck({ type: 'object', properties: {}, ...more })).toBeNull();
  });
});
