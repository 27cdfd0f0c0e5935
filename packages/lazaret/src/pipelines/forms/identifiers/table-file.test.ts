import { isFault } from '@lazaret/faults';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTable } from './table-file.ts';

const read = (text: string) => readTable(Buffer.from(text));

function problemsOf(text: string): unknown {
  try {
    read(text);
  } catch (error) {
    if (isFault(error) && error.code === 'IdentifierTableUnusable') {
      return error.parameters['problems'];
    }
    throw error;
  }
  throw new Error('The table was taken.');
}

describe('a file of identifiers', () => {
  it('is read whatever the order and the case of its columns, and what stands beside them', () => {
    const text =
      '\uFEFFNACCID,guid,PTID, Adcid\r\nNACC000001,x,"00A1",017\r\n\r\nTEST000002,,B2,18\r\n';
    expect(read(text)).toEqual([
      { participant: ['17', 'A1'], id: 'NACC000001', line: 2 },
      { participant: ['18', 'B2'], id: 'TEST000002', line: 4 },
    ]);
  });

  it('with one participant twice is refused with both lines, also where the id is the same', () => {
    const text = 'adcid,ptid,naccid\n17,A1,NACC000001\n17,B1,NACC000002\n17,00A1,NACC000001\n';
    expect(problemsOf(text)).toEqual(['lines 2 and 4 are about the same participant']);
  });

  it('has the same PTID at two centres without objection', () => {
    expect(read('adcid,ptid,naccid\n17,A1,NACC000001\n18,A1,NACC000002\n')).toHaveLength(2);
  });

  it('has every bad line told, with columns and without a value', () => {
    const text = 'adcid,ptid,naccid\nx,A1,NACC000001\n17,,NACC1\n17,Zz9 Zz9,NACC000003\n';
    const problems = problemsOf(text);
    expect(problems).toEqual([
      'line 2, adcid: it is no whole number',
      'line 3, ptid: it is blank; naccid: it is not NACC or TEST and six digits',
      'line 4, ptid: it has a blank in it',
    ]);
  });

  it('has the first twenty mistakes told and the others counted', () => {
    const lines = Array.from({ length: 30 }, () => '17,,NACC000001');
    const problems = problemsOf(`adcid,ptid,naccid\n${lines.join('\n')}\n`) as readonly string[];
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('and 10 more');
  });

  it('without one of its columns is refused with the nearest there is', () => {
    expect(problemsOf('adcid,ptidd\n17,A1\n')).toEqual([
      'the column ptid is missing; is it "ptidd"?',
      'the column naccid is missing',
    ]);
    expect(problemsOf('adcid,ptid,naccid,PTID\n17,A1,NACC000001,A1\n')).toEqual([
      'the column ptid is there twice',
    ]);
  });

  it('without a participant is refused', () => {
    expect(problemsOf('adcid,ptid,naccid\n')).toEqual(['it has no participant']);
  });

  it('of any bytes is read or refused, and nothing else', () => {
    const row = fc.array(fc.constantFrom('17', 'A1', 'NACC000001', ',', '\n', '"', '\r', 'x', '0'));
    fc.assert(
      fc.property(row, (parts) => {
        const text = `adcid,ptid,naccid\n${parts.join('')}`;
        try {
          expect(read(text).length).toBeGreaterThan(0);
        } catch (error) {
          expect(isFault(error) && error.code).toBe('IdentifierTableUnusable');
        }
      }),
    );
  });
});
