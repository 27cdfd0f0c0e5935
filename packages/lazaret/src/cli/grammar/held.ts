/** `held list|show|release|replay`. */
import { Option } from 'commander';
import { GROUPINGS, type Grouping } from '../../engine/selection.ts';
import { cliCodes } from '../codes.ts';
import { choosePolicy } from '../policy.ts';
import type { Typed } from '../held-decisions.ts';
import type { Showing } from '../screen.ts';
import { shellWord } from '../terminal/shell-word.ts';
import type { Kit } from './kit.ts';
import {
  isNarrowed,
  RECIPE_OPTION,
  selecting,
  selectionOf,
  showingOf,
  wholeNumber,
  working,
  type SelectOptions,
} from './options.ts';

/** Rows that people are shown at once; `--json` gives all of them. */
const SHOWN_ROWS = 50;

export function addHeld(kit: Kit): void {
  const held = kit.root
    .command('held')
    .description('items that wait, and their way out')
    .exitOverride();
  addList(kit, held);
  addShow(kit, held);
  addDecision(kit, held, 'release', 'let items go on in spite of what was found, with a reason');
  addDecision(kit, held, 'replay', 'send items through the same checks again');
}

type Group = Kit['root'];

function addList({ command, configure, show }: Kit, held: Group): void {
  selecting(command(held, 'list', 'what is held'))
    .addOption(new Option('--by <what>', 'count instead, by what').choices([...GROUPINGS]))
    .option('--limit <n>', `rows at most (default: ${SHOWN_ROWS}; with --json all)`)
    .option('--skip <n>', 'rows to pass over')
    .action(async (given: SelectOptions) => {
      const configuration = await configure(given);
      const limit =
        given.limit === undefined
          ? configuration.json
            ? null
            : SHOWN_ROWS
          : wholeNumber('--limit', given.limit, 1);
      await show(
        'held list',
        configuration,
        {
          selection: selectionOf([], given, configuration),
          ...(given.by === undefined ? {} : { by: given.by as Grouping }),
          ...(limit === null ? {} : { limit }),
          ...(given.skip === undefined ? {} : { skip: wholeNumber('--skip', given.skip, 0) }),
        },
        given,
      );
    });
}

function addShow({ command, configure, show }: Kit, held: Group): void {
  command(held, 'show <item>', 'one item: why it is held and how it may be let go')
    .option('--reveal', 'show where it came from; the look is recorded')
    .action(async (item: string, given: SelectOptions) => {
      const configuration = await configure(given);
      const { user, project } = configuration;
      await show(
        'held show',
        configuration,
        { item, user, project, reveal: given.reveal ?? false },
        given,
      );
    });
}

function addDecision(
  { folder, screen, command, configure, show }: Kit,
  held: Group,
  kind: 'release' | 'replay',
  description: string,
): void {
  const made = command(held, `${kind} [items...]`, description);
  if (kind === 'replay') {
    made
      .option('--policy <file>', 'go through under this policy (default: that of the run)')
      .option(...RECIPE_OPTION);
  } else {
    made.option('--allowed-only', 'leave out what nobody may release, instead of refusing all');
  }
  selecting(made)
    .option('--reason <text>', 'why; mandatory for a release')
    .option('--dry-run', 'say what would now go through, and change nothing')
    .option('--strict', 'exit status 3 when an item was not delivered')
    .option('--max-pause <seconds>', 'how long to wait for a service that is down')
    .action(async (items: string[], given: SelectOptions) => {
      const configuration = await configure(given);
      const selection = selectionOf(items, given, configuration);
      if (!isNarrowed(selection)) {
        throw cliCodes.fault('UsageWrong', {
          problem: 'name items, or select with --code, --run, --site or another of these options',
        });
      }
      // Without either, items go through under the policy of their run, and not under another.
      const isRevised = given.policy !== undefined || given.deidRecipe !== undefined;
      const revised = isRevised ? await choosePolicy(given, configuration, folder) : null;
      for (const note of revised?.notes ?? []) screen.tell(note);
      await show(
        'held decide',
        configuration,
        {
          kind,
          selection,
          reason: given.reason ?? null,
          user: configuration.user,
          dryRun: given.dryRun ?? false,
          allowedOnly: given.allowedOnly ?? false,
          ...(revised === null ? {} : { policy: revised.policy }),
          ...working(given, configuration),
          typed: typedAgain(kind, items, given, showingOf(given, configuration)),
        },
        given,
      );
    });
}

/** What was typed, without `--dry-run`, to be proposed afterwards. */
function typedAgain(
  kind: 'release' | 'replay',
  items: readonly string[],
  given: SelectOptions,
  { filters, flags }: Pick<Showing, 'filters' | 'flags'>,
): Typed {
  const { policy, deidRecipe, allowedOnly, reason, user } = given;
  const option = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`${name} ${shellWord(value)}`];
  const command = (...by: readonly string[]): string =>
    [
      `lazaret held ${kind}`,
      ...items.map(shellWord),
      ...filters,
      ...option('--policy', policy),
      ...option('--deid-recipe', deidRecipe),
      ...(allowedOnly === true ? ['--allowed-only'] : []),
      ...by,
      ...(flags === '' ? [] : [flags]),
    ].join(' ');
  const why =
    reason === undefined && kind === 'release' ? ['--reason "…"'] : option('--reason', reason);
  return {
    again: command(...why, ...option('--user', user)),
    bySecond: command('--reason "…"', '--user "…"'),
  };
}
