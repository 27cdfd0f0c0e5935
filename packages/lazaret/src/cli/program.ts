/** What can be typed, and how results are shown. */
import { resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { explain, isFault } from '@lazaret/faults';
import { catalogue, pipelineNamed, VERSION } from '../main.ts';
import type { Selection } from '../engine/selection.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Outcome } from './command.ts';
import type { CommandName, InputOf } from './commands.ts';
import {
  loadConfiguration,
  readJson,
  type Configuration,
  type GlobalOptions,
} from './configuration.ts';
import { demo } from './demo.ts';
import { asFault, invoke } from './invoke.ts';
import { checkRun, type RunInput } from './run.ts';
import { createScreen, type Screen, type ScreenOptions, type Showing } from './screen.ts';
import { codeName, unknownCode } from './status.ts';

export type ProgramOptions = ScreenOptions & { readonly folder: string };

/** Runs one command line. Returns the exit status; nothing else ends the process. */
export async function program(argv: readonly string[], options: ProgramOptions): Promise<number> {
  const screen = createScreen(argv.includes('--json'), options);
  const state = { exit: EXIT.complete as number };
  try {
    await build(screen, options, state).parseAsync([...argv], { from: 'user' });
    return state.exit;
  } catch (error) {
    if (error instanceof CommanderError) return usage(error, screen);
    const fault = isFault(error) ? error : asFault(error);
    screen.fault(fault);
    return exitOfFault(fault.code);
  }
}

interface RunOptions extends GlobalOptions {
  readonly out?: string;
  readonly policy?: string;
  readonly strict?: boolean;
  readonly maxPause?: string;
}

interface SelectOptions extends RunOptions {
  readonly run?: string;
  readonly code?: string;
  readonly before?: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly reveal?: boolean;
  readonly status?: string;
  readonly hasError?: boolean;
  readonly incident?: string;
  readonly follow?: boolean;
}

function build(screen: Screen, { env, folder }: ProgramOptions, state: { exit: number }): Command {
  const root = new Command('lazaret');
  root
    .description('A quarantine station for research data.')
    .version(VERSION, '--version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => screen.print(text.trimEnd()),
      writeErr: () => undefined,
    })
    .showHelpAfterError(false);

  const configure = (given: GlobalOptions): Promise<Configuration> =>
    loadConfiguration(given, folder);
  const carryOut = async <Name extends CommandName>(
    name: Name,
    configuration: Configuration,
    input: InputOf<Name>,
  ): Promise<Outcome> =>
    invoke(name, input, {
      configuration,
      env,
      tell: (text) => screen.tell(text),
      progressOf: (title) => screen.progressOf(title),
    });
  const show = async <Name extends CommandName>(
    name: Name,
    configuration: Configuration,
    input: InputOf<Name>,
    given: SelectOptions,
  ): Promise<void> => {
    const outcome = await carryOut(name, configuration, input);
    screen.outcome(name, outcome, showingOf(given, configuration));
    state.exit = outcome.exit;
  };
  const command = (parent: Command, usageText: string, description: string): Command =>
    withGlobalOptions(parent.command(usageText).description(description)).exitOverride();

  const runGroup = root.command('run').description('take in data').exitOverride();
  command(runGroup, 'imaging <folder>', 'DICOM below a folder, one batch a folder')
    .option('--out <dir>', 'where deliveries go (default: lazaret-out)')
    .option('--policy <file>', 'the policy, a JSON file (default: the one that comes with Lazaret)')
    .option('--strict', 'exit status 3 when an item was not delivered')
    .option('--max-pause <seconds>', 'how long to wait for a service that is down')
    .action(async (source: string, given: RunOptions) => {
      const configuration = await configure(given);
      const input: RunInput = {
        pipeline: 'imaging',
        location: resolve(folder, source),
        out: resolve(folder, given.out ?? configuration.out ?? 'lazaret-out'),
        policy:
          given.policy === undefined
            ? configuration.imagingPolicy
            : readJson(resolve(folder, given.policy), given.policy),
        ...about(configuration),
        ...working(given, configuration),
      };
      checkRun(pipelineNamed(input.pipeline), input);
      await show('run', configuration, input, given);
    });

  command(root, 'status [run]', 'how runs stand').action(
    async (run: string | undefined, given: GlobalOptions) => {
      const configuration = await configure(given);
      const { project } = configuration;
      await show(
        'status',
        configuration,
        { project, ...(run === undefined ? {} : { run }) },
        given,
      );
    },
  );
  command(root, 'stop <run>', 'ask a run to stop').action(
    async (run: string, given: GlobalOptions) => {
      const configuration = await configure(given);
      await show('stop', configuration, { run, user: configuration.user }, given);
    },
  );
  command(root, 'resume <run>', 'take up a run that was interrupted or failed')
    .option('--strict', 'exit status 3 when an item was not delivered')
    .option('--max-pause <seconds>', 'how long to wait for a service that is down')
    .action(async (run: string, given: RunOptions) => {
      const configuration = await configure(given);
      await show('resume', configuration, { run, ...working(given, configuration) }, given);
    });
  command(root, 'batches', 'the batches of a run')
    .option('--run <run>', 'default: the newest')
    .addOption(
      new Option('--status <status>', 'only these').choices([
        'queued',
        'processing',
        'done',
        'empty',
        'error',
      ]),
    )
    .option('--has-error', 'only those with an error')
    .action(async (given: SelectOptions) => {
      const configuration = await configure(given);
      await show(
        'batches',
        configuration,
        {
          project: configuration.project,
          hasError: given.hasError ?? false,
          ...(given.run === undefined ? {} : { run: given.run }),
          ...(given.status === undefined ? {} : { status: given.status }),
        },
        given,
      );
    });
  command(root, 'findings', 'what was found in a run')
    .option('--run <run>', 'default: the newest')
    .option('--code <code>', 'only this code, by id or name')
    .action(async (given: SelectOptions) => {
      const configuration = await configure(given);
      await show(
        'findings',
        configuration,
        {
          project: configuration.project,
          ...(given.run === undefined ? {} : { run: given.run }),
          ...(given.code === undefined ? {} : { code: given.code }),
        },
        given,
      );
    });

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
      made.option('--policy <file>', 'go through under this policy (default: that of the run)');
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
        await show(
          'held decide',
          configuration,
          {
            kind,
            selection: selectionOf(items, given, configuration),
            reason: given.reason ?? null,
            user: configuration.user,
            dryRun: given.dryRun ?? false,
            ...(given.policy === undefined
              ? {}
              : { policy: readJson(resolve(folder, given.policy), given.policy) }),
            ...working(given, configuration),
          },
          given,
        );
      });
  }
  command(root, 'logs', 'warnings, errors and the life of runs')
    .option('--run <run>', 'only of this run')
    .option('--incident <incident>', 'only of this incident')
    .option('-f, --follow', 'go on with what comes')
    .action(async (given: SelectOptions) => {
      const configuration = await configure(given);
      const wanted = {
        ...(given.run === undefined ? {} : { run: given.run }),
        ...(given.incident === undefined ? {} : { incident: given.incident }),
      };
      await show('logs', configuration, { ...wanted, limit: LOG_LINES }, given);
      if (given.follow !== true) return;
      await followLogs(async (after) => {
        const outcome = await carryOut('logs', configuration, {
          ...wanted,
          after,
          limit: LOG_LINES,
        });
        screen.outcome('logs', outcome, showingOf(given, configuration));
        return outcome;
      });
    });
  root
    .command('explain <code>')
    .description('what a code means and what to do about it')
    .option('--json', 'print the entry as JSON')
    .exitOverride()
    .action((code: string, given: GlobalOptions) => {
      const found = catalogue.find(code);
      if (!found.found) throw unknownCode(code, found.nearest);
      if (given.json === true) screen.json(found.entry);
      else screen.print(explain(found.entry));
    });
  withGlobalOptions(root.command('demo').description('sample data through every pipeline'))
    .exitOverride()
    .action(async (given: GlobalOptions) => {
      state.exit = await demo(given, { folder, screen, configure, carryOut });
    });
  return root;
}

