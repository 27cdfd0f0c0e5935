import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSubjectId, nameOf, normaliseParticipant, readParticipant } from './participant.ts';

const KEYS = { centre: 'adcid', participant: 'ptid' };

const read = (adcid: string | number | null, ptid: string | number | null) =>
  readParticipant({ adcid, ptid }, KEYS);

/** The problems of a pair, each as `column: problem`. */
function problemsOf(adcid: string | number | null, ptid: string | number | null): string[] {
  return (read(adcid, ptid).problems ?? []).map(
    ({ code, parameters }) => `${code}: ${String(parameters['problem'])}`,
  );
}

describe('a participant', () => {
  it('is the same with blanks around the id and with zeros before it', () => {
    const names = [read(17, '110001'), read('017', ' 00110001 '), read('17', 110001)].map(
      ({ participant }) => (participant === null ? '' : nameOf(participant)),
    );
    expect(names).toEqual(['17|110001', '17|110001', '17|110001']);
  });

  it('keeps letters, signs and zeros that do not come first', () => {
    expect(read(0, 'A|0=1').participant).toEqual(['0', 'A|0=1']);
  });

  it.each([
    [null, 'it is blank'],
    ['  ', 'it is blank'],
    ['000', 'it is nothing but zeros'],
    ['12345678901', 'it has more than 10 characters'],
    ['11 01', 'it has a blank in it'],
    ['11é01', 'it has a character outside printable ASCII'],
  ])('with the id %j is none that can be asked about: %s', (ptid, problem) => {
    expect(problemsOf(17, ptid)).toEqual([`ParticipantIdUnusable: ${problem}`]);
  });

  it.each([
    ['', 'it is blank'],
    ['x17', 'it is no whole number'],
    [-1, 'it is no whole number'],
    [1.5, 'it is no whole number'],
  ])('of the centre %j is none that can be asked about: %s', (adcid, problem) => {
    expect(problemsOf(adcid, 'A1')).toEqual([`CentreIdUnusable: ${problem}`]);
  });

  it('has both mistakes told, each with its column and its value', () => {
    const { problems } = read('x', '');
    expect(problems).toMatchObject([
      { parameters: { value: 'x' }, place: { column: 'adcid' } },
      { parameters: { value: '' }, place: { column: 'ptid' } },
    ]);
  });

  it('is read from any text without failing, and what passes is of the form asked about', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (adcid, ptid) => {
        const { participant, problems } = read(adcid, ptid);
        if (participant === null) {
          expect(problems?.length).toBeGreaterThan(0);
          return;
        }
        expect(participant[0]).toMatch(/^\d{1,9}$/);
        expect(participant[1]).toMatch(/^[!-~]{1,10}$/);
        expect(normaliseParticipant(participant[1])).toBe(participant[1]);
      }),
    );
  });
});

it('knows the id of a subject from other texts', () => {
  expect(['NACC000123', 'TEST999999'].every(isSubjectId)).toBe(true);
  const others = ['nacc000123', 'NACC00012', 'NACC0001234', ' NACC000123', 'XNACC000123', 7, null];
  expect(others.some(isSubjectId)).toBe(false);
});
