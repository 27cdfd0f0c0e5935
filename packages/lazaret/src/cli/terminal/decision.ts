/**
 * What a release or a replay has brought about, or would: how many are cleared, by code, what holds
 * the others, and what to do next.
 */
import { escapeText, type Catalogue } from '@lazaret/faults';
import type { Cleared } from '../../engine/cleared.ts';
import type { RunSummary } from '../../engine/summary.ts';
import type { DecidedDocument, DryRunDocument } from '../held-decisions.ts';
import { nextBlock } from './next-commands.ts';
import { countOf, formatBytes, formatCount, formatDuration } from './number.ts';
import type { ListContext } from './rows.ts';
import { colourOfRun, colourOfStanding } from './style.ts';
import { renderTable, type Cell } from './table.ts';
import { wrap } from './text-width.ts';
import { headline, nounsOf, type Nouns } from './words.ts';

/** Runs that are listed; with more, those that need somebody come first and the rest is counted. */
const MOST_RUNS = 12;

export function renderDryRun(
  document: DryRunDocument,
  typed: string | null,
  context: ListContext,
): string {
  const { cleared, selected, lookedUpTo, kind, refused, underWay } = document;
  const nouns = nounsIn(selected.map(({ pipeline }) => pipeline));
  const through = sumOf(cleared, (row) => row.cleared);
  const tried = selected.length;
  const left = refused.reduce((sum, { count }) => sum + count, 0);
  const all = tried + document.waitingForSecond.length + left + underWay.items;
  const items = countOf(all, nouns.item, nouns.items);
  const sentence =
    through === all
      ? `All ${items} would now go through.`
      : through === 0
        ? `None of ${items} would go through.`
        : `${formatCount(through)} of ${items} would now go through, ${formatCount(all - through)} would not.`;
  const blocks = [
    [`${context.style.paint('bold', `dry run of a ${kind}`)}   ${sentence}`],
    ...(tried > 0 ? [table(cleared, 'would go through', 'would not', context)] : []),
  ];
  const notes = [
    ...(lookedUpTo === null
      ? []
      : [
          `Looked as far as step ${lookedUpTo}; what comes behind it was not tried. Nothing was changed, written or delivered.`,
        ]),
    ...partedNotes(document, nouns, context.catalogue, true),
  ];
  blocks.push(paragraphs(notes, context));
  const isRefused = kind === 'release' && refused.length > 0;
  const commands = [
    ...(typed === null || through === 0 || (isRefused && !typed.includes('--allowed-only'))
      ? []
      : [typed]),
    ...(isRefused && typed !== null && !typed.includes('--allowed-only') && tried > 0
      ? [typed.replace('--reason', '--allowed-only --reason')]
      : []),
    ...underWay.runs.slice(0, 1).map((run) => `lazaret status ${run}${tail(context)}`),
    ...hindrance(cleared),
  ];
  return joined([...blocks, nextBlock([...new Set(commands)], context.style)]);
}

/** @param bySecond the command by which another person releases the same, where that can be proposed */
export function renderDecision(
  document: DecidedDocument,
  bySecond: string | null,
  context: ListContext,
): string {
  const { kind, by, items, cleared, runs, decision, waitingForSecond } = document;
  const nouns = nounsIn(runs.map(({ pipeline }) => pipeline));
  const { style } = context;
  const blocks: string[][] = [];
  if (items > 0) {
    const through = sumOf(cleared, (row) => row.cleared);
    const left = items - through;
    const did = kind === 'release' ? 'released' : 'sent in again';
    const result =
      left === 0
        ? `all of them are delivered.`
        : `${formatCount(through)} delivered, ${formatCount(left)} not.`;
    blocks.push([
      `${style.paint('bold', kind)}   ${countOf(items, nouns.item, nouns.items)} ${did} by ${escapeText(by)}: ${result}`,
    ]);
    blocks.push(table(cleared, 'delivered', 'not delivered', context));
    blocks.push(runLines(runs, context));
  }
  const notes = [
    ...partedNotes(document, nouns, context.catalogue, false),
    `Recorded as decision ${decision}.`,
  ];
  blocks.push(paragraphs(notes, context));
  const commands = [
    ...runs
      .filter(({ status }) => status === 'interrupted' || status === 'failed')
      .map(({ run }) => `lazaret resume ${run}${tail(context)}`),
    ...(bySecond === null || waitingForSecond.length === 0 ? [] : [bySecond]),
    ...(sumOf(cleared, (row) => row.items - row.cleared) > 0
      ? [`lazaret held list --by code${tail(context)}`]
      : []),
    ...hindrance(cleared),
  ];
  return joined([...blocks, nextBlock([...new Set(commands)], style)]);
}

