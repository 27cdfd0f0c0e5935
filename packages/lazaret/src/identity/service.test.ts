import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAnswer, type IdentityRequest } from './service.ts';

const request: IdentityRequest = {
  patients: [
    { id: 'MRN-1', issuer: 'north', accessions: ['10', '11', '10'] },
    { id: 'MRN-2', accessions: ['constructor'] },
  ],
};
const first = {
  id: 'MRN-1',
  issuer: 'north',
  pseudonym: 'S1',
  shiftDays: -3,
  accessions: { '10': 'X1', '11': 'X2' },
};
const second = { id: 'MRN-2', pseudonym: 'S2', shiftDays: 9, accessions: { constructor: 'X3' } };

const codeOf = (answer: unknown): unknown => {
  try {
    checkAnswer(request, answer);
  } catch (error) {
    return error;
  }
  return null;
};

describe('the check of an answer', () => {
  it('lets a whole answer through, without what was not asked for', () => {
    const more = { ...first, custom: 'Jane', accessions: { ...first.accessions, '12': 'X4' } };
    const { patients } = checkAnswer(request, { patients: [more, second] });
    expect(patients[0]).toEqual(first);
    expect(patients[1]?.accessions['constructor']).toBe('X3');
    expect(patients[0]?.accessions['constructor']).toBeUndefined();
  });

  it('counts what has no usable answer', () => {
    const incomplete: [unknown, number, number][] = [
      [[], 0, 0],
      [[first], 1, 2],
      [[second, first], 0, 0],
      [[{ ...first, pseudonym: undefined }, second], 1, 3],
      [[{ ...first, pseudonym: '../up' }, second], 1, 3],
      [[{ ...first, shiftDays: 0 }, second], 1, 3],
      [[{ ...first, shiftDays: '-3' }, second], 1, 3],
      [[{ ...first, issuer: 'south' }, second], 1, 1],
      [[first, { ...second, accessions: {} }], 2, 2],
      [[first, null], 1, 2],
    ];
    for (const [patients, patientsAnswered, accessionsAnswered] of incomplete) {
      expect(codeOf({ patients })).toMatchObject({
        code: 'IdentityAnswerIncomplete',
        parameters: { patientsAsked: 2, patientsAnswered, accessionsAsked: 3, accessionsAnswered },
      });
    }
  });

  it('says what kind of thing came instead of an answer, and never what was in it', () => {
    for (const answer of ['<html>Jane</html>', null, [], 7, {}, { patients: { a: 'Jane' } }]) {
      const error = codeOf(answer);
      expect(error).toMatchObject({ code: 'IdentityAnswerMalformed' });
      expect(JSON.stringify(error)).not.toContain('Jane');
    }
  });

  it('refuses a pseudonym that is, or contains, an identifier of the patient', () => {
    for (const pseudonym of ['MRN-1', 'mrn-1', 'X-MRN-1-X', '10']) {
      expect(codeOf({ patients: [{ ...first, pseudonym }, second] })).toMatchObject({
        code: 'IdentityAnswerLeaks',
      });
    }
    expect(
      codeOf({ patients: [{ ...first, accessions: { '10': '11', '11': 'X' } }, second] }),
    ).toMatchObject({ code: 'IdentityAnswerLeaks', parameters: { kind: 'accession' } });
  });

  it('ends every answer in a fault of its own or an answer', () => {
    fc.assert(
      fc.property(fc.anything(), (answer) => {
        const error = codeOf({ patients: [answer, answer] });
        expect(error).toMatchObject({ code: 'IdentityAnswerIncomplete' });
        expect(codeOf(answer)).toHaveProperty('code');
      }),
    );
  });
});
