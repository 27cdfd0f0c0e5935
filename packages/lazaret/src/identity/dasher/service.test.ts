import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAnswers, type AskedPatient } from '../../../../../fixtures/dasher/answers.ts';
import { STRICT_RULES, type IdentifierRules } from '../identifier-rules.ts';
import { refuseChange, type IdentityEntry, type IdentityMap } from '../identity-map.ts';
import { projectKeyFrom } from '../project-key.ts';
import type { IdentityAnswer, PatientRequest } from '../service.ts';
import { readAnswer } from './answer.ts';
import { questionsOf, type DasherSources } from './question.ts';
import { dasherIdentityService } from './service.ts';

const key = projectKeyFrom(new Uint8Array(32).fill(7));
const signal = new AbortController().signal;
const SOURCES: DasherSources = { patient: 'MRN', accession: 'ACC', byIssuer: { B: 'MRN of B' } };

class MemoryMap implements IdentityMap {
  readonly kept: IdentityEntry[] = [];
  remember(entries: readonly IdentityEntry[]): Promise<void> {
    for (const entry of entries) refuseChange(entry, [...this.kept, ...entries]);
    this.kept.push(...entries);
    return Promise.resolve();
  }
}

interface Asking {
  readonly map?: MemoryMap;
  readonly rules?: Partial<IdentifierRules>;
  /** Changes the right answer to a request. */
  readonly change?: (results: Record<string, unknown>[], call: number) => unknown;
  readonly answers?: ReturnType<typeof createAnswers>;
  readonly requests?: AskedPatient[][];
}

function identify(
  patients: readonly PatientRequest[],
  asking: Asking = {},
): Promise<IdentityAnswer> {
  const { map = new MemoryMap(), rules = {}, requests = [] } = asking;
  const answers = asking.answers ?? createAnswers();
  const change = asking.change ?? ((results: unknown) => ({ results }));
  return dasherIdentityService({
    key,
    map,
    rules: { ...STRICT_RULES, ...rules },
    sources: SOURCES,
    ask: (body) => {
      const { identifiers } = body as { readonly identifiers: AskedPatient[] };
      requests.push(identifiers);
      return Promise.resolve(change(answers.to(identifiers), requests.length));
    },
  }).identify({ patients }, signal);
}

const many = (patients: number, accessions: number): PatientRequest[] =>
  Array.from({ length: patients }, (_, patient) => ({
    id: `MRN-${patient}`,
    accessions: Array.from({ length: accessions }, (_item, at) => `A${patient}-${at}`),
  }));