const LOG_LINES = 1_000;
const FOLLOW_MS = 1_000;

async function followLogs(read: (after: number) => Promise<Outcome>): Promise<void> {
  let after = 0;
  for (;;) {
    const outcome = await read(after);
    after = (outcome.extra as { readonly last: number }).last;
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
  }
}

function withGlobalOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document on standard output, and nothing else there')
    .option('--data <dir>', 'the data folder (default: lazaret-data)')
    .option('--config <file>', 'the configuration (default: lazaret.config.ts, .js or .json here)')
    .option('--project <name>', 'whose data it is')
    .option('--site <name>', 'who sent it')
    .option('--user <name>', 'who decides')
    .option('--workers <n>', 'worker threads (default: one a core)');
}

function selecting(command: Command): Command {
  return command
    .option('--run <run>', 'only of this run')
    .option('--code <code>', 'only held under this code, by id or name')
    .option('--before <time>', 'only held since before this instant');
}

function selectionOf(
  items: readonly string[],
  given: SelectOptions,
  { project }: Configuration,
): Selection {
  if (given.before !== undefined && Number.isNaN(Date.parse(given.before))) {
    throw cliCodes.fault('UsageWrong', {
      problem: '--before is not an instant such as 2026-01-05',
    });
  }
  return {
    project,
    ...(items.length === 0 ? {} : { items }),
    ...(given.run === undefined ? {} : { run: given.run }),
    ...(given.code === undefined ? {} : { code: codeName(given.code) }),
    ...(given.site === undefined ? {} : { site: given.site }),
    ...(given.before === undefined ? {} : { before: new Date(given.before).toISOString() }),
  };
}

