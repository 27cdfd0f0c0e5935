import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldOf, fingerprint, normalizeText, withoutIndexes } from './fingerprint.ts';

describe('fingerprint', () => {
  it('joins version, code, step, field, rule and source', () => {
    const traits = { code: 'RuleFailed', step: 'qc', field: 'weight', rule: 'W-7', source: 'edc' };
    expect(fingerprint(traits)).toBe('v1|RuleFailed|qc|weight|W-7|edc');
    expect(fingerprint({ code: 'A', step: 'b' })).toBe('v1|A|b|||');
  });

  it('does not mind indexes in a field', () => {
    expect(withoutIndexes('(0040,A730)[2].(0008,0104)')).toBe('(0040,A730)[].(0008,0104)');
    expect(withoutIndexes('/entry/12/resource/name/0')).toBe('/entry/*/resource/name/*');
    expect(withoutIndexes('Patient.name[1].given[0]')).toBe('Patient.name[].given[]');
    expect(withoutIndexes('visit 2')).toBe('visit 2');
  });

  it('always has six parts on one line, whatever is in them', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, text, (field, rule, source) => {
        const made = fingerprint({ code: 'A', step: 'b', field, rule, source });
        expect(made.split('|')).toHaveLength(6);
        expect(made).not.toMatch(/[\r\n\t\u2028]/);
      }),
    );
  });

  it('groups unknown exceptions by their text without what changes, and does not show it', () => {
    const of = (text: string): string =>
      fingerprint({ code: 'UnknownError', step: 'qc', thrown: new RangeError(text) });
    const one = of('Row 17 of "JANE.csv" at /in/jane/1.csv has 0xdeadbeef');
    expect(one).toBe(of("Row 2048 of 'JOHN.csv' at /in/john/22.csv has 0xcafe"));
    expect(one).not.toBe(of('Column 17 of "JANE.csv" is gone'));
    expect(one).toMatch(/^v1\|UnknownError\|qc\|\|RangeError:[0-9a-f]{8}\|$/);
  });

  it('tells exceptions of different classes apart', () => {
    const of = (thrown: unknown): string => fingerprint({ code: 'U', step: 's', thrown });
    expect(of(new RangeError('x'))).not.toBe(of(new TypeError('x')));
  });
});

describe('normalizeText', () => {
  it.each([
    ['id 123e4567-e89b-12d3-a456-426614174000 gone', 'id <uuid> gone'],
    ['took -1.5 of 20,000 ms', 'took <n> of <n> ms'],
    ['no "a b" or `c`', 'no <text> or <text>'],
    ['open C:\\in\\jane.dcm, /data/j/x.csv and https://h/x?y=1', 'open <path>, <path> and <path>'],
    ['digest 9f86d081884c7d65 differs', 'digest <hex> differs'],
    ['Cannot read properties of undefined', 'Cannot read properties of undefined'],
  ])('turns %s into %s', (text, normal) => {
    expect(normalizeText(text)).toBe(normal);
  });
});

describe('fieldOf', () => {
  it('takes what the place has', () => {
    expect(fieldOf({ column: 'PTID', line: 3 })).toBe('PTID');
    expect(fieldOf({ tag: '(0010,0010)' })).toBe('(0010,0010)');
    expect(fieldOf({ item: 3 })).toBe('');
  });
});
