import { Fault } from '@lazaret/faults';
import { describe, expect, it } from 'vitest';
import { compileSchema } from './record-schema.ts';

function problemsOf(schema: unknown, files?: Readonly<Record<string, unknown>>): string[] {
  try {
    compileSchema({ name: 'UDS', schema, ...(files === undefined ? {} : { schemaFiles: files }) });
    return [];
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'SchemaInvalid') throw error;
    return [...(error.parameters['problems'] as readonly string[])];
  }
}

describe('a schema that cannot be used (SchemaInvalid)', () => {
  it.each([[null], [[]], ['text'], [7], [true]])('is told when it is %j', (schema) => {
    expect(problemsOf(schema)).toEqual(['it is not a JSON object']);
  });

  it('is told with the remedy when its draft is not known', () => {
    const [problem] = problemsOf({ $schema: 'http://json-schema.org/draft-04/schema#' });
    expect(problem).toMatch(/^\/\$schema names ".*draft-04.*", which is not known: write "https:/);
  });

  it.each([
    ['http://json-schema.org/draft-07/schema#'],
    ['http://json-schema.org/draft-07/schema'],
    ['https://json-schema.org/draft/2019-09/schema'],
    ['https://json-schema.org/draft/2020-12/schema#'],
  ])('is none when it is written for %s', ($schema) => {
    expect(problemsOf({ $schema, properties: { a: { type: 'string' } } })).toEqual([]);
  });

  it('is told with everything that is wrong, each with its place', () => {
    const problems = problemsOf({
      properties: {
        a: { type: 'text' },
        b: { maxLength: -1 },
        c: { $ref: '#/definitions/gone' },
        d: { $ref: 'beside.json#/definitions/x' },
        e: { pattern: '(' },
        f: { pattern: '(a)\\1' },
        g: { format: 'dat' },
        h: { maxlength: 3 },
      },
    });
    expect(problems.toSorted()).toEqual([
      '/properties/a/type must be equal to one of the allowed values: array, boolean, integer, null, number, object, string',
      '/properties/b/maxLength must be >= 0',
      '/properties/c/$ref refers to #/definitions/gone, which is not there',
      '/properties/d/$ref refers to beside.json#/definitions/x, which is not there',
      '/properties/e/pattern: "(" is not a regular expression',
      '/properties/f/pattern: "(a)\\1" refers back to a group, which cannot be run in bounded time; write it without',
      '/properties/g/format is "dat"; did you mean date?',
      '/properties/h/maxlength is no keyword; did you mean maxLength?',
    ]);
  });

  it('is told when it never ends', () => {
    expect(problemsOf({ $ref: '#' })).toEqual(['the schema refers back to itself without an end']);
    const definitions = {
      a: { allOf: [{ $ref: '#/definitions/b' }] },
      b: { $ref: '#/definitions/a' },
    };
    expect(problemsOf({ definitions })).toHaveLength(1);
  });

  it('is told when it is nested too deep', () => {
    let schema: object = {};
    for (let depth = 0; depth < 300; depth += 1) schema = { not: schema };
    expect(problemsOf(schema)).toEqual([
      expect.stringMatching(/^\/not\/.* is nested more than 100 deep$/),
    ]);
  });

  it('is told when it would answer later', () => {
    expect(problemsOf({ $async: true })).toContain('/$async is not supported');
  });

  it('is told no more often than a person reads', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [`x${at}`, { type: 'text' }]),
    );
    const problems = problemsOf({ properties });
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)).toBe('and 150 more');
  });
});

describe('files beside a schema', () => {
  const schema = { properties: { x: { $ref: 'header.json#/definitions/id' } } };

  it('are referred to by their name', () => {
    const files = { 'header.json': { definitions: { id: { type: 'integer' } } } };
    const compiled = compileSchema({ name: 'UDS', schema, schemaFiles: files });
    expect(compiled.cast('x', '12')).toBe(12);
    expect(compiled.check({ x: 'old' })).toHaveLength(1);
    expect(compiled.check({ x: 12 })).toEqual([]);
  });

  it('are found where the schema says that it lies elsewhere', () => {
    const files = { 'header.json': { definitions: { id: { type: 'integer' } } } };
    const compiled = compileSchema({
      name: 'UDS',
      schema: { $id: 'https://forms.example/v4/uds.json', ...schema },
      schemaFiles: files,
    });
    expect(compiled.check({ x: 'old' })).toHaveLength(1);
  });

  it('are told with their name when they are wrong', () => {
    const files = { 'header.json': { definitions: { id: { type: 'text' } } } };
    expect(problemsOf(schema, files)).toEqual([
      'header.json#/definitions/id/type must be equal to one of the allowed values: array, boolean, integer, null, number, object, string',
    ]);
    expect(problemsOf(schema, { 'header.json': 7 })).toContain('header.json is not a JSON object');
    const other = { $schema: 'https://json-schema.org/draft/2020-12/schema' };
    expect(problemsOf(schema, { 'header.json': other })[0]).toBe(
      'header.json#/$schema names another draft than the schema that refers to it',
    );
  });
});

describe('a schema of 5,000 fields', () => {
  it('is compiled, and checks', () => {
    const names = Array.from({ length: 5000 }, (_, at) => `field${at}`);
    const properties = Object.fromEntries(
      names.map((name) => [name, { type: ['integer', 'null'], minimum: 0, maximum: 9 }]),
    );
    const compiled = compileSchema({ name: 'UDS', schema: { properties, required: names } });
    const sound = Object.fromEntries(names.map((name) => [name, null]));
    expect(compiled.cast('field17', '')).toBeNull();
    expect(compiled.columns).toHaveLength(5000);
    expect(compiled.check(sound)).toEqual([]);
    expect(compiled.check({ ...sound, field17: 10 })).toHaveLength(1);
  }, 30_000);
});
