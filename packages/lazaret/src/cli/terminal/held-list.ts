/** What is held: the list, and one item in full. */
import { escapeText, releaseText, whoActs, type NamedEntry } from '@lazaret/faults';
import { emptyList } from './empty-list.ts';
import { labelled, timeText } from './fact-lines.ts';
import { findingText } from './finding-list.ts';
import { codeLines } from './held-groups.ts';
import { nextBlock } from './next-commands.ts';
import { countOf, formatAgo, formatBytes, formatCount } from './number.ts';
import type { DecisionListRow, HeldItem, HeldListRow, HeldPage, ListContext } from './rows.ts';
import { colourOfStanding } from './style.ts';
import { renderTable, type Cell } from './table.ts';
import { wrap } from './text-width.ts';
import { ALERT_CODE, codeInWords, letGo } from './words.ts';

/**
 * The list of what is held. Where it is a part only, the whole stands above it in numbers, and below
 * it how to see more.
 */
export function renderHeld(
  rows: readonly HeldListRow[],
  context: ListContext,
  page?: HeldPage,
): string {
  const { style, filters, now } = context;
  if (page !== undefined && rows.length < page.total) {
    const oldest = page.groups.map(({ since }) => since).sort()[0];
    const age = oldest === undefined ? '' : `, the oldest ${formatAgo(new Date(oldest), now)}`;
    const head = `${style.paint('bold', 'held')}   ${countOf(page.total, 'item')}${age}`;
    const blocks = [
      [head, ...codeLines(page.groups, context)],
      ...(rows.length === 0 ? [] : [renderRows(rows, context).trimEnd().split('\n')]),
      [partText(rows.length, page)],
      nextBlock(pageCommands(rows.length, page, context), style),
    ];
    return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
  }
  if (rows.length === 0) {
    return emptyList(
      'Nothing is held.',
      'Whatever came in was delivered or settled otherwise; lazaret status shows how.',
      'Nothing is held under',
      style,
      filters,
    );
  }
  return renderRows(rows, context);
}

function partText(shown: number, { total, skip }: HeldPage): string {
  if (shown === 0) return `  ${countOf(total, 'item')} fit, and all of them were passed over.`;
  const order = skip === 0 ? 'the oldest first' : `behind the first ${formatCount(skip)}`;
  return `  ${formatCount(shown)} of ${formatCount(total)} are shown, ${order}.`;
}

function pageCommands(
  shown: number,
  { total, skip }: HeldPage,
  { flags = '', filters = [] }: ListContext,
): string[] {
  const list = (option: string): string =>
    ['lazaret held list', ...filters, option, ...(flags === '' ? [] : [flags])].join(' ');
  const left = total - skip - shown;
  return [
    list('--by code'),
    ...(shown > 0 && left > 0 ? [list(`--skip ${skip + shown}`)] : []),
    list(`--limit ${total}`),
  ];
}

function renderRows(rows: readonly HeldListRow[], context: ListContext): string {
  const { style, catalogue, now } = context;
  return renderTable(
    [
      { title: 'item' },
      { title: 'code' },
      { title: 'why', least: 24 },
      { title: 'stage', least: 6, leaves: 4 },
      { title: 'site', least: 6, leaves: 2 },
      { title: 'held', leaves: 3 },
      { title: 'let go', leaves: 1 },
    ],
    rows.map((row): Cell[] => {
      const { id, title } = codeInWords(catalogue, row.code);
      return [
        row.item,
        { text: id, colour: colourOfStanding('held') },
        title,
        row.stage,
        row.site,
        formatAgo(row.heldAt, now),
        letGo(catalogue.get(row.code)?.release),
      ];
    }),
    style,
  );
}

/** One item: why it stands as it does, where, what to do, how it may be let go, what was decided. */
export function renderHeldItem(item: HeldItem, context: ListContext): string {
  const { style, catalogue, now } = context;
  const entry = catalogue.get(item.code);
  const { id, title } = codeInWords(catalogue, item.code);
  const name = escapeText(item.item);
  const facts: [string, string][] = [
    ['why', `${title} (${id})`],
    ['since', `${formatAgo(item.heldAt, now)}, ${timeText(item.heldAt, context)}`],
    ['where', `${item.pipeline}, stage ${item.stage}, step ${item.step}`],
    ['site', item.site],
    ...inOrder(item.facts).map(([key, value]) => fact(key, value)),
    ...(item.digest === null ? [] : [['digest', item.digest] satisfies [string, string]]),
    ...(item.sameAs === null ? [] : [['same as', item.sameAs] satisfies [string, string]]),
    ...(item.revealed === null ? [] : [['source', item.revealed] satisfies [string, string]]),
    ...(entry === undefined
      ? []
      : ([
          ['who acts', whoActs(entry)],
          ...(item.disposition === 'held'
            ? [['let go', wayText(entry)] satisfies [string, string]]
            : []),
        ] satisfies [string, string][])),
  ];
  const lines = [
    `${style.sign(item.disposition)} ${style.paint('bold', name)}   ${style.paint(colourOfStanding(item.disposition), item.disposition)}`,
    '',
    ...labelled(facts, context),
    '',
    style.paint('bold', 'What was found'),
    ...foundLines(item, context),
    '',
    style.paint('bold', 'What was decided'),
    ...decisionLines(item.decisions, context),
    ...lifeLines(item, context),
  ];
  const commands = commandsFor(item, context);
  if (commands.length > 0) lines.push('', ...commands);
  return `${lines.join('\n')}\n`;
}

