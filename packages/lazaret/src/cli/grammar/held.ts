/** `held list|show|release|replay`. */
import { cliCodes } from '../codes.ts';
import { choosePolicy } from '../policy.ts';
import type { Kit } from './kit.ts';
import { RECIPE_OPTION, selecting, selectionOf, working, type SelectOptions } from './options.ts';

export function addHeld({ root, screen, folder, command, configure, show }: Kit): void {
  const held = root
    .command('held')
    .description('items that wait, and their way out')
    .exitOverride();
  selecting(command(held, 'list', 'what is held')).action(async (given: SelectOptions) => {
    const configuration = await configure(given);
    await show(
      'held list',
      configuration,
      { selection: selectionOf([], given, configuration) },
      given,
    );
  });
  command(held, 'show <item>', 'one item: why it is held and how it may be let go')
    .option('--reveal', 'show where it came from; the look is recorded')
    .action(async (item: string, given: SelectOptions) => {
      const configuration = await configure(given);
      const { user, project } = configuration;
      await show(
        'held show',
        configuration,
        {
          item,
          user,
          project,
          reveal: given.reveal ?? false,
        },
        given,
      );
    });
  for (const kind of ['release', 'replay'] as const) {
    const made = command(
      held,
      `${kind} [items...]`,
      kind === 'release'
        ? 'let items go on in spite of what was found, with a reason'
        : 'send items through the same checks again',
    );
    if (kind === 'replay') {
      made
        .option('--policy <file>', 'go through under this policy (default: that of the run)')
        .option(...RECIPE_OPTION);
    }
    selecting(made)
      .option('--reason <text>', 'why; mandatory for a release')
      .option('--dry-run', 'only say what is selected')
      .option('--strict', 'exit status 3 when an item was not delivered')
      .option('--max-pause <seconds>', 'how long to wait for a service that is down')
      .action(async (items: string[], given: SelectOptions) => {
        const configuration = await configure(given);
        if (items.length === 0 && given.run === undefined && given.code === undefined) {
          throw cliCodes.fault('UsageWrong', {
            problem: 'name items, or select with --run or --code',
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
            selection: selectionOf(items, given, configuration),
            reason: given.reason ?? null,
            user: configuration.user,
            dryRun: given.dryRun ?? false,
            ...(revised === null ? {} : { policy: revised.policy }),
            ...working(given, configuration),
          },
          given,
        );
      });
  }
}
