import { isFault } from '@lazaret/faults';
import { describe, expect, it } from 'vitest';
import type { Participant } from '../record-lot.ts';
import { askForIds } from './ask.ts';

const ASKED: readonly Participant[] = [
  ['17', 'A1'],
  ['18', 'A1'],
];
const RIGHT = [
  { adcid: 17, ptid: 'A1', naccid: 'NACC000001' },
  { adcid: 18, ptid: 'A1', naccid: null },
];

const ask = (answer: unknown) => askForIds(ASKED, 500, () => Promise.resolve(answer));

/** What an answer is refused with. */
async function refusal(answer: unknown): Promise<unknown> {
  const fault: unknown = await ask(answer).catch((error: unknown) => error);
  if (!isFault(fault)) throw new Error('The answer was taken.');
  expect(JSON.stringify(fault.parameters)).not.toMatch(/A1|B9|NACC0/);
  return { code: fault.code, parameters: fault.parameters };
}

describe('the answer of an identifier service', () => {
  it('is matched by centre and participant, in whatever order and spelling', async () => {
    const ids = await ask({
      identifiers: [RIGHT[1], { adcid: '017', ptid: ' 00A1', naccid: 'NACC000001', guid: 'x' }],
    });
    expect([...ids]).toEqual([
      ['18|A1', null],
      ['17|A1', 'NACC000001'],
    ]);
  });

  it('comes in as many requests as their length makes necessary', async () => {
    const bodies: unknown[] = [];
    const participants = Array.from({ length: 7 }, (_, at): Participant => ['17', `B${at}`]);
    const ids = await askForIds(participants, 3, (body) => {
      bodies.push(body);
      const { identifiers } = body as { readonly identifiers: readonly object[] };
      return Promise.resolve({ identifiers: identifiers.map((one) => ({ ...one, naccid: null })) });
    });
    expect(ids.size).toBe(7);
    expect(bodies.map((body) => (body as { identifiers: object[] }).identifiers.length)).toEqual([
      3, 3, 1,
    ]);
  });

  it.each([
    ['is no object', 'nothing', 'IdentifierAnswerMalformed'],
    ['has no list', { error: 'A1 is unknown', A1: 1 }, 'IdentifierAnswerMalformed'],
    ['has no list but one entry', { identifiers: RIGHT[0] }, 'IdentifierAnswerMalformed'],
    [
      'has entries without a name',
      { identifiers: [{ naccid: null }] },
      'IdentifierAnswerMalformed',
    ],
    ['is half of one', { identifiers: [RIGHT[0]] }, 'IdentifierAnswerIncomplete'],
    [
      'leaves out the key of an id',
      { identifiers: [RIGHT[0], { adcid: 18, ptid: 'A1' }] },
      'IdentifierAnswerIncomplete',
    ],
    [
      'is about somebody else',
      { identifiers: [RIGHT[0], { ...RIGHT[1], ptid: 'B9' }] },
      'IdentifierAnswerForOthers',
    ],
    [
      'is about somebody else as well',
      { identifiers: [...RIGHT, { ...RIGHT[1], ptid: 'B9' }] },
      'IdentifierAnswerForOthers',
    ],
    [
      'says it twice',
      { identifiers: [...RIGHT, { ...RIGHT[0], naccid: 'NACC000009' }] },
      'IdentifierAnswerForOthers',
    ],
    [
      'has an id that is none',
      { identifiers: [{ ...RIGHT[0], naccid: 'A1' }, RIGHT[1]] },
      'IdentifierAnswerUnusable',
    ],
  ])('that %s is refused as a whole', async (_, answer, code) => {
    expect(await refusal(answer)).toMatchObject({ code });
  });

  it('that is half of one says how many were asked about and how many answered', async () => {
    expect(await refusal({ identifiers: [RIGHT[0]] })).toEqual({
      code: 'IdentifierAnswerIncomplete',
      parameters: {
        asked: 2,
        answered: 1,
        shape: '{identifiers: 1 × {adcid: number, ptid, naccid}}',
      },
    });
  });
});
