/** What is held: the list, and one item in full. */
import { escapeText, releaseText, whoActs, type Release } from '@lazaret/faults';
import { emptyList } from './empty-list.ts';
import { findingText } from './finding-list.ts';
import { formatAgo, formatBytes, formatCount } from './number.ts';
import type { DecisionListRow, HeldItem, HeldListRow, ListContext } from './rows.ts';
import { colourOfStanding } from './style.ts';
import { renderTable, type Cell } from './table.ts';
import { wrap } from './text-width.ts';
import { codeInWords } from './words.ts';

export function renderHeld(rows: readonly HeldListRow[], context: ListContext): string {
  const { style, catalogue, now, filters } = context;
  if (rows.length === 0) {
    return emptyList(
      'Nothing is held.',
      'Whatever came in was delivered or settled otherwise; lazaret status shows how.',
      'Nothing is held under',
      style,
      filters,
    );
  }
  return renderTable(
    [
      { title: 'item' },
      { title: 'code' },
      { title: 'why', least: 12 },
      { title: 'stage', least: 6, leaves: 3 },
      { title: 'site', least: 6, leaves: 2 },
      { title: 'held', leaves: 1 },
      { title: 'let go', leaves: 4 },
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

/** How something is let go, in as few words as a column has room for. */
const LET_GO: Readonly<Record<Release, string>> = {
  none: '',
  replay: 'by replay',
  reason: 'with a reason',
  second: 'by two people',
};

function letGo(release: Release | undefined): string | null {
  return release === undefined ? null : LET_GO[release];
}

/** One item: why it stands as it does, where, what to do, how it may be let go, what was decided. */
export function renderHeldItem(item: HeldItem, context: ListContext): string {
  const { style, catalogue, now } = context;
  const entry = catalogue.get(item.code);
  const { id, title } = codeInWords(catalogue, item.code);
  const name = escapeText(item.item);
  const facts: [string, string][] = [
    ['why', `${title} (${id})`],
    ['since', `${formatAgo(item.heldAt, now)}, ${timeText(item.heldAt)}`],
    ['where', `${item.pipeline}, stage ${item.stage}, step ${item.step}`],
    ['site', item.site],
    ...Object.entries(item.facts).map(([key, value]) => fact(key, value)),
    ...(item.digest === null ? [] : [['digest', item.digest] satisfies [string, string]]),
    ...(item.sameAs === null ? [] : [['same as', item.sameAs] satisfies [string, string]]),
    ...(item.revealed === null ? [] : [['source', item.revealed] satisfies [string, string]]),
    ...(entry === undefined
      ? []
      : ([
          ['who acts', whoActs(entry)],
          ['let go', releaseText(entry)],
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
    const text = `${timeText(at)}  ${kind} by ${escapeText(by)}${why}`;
    return wrap(text, context.style.width - 2).map((line) => `  ${line}`);
  });
}

/** What can be done with the item now; nothing for one that is not held. */
function commandsFor(item: HeldItem, { style, catalogue }: ListContext): string[] {
  const name = escapeText(item.item);
  const entry = catalogue.get(item.code);
  const commands: string[] = [];
  if (item.disposition === 'held') {
    if (entry?.release === 'reason' || entry?.release === 'second') {
      commands.push(`lazaret held release ${name} --reason "…"`);
    }
    commands.push(`lazaret held replay ${name}`);
  }
  if (entry !== undefined) commands.push(`lazaret explain ${entry.id}`);
  return commands.map((command, at) =>
    at === 0 ? `${style.paint('bold', 'next')}   ${command}` : `       ${command}`,
  );
}

function labelled(facts: readonly (readonly [string, string])[], context: ListContext): string[] {
  const labels = facts.map(([label]) => escapeText(label));
  const width = Math.max(...labels.map((label) => label.length));
  return facts.flatMap(([, value], at) => {
    const label = (labels[at] ?? '').padEnd(width);
    return wrap(escapeText(value), context.style.width - width - 4).map((line, row) =>
      row === 0
        ? `  ${context.style.paint('grey', label)}  ${line}`
        : `${' '.repeat(width + 4)}${line}`,
    );
  });
}

function fact(key: string, value: unknown): [string, string] {
  if (typeof value === 'string') return [key, value];
  if (key === 'bytes' && typeof value === 'number') return ['size', formatBytes(value)];
  if (typeof value === 'number') return [key, formatCount(value)];
  return [key, JSON.stringify(value) ?? ''];
}

/** An instant to the minute, UTC: `2026-07-01 09:33Z`. */
function timeText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}
