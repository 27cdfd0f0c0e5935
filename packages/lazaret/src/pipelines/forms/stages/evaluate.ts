/** Evaluates one record with the rules of its module, beside its subject's earlier visits. */
import type { Finding } from '@lazaret/faults';
import { identifyAlert, standingOf, type KnownAlert } from '../alerts/alert.ts';
import { formsCodes } from '../codes.ts';
import type { VisitRead } from '../history/kept-visit.ts';
import type { Histories } from '../history/timeline.ts';
import type { FormRecord } from '../record.ts';
import type { CivilDate } from '../rules/python/civil-date.ts';
import type { VisitOf } from '../subject.ts';
import type { FormsTools } from '../tools.ts';

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

export interface Evaluation {
  readonly findings: readonly {
    readonly finding: Finding;
    /** The decision that cleared it. */
    readonly decision: string | null;
  }[];
  readonly alerts: readonly RaisedAlert[];
  readonly reads: readonly VisitRead[];
  /** `fail`: an error. `review`: alerts are open. */
  readonly verdict: 'pass' | 'review' | 'fail';
}

export interface EvaluationContext {
  readonly tools: FormsTools;
  readonly histories: Histories;
  readonly known: ReadonlyMap<string, KnownAlert>;
  /** What counts as today: the day on which the run was made. */
  readonly today: CivilDate;
}

export function evaluate(
  record: Omit<FormRecord, 'item'> & { readonly item?: number },
  about: VisitOf,
  { tools, histories, known, today }: EvaluationContext,
): Evaluation {
  const checker = tools.checkers.get(record.module);
  if (checker === undefined) return { findings: [], alerts: [], reads: [], verdict: 'pass' };
  const timeline = histories.of(about.subject, record.module);
  const reads: VisitRead[] = [];
  const failures = checker(record.values, {
    today,
    find: (visit, filled) => {
      const found = timeline.find(visit, filled, about);
      reads.push({ visit, filled, id: found?.id ?? null });
      return found;
    },
  });
  const { line, record: number, offset, pointer } = record.place;
  const place = {
    ...(record.item === undefined ? {} : { item: record.item }),
    ...{ line, record: number, offset },
    ...(pointer === undefined ? {} : { pointer }),
  };
  const findings: { finding: Finding; decision: string | null }[] = [];
  const alerts: RaisedAlert[] = [];
  let verdict: Evaluation['verdict'] = 'pass';
  for (const failure of failures) {
    const at = { ...place, column: failure.field };
    const { field, rule, digest, code, text, value, expected } = failure;
    const parameters = { rule, ruleCode: code, text, value, expected };
    if (failure.type === 'error') {
      verdict = 'fail';
      findings.push({ finding: formsCodes.finding('RuleFailed', parameters, at), decision: null });
      continue;
    }
    const { key, state } = identifyAlert(
      tools.key,
      { ...about, module: record.module },
      { field, rule, digest, reads: failure.reads },
    );
    const clearance = known.get(key)?.clearance ?? null;
    const standing = standingOf(clearance, state, digest);
    const earlier = standing === 'new' || standing === 'cleared' ? '' : (clearance?.reason ?? '');
    const decision = standing === 'cleared' ? (clearance?.decision ?? null) : null;
    if (decision === null && verdict === 'pass') verdict = 'review';
    findings.push({
      finding: formsCodes.finding(
        'RuleAlert',
        { ...parameters, standing, earlierReason: earlier, alert: key },
        at,
      ),
      decision,
    });
    alerts.push({
      ...{ key, state, ruleDigest: digest, field, rule, code },
      detail: {
        subject: about.subject,
        visit: about.visit,
        message: text,
        values: failure.reads,
      },
    });
  }
  return { findings, alerts, reads, verdict };
}
