import { messageParts, type Finding } from '@lazaret/faults';
import { describe, expect, it } from 'vitest';
import type { FormValues } from '../record.ts';
import { schemaCodes } from './codes.ts';
import { recordFindings } from './record-findings.ts';
import { compileSchema } from './record-schema.ts';

const CSV = { item: 4, place: { file: 0, record: 7, line: 8, offset: 120 } };
const JSON_FILE = { item: 4, place: { ...CSV.place, pointer: '/6' } };

interface Told {
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  readonly value: unknown;
  readonly expected: unknown;
}

function findingsOf(schema: unknown, values: FormValues, record = CSV): Finding[] {
  const compiled = compileSchema({ name: 'UDS', schema });
  return recordFindings(record, compiled.check(values));
}

function tell(schema: unknown, values: FormValues): Told[] {
  return compileSchema({ name: 'UDS', schema })
    .check(values)
    .map(({ finding, pointer }) => ({
      ...{ code: finding.code, pointer, message: messageOf(finding) },
      ...{ value: finding.parameters['value'], expected: finding.parameters['expected'] },
    }));
}

/** What a person reads, without place, action and code. */
function messageOf(finding: Finding): string {
  const entry = Object.entries(schemaCodes.entries).find(([name]) => name === finding.code)?.[1];
  if (entry === undefined) throw new Error('There is no such entry.');
  return messageParts(entry, finding.parameters).message;
}

/** A schema of one field `x`. */
const field = (schema: unknown): unknown => ({ properties: { x: schema } });
const latest = (schema: object): unknown => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...schema,
});

