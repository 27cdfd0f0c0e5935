/** `lazaret rules report`: which rules wear people out, and which ones never say anything. */
import {
  isDead,
  isNoisy,
  reportRules,
  type RuleFigures,
} from '../pipelines/forms/rules-over-time/rule-figures.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Execute } from './command.ts';

export interface RulesReportInput {
  readonly project: string;
  readonly module?: string;
}

export interface ReportedRule extends Omit<RuleFigures, 'lastFired' | 'declares'> {
  readonly isNoisy: boolean;
  readonly isDead: boolean;
  readonly lastFired: { readonly run: string; readonly at: string } | null;
}

export interface RulesReportDocument {
  /** The run whose rules count now. */
  readonly run: string;
  /** What the figures are based on. */
  readonly basis: {
    readonly runs: number;
    readonly records: number;
    readonly since: string;
    readonly until: string;
  };
  /** Those that fired most first. */
  readonly rules: readonly ReportedRule[];
}

/** @throws UsageWrong, SealDamaged, SealKeyDiffers */
export const rulesReport: Execute<RulesReportInput> = async (application, input, session) => {
  const { engine, store } = application;
  const { project, module } = input;
  const key = await engine.keyOf(project);
  const report = await reportRules(store.db, key, project, session.controller.signal);
  if (report === null) {
    throw cliCodes.fault('UsageWrong', { problem: 'the project has no run of forms yet' });
  }
  const wanted = module?.toLowerCase();
  const rules = report.rules
    .filter((rule) => wanted === undefined || rule.module.toLowerCase() === wanted)
    .toSorted((a, b) => b.fired - a.fired || compare(nameOf(a), nameOf(b)));
  const { run, runs, records, since, until } = report;
  const document: RulesReportDocument = {
    run,
    basis: { runs, records, since: since.toISOString(), until: until.toISOString() },
    rules: rules.map((rule) => {
      const { module, field, code, type, isCurrent, lastFired } = rule;
      const { records, fired, errors, alerts, judged } = rule;
      return {
        ...{ module, field, rule: rule.rule, code, type, isCurrent },
        ...{ records, fired, errors, alerts, judged },
        isNoisy: isNoisy(rule),
        isDead: isDead(rule),
        lastFired: lastFired === null ? null : { ...lastFired, at: lastFired.at.toISOString() },
      };
    }),
  };
  return { document, exit: EXIT.complete };
};

function nameOf({ module, code, field, rule }: RuleFigures): string {
  return `${module} ${code} ${field} ${rule}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
