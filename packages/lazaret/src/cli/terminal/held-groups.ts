/** What is held, in groups: how many, since when, how they may go, and the command for it. */
import type { Grouping, HeldGroup } from '../../engine/selection.ts';
import { nextBlock } from './next-commands.ts';
import { formatAgo, formatCount } from './number.ts';
import type { ListContext } from './rows.ts';
import { colourOfStanding } from './style.ts';
import { renderTable, type Cell } from './table.ts';
import { shellWord } from './shell-word.ts';
import { ALERT_CODE, headline, letGo } from './words.ts';

/** Groups whose command is proposed; further ones are of the same kind. */
const MOST_COMMANDS = 8;

/** Codes named in one cell; the others are counted. */
const MOST_CODES = 3;

/** The groups, and below them the command for each: beside them it would be cut, or wrapped. */
export function renderHeldGroups(
  groups: readonly HeldGroup[],
  by: Grouping,
  context: ListContext,
): string {
  const commands = groups.slice(0, MOST_COMMANDS).map((group) => nextFor(group, by, context));
  return `${renderGroups(groups, by, context)}\n${nextBlock(commands, context.style).join('\n')}\n`;
}

function renderGroups(groups: readonly HeldGroup[], by: Grouping, context: ListContext): string {
  const since = (group: HeldGroup): string => formatAgo(new Date(group.since), context.now);
  if (by === 'code') {
    return renderTable(
      [
        { title: 'code' },
        { title: 'held', align: 'right' },
        { title: 'why', least: 12 },
        { title: 'oldest', leaves: 1 },
        { title: 'let go', leaves: 2 },
      ],
      groups.map((group): Cell[] => [
        { text: group.group, colour: colourOfStanding('held') },
        group.count,
        group.codes[0]?.title ?? '',
        since(group),
        letGo(group.codes[0]?.release),
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
    ],
    groups.map((group): Cell[] => [
      group.group,
      group.count,
      since(group),
      codesOf(group, context),
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

/** Ages as the option that selects them has it. */
const OLDER_THAN: Readonly<Record<string, string>> = {
  'this week': '--older-than 1d',
  'this month': '--older-than 7d',
  older: '--older-than 31d',
};

/** What can be done about a group, and about no item that was not asked for. */
function nextFor(
  { group, codes }: HeldGroup,
  by: Grouping,
  { filters = [], flags = '' }: ListContext,
): string {
  const kept = (...replaced: readonly string[]): readonly string[] =>
    filters.filter((filter) => !replaced.some((name) => filter.startsWith(`${name} `)));
  const command = (...parts: readonly string[]): string =>
    ['lazaret held', ...parts, flags].filter((part) => part !== '').join(' ');
  switch (by) {
    case 'code': {
      // They wait for people to judge alerts, and would only be held again.
      if (codes[0]?.name === ALERT_CODE) return ['lazaret alerts list', flags].join(' ').trimEnd();
      const kind = codes[0] === undefined || codes[0].release === 'replay' ? 'replay' : 'release';
      return command(kind, `--code ${group}`, ...kept('--code'), '--dry-run');
    }
    case 'site':
      return command('list --by code', `--site ${shellWord(group)}`, ...kept('--site'));
    case 'age': {
      const isNarrower = filters.some((filter) => /^--(?:older-than|before) /.test(filter));
      const older = isNarrower ? '' : (OLDER_THAN[group] ?? '');
      return command('list --by code', older, ...filters);
    }
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
