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
    `--expect ${alerts}`,
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
function followUps(
  { kind, visits, goOn, delivered }: AlertDecisionDocument,
  mood: 'would' | 'do',
): string[] {
  if (kind === 'unclear') {
    if (delivered === 0) return [];
    const [they, are] = delivered === 1 ? ['it', 'is'] : ['they', 'are'];
    return [
      `${countOf(delivered, 'visit')} ${are} delivered already and ${mood === 'would' ? 'would stay' : delivered === 1 ? 'stays' : 'stay'} so. The alerts are open again, and the next time that ${they} ${are} checked, ${they} ${are} held.`,
    ];
  }
  const on = goOn.length;
  const others = visits - on;
  const go = mood === 'would' ? 'would go on' : on === 1 ? 'goes on' : 'go on';
  return [
    ...(on === 0
      ? []
      : [`${countOf(on, 'visit')} ${go}: nothing holds ${on === 1 ? 'it' : 'them'} any more.`]),
    ...(others === 0 ? [] : [stayText(others, mood)]),
  ];
}

function stayText(visits: number, mood: 'would' | 'do'): string {
  const one = visits === 1;
  const stay = mood === 'would' ? 'would not go on' : one ? 'does not go on' : 'do not go on';
  const because = one
    ? 'other alerts of it are open, or it does not wait for alerts alone'
    : 'other alerts of theirs are open, or they do not wait for alerts alone';
  return `${countOf(visits, 'visit')} ${stay}: ${because}.`;
}
