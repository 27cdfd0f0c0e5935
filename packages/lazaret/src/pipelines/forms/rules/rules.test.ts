import { describe, expect, it } from 'vitest';
import { compileRules, type RuleOptions } from './compile-rules.ts';
import type { Checked } from './compiled-rules.ts';
import { failureText, type RuleFailure } from './failure.ts';
import { CivilDate } from './python/civil-date.ts';
import { readRules } from './read-rules.ts';
import type { CheckContext } from './run.ts';

const today = new CivilDate(2026, 1, 15);

function failuresOf(
  schema: unknown,
  record: Readonly<Record<string, unknown>>,
  options: RuleOptions = {},
  context: Partial<CheckContext> = {},
): readonly RuleFailure[] {
  const compilation = compileRules(schema, options);
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.problems));
  const { rules } = compilation;
  const checked = rules.check(rules.cast(record, today), { today, ...context });
  if (checked instanceof Promise) throw new Error('the check did not answer at once');
  return checked.failures;
}

function kindsOf(...given: Parameters<typeof failuresOf>): readonly string[] {
  return failuresOf(...given).map(({ kind }) => kind);
}

function problemsOf(schema: unknown, options: RuleOptions = {}): readonly string[] {
  const compilation = compileRules(schema, options);
  return compilation.ok
    ? []
    : compilation.problems.map(({ pointer, message }) => `${pointer} ${message}`);
}

describe('a failure', () => {
  const [failure] = failuresOf(
    { ptid: { type: 'string', maxlength: 10 } },
    { ptid: 'ABCDEFGHIJKL' },
  );

  it('says in plain words what is wrong and keeps the value out of them', () => {
    expect(failureText(failure!, 'caller')).toBe(
      'ptid must have at most 10 characters; it has 12.',
    );
  });

  it('names the rule, its place in the file and what it read', () => {
    expect(failure).toMatchObject({
      kind: 'TooLong',
      field: 'ptid',
      rule: 'maxlength',
      index: null,
      pointer: '/ptid/maxlength',
      expected: 'at most 10',
      reads: [{ field: 'ptid', visit: 'current', value: 'ABCDEFGHIJKL' }],
      type: 'error',
    });
    expect(failure?.digest).toMatch(/^[0-9a-f]{32}$/);
  });

  it('takes the words of meta.errmsg, and code and type from the codes file', () => {
    const schema = { a: { type: 'integer', max: 3, meta: { errmsg: 'At most three.' } } };
    const codes = { a: { max: { code: 'A-1', type: 'alert' } } };
    const [told] = failuresOf(schema, { a: '4' }, { codes });
    expect(told).toMatchObject({ code: 'A-1', type: 'alert' });
    expect(failureText(told!, 'caller')).toBe('At most three.');
  });

  it('has another digest once its rule or the type beside it says something else', () => {
    const digestOf = (rules: unknown): string | undefined =>
      failuresOf({ a: rules }, { a: 9 }).at(0)?.digest;
    expect(digestOf({ type: 'integer', max: 3 })).toBe(
      digestOf({ max: 3, type: 'integer', min: 0 }),
    );
    expect(digestOf({ type: 'integer', max: 3 })).not.toBe(digestOf({ type: 'float', max: 3 }));
    expect(digestOf({ type: 'integer', max: 3 })).not.toBe(digestOf({ type: 'integer', max: 4 }));
  });
});