describe('the identifier service of a hospital', () => {
  it('is asked about every patient and each accession, in requests of a bounded size', async () => {
    const requests: AskedPatient[][] = [];
    const long = { id: 'LONG', accessions: Array.from({ length: 2_500 }, (_, at) => `L${at}`) };
    const { patients } = await identify([...many(450, 3), long], { requests });
    expect(patients).toHaveLength(451);
    expect(Object.keys(patients[450]?.accessions ?? {})).toHaveLength(2_500);
    for (const request of requests) {
      expect(request.length).toBeLessThanOrEqual(200);
      const items = request.reduce((sum, one) => sum + one.items.length, 0);
      expect(items).toBeLessThanOrEqual(1_000);
    }
    const asked = requests.flat().flatMap(({ items }) => items.map(({ id }) => id));
    expect(new Set(asked).size).toBe(450 * 3 + 2_500);
  });

  it('is matched by id and source, in whatever order it answers', async () => {
    const answers = createAnswers();
    const right = await identify(many(5, 2), { answers });
    const shuffled = await identify(many(5, 2), {
      answers,
      change: (results) => ({
        results: results
          .toReversed()
          .map((one) => ({ ...one, items: (one['items'] as unknown[]).toReversed() })),
      }),
    });
    expect(shuffled).toEqual(right);
  });

  it('is asked once for the spellings of one id, and its answer is given for each', async () => {
    const requests: AskedPatient[][] = [];
    const { patients } = await identify(
      [
        { id: ' 0012 ', accessions: ['7'] },
        { id: '12', accessions: ['007'] },
      ],
      { rules: { leadingZeros: 'strip' }, requests },
    );
    expect(requests.flat().map(({ id }) => id)).toEqual(['12', '12']);
    expect(patients[0]?.pseudonym).toBe(patients[1]?.pseudonym);
    expect(patients[0]?.accessions['7']).toBe(patients[1]?.accessions['007']);
  });

  it('is asked under the source of the issuer, where it has one', async () => {
    const requests: AskedPatient[][] = [];
    await identify(
      [
        { id: '1', issuer: 'B', accessions: [] },
        { id: '1', accessions: [] },
      ],
      { requests },
    );
    expect(requests.flat().map(({ id_source: source }) => source)).toEqual(['MRN of B', 'MRN']);
  });

  it('may give the accession "2" of two patients one pseudonym, for it knows no patient there', async () => {
    const map = new MemoryMap();
    const two = [
      { id: 'a', accessions: ['2'] },
      { id: 'b', accessions: ['2'] },
    ];
    const { patients } = await identify(two, { map });
    expect(patients[0]?.accessions['2']).toBe(patients[1]?.accessions['2']);
    expect(map.kept).toHaveLength(3);
  });

  it('merges two patients of one number from two issuers, and is found out', async () => {
    const two = [
      { id: '1', issuer: 'C', accessions: [] },
      { id: '1', issuer: 'D', accessions: [] },
    ];
    await expect(identify(two)).rejects.toMatchObject({
      code: 'IdentityAnswerMerges',
      parameters: { kind: 'patient' },
    });
  });

  it('merges two accessions, and is found out', async () => {
    const change = (results: Record<string, unknown>[]): unknown => ({
      results: results.map((one) => ({
        ...one,
        items: (one['items'] as object[]).map((item) => ({ ...item, suid: 'same' })),
      })),
    });
    await expect(identify(many(1, 2), { change })).rejects.toMatchObject({
      code: 'IdentityAnswerMerges',
      parameters: { kind: 'accession' },
    });
  });

  it('answers for half of those it was asked about, and is counted', async () => {
    const change = (results: unknown[]): unknown => ({ results: results.slice(0, 2) });
    await expect(identify(many(4, 1), { change })).rejects.toMatchObject({
      code: 'IdentityAnswerIncomplete',
      parameters: {
        patientsAsked: 4,
        patientsAnswered: 2,
        accessionsAsked: 4,
        accessionsAnswered: 2,
      },
    });
  });

  it('may not contradict itself from one request to the next', async () => {
    for (const [other, what] of [
      [{ suid: 'else' }, 'pseudonym'],
      [{ jitter: -99 }, 'date shift'],
    ] as const) {
      const change = (results: Record<string, unknown>[], call: number): unknown => ({
        results:
          call === 1
            ? results
            : results.map((one) => ({
                ...one,
                ...other,
                items: (one['items'] as object[]).map((item) => ({
                  ...item,
                  ...('jitter' in other ? other : {}),
                })),
              })),
      });
      await expect(identify(many(1, 1_500), { change })).rejects.toMatchObject({
        code: 'IdentityContradiction',
        parameters: { what, when: 'in the same answer' },
      });
    }
  });

  it('may not contradict what it answered before', async () => {
    const map = new MemoryMap();
    await identify(many(1, 1), { map });
    await identify(many(1, 1), { map });
    const otherShift = (results: Record<string, unknown>[]): unknown => ({
      results: results.map((one) => ({
        ...one,
        jitter: -400,
        items: (one['items'] as object[]).map((item) => ({ ...item, jitter: -400 })),
      })),
    });
    await expect(identify(many(1, 1), { map, change: otherShift })).rejects.toMatchObject({
      code: 'IdentityContradiction',
      parameters: { kind: 'patient', what: 'date shift', when: 'before' },
    });
    const answers = createAnswers();
    answers.forget();
    await expect(identify(many(1, 1), { map, answers })).rejects.toMatchObject({
      code: 'IdentityContradiction',
      parameters: { what: 'pseudonym' },
    });
  });

  it('leaves nothing in the map of an answer that is not used', async () => {
    const map = new MemoryMap();
    const leaks = (results: Record<string, unknown>[]): unknown => ({
      results: results.map((one) => ({ ...one, suid: `x-${String(one['id'])}-x` })),
    });
    const patient = { id: 'MRN-4711', accessions: [] };
    await expect(identify([patient], { map, change: leaks })).rejects.toMatchObject({
      code: 'IdentityAnswerLeaks',
    });
    expect(map.kept).toEqual([]);
  });

  it('has its answers kept sealed, the shift as well', async () => {
    const map = new MemoryMap();
    await identify([{ id: 'MRN-778', issuer: 'north', accessions: ['ACC-9'] }], { map });
    expect(map.kept).toHaveLength(2);
    for (const { sealed, origin, mark } of map.kept) {
      expect(Buffer.from(sealed).toString('latin1')).not.toMatch(/MRN|ACC|north|shift/);
      expect(`${origin} ${mark ?? ''}`).toMatch(/^[0-9a-f]{64} [0-9a-f]{64}$/);
    }
  });
});

describe('an answer of any kind', () => {
  const request = { patients: [{ id: 'MRN-1', accessions: ['1'] }] };
  const questions = questionsOf(request, STRICT_RULES, SOURCES);

  it('is used as a whole or refused with a code, and nothing of it is told', () => {
    const id = fc.constantFrom('MRN-1', '1', 'Jane');
    const item = fc.record(
      {
        id,
        id_source: fc.constantFrom('MRN', 'ACC', 'Jane'),
        suid: fc.oneof(fc.constant('s1'), fc.string(), fc.jsonValue()),
        jitter: fc.oneof(fc.integer(), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    const entry = fc
      .tuple(item, fc.oneof(fc.array(item, { maxLength: 3 }), fc.jsonValue()))
      .map(([one, items]) => ({ ...one, items }));
    const answer = fc.oneof(
      fc.record({ results: fc.array(entry, { maxLength: 3 }) }),
      fc.record({ results: fc.jsonValue() }),
      fc.anything(),
    );
    fc.assert(
      fc.property(answer, (given) => {
        try {
          for (const { suid, jitter } of readAnswer(questions, given).values()) {
            expect(suid).toMatch(/^[A-Za-z0-9]/);
            expect(Number.isInteger(jitter) && jitter !== 0).toBe(true);
          }
        } catch (error) {
          expect(error).toHaveProperty('code', expect.stringMatching(/^IdentityAnswer/));
          expect(JSON.stringify(error)).not.toContain('Jane');
        }
      }),
    );
  });
});
