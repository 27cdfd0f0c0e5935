/** Visits judged by rules, from files to dispositions. */
import { isFault } from '@lazaret/faults';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openVisitBench, STUDY, type VisitBench } from './visit-bench.ts';

let bench: VisitBench;

beforeAll(async () => {
  bench = await openVisitBench();
});
afterAll(async () => {
  await bench.close();
});

describe('a run of forms with rules', () => {
  it('delivers what is sound, rejects errors and holds what raises alerts alone', async () => {
    const { summary, fates } = await bench.send([
      { adcid: 1, ptid: 'A1', visitnum: 1, visitdate: '2024-01-10', age: 70, weight: 80 },
      { adcid: 1, ptid: 'A2', visitnum: 1, visitdate: '2024-01-10', age: 111, weight: 301 },
      { adcid: 1, ptid: 'A3', visitnum: 1, visitdate: '2024-01-10', age: 70, weight: 301 },
    ]);
    expect(fates).toEqual([
      { disposition: 'delivered', codes: [] },
      { disposition: 'rejected', codes: ['UDS-1', 'UDS-3'] },
      { disposition: 'held', codes: ['UDS-3'] },
    ]);
    expect(summary).toMatchObject({ status: 'complete' });
    expect(bench.delivered()).toEqual([
      { adcid: 1, ptid: 'A1', visitnum: '1', visitdate: '2024-01-10', age: 70, weight: 80 },
    ]);
    const names = summary.findings.map(({ id, name }) => `${id} ${name}`);
    expect(names.toSorted()).toEqual(['FRM-004 RuleFailed', 'FRM-005 RuleAlert']);
  });

  it('looks at the visit before, in one file and across runs', async () => {
    const first = await bench.send([
      { adcid: 1, ptid: 'B1', visitnum: 2, visitdate: '2025-01-10', age: 70, height: 160 },
      { adcid: 1, ptid: 'B1', visitnum: 1, visitdate: '2024-01-10', age: 69, height: 170 },
      { adcid: 1, ptid: 'B2', visitnum: 1, visitdate: '2024-01-10', age: 69, height: 170 },
    ]);
    expect(first.fates).toEqual([
      { disposition: 'held', codes: ['UDS-4'] },
      { disposition: 'delivered', codes: [] },
      { disposition: 'delivered', codes: [] },
    ]);
    const second = await bench.send([
      { adcid: 1, ptid: '0B2', visitnum: 2, visitdate: '2025-01-10', age: 68, height: 170 },
      { adcid: 1, ptid: 'B1', visitnum: 3, visitdate: '2026-01-10', age: 71, height: 161 },
      { adcid: 2, ptid: 'B2', visitnum: 2, visitdate: '2025-01-10', age: 68, height: 150 },
    ]);
    expect(second.fates).toEqual([
      { disposition: 'rejected', codes: ['UDS-2'] },
      { disposition: 'delivered', codes: [] },
      { disposition: 'delivered', codes: [] },
    ]);
  });

  it('takes a visit with the same values for known, whatever row it comes in', async () => {
    const visit = { adcid: 1, ptid: 'C1', visitnum: 1, visitdate: '2024-01-10', age: 70 };
    await bench.send([visit]);
    const { fates } = await bench.send([{ ...visit, ptid: 'C2' }, visit]);
    expect(fates).toEqual([
      { disposition: 'delivered', codes: [] },
      { disposition: 'duplicate', codes: ['VisitKnown'] },
    ]);
  });

  it('chooses between two versions of a visit in one file by no rule of its own', async () => {
    const visit = { adcid: 1, ptid: 'D1', visitnum: 1, visitdate: '2024-01-10', age: 70 };
    const { fates } = await bench.send([visit, { ...visit, age: 71 }]);
    expect(fates).toEqual([
      { disposition: 'rejected', codes: ['VisitTwice'] },
      { disposition: 'rejected', codes: ['VisitTwice'] },
    ]);
    const twins = await bench.send([visit, visit]);
    expect(twins.fates.map(({ disposition }) => disposition)).toEqual(['delivered', 'duplicate']);
  });
});

describe('rules that cannot be used', () => {
  it('are refused before anything is read, with each place in rules and codes', async () => {
    const [module] = STUDY.modules;
    const study = {
      ...STUDY,
      modules: [
        {
          ...module,
          rules: { age: { type: 'integer', maxx: 3 }, weight: { regex: '(' } },
          codes: { age: { max: { code: 'X', type: 'warning' } } },
        },
      ],
    };
    const fault = await bench.send([], { study }).catch((error: unknown) => error);
    if (!isFault(fault)) throw new Error('The rules were taken.');
    expect(fault).toMatchObject({ code: 'RulesInvalid', parameters: { module: 'UDS' } });
    const problems = fault.parameters['problems'] as readonly string[];
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'rules, /age/maxx',
      'rules, /weight/regex',
      'codes, /age/max',
    ]);
  });
});