function table(
  cleared: readonly Cleared[],
  through: string,
  otherwise: string,
  { style }: ListContext,
): string[] {
  const hasOthers = cleared.some(({ others }) => others.length > 0);
  const rows = cleared.map((row): Cell[] => [
    { text: row.id, colour: colourOfStanding('held') },
    headline(row.title),
    row.items,
    { text: formatCount(row.cleared), colour: row.cleared > 0 ? 'green' : 'grey' },
    ...(hasOthers ? [row.others.map((other) => otherText(row, other)).join('; ')] : []),
  ]);
  return renderTable(
    [
      { title: 'code' },
      { title: 'why', least: 12, leaves: 1 },
      { title: 'were held', align: 'right' },
      { title: through, align: 'right' },
      ...(hasOthers ? [{ title: otherwise, wraps: true }] : []),
    ],
    rows,
    style,
  )
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`);
}

/** `388 held again`, `12 held for another reason: no patient id (IMG-014)` */
function otherText(
  { name }: Cleared,
  { stands, name: now, id, title, count }: Cleared['others'][number],
): string {
  const number = formatCount(count);
  if (stands === 'pending') return `${number} not through yet`;
  if (stands === 'held' && now === name) return `${number} held again`;
  const why = title === null || id === null ? '' : `: ${headline(title)} (${id})`;
  return `${number} ${stands === 'held' ? 'held for another reason' : stands}${why}`;
}

/** What the decision is not about, in sentences. */
function partedNotes(
  { waitingForSecond, refused, underWay, by, kind }: DryRunDocument | DecidedDocument,
  nouns: Nouns,
  catalogue: Catalogue,
  isDry: boolean,
): string[] {
  const waiting = waitingForSecond.length;
  const codes = refused.map(
    ({ id, name, count }) =>
      `${formatCount(count)} ${headline(catalogue.get(name)?.title ?? name)} (${id})`,
  );
  const left = refused.reduce((sum, { count }) => sum + count, 0);
  return [
    ...(waiting === 0
      ? []
      : [
          `${countOf(waiting, nouns.item, nouns.items)} ${isDry ? 'would wait' : 'wait'} for a second person: two have to release ${waiting === 1 ? 'it' : 'them'}, and ${escapeText(by)} is one.${isDry ? '' : ' The other one gives the same command as another --user.'}`,
        ]),
    ...(left === 0
      ? []
      : [
          kind === 'release' && isDry
            ? `${countOf(left, nouns.item, nouns.items)} cannot be released, only replayed: ${codes.join(', ')}. For ${left === 1 ? 'it' : 'them'} the whole release is refused, unless --allowed-only leaves ${left === 1 ? 'it' : 'them'} out.`
            : `Left out, because only a replay can let ${left === 1 ? 'it' : 'them'} go: ${codes.join(', ')}.`,
        ]),
    ...(underWay.items === 0
      ? []
      : [
          `${countOf(underWay.items, nouns.item, nouns.items)} left out: an earlier decision has sent ${underWay.items === 1 ? 'it' : 'them'} in again already, in ${underWay.runs.slice(0, 5).join(', ')}.`,
        ]),
  ];
}

export function runLines(runs: readonly RunSummary[], { style }: ListContext): string[] {
  const needing = runs.filter(({ status }) => status !== 'complete');
  const listed = [...needing, ...runs.filter(({ status }) => status === 'complete')];
  const lines = listed.slice(0, MOST_RUNS).map((run) => {
    const { received, delivered, held, pending } = run.items;
    const others = received - delivered - held - pending;
    const parts = [
      `${formatCount(delivered)} delivered`,
      ...(held > 0 ? [`${formatCount(held)} held`] : []),
      ...(others > 0 ? [`${formatCount(others)} settled otherwise`] : []),
      ...(pending > 0 ? [`${formatCount(pending)} pending`] : []),
      ...(run.deliveries.count > 0
        ? [
            `${countOf(run.deliveries.count, nounsOf(run.pipeline).delivery, nounsOf(run.pipeline).deliveries)}, ${formatBytes(run.deliveries.bytes)}`,
          ]
        : []),
      formatDuration(run.elapsedSeconds),
    ];
    const status = style.paint(colourOfRun(run.status), run.status);
    return `  run ${run.run}  ${status}   ${parts.join(` ${style.marks.dot} `)}`;
  });
  const more = listed.length - lines.length;
  return more > 0 ? [...lines, `  and ${formatCount(more)} more runs, all complete`] : lines;
}

/** The code that holds most of what did not go through, to be explained. */
function hindrance(cleared: readonly Cleared[]): string[] {
  const counts = new Map<string, number>();
  for (const { id, count } of cleared.flatMap(({ others }) => others)) {
    if (id !== null) counts.set(id, (counts.get(id) ?? 0) + count);
  }
  const [first] = [...counts].sort((a, b) => b[1] - a[1]);
  return first === undefined ? [] : [`lazaret explain ${first[0]}`];
}

function nounsIn(pipelines: readonly string[]): Nouns {
  const kinds = new Set(pipelines);
  return nounsOf(kinds.size === 1 ? ([...kinds][0] ?? '') : '');
}

function sumOf(cleared: readonly Cleared[], of: (row: Cleared) => number): number {
  return cleared.reduce((sum, row) => sum + of(row), 0);
}

export function tail({ flags = '' }: ListContext): string {
  return flags === '' ? '' : ` ${escapeText(flags)}`;
}

export function paragraphs(notes: readonly string[], { style }: ListContext): string[] {
  return notes.flatMap((note) => wrap(note, style.width - 2).map((line) => `  ${line}`));
}

export function joined(blocks: readonly (readonly string[])[]): string {
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}