describe('what a schema says of a value', () => {
  it.each<[string, unknown, FormValues, string, string, string]>([
    [
      'MaxLength',
      field({ maxLength: 10 }),
      { x: 'INVENTED-001' },
      'x must have at most 10 characters; it has 12.',
      'INVENTED-001',
      'at most 10 characters',
    ],
    [
      'MinLength',
      field({ minLength: 2 }),
      { x: '😀' },
      'x must have at least 2 characters; it has 1.',
      '😀',
      'at least 2 characters',
    ],
    [
      'Pattern',
      field({ pattern: '^[0-9]+$', examples: ['110'] }),
      { x: '1a' },
      'x must be written in the form ^[0-9]+$, such as 110.',
      '1a',
      'in the form ^[0-9]+$, such as 110',
    ],
    [
      'Type',
      field({ type: 'integer' }),
      { x: 'old' },
      'x must be a whole number; it is a text.',
      'old',
      'a whole number',
    ],
    [
      'Type',
      field({ type: 'integer' }),
      { x: 1.5 },
      'x must be a whole number; it has a fraction.',
      '1.5',
      'a whole number',
    ],
    [
      'Type',
      field({ type: 'integer' }),
      { x: '9007199254740993' },
      'x must be a whole number; it has more digits than can be kept exactly.',
      '9007199254740993',
      'a whole number',
    ],
    [
      'Type',
      field({ type: ['number', 'null'] }),
      { x: 'nan' },
      'x must be a number or empty; it is written as no number that can be kept.',
      'nan',
      'a number or empty',
    ],
    [
      'Enum',
      field({ enum: ['English', 'Spanish'] }),
      { x: 'Englsh' },
      'x must be one of English, Spanish (did you mean English?).',
      'Englsh',
      'English, Spanish',
    ],
    [
      'Enum',
      field({ type: 'integer', enum: [0, 1, 9] }),
      { x: 'old' },
      'x must be one of 0, 1, 9.',
      'old',
      '0, 1, 9',
    ],
    ['Const', field({ const: 4 }), { x: 3 }, 'x must be 4.', '3', '4'],
    ['Minimum', field({ minimum: 18 }), { x: 7 }, 'x must be at least 18.', '7', 'at least 18'],
    [
      'Maximum',
      field({ maximum: 120 }),
      { x: 121 },
      'x must be at most 120.',
      '121',
      'at most 120',
    ],
    [
      'ExclusiveMinimum',
      field({ exclusiveMinimum: 0 }),
      { x: 0 },
      'x must be more than 0.',
      '0',
      'more than 0',
    ],
    [
      'ExclusiveMaximum',
      field({ exclusiveMaximum: 1 }),
      { x: 1 },
      'x must be less than 1.',
      '1',
      'less than 1',
    ],
    [
      'MultipleOf',
      field({ multipleOf: 0.01 }),
      { x: 0.075 },
      'x must be a multiple of 0.01.',
      '0.075',
      'a multiple of 0.01',
    ],
    [
      'Format',
      field({ format: 'date' }),
      { x: '31/01/2026' },
      'x must be a date such as 2026-01-31.',
      '31/01/2026',
      'a date such as 2026-01-31',
    ],
    ['Not', field({ not: { const: 0 } }), { x: 0 }, 'x must not be 0.', '0', 'not 0'],
    ['FalseSchema', field(false), { x: 'a' }, 'x must have no value here.', 'a', 'no value'],
    [
      'UniqueItems',
      field({ uniqueItems: true }),
      { x: ['a', 'b', 'a'] },
      'x must have no entry twice; entries 1 and 3 are the same.',
      '["a","b","a"]',
      'no entry twice',
    ],
    [
      'Contains',
      field({ contains: { type: 'string' } }),
      { x: [1, 2] },
      'x must have at least 1 entry of this kind: a text.',
      '[1,2]',
      'at least 1 entry: a text',
    ],
    [
      'MinItems',
      field({ minItems: 3 }),
      { x: [1] },
      'x must have at least 3 entries; it has 1.',
      '[1]',
      'at least 3 entries',
    ],
    [
      'MaxItems',
      field({ maxItems: 1 }),
      { x: [1, 2] },
      'x must have at most 1 entry; it has 2.',
      '[1,2]',
      'at most 1 entry',
    ],
    [
      'MinProperties',
      field({ minProperties: 1 }),
      { x: {} },
      'x must have at least 1 field; it has 0.',
      '{}',
      'at least 1 field',
    ],
    [
      'MaxProperties',
      { maxProperties: 1 },
      { a: 1, b: 2 },
      'The record must have at most 1 field; it has 2.',
      '{"a":1,"b":2}',
      'at most 1 field',
    ],
    [
      'UnevaluatedItems',
      latest({ properties: { x: { prefixItems: [true], unevaluatedItems: false } } }),
      { x: [1, 2] },
      'x must have at most 1 entry; it has 2.',
      '[1,2]',
      'at most 1 entry',
    ],
    [
      'AdditionalItems',
      field({ items: [true], additionalItems: false }),
      { x: [1, 2] },
      'x must have at most 1 entry; it has 2.',
      '[1,2]',
      'at most 1 entry',
    ],
    [
      'AdditionalItems',
      latest({ properties: { x: { prefixItems: [true], items: false } } }),
      { x: [1, 2] },
      'x must have at most 1 entry; it has 2.',
      '[1,2]',
      'at most 1 entry',
    ],
    [
      'AnyOf',
      field({ anyOf: [{ type: 'integer', maximum: 9 }, { const: 88 }] }),
      { x: 12 },
      'x must be a whole number of at most 9 or 88.',
      '12',
      'a whole number of at most 9 or 88',
    ],
    [
      'OneOf',
      field({ oneOf: [{ multipleOf: 3 }, { multipleOf: 5 }] }),
      { x: 15 },
      'x must be exactly one of these: a number in steps of 3 or a number in steps of 5; it is more than one.',
      '15',
      'a number in steps of 3 or a number in steps of 5',
    ],
  ])('tells %s in plain words', (code, schema, values, message, value, expected) => {
    const [told, ...more] = tell(schema, values);
    expect(more).toEqual([]);
    expect(told).toEqual({ code, message, value, expected, pointer: told?.pointer });
  });

  it('tells Required, DependentRequired, AdditionalProperties, PropertyNames and UnevaluatedProperties at the name', () => {
    const schema = latest({
      properties: {
        PTID: { title: 'Participant' },
        CAUSE: {},
        DATE: { format: 'date' },
        'a/b': {},
      },
      required: ['PTID', 'a/b'],
      dependentRequired: { CAUSE: ['DATE'] },
      additionalProperties: false,
      propertyNames: { maxLength: 5 },
    });
    const told = tell(schema, { CAUSE: 1, PTIDDD: 'x' });
    expect(
      told.map(({ code, pointer, message }) => `${code} ${pointer} ${message}`).toSorted(),
    ).toEqual([
      'AdditionalProperties /PTIDDD The record has a name in it that the schema does not have (did you mean PTID?).',
      'DependentRequired /DATE DATE must have a value, because CAUSE has one.',
      'PropertyNames /PTIDDD A name in The record must be a text of at most 5 characters.',
      'Required /PTID Participant must have a value; there is none.',
      'Required /a~1b a/b must have a value; there is none.',
    ]);
    expect(
      tell(latest({ properties: { PTID: {} }, unevaluatedProperties: false }), { PTD: 1 }),
    ).toMatchObject([{ code: 'UnevaluatedProperties', value: 'PTD', expected: 'PTID' }]);
  });
});

