/** Rules by what they have done: the noisy ones, the dead ones, then those that fired. */
import type { ReportedRule, RulesReportDocument } from '../rules-report.ts';
import { tail } from './decision.ts';
import { nextBlock } from './next-commands.ts';
import { countOf, formatAgo, formatCount } from './number.ts';
import type { ListContext } from './rows.ts';
import { renderTable, type Cell } from './table.ts';
import { wrap } from './text-width.ts';

/** More rows nobody reads on a terminal; `--json` has all. */
const MAX_ROWS = 40;

export function renderRulesReport(report: RulesReportDocument, context: ListContext): string {
  const { style } = context;
  const { rules } = report;
  const noisy = rules.filter((rule) => rule.isNoisy);
  const dead = rules.filter((rule) => rule.isDead);
  const fired = rules.filter((rule) => rule.fired > 0);
  const [first] = noisy;
  const next =
    first === undefined
      ? []
      : [`lazaret alerts list --each --standing cleared --code ${first.code}${tail(context)}`];
  return `${[
    style.paint('bold', 'rules'),
    ...wrap(basisText(report), style.width),
    '',
    ...noisyLines(noisy, context),
    '',
    ...deadLines(dead, context),
    '',
    ...firedLines(fired, context),
    ...(next.length === 0 ? [] : ['', ...nextBlock(next, style)]),
  ].join('\n')}\n`;
}

function basisText({ run, basis, rules }: RulesReportDocument): string {
  const { runs, records, since, until } = basis;
  const current = rules.filter(({ isCurrent }) => isCurrent).length;
  return [
    `${countOf(current, 'rule')} of ${run}, over ${countOf(records, 'record')} of ${countOf(runs, 'run')}`,
    `from ${since.slice(0, 10)} to ${until.slice(0, 10)}.`,
    'A visit that is checked twice counts twice; of an alert the latest decision counts, once.',
  ].join(' ');
}

function noisyLines(rules: readonly ReportedRule[], { style }: ListContext): string[] {
  if (rules.length === 0) return ['No rule is cleared more than 95 % of the time.'];
  const table = renderTable(
    [
      { title: 'code' },
      { title: 'form', leaves: 2 },
      { title: 'field', least: 8 },
      { title: 'rule', least: 8 },
      { title: 'alerts', align: 'right' },
      { title: 'cleared', align: 'right' },
      { title: 'mended', align: 'right' },
      { title: 'open', align: 'right', leaves: 1 },
    ],
    rules
      .slice(0, MAX_ROWS)
      .map(({ code, module, field, rule, judged }): Cell[] => [
        { text: code, colour: 'yellow' },
        ...[module, field, rule],
        ...[judged.raised, judged.cleared, judged.mended, judged.open],
      ]),
    style,
  );
  const head = `Noisy: cleared more than 95 % of the time, ${countOf(rules.length, 'rule')}`;
  return [style.paint('bold', head), table.trimEnd(), ...leftOver(rules)];
}

function deadLines(rules: readonly ReportedRule[], { style }: ListContext): string[] {
  if (rules.length === 0) return ['Every rule has fired.'];
  const table = renderTable(
    [
      { title: 'code' },
      { title: 'form', leaves: 1 },
      { title: 'field', least: 8 },
      { title: 'rule', least: 8 },
      { title: 'records', align: 'right' },
    ],
    rules
      .slice(0, MAX_ROWS)
      .map(({ code, module, field, rule, records }): Cell[] => [
        code,
        module,
        field,
        rule,
        records,
      ]),
    style,
  );
  const head = `Dead: never fired, ${countOf(rules.length, 'rule')}`;
  return [style.paint('bold', head), table.trimEnd(), ...leftOver(rules)];
}

function firedLines(rules: readonly ReportedRule[], context: ListContext): string[] {
  const { style, now } = context;
  if (rules.length === 0) return ['No rule has fired.'];
  const table = renderTable(
    [
      { title: 'code' },
      { title: 'form', leaves: 3 },
      { title: 'field', least: 8 },
      { title: 'rule', least: 8, leaves: 2 },
      { title: 'errors', align: 'right' },
      { title: 'alerts', align: 'right' },
      { title: 'cleared', align: 'right' },
      { title: 'un-cleared', align: 'right', leaves: 4 },
      { title: 'last fired', leaves: 1 },
    ],
    rules
      .slice(0, MAX_ROWS)
      .map((rule): Cell[] => [
        { text: rule.code, colour: rule.isCurrent ? 'plain' : 'grey' },
        ...[rule.module, rule.field, rule.isCurrent ? rule.rule : `${rule.rule} (not any more)`],
        ...[rule.errors, rule.alerts, rule.judged.cleared, rule.judged.uncleared].map(blankZero),
        rule.lastFired === null
          ? ''
          : `${rule.lastFired.run}, ${formatAgo(new Date(rule.lastFired.at), now)}`,
      ]),
    style,
  );
  return [style.paint('bold', 'Fired'), table.trimEnd(), ...leftOver(rules)];
}

function blankZero(count: number): string {
  return count === 0 ? '' : formatCount(count);
}

function leftOver(rules: readonly ReportedRule[]): string[] {
  const left = rules.length - MAX_ROWS;
  return left > 0 ? [`and ${formatCount(left)} more, which --json has`] : [];
}
