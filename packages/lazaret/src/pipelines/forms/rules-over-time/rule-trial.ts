/**
 * Tries other rules on what is stored: each record is judged with the rules as they are and with the
 * new ones, on the same day and beside the same earlier visits, so that all that differs is the
 * rules' doing. A bucket of subjects is at hand at a time, and nothing is written.
 *
 * Earlier visits are looked at as they stand: that one of them would not count any more under the
 * new rules is not carried on to the visits behind it.
 */
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import type { KnownAlert } from '../alerts/alert.ts';
import type { VisitStanding } from '../history/kept-visit.ts';
import { SubjectHistory } from '../history/subject-history.ts';
import { evaluate, type Evaluated, type Evaluation } from '../judging/evaluate.ts';
import type { FormsTools } from '../tools.ts';
import { answersAtHand } from './answers-at-hand.ts';
import { keptBuckets, readBucket } from './kept-bucket.ts';
import { rejectedRecords, type RejectedRecord } from './rejected-records.ts';
import { RuleChanges, type ChangeKind, type RuleChange } from './rule-changes.ts';

export interface TrialSubject {
  readonly db: Db;
  readonly key: ProjectKey;
  readonly project: string;
  readonly module: string;
  /** With the rules as they are, and with the new ones. */
  readonly before: FormsTools;
  readonly after: FormsTools;
  /** When the runs began that visits came in, by the run's id. */
  readonly begun: ReadonlyMap<string, Date>;
  readonly today: Date;
  readonly signal: AbortSignal;
  /** Called with the number of visits tried so far. */
  readonly onTried: (visits: number) => void;
}

/** How a visit stands, in the words of the ledger; `recalled`: delivered, and taken back. */
export type TrialStanding = 'delivered' | 'held' | 'rejected' | 'recalled';

export interface RuleTrial {
  readonly module: string;
  /** Visits of which a version is kept. */
  readonly kept: number;
  /** Records that rules have stopped, and of which nothing sound has come since. */
  readonly rejected: number;
  /** Codes of drugs that nobody has asked about: what the rules would say of them is not known. */
  readonly unknownDrugs: number;
  readonly totals: Readonly<Record<ChangeKind, number>>;
  /** Only visits that would stand otherwise. */
  readonly standings: readonly {
    readonly before: TrialStanding;
    readonly after: TrialStanding;
    readonly visits: number;
  }[];
  readonly rules: readonly RuleChange[];
}

/** @throws SealDamaged, SealKeyDiffers, IdentifierTableMissing, the reason of the signal */
export async function tryRules(subject: TrialSubject): Promise<RuleTrial> {
  const { db, key, project, module, before, after, begun, today, signal, onTried } = subject;
  const wasAnswers = await answersAtHand(db, project, before, today);
  const isAnswers = await answersAtHand(db, project, after, today);
  const { keys } = before.configuration.study;
  const rejected = await rejectedRecords(db, key, keys, { project, module, signal });
  const changes = new RuleChanges();
  const standings = new Map<
    string,
    { before: TrialStanding; after: TrialStanding; visits: number }
  >();
  const tried = { kept: 0, rejected: 0 };
  const compare = (
    about: Evaluated & { readonly id: string },
    standing: VisitStanding | 'rejected',
    history: SubjectHistory,
    known: ReadonlyMap<string, KnownAlert>,
  ): void => {
    const was = evaluate(about, history, { tools: before, known, answers: wasAnswers.forRules });
    const is = evaluate(about, history, { tools: after, known, answers: isAnswers.forRules });
    changes.compare(about, was, is);
    const [from, to] = [standingAfter(standing, was), standingAfter(standing, is)];
    if (from === to) return;
    const slot = `${from} ${to}`;
    const row = standings.get(slot) ?? { before: from, after: to, visits: 0 };
    row.visits += 1;
    standings.set(slot, row);
  };
  const buckets = new Set([...(await keptBuckets(db, project)), ...rejected.buckets]);
  for (const bucket of buckets) {
    signal.throwIfAborted();
    const { histories, known } = await readBucket(db, key, project, bucket);
    for (const history of histories.values()) {
      for (const version of history.of(module).visits) {
        compare(version, version.standing, history, known);
        tried.kept += 1;
      }
    }
    for await (const record of rejected.inBucket(bucket)) {
      const history = histories.get(record.subject) ?? new SubjectHistory();
      if (isMended(record, history, begun)) continue;
      compare(record, 'rejected', history, known);
      tried.rejected += 1;
    }
    onTried(tried.kept + tried.rejected);
  }
  return {
    module,
    ...tried,
    unknownDrugs: isAnswers.unknownDrugs.size,
    totals: {
      new: changes.total('new'),
      gone: changes.total('gone'),
      'becomes-error': changes.total('becomes-error'),
      'becomes-alert': changes.total('becomes-alert'),
      'asked-again': changes.total('asked-again'),
    },
    standings: [...standings.values()].sort((a, b) => b.visits - a.visits),
    rules: changes.all,
  };
}

/** A sound version of the visit has come since. */
function isMended(
  { module, visit, cameAt }: RejectedRecord,
  history: SubjectHistory,
  begun: ReadonlyMap<string, Date>,
): boolean {
  const version = history.of(module).get(visit);
  if (version === null) return false;
  const [run = ''] = version.id.split('/');
  return (begun.get(run) ?? new Date(0)) > cameAt;
}

/** How a visit would stand if it were judged now, of what it is at present. */
function standingAfter(
  standing: VisitStanding | 'rejected',
  { verdict }: Evaluation,
): TrialStanding {
  if (verdict === 'pass') return 'delivered';
  if (standing === 'delivered' || standing === 'recalled') return 'recalled';
  return verdict === 'review' ? 'held' : 'rejected';
}
