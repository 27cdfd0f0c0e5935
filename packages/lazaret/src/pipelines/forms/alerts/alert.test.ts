import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { projectKeyFrom } from '../../../identity/project-key.ts';
import { makeChecker, type BrokenRule } from '../checker.ts';
import { compileRules } from '../rules/compile-rules.ts';
import { CivilDate } from '../rules/python/civil-date.ts';
import { alertName, identifyAlert, keyBeginning, standingOf, type AlertedRule } from './alert.ts';

const KEY = projectKeyFrom(new Uint8Array(32).fill(7));
const ABOUT = { subject: '1|17', module: 'UDS', visit: '2', date: '2025-01-10' };
const RULE: AlertedRule = {
  field: 'height',
  rule: 'compare_with',
  digest: 'd1',
  reads: [
    { visit: 'current', field: 'height', value: 150 },
    { visit: 'previous', field: 'height', value: 170 },
  ],
};

describe('the identity of an alert', () => {
  it('has a key that the values do not change, and a state that they do', () => {
    const before = identifyAlert(KEY, ABOUT, RULE);
    const [first] = RULE.reads;
    const reads = [{ ...first!, value: 149 }, ...RULE.reads.slice(1)];
    const after = identifyAlert(KEY, ABOUT, { ...RULE, reads });
    expect(after.key).toBe(before.key);
    expect(after.state).not.toBe(before.state);
    const changed = identifyAlert(KEY, ABOUT, { ...RULE, digest: 'd2' });
    expect(changed).toMatchObject({ key: before.key });
    expect(changed.state).not.toBe(before.state);
  });

  it('is of one rule, field, subject, module and visit', () => {
    const keys = [
      identifyAlert(KEY, ABOUT, RULE),
      identifyAlert(KEY, { ...ABOUT, subject: '1|18' }, RULE),
      identifyAlert(KEY, { ...ABOUT, module: 'NP' }, RULE),
      identifyAlert(KEY, { ...ABOUT, visit: '3' }, RULE),
      identifyAlert(KEY, ABOUT, { ...RULE, field: 'weight' }),
      identifyAlert(KEY, ABOUT, { ...RULE, rule: 'max' }),
    ].map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    // A visit whose date was corrected is the same visit.
    expect(identifyAlert(KEY, { ...ABOUT, date: '2025-01-11' }, RULE).key).toBe(keys[0]);
  });

  it('leaves the clock out: a rule about today does not ask every day', () => {
    const compiled = compileRules({
      birthyr: {
        type: 'integer',
        compare_with: { comparator: '<=', base: 'current_year', op: '-', adjustment: 18 },
      },
    });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
    const check = makeChecker(compiled.rules);
    const stateOn = (today: CivilDate): string => {
      const broken: readonly BrokenRule[] = check({ birthyr: 2020 }, () => null, { today });
      expect(broken).toHaveLength(1);
      return identifyAlert(KEY, ABOUT, broken[0]!).state;
    };
    expect(stateOn(new CivilDate(2027, 3, 9))).toBe(stateOn(new CivilDate(2026, 11, 21)));
  });
});

describe('the name of an alert', () => {
  it('is the beginning of its key, and longer ones say the same', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f]{64}$/), (key) => {
        const name = alertName(key);
        expect(key.startsWith(keyBeginning(name) ?? 'none')).toBe(true);
        expect(keyBeginning(`a_${key}`)).toBe(key);
      }),
    );
  });

  it('is nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const beginning = keyBeginning(text);
        expect(beginning === null || /^[0-9a-f]{6,64}$/.test(beginning)).toBe(true);
      }),
    );
    for (const name of ['a_12345', 'a_12345G', 'r_123456', '123456', 'a_', 'A_123456']) {
      expect(keyBeginning(name)).toBeNull();
    }
  });
});

describe('how an alert stands', () => {
  const clearance = {
    ...{ clear: true, state: 's1', ruleDigest: 'd1' },
    ...{ decision: '', reason: 'seen', by: 'ana@example.org', at: '' },
  };

  it('follows from what was decided, and about what', () => {
    expect(standingOf(null, 's1', 'd1')).toBe('new');
    expect(standingOf(clearance, 's1', 'd1')).toBe('cleared');
    expect(standingOf(clearance, 's2', 'd1')).toBe('raised-again');
    expect(standingOf(clearance, 's2', 'd2')).toBe('rule-changed');
    expect(standingOf({ ...clearance, clear: false }, 's1', 'd1')).toBe('uncleared');
  });
});
