/** What a visit was judged beside, and what was judged beside it, as commands name them. */
import type { Application } from '../main.ts';
import { neighboursOf, type VisitNeighbours } from '../pipelines/forms/history/dependency.ts';

/**
 * With items as people name them, `r_8k2f3d/17`.
 * @returns null where no version that the item brought counts
 * @throws RunNotFound, SealDamaged, SealKeyDiffers
 */
export async function shownNeighbours(
  { store, engine }: Application,
  visit: { readonly project: string; readonly subject: string; readonly item: string },
): Promise<VisitNeighbours | null> {
  const found = await neighboursOf(store.db, await engine.keyOf(visit.project), visit);
  if (found === null) return null;
  const shorts = new Map<string, string>();
  const nameOf = async (item: string): Promise<string> => {
    const [run = '', no = ''] = item.split('/');
    const short = shorts.get(run) ?? (await engine.find(run)).short;
    shorts.set(run, short);
    return `${short}/${no}`;
  };
  const lookedAt: VisitNeighbours['lookedAt'][number][] = [];
  for (const { item, ...read } of found.lookedAt) {
    lookedAt.push({ ...read, item: item === null ? null : await nameOf(item) });
  }
  const lookedAtBy: VisitNeighbours['lookedAtBy'][number][] = [];
  for (const { item, ...by } of found.lookedAtBy) {
    lookedAtBy.push({ ...by, item: await nameOf(item) });
  }
  return { ...found, lookedAt, lookedAtBy };
}