describe('one mistake', () => {
  const score = { anyOf: [{ type: 'null' }, { type: 'string', maxLength: 2 }] };

  it('is told once where a choice is between empty and one other thing', () => {
    expect(tell(field(score), { x: 'abc' })).toMatchObject([
      { code: 'MaxLength', pointer: '/x', message: 'x must have at most 2 characters; it has 3.' },
    ]);
  });

  it('is told once where null fits no choice', () => {
    const schema = field({ anyOf: [{ type: 'integer' }, { type: 'string', maxLength: 2 }] });
    expect(tell(schema, { x: null })).toMatchObject([
      { code: 'AnyOf', message: 'x must be a whole number or a text of at most 2 characters.' },
    ]);
  });

  it('is told once where the choices are referred to', () => {
    const schema = {
      definitions: { short: { maxLength: 2 }, whole: { type: 'integer' } },
      properties: {
        x: { allOf: [{ $ref: '#/definitions/short' }] },
        y: { anyOf: [{ $ref: '#/definitions/whole' }, { $ref: '#/definitions/short' }] },
      },
    };
    expect(
      tell(schema, { x: 'abc', y: 'abc' }).map(({ code, pointer }) => [code, pointer]),
    ).toEqual([
      ['MaxLength', '/x'],
      ['AnyOf', '/y'],
    ]);
  });

  it('is told by what follows from a condition, not by the condition', () => {
    const schema: unknown = JSON.parse(
      '{"if":{"properties":{"dead":{"const":true}},"required":["dead"]},"then":{"required":["date"]}}',
    );
    expect(tell(schema, { dead: true })).toMatchObject([{ code: 'Required', pointer: '/date' }]);
  });

  it('stays two mistakes where two values have it, or one value has two', () => {
    const schema = {
      properties: { a: { maxLength: 1 }, b: { maxLength: 1, pattern: '^[0-9]+$' } },
    };
    expect(tell(schema, { a: 'xx', b: 'xx' }).map(({ code, pointer }) => [code, pointer])).toEqual([
      ['MaxLength', '/a'],
      ['MaxLength', '/b'],
      ['Pattern', '/b'],
    ]);
  });
});

describe('the place of a mistake', () => {
  it('is the column in a file of rows', () => {
    const [finding] = findingsOf({ required: ['a/b'] }, {});
    expect(finding?.place).toEqual({ item: 4, line: 8, record: 7, offset: 120, column: 'a/b' });
  });

  it('is a pointer from the root of a file of JSON', () => {
    const schema = { properties: { list: { items: { required: ['a~/b'] } } } };
    const [finding] = findingsOf(schema, { list: [{}] }, JSON_FILE);
    expect(finding?.place).toEqual({
      ...{ item: 4, record: 7, line: 8, offset: 120 },
      pointer: '/6/list/0/a~0~1b',
    });
  });

  it('has no name in JSON that only the sender knows', () => {
    const schema = { additionalProperties: { type: 'integer' } };
    const [finding] = findingsOf(schema, { 'Ada Invented': 'x' }, JSON_FILE);
    expect(JSON.stringify(finding)).not.toContain('Ada');
    expect(finding?.place.pointer).toBe('/6');
  });

  it('is told without the value, but for the sender', () => {
    const [finding] = findingsOf(field({ maxLength: 3 }), { x: 'Ada Invented' });
    if (finding === undefined) throw new Error('Nothing was found.');
    expect(messageOf(finding)).not.toContain('Ada');
    expect(finding.parameters['value']).toBe('Ada Invented');
  });
});
