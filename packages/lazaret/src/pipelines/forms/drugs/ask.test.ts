import { describe, expect, it } from 'vitest';
import { findDrugs } from './ask.ts';
import type { DrugAnswer } from './drug-answer.ts';

const codes = Array.from({ length: 250 }, (_, at) => String(at + 1));

function answerTo(path: string): unknown {
  const rxcui = /rxcui\/(\d+)\//.exec(path)?.[1];
  const metaData = { status: 'Active', activeStartDate: '042005', activeEndDate: '' };
  return { rxcuiStatusHistory: { metaData, attributes: { rxcui } } };
}

/** A cache that knows some codes, and what it is given to keep, call by call. */
function cacheOf(known: readonly string[]) {
  const kept: (readonly DrugAnswer[])[] = [];
  const remembered = (code: string): DrugAnswer => ({
    ...{ code, status: 'obsolete', activeFrom: null, activeTo: null },
  });
  return {
    kept,
    find: (asked: readonly string[]) =>
      Promise.resolve(asked.filter((code) => known.includes(code)).map(remembered)),
    keep: (answers: readonly DrugAnswer[]) => {
      kept.push(answers);
      return Promise.resolve();
    },
  };
}

describe('codes of drugs', () => {
  it('are asked about once each, and not where the answer is remembered', async () => {
    const asked: string[] = [];
    const cache = cacheOf(['1', '2']);
    const found = await findDrugs(codes, cache, 2, (path) => {
      asked.push(path);
      return Promise.resolve(answerTo(path));
    });
    expect(asked).toHaveLength(248);
    expect(new Set(asked).size).toBe(248);
    expect(asked[0]).toBe('/rxcui/3/historystatus.json');
    expect(new Set(found.map(({ code }) => code))).toEqual(new Set(codes));
    expect(found.filter(({ status }) => status === 'obsolete')).toHaveLength(2);
  });

  it('are asked about so many at a time and no more', async () => {
    let [under, most] = [0, 0];
    await findDrugs(codes, cacheOf([]), 3, async (path) => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setImmediate(resolve));
      under -= 1;
      return answerTo(path);
    });
    expect(most).toBe(3);
  });

  it('of which answers came before a failure are remembered, and no more are asked about', async () => {
    const cache = cacheOf([]);
    let asked = 0;
    const finding = findDrugs(codes, cache, 2, (path) => {
      asked += 1;
      return asked > 150 ? Promise.reject(new Error('down')) : Promise.resolve(answerTo(path));
    });
    await expect(finding).rejects.toThrow('down');
    expect(cache.kept.flat()).toHaveLength(100);
    expect(asked).toBeLessThanOrEqual(152);
  });
});
