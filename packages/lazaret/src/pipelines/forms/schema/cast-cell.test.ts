import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSchema } from './record-schema.ts';

function cast(schema: unknown, cell: string, definitions: unknown = {}): unknown {
  const compiled = compileSchema({
    name: 'UDS',
    schema: { properties: { x: schema }, definitions },
  });
  return compiled.cast('x', cell);
}

describe('the text of a cell', () => {
  it.each<[string, unknown, unknown]>([
    ['FALSE', { type: 'boolean' }, false],
    ['False', { type: 'boolean' }, false],
    ['true ', { type: 'boolean' }, true],
    ['no', { type: 'boolean' }, 'no'],
    ['0', { type: 'boolean' }, '0'],
    ['2.0', { type: 'integer' }, 2],
    ['0', { type: 'integer' }, 0],
    ['-0', { type: 'integer' }, -0],
    ['+5', { type: 'integer' }, 5],
    [' 7 ', { type: 'integer' }, 7],
    ['1e3', { type: 'integer' }, 1000],
    ['2.5', { type: 'integer' }, 2.5],
    ['1,5', { type: 'number' }, '1,5'],
    ['1_000', { type: 'integer' }, '1_000'],
    ['nan', { type: 'number' }, 'nan'],
    ['inf', { type: 'number' }, 'inf'],
    ['Infinity', { type: 'number' }, 'Infinity'],
    ['0x1F', { type: 'number' }, '0x1F'],
    ['1e400', { type: 'number' }, '1e400'],
    ['9007199254740991', { type: 'integer' }, 9007199254740991],
    ['9007199254740993', { type: 'integer' }, '9007199254740993'],
    ['2024', { type: 'string' }, '2024'],
    ['2024-01-31', { type: 'string', format: 'date' }, '2024-01-31'],
    ['12', {}, '12'],
    ['12', { maxLength: 3 }, '12'],
    // Types that are lists, lists of values, and texts that a number would change.
    ['12', { type: ['integer', 'null'] }, 12],
    ['12', { type: ['integer', 'string'] }, 12],
    ['007', { type: ['integer', 'string'] }, '007'],
    ['2.0', { type: ['integer', 'string'] }, '2.0'],
    ['1', { enum: [0, 1, 9] }, 1],
    ['1.0', { enum: [0, 1, 9] }, 1],
    ['1', { enum: ['0', '1'] }, '1'],
    ['1', { enum: [1, '1'] }, '1'],
    ['88', { const: 88 }, 88],
    ['TRUE', { enum: [true, false, null] }, true],
    ['2.0', { anyOf: [{ type: 'integer' }, { enum: ['NA'] }] }, 2],
    ['NA', { anyOf: [{ type: 'integer' }, { enum: ['NA'] }] }, 'NA'],
    ['3', { allOf: [{ type: 'integer' }, { minimum: 1 }] }, 3],
    ['3', { oneOf: [{ type: 'null' }, { $ref: '#/definitions/whole' }] }, 3],
    ['3', { $ref: '#/definitions/whole' }, 3],
  ])('%j in a column of %j is %j', (cell, schema, value) => {
    expect(cast(schema, cell, { whole: { type: 'integer' } })).toBe(value);
  });

  it.each<[unknown, unknown]>([
    [{ type: 'string' }, undefined],
    [{ type: 'integer' }, undefined],
    [{ type: ['integer', 'null'] }, null],
    [{ anyOf: [{ type: 'null' }, { type: 'string' }] }, null],
    [{ enum: ['a', null] }, null],
    [{ enum: ['a', ''] }, ''],
    [{ type: 'integer', nullable: true }, null],
    [{}, undefined],
  ])('that is empty, in a column of %j, is %j', (schema, value) => {
    expect(cast(schema, '')).toBe(value);
  });

  it('is missing where it is empty, needed, and may not be null', () => {
    const schema = { properties: { x: { type: 'integer' } }, required: ['x'] };
    const compiled = compileSchema({ name: 'UDS', schema });
    expect(compiled.cast('x', '')).toBeUndefined();
    expect(compiled.check({}).map(({ finding }) => finding.code)).toEqual(['Required']);
  });

  it('of a column that the schema does not have stays text', () => {
    expect(compileSchema({ name: 'UDS', schema: {} }).cast('y', '12')).toBe('12');
  });

  it('is never changed in its meaning: what comes back as a number reads as the same number', () => {
    const compiled = compileSchema({
      name: 'UDS',
      schema: { properties: { x: { type: ['number', 'null'] } } },
    });
    const cells = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true }).map(String),
      fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
    );
    fc.assert(
      fc.property(cells, (cell) => {
        const value = compiled.cast('x', cell);
        if (typeof value === 'number') {
          expect(value).toBe(Number(cell));
          expect(Number.isInteger(value) && !Number.isSafeInteger(value)).toBe(false);
        } else expect(value).toBe(cell === '' ? null : cell);
      }),
    );
  });
});
