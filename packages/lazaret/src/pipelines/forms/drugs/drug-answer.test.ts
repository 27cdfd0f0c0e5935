import { isFault } from '@lazaret/faults';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drugCode, isValidDrug, readDrugAnswer, type DrugAnswer } from './drug-answer.ts';

function history(metaData: object, rxcui: string | undefined = '197361'): unknown {
  const attributes = rxcui === undefined ? {} : { attributes: { rxcui, name: 'amlodipine' } };
  return { rxcuiStatusHistory: { metaData, ...attributes } };
}

const ACTIVE = { status: 'Active', activeStartDate: '042005', activeEndDate: '' };

function problemOf(answer: unknown): unknown {
  try {
    readDrugAnswer('197361', answer);
  } catch (error) {
    if (isFault(error) && error.code === 'DrugAnswerUnusable') return error.parameters['problem'];
    throw error;
  }
  throw new Error('The answer was taken.');
}

describe('the code of a drug', () => {
  it('is the same as a number, as a text and with zeros before it', () => {
    expect([197361, '197361', ' 0197361 '].map(drugCode)).toEqual(Array(3).fill('197361'));
  });

  it('is none where it has other signs than digits, or too many', () => {
    const others = ['', '0', 'RX1', '1.5', 1.5, -3, '123456789', true, null, ['1']];
    expect(others.map(drugCode)).toEqual(others.map(() => null));
  });

  it('has no path in it, whatever text it was', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(drugCode(text) ?? '1').toMatch(/^[1-9]\d{0,7}$/);
      }),
    );
  });
});

describe('an answer about a drug', () => {
  it('has the status and the months in which the code was active', () => {
    expect(readDrugAnswer('197361', history(ACTIVE))).toEqual({
      ...{ code: '197361', status: 'active', activeFrom: '2005-04', activeTo: null },
    });
    const ended = { status: 'Obsolete', activeStartDate: '042005', activeEndDate: '122019' };
    expect(readDrugAnswer('197361', history(ended))).toMatchObject({
      ...{ status: 'obsolete', activeTo: '2019-12' },
    });
  });

  it('about a code that was never given out has no attributes', () => {
    const unknown = {
      rxcuiStatusHistory: { metaData: { status: 'UNKNOWN', activeStartDate: '' } },
    };
    expect(readDrugAnswer('197361', unknown)).toMatchObject({ status: 'unknown' });
  });

  it.each([
    ['has no status', 'nothing'],
    ['has no status', { rxcuiStatusHistory: {} }],
    ['has a status', history({ ...ACTIVE, status: 'Fine' }), 'its status is none that is known'],
    ['is about another code', history(ACTIVE, '1197361')],
    ['is about another code', { rxcuiStatusHistory: { metaData: ACTIVE } }],
    ['has dates', history({ ...ACTIVE, activeStartDate: '2005' }), 'one of its dates is no month'],
  ])('that %s it should not is refused', (what, answer, problem = `it ${what}`) => {
    expect(problemOf(answer)).toBe(problem);
  });
});

describe('a drug in a record', () => {
  const active: DrugAnswer = {
    ...{ code: '1', status: 'active', activeFrom: '2010-03', activeTo: null },
  };
  const ended: DrugAnswer = { ...active, status: 'obsolete', activeTo: '2019-12' };

  it('has to be active now where no date is named', () => {
    expect([isValidDrug(active, null), isValidDrug(ended, null)]).toEqual([true, false]);
  });

  it('has to have been active in the month that is named, whatever became of it', () => {
    const months = ['2010-02', '2010-03', '2019-12', '2020-01'];
    expect(months.map((month) => isValidDrug(ended, month))).toEqual([false, true, true, false]);
    expect(isValidDrug(active, '2026-01')).toBe(true);
    const unknown: DrugAnswer = { ...active, status: 'unknown', activeFrom: null };
    expect(isValidDrug(unknown, '2026-01')).toBe(false);
  });
});
