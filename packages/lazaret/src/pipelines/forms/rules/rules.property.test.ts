import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRules } from './check-rules.ts';
import { compileRules } from './compile-rules.ts';
import { CivilDate } from './python/civil-date.ts';
import { readDateTime } from './python/date-text.ts';
import { floatOf, integerOf } from './python/number-text.ts';
import { compilePattern } from './python/pattern.ts';
import { readRules } from './read-rules.ts';
import { COMPILERS } from './rule-compilers.ts';
import { canonicalJson } from './rule-digest.ts';
import type { RuleJson } from './rule-json.ts';

const today = new CivilDate(2026, 1, 15);
const fields = ['a', 'b', 'c'];
const operators = ['==', '<', '+', '-', '*', '/', 'and', 'or', 'if', 'in', 'min', 'cat', 'count'];

const value = fc.oneof(
  fc.constantFrom(null, '', '0', '5.0', 'nan', '2024', '02/03/2024', 'abc', true, [], {}),
  fc.integer(),
  fc.double(),
  fc.string({ maxLength: 12 }),
);

const { formula } = fc.letrec<{ formula: unknown }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...fields).map((name) => ({ var: name })),
    fc.integer({ min: -3, max: 9 }),
    fc
      .tuple(fc.constantFrom(...operators), fc.tuple(tie('formula'), tie('formula')))
      .map(([name, operands]) => ({ [name]: operands })),
  ),
}));

const simpleRules = fc.record(
  {
    type: fc.constantFrom('integer', 'float', 'string', 'date', 'boolean'),
    nullable: fc.boolean(),
    allowed: fc.array(fc.oneof(fc.integer(), fc.string({ maxLength: 3 })), { maxLength: 3 }),
    min: fc.oneof(fc.integer(), fc.constantFrom('current_date', 'current_year', 'x')),
    max: fc.integer(),
    maxlength: fc.integer({ min: 0, max: 5 }),
    filled: fc.boolean(),
    logic: formula.map((made) => ({ formula: made })),
    compare_with: fc.record({
      comparator: fc.constantFrom('<', '<=', '==', '!='),
      base: fc.constantFrom('a', 'b', 'current_year', 'current_date', 3),
      op: fc.constantFrom('+', '-', '*', '/', 'abs'),
      adjustment: fc.constantFrom('c', 2, 'zz'),
    }),
    compare_age: fc.record({
      comparator: fc.constantFrom('<', '>='),
      birth_year: fc.constantFrom('a', 1950),
      compare_to: fc.constantFrom('b', 3),
    }),
  },
  { requiredKeys: [] },
);

const rules = fc
  .tuple(simpleRules, fc.option(simpleRules), fc.option(simpleRules))
  .map(([own, condition, consequence]) =>
    condition === null || consequence === null
      ? own
      : {
          ...own,
          compatibility: [
            Object.fromEntries(
              ['if', 'then'].map((name, index) => [
                name,
                [{ a: condition }, { b: consequence }][index],
              ]),
            ),
          ],
        },
  );

describe('rules, whatever they say', () => {
  it('are compiled or refused, and looked over, without ever throwing', () => {
    const keyword = fc.constantFrom(...Object.keys(COMPILERS));
    const schema = fc.dictionary(
      fc.string(),
      fc.oneof(fc.jsonValue(), fc.dictionary(keyword, fc.jsonValue())),
    );
    fc.assert(
      fc.property(fc.oneof(schema, fc.jsonValue(), fc.anything()), (given) => {
        const compilation = compileRules(given, { primaryKey: 'id' });
        if (!compilation.ok) expect(compilation.problems.length).toBeGreaterThan(0);
        checkRules(given);
      }),
      { numRuns: 500 },
    );
  });

  it('check any record without throwing, and the same way every time', () => {
    const schema = fc.record({ a: rules, b: rules, c: rules });
    const record = fc.dictionary(fc.constantFrom(...fields, 'd'), value);
    let checks = 0;
    fc.assert(
      fc.property(schema, record, (given, row) => {
        const compilation = compileRules(given);
        if (!compilation.ok) return;
        checks += 1;
        const typed = compilation.rules.cast(row, today);
        const before = compilation.rules.check(typed, { today });
        expect(compilation.rules.check(typed, { today })).toEqual(before);
      }),
      { numRuns: 1500 },
    );
    // Were all rules refused, nothing would have been tried.
    expect(checks).toBeGreaterThan(100);
  });
});

describe('readers of texts', () => {
  it('never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        readDateTime(text, today);
        integerOf(text);
        floatOf(text);
        readRules(text);
        const outcome = compilePattern(text);
        if (outcome.ok) outcome.matches(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('read back every day that they wrote', () => {
    const day = fc.date({
      min: new Date('0101-01-01'),
      max: new Date('9999-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(day, (instant) => {
        const text = instant.toISOString().slice(0, 10);
        const [year, month, date] = text.split('-').map(Number);
        expect(readDateTime(text, today)?.date).toEqual(new CivilDate(year!, month!, date!));
      }),
    );
  });
});

describe('canonical JSON', () => {
  it('does not change with the order of names', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
        const json = JSON.parse(JSON.stringify(given)) as Record<string, RuleJson>;
        const turned = Object.fromEntries(Object.entries(json).toReversed());
        expect(canonicalJson(turned)).toBe(canonicalJson(json));
      }),
    );
  });
});
