/** What a decision over alerts has brought about, or would. */
import { escapeText } from '@lazaret/faults';
import type {
  AlertDecisionDocument,
  AlertDryRun,
  AlertsDecidedDocument,
} from '../alert-decisions.ts';
import { isEmail } from '../../pipelines/forms/alerts/alert-decision.ts';
import { joined, paragraphs, runLines, tail } from './decision.ts';
import { nextBlock } from './next-commands.ts';
import { countOf } from './number.ts';
import type { ListContext } from './rows.ts';
import { renderTable, type Cell } from './table.ts';

export function renderAlertDryRun(
  document: AlertDryRun,
  typed: string,
  context: ListContext,
): string {
  const { kind, alerts, visits, version, by, reason } = document;
  const scope = `${countOf(alerts, 'alert')} in ${countOf(visits, 'visit')}`;
  const head = `${context.style.paint('bold', 'dry run')}   ${scope} would be ${DONE[kind]}.`;
  const command = [
    typed,
    ...(reason === null ? ['--reason "…"'] : []),
    ...(isEmail(by) ? [] : ['--user name@example.org']),
    `--version ${version}`,
  ].join(' ');
  return joined([
    [head],
    rulesTable(document, context),
    paragraphs([...followUps(document, 'would'), 'Nothing was changed.'], context),
    nextBlock([command], context.style),
  ]);
}

export function renderAlertDecision(document: AlertsDecidedDocument, context: ListContext): string {
  const { kind, alerts, visits, by, decision, runs } = document;
  const { style } = context;
  const scope = `${countOf(alerts, 'alert')} in ${countOf(visits, 'visit')}`;
  const undo = kind === 'clear' ? 'unclear' : 'clear';
  const unfinished = runs.filter(({ status }) => status === 'interrupted' || status === 'failed');
  return joined([
    [`${style.paint('bold', kind)}   ${scope} ${DONE[kind]} by ${escapeText(by)}.`],
    rulesTable(document, context),
    runs.length === 0 ? [] : runLines(runs, context),
    paragraphs([...followUps(document, 'do'), `Recorded as decision ${decision}.`], context),
    nextBlock(
      [
        ...unfinished.map(({ run }) => `lazaret resume ${run}${tail(context)}`),
        `lazaret alerts ${undo} --decision ${decision.slice(0, 8)} --reason "…"${tail(context)}`,
        `lazaret alerts list${tail(context)}`,
      ],
      style,
    ),
  ]);
}

const DONE: Readonly<Record<AlertDecisionDocument['kind'], string>> = {
  clear: 'cleared',
  unclear: 'un-cleared',
};

function rulesTable({ rules }: AlertDecisionDocument, { style }: ListContext): string[] {
  return renderTable(
    [
      { title: 'code' },
      { title: 'form', leaves: 1 },
      { title: 'field', least: 8, leaves: 2 },
      { title: 'alerts', align: 'right' },
      { title: 'what the rule says', wraps: true },
    ],
    rules.map(({ code, module, field, count, message }): Cell[] => [
      ...[code, module, field, count, message],
    ]),
    { ...style, width: style.width - 2 },
  )
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`);
}

/** What becomes of the visits, in sentences. */
function followUps({ kind, goOn, staying }: AlertDecisionDocument, mood: 'would' | 'do'): string[] {
  const isDry = mood === 'would';
  const { delivered, held, otherAlerts, rejected, other } = staying;
  const on = goOn.length;
  const say = (count: number, text: (one: boolean) => string): string[] =>
    count === 0 ? [] : [`${countOf(count, 'visit')} ${text(count === 1)}.`];
  const verb = (one: boolean, singular: string, plural: string): string =>
    isDry ? `would ${plural}` : one ? singular : plural;
  const they = (one: boolean): string => (one ? 'it' : 'they');
  if (kind === 'unclear') {
    return say(
      delivered,
      (one) =>
        `${one ? 'is' : 'are'} delivered already; when ${they(one)} ${one ? 'is' : 'are'} checked again, ${they(one)} ${verb(one, 'is', isDry ? 'be' : 'are')} recalled`,
    );
  }
  return [
    ...say(
      on,
      (one) => `${verb(one, 'goes', 'go')} on: nothing holds ${one ? 'it' : 'them'} any more`,
    ),
    ...say(
      otherAlerts,
      (one) =>
        `${verb(one, 'waits', 'wait')} on: other alerts of ${one ? 'it' : 'theirs'} are open`,
    ),
    ...say(
      rejected,
      (one) =>
        `${one ? 'was' : 'were'} rejected for errors besides, and ${they(one)} ${verb(one, 'has', 'have')} to come again`,
    ),
    ...say(
      delivered,
      (one) =>
        `${one ? 'is' : 'are'} delivered already; what was recalled of ${one ? 'it' : 'them'} comes back when ${they(one)} ${one ? 'is' : 'are'} checked again`,
    ),
    ...say(
      held + other,
      (one) =>
        `${verb(one, 'stays', 'stay')} as ${they(one)} ${one ? 'is' : 'are'}, under way or held for something else`,
    ),
  ];
}
