/**
 * Settles the visits of one subject and module: what came in, and what is kept and has looked at a
 * visit that is another one now. Visits are looked at in their order, because each one can only
 * depend on what stands before it (and on modules that were settled before). Nothing is told or
 * stored here; whoever calls reads it off the cases.
 */
import type { KeptVisit, VisitStanding } from '../history/kept-visit.ts';
import type { SubjectHistory } from '../history/subject-history.ts';
import type { LazyDigest } from '../history/value-digest.ts';
import type { FormRecord } from '../record.ts';
import { compareVisits } from '../subject.ts';
import type { Evaluated, Evaluation } from './evaluate.ts';

/** A record that came in. */
export interface Candidate extends Evaluated {
  readonly record: FormRecord;
  readonly digest: LazyDigest;
  /** Sent in again by a person, and not met in a file. */
  readonly again: boolean;
}

/** One visit, while its subject is judged. */
export interface VisitCase {
  readonly about: Evaluated;
  /** The record that came in; null where the kept version was looked at again. */
  readonly candidate: Candidate | null;
  /** Records that are what is delivered already. */
  readonly repeats: readonly Candidate[];
  /** The version that was there before. */
  readonly kept: KeptVisit | null;
  /** Null: nothing that it depends on has changed. */
  evaluation: Evaluation | null;
  /** The version that counts now; null where nothing sound has come. */
  version: KeptVisit | null;
}

export interface SettleContext {
  readonly run: string;
  readonly recipe: string;
  readonly evaluate: (evaluated: Evaluated, history: SubjectHistory) => Evaluation;
  /** Whether people have decided about its alerts since, so that it stands as it should not. */
  readonly isJudgedOtherwise: (kept: KeptVisit) => boolean;
}

/**
 * Looking at visits again ends after a turn or two, unless two of them change places with each
 * verdict (a corrected date can do that); then the last verdicts stand.
 */
const MOST_TURNS = 8;

/** @param candidates of one subject and module, one a visit. */
export function settleVisits(
  module: string,
  candidates: readonly Candidate[],
  history: SubjectHistory,
  context: SettleContext,
): readonly VisitCase[] {
  const timeline = history.of(module);
  const isNew = timeline.visits.length === 0;
  const cases = casesOf(candidates, timeline.visits, context.recipe);
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    let changed = false;
    for (const one of cases) {
      const reads = one.evaluation?.reads ?? one.version?.reads ?? null;
      if (reads !== null && !history.isStale(reads, one.about) && !judgedOtherwise(one, context)) {
        continue;
      }
      one.evaluation = context.evaluate(one.about, history);
      one.version = versionOf(one, one.evaluation, context);
      if (one.version === null) timeline.remove(one.about.visit);
      else timeline.put(one.version);
      changed = true;
    }
    // Where nothing was kept, each visit has seen everything that stands before it.
    if (!changed || isNew) break;
  }
  return cases;
}

function judgedOtherwise(
  { evaluation, candidate, kept }: VisitCase,
  { isJudgedOtherwise }: SettleContext,
): boolean {
  return evaluation === null && candidate === null && kept !== null && isJudgedOtherwise(kept);
}

function casesOf(
  candidates: readonly Candidate[],
  versions: readonly KeptVisit[],
  recipe: string,
): VisitCase[] {
  const start = { evaluation: null, repeats: [] };
  if (versions.length === 0) {
    return candidates.toSorted(compareVisits).map((candidate) => ({
      ...start,
      about: candidate,
      candidate,
      kept: null,
      version: null,
    }));
  }
  const coming = new Map(candidates.map((candidate) => [candidate.visit, candidate]));
  const cases = versions.map((kept): VisitCase => {
    const candidate = coming.get(kept.visit) ?? null;
    coming.delete(kept.visit);
    if (candidate === null) return { ...start, about: kept, candidate, kept, version: kept };
    if (kept.standing === 'delivered' && isSame(candidate, kept, recipe)) {
      return { ...start, about: kept, candidate: null, repeats: [candidate], kept, version: kept };
    }
    return { ...start, about: candidate, candidate, kept, version: null };
  });
  for (const candidate of coming.values()) {
    cases.push({ ...start, about: candidate, candidate, kept: null, version: null });
  }
  return cases.sort((a, b) => compareVisits(a.about, b.about));
}

/** Equal values under an equal recipe. */
export function isSame(candidate: Candidate, kept: KeptVisit, recipe: string): boolean {
  return candidate.digest.equals(kept.digest) && kept.recipe === recipe;
}

/** Sent once more while it is in review, and still is: the first one stands for it. */
export function isHeldAlready(
  candidate: Candidate,
  kept: KeptVisit | null,
  verdict: Evaluation['verdict'],
  recipe: string,
): kept is KeptVisit {
  return (
    kept?.standing === 'held' &&
    verdict === 'review' &&
    !candidate.again &&
    isSame(candidate, kept, recipe)
  );
}

function versionOf(
  one: VisitCase,
  { verdict, reads }: Evaluation,
  context: SettleContext,
): KeptVisit | null {
  const { candidate, kept } = one;
  const { recipe, run } = context;
  if (candidate === null) {
    return kept === null ? null : { ...kept, recipe, reads, standing: nextOf(kept, verdict) };
  }
  // What has errors is no version of the visit: the one before goes on to count.
  if (verdict === 'fail') return kept;
  const { record, digest, subject, module, visit, date, values } = candidate;
  return {
    id: isHeldAlready(candidate, kept, verdict, recipe) ? kept.id : `${run}/${record.item}`,
    ...{ subject, module, visit, date, values, digest, recipe, reads },
    standing: verdict === 'pass' ? 'delivered' : 'held',
  };
}

function nextOf({ standing }: KeptVisit, verdict: Evaluation['verdict']): VisitStanding {
  switch (standing) {
    case 'delivered':
    case 'recalled':
      return verdict === 'pass' ? 'delivered' : 'recalled';
    case 'held':
    case 'failed':
      return verdict === 'fail' ? 'failed' : 'held';
    default:
      return standing satisfies never;
  }
}