describe('built-in rules', () => {
  it.each([
    [{ type: 'integer', allowed: [1, 2] }, '3', ['ValueNotAllowed']],
    [{ type: 'integer', forbidden: [1, 2] }, '2', ['ValueForbidden']],
    [{ type: 'integer', min: 3, max: 5 }, '2', ['BelowMinimum']],
    [{ type: 'integer', min: 3, max: 5 }, '6', ['AboveMaximum']],
    [{ type: 'string', minlength: 2 }, '\u{1F600}', ['TooShort']],
    [{ type: 'string', regex: '[a-z]+' }, 'abc1', ['PatternNotMatched']],
    [{ type: 'integer' }, '', ['NotNullable']],
    [{ type: 'integer', nullable: true, allowed: [1] }, '', []],
    [{ type: 'integer', allowed: [1] }, 'x', ['WrongType']],
    [{ type: 'list', contains: [1] }, [2], ['EntriesMissing']],
    [{ type: 'list', empty: false, minlength: 1 }, [], ['EmptyNotAllowed']],
    [{ type: 'list', schema: { type: 'integer' } }, [1, 'x'], ['WrongEntries']],
    [{ type: 'list', items: [{ type: 'integer' }] }, [1, 2], ['WrongItemCount']],
    [{ type: 'list', allowed: [1, 2] }, [1, 3], ['EntriesNotAllowed']],
    [{ type: 'dict', schema: { x: { type: 'integer' } } }, { x: 'a' }, ['WrongMapping']],
    [{ type: 'dict', schema: { x: { type: 'integer' } } }, { y: 1 }, ['WrongMapping']],
    [{ type: 'dict', keysrules: { regex: '[a-z]' } }, { A: 1 }, ['WrongKeys']],
    [{ type: 'dict', valuesrules: { type: 'integer' } }, { a: 'x' }, ['WrongValues']],
    [{ type: 'integer', oneof: [{ min: 1 }, { min: 2 }] }, 3, ['NotExactlyOneHolds']],
    [{ type: 'integer', allof: [{ min: 1 }, { max: 2 }] }, 3, ['NotAllHold']],
    [{ type: 'integer', noneof: [{ min: 1 }] }, 3, ['SomeHold']],
    [{ type: 'string', anyof_regex: ['a+', 'b+'] }, 'c', ['NoneHolds']],
    [{ type: 'string', readonly: true }, 'c', ['ReadOnlyField']],
    [{ type: 'string', dependencies: 'other' }, 'c', ['DependencyMissing']],
    [{ type: 'string', formatting: 'date', max: 'current_date' }, '01/16/2026', ['AfterToday']],
    [{ type: 'integer', max: 'current_year' }, 2027, ['AfterThisYear']],
    [{ type: 'string', formatting: 'date', min: '2020-01-01' }, 'soon', ['MinimumNotComparable']],
  ])('%j says of %j: %j', (rules, value, kinds) => {
    expect(kindsOf({ a: rules }, { a: value })).toEqual(kinds);
  });

  it('tell a field that must be there, and one that nobody knows', () => {
    const compilation = compileRules({ a: { required: true } });
    if (!compilation.ok) throw new Error('refused');
    const { rules } = compilation;
    const checked = rules.check(rules.take({ b: 1 }), { today }) as Checked;
    expect(checked.failures.map(({ kind, field }) => [kind, field])).toEqual([
      ['RequiredField', 'a'],
      ['UnknownField', 'b'],
    ]);
  });

  it("read texts the sound way, and the reference's way on request", () => {
    const schema = {
      i: { type: 'integer' },
      b: { type: 'boolean', allowed: [false] },
      f: { type: 'float' },
    };
    const record = { i: '2.0', b: 'FALSE', f: 'nan' };
    expect(kindsOf(schema, record)).toEqual(['WrongType']);
    expect(kindsOf(schema, record, { dialect: 'reference' })).toEqual([
      'WrongType',
      'ValueNotAllowed',
    ]);
  });
});

describe('constraints between fields', () => {
  const reading = readRules(`
    mode: {type: integer}
    why:
      type: integer
      nullable: true
      compatibility:
        - {index: 4, if: {mode: {allowed: [2]}}, then: {why: {nullable: false}}}
        - {if: {mode: {allowed: [1]}}, then: {why: {nullable: true, filled: false}}}
  `);
  const schema = reading.ok ? reading.content : null;

  it('are all looked at and carry their index', () => {
    expect(failuresOf(schema, { mode: 2, why: '' })).toMatchObject([
      { kind: 'ThenViolated', index: 4 },
    ]);
    expect(failuresOf(schema, { mode: 1, why: 1 })).toMatchObject([
      { kind: 'ThenViolated', index: 5 },
    ]);
    expect(failuresOf(schema, { mode: 3, why: '' })).toEqual([]);
  });

  it('say what was asked and which fields they read', () => {
    const [failure] = failuresOf(schema, { mode: 2, why: '' });
    expect(failureText(failure!, 'caller')).toBe(
      'Where mode one of 2, why filled in is required; why does not comply.',
    );
    expect(failure?.reads.map(({ field }) => field)).toEqual(['why', 'mode']);
  });
});

