/** The lists of alerts: by rule, and one by one. */
import { escapeText } from '@lazaret/faults';
import type { Standing } from '../../pipelines/forms/alerts/alert-selection.ts';
import type { AlertListExtra, ShownAlert, ShownGroup } from '../alerts.ts';
import { joined, paragraphs, tail } from './decision.ts';
import { emptyList } from './empty-list.ts';
import { nextBlock } from './next-commands.ts';
import { countOf, formatAgo, formatCount } from './number.ts';
import type { ListContext } from './rows.ts';
import type { Colour } from './style.ts';
import { shellWord } from './shell-word.ts';
import { renderTable, type Cell } from './table.ts';
import { wrap } from './text-width.ts';

/** How an alert stands, in few words. */
export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  new: 'new',
  'raised-again': 'raised again',
  'rule-changed': 'rule changed',
  uncleared: 'un-cleared',
  cleared: 'cleared',
  closed: 'closed',
};

/** Yellow is for what waits on a person. */
export function colourOfAlert(standing: Standing): Colour {
  return standing === 'cleared' ? 'green' : standing === 'closed' ? 'grey' : 'yellow';
}

/** Rules with their alerts counted: what is judged in one go. */
export function renderAlertGroups(
  groups: readonly ShownGroup[],
  { total }: AlertListExtra,
  context: ListContext,
): string {
  const { style, now } = context;
  if (groups.length === 0) return renderNoAlerts(context);
  const oldest = groups.map(({ since }) => since).sort()[0] ?? '';
  const rules = countOf(groups.length, 'rule');
  const head = `${countOf(total, 'alert')} of ${rules}, the oldest ${formatAgo(new Date(oldest), now)}`;
  const hasStandings = groups.some(({ standings, count }) => standings.new !== count);
  const table = renderTable(
    [
      { title: 'code' },
      { title: 'form', leaves: 2 },
      { title: 'field', least: 8 },
      { title: 'alerts', align: 'right' },
      { title: 'visits', align: 'right', leaves: 3 },
      ...(hasStandings ? [{ title: 'standing', least: 12 }] : []),
      { title: 'oldest', leaves: 1 },
      { title: 'for example' },
      { title: 'what the rule says', wraps: true },
    ],
    groups.map((group): Cell[] => [
      { text: group.code, colour: openOf(group) > 0 ? 'yellow' : 'plain' },
      group.module,
      group.field,
      group.count,
      group.visits,
      ...(hasStandings ? [standingsText(group, style.marks.dot)] : []),
      formatAgo(new Date(group.since), now),
      placeText(group.example),
      group.message,
    ]),
    style,
  );
  return `${style.paint('bold', 'alerts')}   ${head}\n\n${table}\n${nextBlock(groupCommands(groups, context), style).join('\n')}\n`;
}

function openOf({ standings, count }: ShownGroup): number {
  return count - (standings.cleared ?? 0) - (standings.closed ?? 0);
}

/** `22 new · 2 raised again` */
function standingsText({ standings }: ShownGroup, dot: string): string {
  return Object.entries(STANDING_WORDS)
    .map(([standing, words]) => [standings[standing as Standing] ?? 0, words] as const)
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${formatCount(count)} ${words}`)
    .join(` ${dot} `);
}

/** `r_8k2f3d/17, line 214` */
export function placeText({
  item,
  line,
  record,
}: Pick<ShownAlert, 'item' | 'line' | 'record'>): string {
  if (line !== null) return `${item}, line ${line}`;
  return record === null ? item : `${item}, record ${record}`;
}

/** The filters that were given, without the ones that a command has for itself. */
function commandWith(
  { filters = [] }: ListContext,
  given: readonly string[],
  without: readonly string[],
): string {
  const own = given.map((option) => option.split(' ')[0] ?? '');
  const kept = filters.filter(
    (filter) => ![...without, ...own].some((name) => filter.startsWith(`${name} `)),
  );
  return [...kept, ...given].join(' ');
}

function groupCommands(groups: readonly ShownGroup[], context: ListContext): string[] {
  const [first] = groups;
  if (first === undefined) return [];
  const code = `--code ${shellWord(first.code)}`;
  const open = groups.find((group) => openOf(group) > 0);
  return [
    `lazaret alerts show ${first.example.alert}${tail(context)}`,
    `lazaret alerts list --each ${commandWith(context, [code], [])}${tail(context)}`,
    ...(open === undefined
      ? []
      : [
          `lazaret alerts clear ${commandWith(context, [`--code ${shellWord(open.code)}`], ['--standing'])} --dry-run${tail(context)}`,
        ]),
  ];
}

/** Alerts one by one, the oldest first. */
export function renderAlerts(
  alerts: readonly ShownAlert[],
  { total, skip }: AlertListExtra,
  context: ListContext,
): string {
  const { style } = context;
  if (alerts.length === 0 && total === 0) return renderNoAlerts(context);
  const sections = [
    ...Map.groupBy(alerts, ({ code, module, field, rule }) =>
      JSON.stringify([code, module, field, rule]),
    ).values(),
  ].map((some) => section(some, context));
  const left = total - skip - alerts.length;
  const part =
    alerts.length === total
      ? []
      : [
          paragraphs(
            [`${formatCount(alerts.length)} of ${formatCount(total)} are shown.`],
            context,
          ),
        ];
  const [first] = alerts;
  const commands = [
    ...(first === undefined ? [] : [`lazaret alerts show ${first.alert}${tail(context)}`]),
    ...(left > 0
      ? [
          `lazaret alerts list --each ${commandWith(context, [`--skip ${skip + alerts.length}`], [])}${tail(context)}`,
        ]
      : []),
  ];
  return joined([...sections, ...part, nextBlock(commands, style)]);
}

/** The alerts of one rule: what it says is said once. */
function section(alerts: readonly ShownAlert[], { style, now }: ListContext): string[] {
  const [first] = alerts;
  if (first === undefined) return [];
  const { code, field, module, message } = first;
  const isJudged = alerts.some(({ judged }) => judged !== null);
  const of = field === '' ? '' : `${field}, `;
  const head = `${code}   ${of}form ${module}: ${message}`;
  const table = renderTable(
    [
      { title: 'alert' },
      { title: 'stands' },
      { title: 'visit' },
      { title: 'since', leaves: 2 },
      ...(isJudged ? [{ title: 'judged', leaves: 3 }] : []),
      { title: 'version', leaves: 1 },
    ],
    alerts.map((alert): Cell[] => [
      alert.alert,
      { text: STANDING_WORDS[alert.standing], colour: colourOfAlert(alert.standing) },
      placeText(alert),
      formatAgo(new Date(alert.since), now),
      ...(isJudged ? [judgedText(alert, now)] : []),
      alert.version,
    ]),
    { ...style, width: style.width - 2 },
  );
  return [
    ...wrap(escapeText(head), style.width).map((line, at) =>
      at === 0 ? line.replace(escapeText(code), style.paint('bold', escapeText(code))) : line,
    ),
    ...table
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}

function renderNoAlerts({ style, filters }: ListContext): string {
  return emptyList(
    'No alert is open: nothing waits for a look.',
    'lazaret alerts list --standing all shows those that were judged or have closed.',
    'No alert fits',
    style,
    filters,
  );
}

/** `cleared 3 days ago by ana@example.org` */
function judgedText({ judged }: ShownAlert, now: Date): string | null {
  if (judged === null) return null;
  const { clear, at, by } = judged;
  return `${clear ? 'cleared' : 'un-cleared'} ${formatAgo(new Date(at), now)} by ${by}`;
}