function foundLines(item: HeldItem, { style, catalogue }: ListContext): string[] {
  // Items of a batch that ended in error have no finding of their own: the code's text stands in.
  const entry = catalogue.get(item.code);
  const texts =
    item.findings.length > 0
      ? item.findings.map((finding) => findingText(finding, catalogue))
      : entry === undefined
        ? []
        : [`${entry.title}. ${entry.action} (${entry.id})`];
  if (texts.length === 0) return ['  No finding is recorded.'];
  return texts.flatMap((text) => wrap(text, style.width - 2).map((line) => `  ${line}`));
}

function decisionLines(decisions: readonly DecisionListRow[], context: ListContext): string[] {
  if (decisions.length === 0) return ['  Nothing yet.'];
  return decisions.flatMap(({ kind, by, at, reason }) => {
    const why = reason === null ? '' : `: ${escapeText(reason)}`;
    const text = `${timeText(at, context)}  ${kind} by ${escapeText(by)}${why}`;
    return wrap(text, context.style.width - 2).map((line) => `  ${line}`);
  });
}

/** What can be done with the item now; nothing for one that is not held. */
function commandsFor(item: HeldItem, { style, catalogue, flags = '' }: ListContext): string[] {
  const name = escapeText(item.item);
  const tail = flags === '' ? '' : ` ${escapeText(flags)}`;
  const entry = catalogue.get(item.code);
  const commands: string[] = [];
  if (item.stillHeld ?? item.disposition === 'held') {
    if (entry?.release === 'reason' || entry?.release === 'second') {
      commands.push(`lazaret held release ${name} --reason "…"${tail}`);
    }
    if (item.code === ALERT_CODE) commands.push(`lazaret alerts list --each ${name}${tail}`);
    else commands.push(`lazaret held replay ${name}${tail}`);
  }
  if (entry !== undefined) commands.push(`lazaret explain ${entry.id}`);
  return commands.map((command, at) =>
    at === 0 ? `${style.paint('bold', 'next')}   ${command}` : `       ${command}`,
  );
}

/** Facts that pipelines have in common are called the same, and stand in this order. */
const FACTS: Readonly<Record<string, string>> = {
  modality: 'modality',
  sopClass: 'SOP class',
  rows: 'rows',
  columns: 'columns',
  frames: 'frames',
  transferSyntax: 'encoding',
  manufacturer: 'maker',
  bytes: 'size',
};

function inOrder(facts: Readonly<Record<string, unknown>>): [string, unknown][] {
  const known = Object.keys(FACTS);
  const rank = (key: string): number => (known.includes(key) ? known.indexOf(key) : known.length);
  return Object.entries(facts).sort(
    ([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0),
  );
}

function fact(key: string, value: unknown): [string, string] {
  const label = Object.hasOwn(FACTS, key) ? (FACTS[key] ?? key) : key;
  if (typeof value === 'string') return [label, value];
  if (key === 'bytes' && typeof value === 'number') return [label, formatBytes(value)];
  if (typeof value === 'number') return [label, formatCount(value)];
  return [label, JSON.stringify(value) ?? ''];
}

/** What became of it each time that it was sent in; nothing for an item that went in once. */
function lifeLines(item: HeldItem, context: ListContext): string[] {
  const lives = item.lives ?? [];
  if (lives.length < 2) return [];
  const { style, catalogue } = context;
  const width = Math.max(...lives.map((life) => life.item.length));
  return [
    '',
    style.paint('bold', 'What became of it'),
    ...lives.map((life, at) => {
      const code = life.code === null ? '' : ` (${codeInWords(catalogue, life.code).id})`;
      const how = at === 0 ? 'as it first arrived' : `sent in again by ${escapeText(life.by)}`;
      const here = life.item === item.item ? ', shown here' : '';
      const stands = style.paint(colourOfStanding(life.stands), life.stands);
      return `  ${timeText(new Date(life.at), context)}  ${escapeText(life.item).padEnd(width)}  ${style.sign(life.stands)} ${stands}${code}, ${how}${here}`;
    }),
  ];
}

function wayText(entry: NamedEntry): string {
  return entry.release === 'none'
    ? 'by going through again, when the cause is mended'
    : // The label says the rest.
      releaseText(entry).replace(/^let go /, '');
}