describe('rules about earlier visits', () => {
  const options = { primaryKey: 'id' };
  const schema = {
    id: { type: 'string' },
    n: { type: 'integer', compare_with: { comparator: '>=', base: 'n', previous_record: true } },
  };
  const previous = { id: 'v1', record: { id: 'x', n: '5' } };

  it('read the earlier visit like the record itself and say which one it was', () => {
    const compilation = compileRules(schema, options);
    if (!compilation.ok) throw new Error('refused');
    const { rules } = compilation;
    const checked = rules.check(rules.cast({ id: 'x', n: '4' }, today), {
      today,
      previousVisit: () => previous,
    }) as Checked;
    expect(checked.visits).toEqual([{ visit: 'previous', filled: [], id: 'v1' }]);
    expect(checked.failures).toMatchObject([{ kind: 'ComparisonNotMet' }]);
    expect(checked.failures[0]?.reads).toContainEqual({ field: 'n', visit: 'previous', value: 5 });
  });

  it('wait for a visit that has to be fetched, and come to the same', async () => {
    const compilation = compileRules(schema, options);
    if (!compilation.ok) throw new Error('refused');
    const { rules } = compilation;
    let asked = 0;
    const answer = rules.check(rules.cast({ id: 'x', n: '4' }, today), {
      today,
      previousVisit: () => {
        asked += 1;
        return Promise.resolve(previous);
      },
    });
    expect(answer).toBeInstanceOf(Promise);
    expect((await answer).failures).toMatchObject([{ kind: 'ComparisonNotMet' }]);
    expect(asked).toBe(1);
  });

  it('are told as not evaluable where there is no key or nobody to ask', () => {
    expect(kindsOf(schema, { id: 'x', n: 4 }, options)).toEqual(['NotEvaluable']);
    const context = { previousVisit: () => null };
    expect(kindsOf(schema, { id: '', n: 4 }, options, context)).toEqual([
      'NotNullable',
      'NotEvaluable',
    ]);
    expect(kindsOf(schema, { id: 'x', n: 4 }, options, context)).toEqual(['NoEarlierValue']);
  });
});

describe('formulas', () => {
  const holds = (formula: unknown, record: Readonly<Record<string, unknown>>): readonly string[] =>
    kindsOf(
      { a: { nullable: true, logic: { formula } }, b: { nullable: true } },
      { b: null, ...record },
    );

  it('divide behind a guard, and are not evaluable without one', () => {
    const quotient = { '==': [{ '/': [{ var: 'a' }, { var: 'b' }] }, 2] };
    expect(holds(quotient, { a: 4, b: 2 })).toEqual([]);
    expect(holds(quotient, { a: 4, b: 0 })).toEqual(['NotEvaluable']);
    expect(holds({ or: [{ '==': [{ var: 'b' }, 0] }, quotient] }, { a: 4, b: 0 })).toEqual([]);
  });

  it('count numbers within a hundredth as equal', () => {
    expect(holds({ '==': [{ var: 'a' }, 0.33] }, { a: 0.3333 })).toEqual([]);
    expect(holds({ '==': [{ var: 'a' }, 0.3] }, { a: 0.33 })).toEqual(['FormulaNotMet']);
  });
});

describe('services', () => {
  it('decide on drugs and centers', () => {
    const schema = {
      drug: { type: 'integer', function: { name: 'check_rxcui' } },
      adcid: { type: 'integer', function: { name: 'check_adcid' } },
    };
    const context = { isValidRxcui: () => false, isValidAdcid: () => false };
    expect(kindsOf(schema, { drug: 3, adcid: 1 }, {}, context)).toEqual([
      'UnknownDrug',
      'OtherCenter',
    ]);
  });
});

describe('rules that cannot be used', () => {
  it.each([
    [{ a: { alowed: [1] } }, '/a/alowed There is no rule "alowed". Did you mean "allowed"?'],
    [{ a: { type: 'intger' } }, '/a/type There is no type "intger". Did you mean "integer"?'],
    [
      { a: { logic: { formula: { '==': [1, 2], '!=': [] } } } },
      '/a/logic/formula A formula is a mapping of one operator to its operands.',
    ],
    [
      { a: { logic: { formula: { mrege: [1] } } } },
      '/a/logic/formula There is no operator "mrege". Did you mean "merge"?',
    ],
    [
      { a: { logic: { formula: { '/': [{ var: 'a' }, 0] } } } },
      '/a/logic/formula/~1 "/" divides by zero.',
    ],
    [
      { a: { regex: '(?=a)b' } },
      '/a/regex The pattern of "a" looks ahead or behind, which is not supported.',
    ],
    [
      JSON.parse('{"__proto__": {"type": "string"}}') as unknown,
      '/__proto__ The name "__proto__" may not be used in rules.',
    ],
    [
      { a: { function: { name: 'check_adcd' } } },
      '/a/function/name There is no function "check_adcd". Did you mean "check_adcid"?',
    ],
  ])('%j are refused with their place', (schema, problem) => {
    expect(problemsOf(schema)).toEqual([problem]);
  });

  it('are refused when they are a depth bomb', () => {
    let formula: unknown = 1;
    for (let depth = 0; depth < 5000; depth += 1) formula = { '!': [formula] };
    expect(problemsOf({ a: { logic: { formula } } })[0]).toContain('nested deeper than 64 levels');
  });

  it('do not hang on a pattern that explodes elsewhere', () => {
    const started = performance.now();
    expect(kindsOf({ a: { regex: '(a+)+' } }, { a: `${'a'.repeat(50_000)}b` })).toEqual([
      'PatternNotMatched',
    ]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
