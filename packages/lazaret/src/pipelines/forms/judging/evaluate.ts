/** Evaluates one record with the rules of its module, beside its subject's other visits. */
import type { Finding } from '@lazaret/faults';
import { identifyAlert, standingOf, type AlertStanding, type KnownAlert } from '../alerts/alert.ts';
import type { BrokenRule, CheckAnswers } from '../checker.ts';
import { formsCodes } from '../codes.ts';
import type { EarlierVisit, VisitRead } from '../history/kept-visit.ts';
import type { SubjectHistory } from '../history/subject-history.ts';
import type { FormRecord, FormValues } from '../record.ts';
import { placeOfValue } from '../record-place.ts';
import type { VisitOf } from '../subject.ts';
import type { FormsTools } from '../tools.ts';
import { missingModule } from './requirement.ts';

/** An alert that an evaluation raised. */
export interface RaisedAlert {
  readonly key: string;
  readonly state: string;
  readonly ruleDigest: string;
  readonly field: string;
  readonly rule: string;
  readonly code: string;
  /** What may identify somebody: sealed where it is stored. */
  readonly detail: {
    readonly subject: string;
    readonly visit: string;
    readonly message: string;
    readonly values: readonly {
      readonly visit: string;
      readonly field: string;
      readonly value: unknown;
    }[];
  };
}

/** A rule that did not hold, and what people decided about it where it is an alert. */
export interface JudgedRule {
  readonly broken: BrokenRule;
  readonly alert: {
    readonly raised: RaisedAlert;
    readonly standing: AlertStanding;
    /** Why it was cleared before, where that does not count any more. */
    readonly earlierReason: string;
    /** The decision that cleared it; null while it is open. */
    readonly decision: string | null;
  } | null;
}

export interface Evaluation {
  readonly rules: readonly JudgedRule[];
  readonly reads: readonly VisitRead[];
  /** `fail`: an error. `review`: alerts are open. */
  readonly verdict: 'pass' | 'review' | 'fail';
}

/** What is evaluated: a record, or a version of a visit that is kept. */
export interface Evaluated extends VisitOf {
  readonly module: string;
  readonly values: FormValues;
}

export interface EvaluationContext {
  readonly tools: FormsTools;
  readonly known: ReadonlyMap<string, KnownAlert>;
  /** What counts as today, and what was looked up. */
  readonly answers: CheckAnswers;
}

const SOUND: Evaluation = { rules: [], reads: [], verdict: 'pass' };

export function evaluate(
  evaluated: Evaluated,
  history: SubjectHistory,
  context: EvaluationContext,
): Evaluation {
  const { module, values } = evaluated;
  const { tools, answers } = context;
  const checker = tools.checkers.get(module);
  const required = tools.requirements.get(module);
  if (checker === undefined && required === undefined) return SOUND;
  const reads: VisitRead[] = [];
  const find = (visit: EarlierVisit, filled: readonly string[]) => {
    const found = history.of(module).find(visit, filled, evaluated);
    reads.push({ visit, module, filled, id: found?.id ?? null, digest: found?.digest ?? null });
    return found;
  };
  let broken = checker?.(values, find, answers) ?? [];
  for (const other of required ?? []) {
    const found = history.sameVisit(other, evaluated.visit);
    const version = { id: found?.id ?? null, digest: found?.digest ?? null };
    reads.push({ visit: 'same', module: other, filled: [], ...version });
    if (found === null) broken = [...broken, missingModule(other)];
  }
  if (broken.length === 0) return reads.length === 0 ? SOUND : { ...SOUND, reads };
  const rules = broken.map((one) => judgeRule(one, evaluated, context));
  return { rules, reads, verdict: verdictOf(rules) };
}

function verdictOf(rules: readonly JudgedRule[]): Evaluation['verdict'] {
  if (rules.some(({ alert }) => alert === null)) return 'fail';
  return rules.every(({ alert }) => alert?.decision !== null) ? 'pass' : 'review';
}

function judgeRule(
  broken: BrokenRule,
  about: Evaluated,
  { tools, known }: EvaluationContext,
): JudgedRule {
  if (broken.type === 'error') return { broken, alert: null };
  const { field, rule, digest, code, reads, text } = broken;
  const { key, state } = identifyAlert(tools.key, about, { field, rule, digest, reads });
  const clearance = known.get(key)?.clearance ?? null;
  const standing = standingOf(clearance, state, digest);
  const { subject, visit } = about;
  return {
    broken,
    alert: {
      raised: {
        ...{ key, state, ruleDigest: digest, field, rule, code },
        detail: { subject, visit, message: text, values: reads },
      },
      standing,
      earlierReason: standing === 'new' || standing === 'cleared' ? '' : (clearance?.reason ?? ''),
      decision: standing === 'cleared' ? (clearance?.decision ?? null) : null,
    },
  };
}

/** What an evaluation says of a record. */
export function findingOf({ broken, alert }: JudgedRule, record: FormRecord): Finding {
  const { field, rule, code, text, value, expected } = broken;
  const at = placeOfValue(record, field);
  const parameters = { rule, ruleCode: code, text, value, expected };
  if (alert === null) return formsCodes.finding('RuleFailed', parameters, at);
  const { standing, earlierReason, raised } = alert;
  const judged = { ...parameters, standing, earlierReason, alert: raised.key };
  return formsCodes.finding('RuleAlert', judged, at);
}