function about(configuration: Configuration): {
  readonly data: string;
  readonly project: string;
  readonly site: string;
  readonly user: string;
} {
  const { data, project, site, user } = configuration;
  return { data, project, site, user };
}

/** How an outcome is shown: with what was typed, so that proposed commands find the same store. */
function showingOf(given: SelectOptions, { log }: Configuration): Showing {
  const flag = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`--${name} ${value}`];
  return {
    timeZone: log.timeZone,
    flags: [
      ...flag('data', given.data),
      ...flag('project', given.project),
      ...flag('config', given.config),
    ].join(' '),
    filters: [
      ...flag('run', given.run),
      ...flag('code', given.code),
      ...flag('status', given.status),
      ...flag('incident', given.incident),
      ...flag('before', given.before),
      ...(given.hasError === true ? ['--has-error'] : []),
    ],
  };
}

function working(
  given: RunOptions,
  { maxPauseSeconds }: Configuration,
): { readonly strict: boolean; readonly maxPauseSeconds: number } {
  const pause = given.maxPause === undefined ? maxPauseSeconds : Number(given.maxPause);
  if (!(pause >= 0)) {
    throw cliCodes.fault('UsageWrong', { problem: '--max-pause is not a number of seconds' });
  }
  return { strict: given.strict ?? false, maxPauseSeconds: pause };
}

function usage(error: CommanderError, screen: Screen): number {
  if (error.exitCode === 0) return EXIT.complete;
  const problem = error.message.replace(/^error: /, '').replace(/\.$/, '');
  screen.fault(cliCodes.fault('UsageWrong', { problem }));
  return EXIT.usage;
}

/** A mistake in what was asked or configured is 2; everything else that ends a command is 1. */
function exitOfFault(code: string): number {
  const entry = catalogue.entryOf({ code });
  const mistaken = entry.blame === 'caller' || entry.blame === 'operator';
  return mistaken && entry.status >= 400 && entry.status < 500 ? EXIT.usage : EXIT.failed;
}
