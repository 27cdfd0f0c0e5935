import { describe, expect, it } from 'vitest';
import { fillTemplate, placeholdersOf, visibleParameters } from './template.ts';

const classes = { limit: 'public', table: 'internal', name: 'phi' } as const;
const parameters = { limit: 10, table: 'visit', name: 'DOE', other: 'DOE' };
const template = '{limit} {table} {name} {other}';

describe('fillTemplate', () => {
  it.each([
    ['caller', '10 [withheld] [withheld] [withheld]'],
    ['operator', '10 visit [withheld] [withheld]'],
    ['log', '10 visit [withheld] [withheld]'],
  ] as const)('shows the %s what it may see', (audience, text) => {
    expect(fillTemplate(template, classes, parameters, audience)).toBe(text);
  });

  it('never takes a value for a template', () => {
    const text = fillTemplate('{limit}', classes, { limit: '{table} $& $1', table: 'x' }, 'log');
    expect(text).toBe('{table} $& $1');
  });

  it('marks a value that was not given, and does not find one on every object', () => {
    expect(fillTemplate('{limit}', classes, {}, 'caller')).toBe('[missing]');
    expect(fillTemplate('{toString}', classes, {}, 'log')).toBe('[withheld]');
  });

  it('escapes and caps values', () => {
    expect(fillTemplate('{limit}', classes, { limit: 'a\nb' }, 'caller')).toBe(String.raw`a\nb`);
    const long = fillTemplate('{limit}', classes, { limit: 'x'.repeat(1e6) }, 'caller');
    expect(long).toHaveLength(200 + '… (+999800 characters)'.length);
  });

  it('shows the start of a long list and how many more there are', () => {
    const limit = Array.from({ length: 12 }, (_, index) => String(index));
    expect(fillTemplate('{limit}', classes, { limit }, 'caller')).toMatch(/8, 9 and 2 more$/);
  });
});

describe('visibleParameters', () => {
  it('gives the caller public ones, and the log a mark in place of phi', () => {
    expect(visibleParameters(classes, parameters, 'caller')).toEqual({ limit: 10 });
    expect(visibleParameters(classes, parameters, 'log')).toEqual({
      limit: 10,
      table: 'visit',
      name: '[withheld]',
    });
  });
});

describe('placeholdersOf', () => {
  it('names each parameter once', () => {
    expect(placeholdersOf('{a} {b} {a} {} {1x} { c }')).toEqual(['a', 'b']);
  });
});
