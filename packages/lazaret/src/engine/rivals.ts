/**
 * Batches of two runs that must not be worked on at the same time, because each would be made
 * without what the other one makes: those of one cut, and of cuts that have things in common.
 */
import type { ProjectKey } from '../identity/keys.ts';
import type { Stage } from './pipeline.ts';

/** How a cut is stored: it may name a patient. */
export function hashCut(key: ProjectKey, cut: string): string {
  return Buffer.from(key.keyedBytes('cut', cut)).toString('base64url');
}

/**
 * The cuts, its own among them, that another run must not be at while a batch of this cut is begun.
 * Null: the stage knows of no cuts that have anything in common, so that it is only the same one.
 */
export type RivalCuts = (stage: number, cut: string) => readonly string[] | null;

/** Cuts are hashed when a stage is first asked about: a few hundred of them, once a run. */
export function findRivals(stages: readonly Stage<unknown>[], key: ProjectKey): RivalCuts {
  const hashed = new Map<number, ReadonlyMap<string, readonly string[]>>();
  return (stage, cut) => {
    const { inCommon } = stages[stage] ?? {};
    if (inCommon === undefined) return null;
    const known = hashed.get(stage) ?? hashAll(inCommon(), key);
    hashed.set(stage, known);
    return known.get(cut) ?? null;
  };
}

function hashAll(
  inCommon: ReadonlyMap<string, readonly string[]>,
  key: ProjectKey,
): ReadonlyMap<string, readonly string[]> {
  const hashes = new Map([...inCommon.keys()].map((cut) => [cut, hashCut(key, cut)]));
  const hashOf = (cut: string): string => hashes.get(cut) ?? hashCut(key, cut);
  return new Map([...inCommon].map(([cut, others]) => [hashOf(cut), others.map(hashOf)]));
}
