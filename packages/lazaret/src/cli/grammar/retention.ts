/** `retention apply` and `erase`. */
import { cliCodes } from '../codes.ts';
import type { ErasureSelection } from '../../retention/erasure-scope.ts';
import type { Kit } from './kit.ts';
import { ageMs, showingOf, type SelectOptions } from './options.ts';

/** What is kept for so long is seldom asked for again; a project may say otherwise. */
const DEFAULT_AGE = '90d';

interface EraseOptions extends Omit<SelectOptions, 'run'> {
  readonly item?: readonly string[];
  readonly run?: string;
  readonly subject?: string;
}

export function addRetention({ root, command, configure, show }: Kit): void {
  const retention = root
    .command('retention')
    .description('what is bulky and no longer needed')
    .exitOverride();
  command(retention, 'apply', 'remove old copies and what was left behind; records stay')
    .option('--older-than <age>', `only what is older, such as 30d (default: ${DEFAULT_AGE})`)
    .option('--dry-run', 'say what would go, and remove nothing')
    .action(async (given: SelectOptions) => {
      const configuration = await configure(given);
      const { project, user } = configuration;
      const olderThanMs = ageMs('--older-than', given.olderThan ?? DEFAULT_AGE);
      await show(
        'retention apply',
        configuration,
        { project, user, olderThanMs, dryRun: given.dryRun ?? false },
        given,
      );
    });

  command(root, 'erase', 'remove all that says who somebody was; the counts stay')
    .option('--item <item...>', 'these items, with all that became of them')
    .option('--run <run>', 'all items of a run')
    .option(
      '--subject <name>',
      'everything of a person: the pseudonym of images, the id that a study gives (NACC000123), or centre and participant (17/110001)',
    )
    .option('--reason <text>', 'why; mandatory')
    .option('--dry-run', 'say what would go, and erase nothing')
    .action(async (given: EraseOptions) => {
      const configuration = await configure(given);
      const { project, user } = configuration;
      const { flags } = showingOf(given, configuration);
      const selection = selectionOf(given);
      await show(
        'erase',
        configuration,
        {
          project,
          user,
          selection,
          reason: given.reason ?? null,
          dryRun: given.dryRun ?? false,
          typed: ['lazaret erase', typed(selection), '--reason "…"', flags]
            .filter((part) => part !== '')
            .join(' '),
        },
        given,
      );
    });
}

function selectionOf({ item, run, subject }: EraseOptions): ErasureSelection {
  const selections: ErasureSelection[] = [
    ...(item === undefined ? [] : [{ items: item }]),
    ...(run === undefined ? [] : [{ run }]),
    ...(subject === undefined ? [] : [{ subject }]),
  ];
  const [only] = selections;
  if (only === undefined || selections.length > 1) {
    throw cliCodes.fault('UsageWrong', {
      problem: 'say what to erase, by one of --item, --run and --subject',
    });
  }
  return only;
}

function typed(selection: ErasureSelection): string {
  if ('items' in selection) return `--item ${selection.items.join(' ')}`;
  return 'run' in selection ? `--run ${selection.run}` : `--subject ${selection.subject}`;
}
