/** Asks a service about codes of drugs, a few at a time, and remembers each answer soon. */
import type { AnswerCache } from './answer-cache.ts';
import { pathOf, readDrugAnswer, type DrugAnswer } from './drug-answer.ts';

/** So many answers are at most lost when a run is killed. */
const KEPT_AT_ONCE = 100;

/**
 * What is known of some codes: from the cache where it is fresh, else from the service.
 *
 * @param codes each once.
 * @param get gives what is found under a path of the service; repeats are its own affair.
 * @throws `DrugAnswerUnusable`, and what `get` throws
 */
export async function findDrugs(
  codes: readonly string[],
  cache: Pick<AnswerCache, 'find' | 'keep'>,
  lanes: number,
  get: (path: string) => Promise<unknown>,
): Promise<readonly DrugAnswer[]> {
  const answers = await cache.find(codes);
  const known = new Set(answers.map(({ code }) => code));
  const open = codes.filter((code) => !known.has(code));
  for (let from = 0; from < open.length; from += KEPT_AT_ONCE) {
    const some = open.slice(from, from + KEPT_AT_ONCE);
    const fresh = await inLanes(some, lanes, async (code) =>
      readDrugAnswer(code, await get(pathOf(code))),
    );
    await cache.keep(fresh);
    answers.push(...fresh);
  }
  return answers;
}

/** Works on all of them, so many at a time. After a failure no further one is begun. */
async function inLanes<In, Out>(
  all: readonly In[],
  lanes: number,
  work: (one: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  const rest = all[Symbol.iterator]();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true && !failed; next = rest.next()) {
      try {
        results.push(await work(next.value));
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  // All lanes are waited for: none may go on behind the back of whoever called.
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
