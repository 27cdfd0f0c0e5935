/** What is held, in groups: how many, since when, how they may go, and the command for it. */
import { escapeText } from '@lazaret/faults';
import type { Grouping, HeldGroup } from '../../engine/selection.ts';
import { formatAgo, formatCount } from './number.ts';
import type { ListContext } from './rows.ts';
import { colourOfStanding } from './style.ts';
import { renderTable, type Cell } from './table.ts';
import { headline, letGo } from './words.ts';

/** Codes named in one cell; the others are counted. */
const MOST_CODES = 3;

export function renderHeldGroups(
  groups: readonly HeldGroup[],
  by: Grouping,
  context: ListContext,
): string {
  const since = (group: HeldGroup): string => formatAgo(new Date(group.since), context.now);
  const next = (group: HeldGroup): string => nextFor(group, by, context.flags ?? '');
  if (by === 'code') {
    return renderTable(
      [
        { title: 'code' },
        { title: 'held', align: 'right' },
        { title: 'why', least: 12 },
        { title: 'oldest', leaves: 1 },
        { title: 'let go', leaves: 2 },
        { title: 'next', wraps: true, leaves: 3 },
      ],
      groups.map((group): Cell[] => [
        { text: group.group, colour: colourOfStanding('held') },
        group.count,
        group.codes[0]?.title ?? '',
        since(group),
        letGo(group.codes[0]?.release),
        next(group),
      ]),
      context.style,
    );
  }
  return renderTable(
    [
      { title: by === 'age' ? 'held' : by, least: 6 },
      { title: 'count', align: 'right' },
      { title: 'oldest', leaves: 1 },
      { title: 'codes', least: 12 },
      { title: 'next', wraps: true, leaves: 2 },
    ],
    groups.map((group): Cell[] => [
      group.group,
      group.count,
      since(group),
      codesOf(group, context),
      next(group),
    ]),
    context.style,
  );
}

function codesOf({ codes }: HeldGroup, { style }: ListContext): string {
  const most = codes.length === MOST_CODES + 1 ? codes.length : MOST_CODES;
  const named = codes.slice(0, most).map(({ id, count }) => `${formatCount(count)} ${id}`);
  const more = codes.length - named.length;
  return [...named, ...(more > 0 ? [`${formatCount(more)} more codes`] : [])].join(
    ` ${style.marks.dot} `,
  );
}

/** Ages as the options that select them have it. */
const OLDER_THAN: Readonly<Record<string, string>> = {
  'this week': ' --older-than 1d',
  'this month': ' --older-than 7d',
  older: ' --older-than 31d',
};

function nextFor(group: HeldGroup, by: Grouping, flags: string): string {
  const tail = flags === '' ? '' : ` ${escapeText(flags)}`;
  switch (by) {
    case 'code': {
      const [code] = group.codes;
      return code === undefined || code.release === 'replay'
        ? `lazaret held replay --code ${group.group} --dry-run${tail}`
        : `lazaret held release --code ${group.group} --dry-run${tail}`;
    }
    case 'site':
      return `lazaret held list --by code --site ${escapeText(group.group)}${tail}`;
    case 'age':
      return `lazaret held list --by code${OLDER_THAN[group.group] ?? ''}${tail}`;
    default:
      return by satisfies never;
  }
}

/** One line for each code, above a list that shows only a part: `600  modality not accepted`. */
export function codeLines(groups: readonly HeldGroup[], { style }: ListContext): string[] {
  const width = Math.max(0, ...groups.map(({ count }) => formatCount(count).length));
  return groups.map(({ codes, group, count }) => {
    const words = headline(codes[0]?.title ?? group);
    const way = letGo(codes[0]?.release) ?? '';
    return `  ${formatCount(count).padStart(width)}  ${style.paint(colourOfStanding('held'), group)}  ${words}, ${style.paint('grey', way)}`;
  });
}
