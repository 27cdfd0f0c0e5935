import { describe, expect, it } from 'vitest';
import { checkRules } from './check-rules.ts';
import { readRules } from './read-rules.ts';

function yaml(text: string): unknown {
  const reading = readRules(text);
  return reading.ok ? reading.content : reading.problems;
}

describe('looking rules over', () => {
  it.each([
    [{ type: 'integer', min: 5, max: 3 }, '/a/min'],
    [{ type: 'string', minlength: 5, maxlength: 3 }, '/a/minlength'],
    [{ type: 'integer', allowed: [1, 2], forbidden: [2] }, '/a/forbidden'],
    [{ type: 'integer', allowed: [] }, '/a/allowed'],
    [{ type: 'string', allowed: ['a', 'b'], regex: '[0-9]' }, '/a/regex'],
    [{ type: 'integer', filled: false }, '/a/filled'],
    [{ type: 'string', formatting: 'date', min: '2024-01-01', max: '2023-01-01' }, '/a/min'],
    [{ type: 'integer', anyof: [{ min: 5, max: 3 }] }, '/a/anyof/0/min'],
  ])('finds what %j says against itself', (rules, pointer) => {
    expect(checkRules({ a: rules })).toEqual([
      expect.objectContaining({ level: 'error', pointer, file: 'rules' }),
    ]);
  });

  it.each([
    [{ a: { type: 'integer', required: true, nullable: true } }, '/a/required'],
    [{ a: { type: 'integer', regex: 'x' } }, '/a/regex'],
    [{ a: { logic: { formula: { var: 'b' } } } }, '/a/logic'],
    [
      yaml(
        'a: {type: integer, allowed: [1], compatibility: [{if: {a: {allowed: [2]}}, then: {a: {max: 1}}}]}',
      ),
      '/a/compatibility/0',
    ],
    [
      yaml(
        'a: {compatibility: [{index: 1, if: {a: {min: 1}}, then: {a: {max: 1}}}, {index: 1, if: {a: {min: 1}}, then: {a: {max: 2}}}]}',
      ),
      '/a/compatibility/1',
    ],
  ])('wonders about %j', (schema, pointer) => {
    expect(checkRules(schema)).toEqual([expect.objectContaining({ level: 'warning', pointer })]);
  });

  it('says where rules and codes do not meet', () => {
    const schema = { a: { type: 'integer', max: 3 } };
    const codes = { a: { type: { code: 'A' }, min: { code: 'B' } }, b: { max: { code: 'C' } } };
    expect(checkRules(schema, { codes }).map(({ pointer, file }) => [file, pointer])).toEqual([
      ['codes', '/a/min'],
      ['codes', '/b/max'],
      ['rules', '/a/max'],
    ]);
  });

  it('tells rules without a code together, and none that only says what a field is', () => {
    const schema = {
      a: { type: 'integer', max: 3 },
      b: { type: 'integer', nullable: true, min: 1 },
    };
    const codes = { c: {} };
    expect(checkRules(schema, { codes })).toEqual([
      expect.objectContaining({
        pointer: '/a/max',
        message: "Without a code, and so known by the rule's name: /a/max, /b/min.",
      }),
    ]);
  });

  it('takes no member of a value and no name of a score for a field of the form', () => {
    const schema = yaml(
      [
        'device: {type: dict, schema: {maker: {type: string}}}',
        'words:',
        '  type: integer',
        '  function:',
        '    name: score_variables',
        '    args:',
        '      mode: correct',
        '      scoring_key: {words: 3}',
        '      calc_var_name: right',
        "      logic: {formula: {'==': [{var: words}, {var: right}]}, errmsg: Wrong.}",
      ].join('\n'),
    );
    expect(checkRules(schema)).toEqual([]);
  });

  it('has nothing to say of sound rules', () => {
    expect(checkRules({ a: { type: 'integer', nullable: true, min: 0, max: 9 } })).toEqual([]);
  });
});

describe('reading a rule file', () => {
  it('takes JSON and YAML', () => {
    expect(readRules('{"a": {"min": 1}}')).toEqual({ ok: true, content: { a: { min: 1 } } });
    expect(readRules('\uFEFFa:\n  min: 1\n')).toEqual({ ok: true, content: { a: { min: 1 } } });
  });

  it.each([
    [
      '{"a": 1, "a": 2}',
      'Line 1, column 10: The name that stands here stands twice in one mapping.',
    ],
    ['', 'The file is empty.'],
    ['a: 1\n---\nb: 1\n', 'The file holds more than one document.'],
    ['a: .nan', 'A number in the rules is too great to be held.'],
  ])('refuses %j', (text, message) => {
    expect(readRules(text)).toEqual({
      ok: false,
      problems: [expect.objectContaining({ message })],
    });
  });

  it('refuses aliases that unfold without an end', () => {
    const rows = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level += 1)
      rows.push(
        `a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(', ')}]`,
      );
    expect(readRules(rows.join('\n')).ok).toBe(false);
  });

  it('refuses a text that is nested without an end', () => {
    expect(readRules('['.repeat(20_000)).ok).toBe(false);
  });
});
