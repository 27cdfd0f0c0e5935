/** What can be typed, and how results are shown. */
import { Command, CommanderError } from 'commander';
import { isFault } from '@lazaret/faults';
import { catalogue, VERSION } from '../main.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Outcome } from './command.ts';
import type { CommandName, InputOf } from './commands.ts';
import { loadConfiguration, type Configuration, type GlobalOptions } from './configuration.ts';
import { addDocuments } from './grammar/documents.ts';
import { addAlerts } from './grammar/alerts.ts';
import { addExplain } from './grammar/explain.ts';
import { addHeld } from './grammar/held.ts';
import { addIdentifiers } from './grammar/identifiers.ts';
import { addIdentity } from './grammar/identity.ts';
import type { Kit } from './grammar/kit.ts';
import { addLogs } from './grammar/logs.ts';
import { addPolicy } from './grammar/policy.ts';
import { showingOf, withGlobalOptions, type SelectOptions } from './grammar/options.ts';
import { addRetention } from './grammar/retention.ts';
import { addRules } from './grammar/rules.ts';
import { addRuns } from './grammar/runs.ts';
import { asFault, invoke } from './invoke.ts';
import { createScreen, type Screen, type ScreenOptions } from './screen.ts';

/** In the order in which --help shows them. */
const GROUPS = [
  ...[addRuns, addDocuments, addHeld, addAlerts, addRules, addRetention],
  ...[addPolicy, addIdentity, addIdentifiers, addLogs, addExplain],
];

export type ProgramOptions = ScreenOptions;

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

function build(screen: Screen, { env, folder }: ProgramOptions, state: { exit: number }): Command {
  const root = new Command('lazaret');
  root
    .description('A quarantine station for research data.')
    .version(VERSION, '--version', 'print the version')
    // Below a command, --version is the command's own: alerts have versions.
    .enablePositionalOptions()
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

  const kit: Kit = {
    root,
    screen,
    folder,
    configure,
    carryOut,
    show,
    command,
    exit: (status) => {
      state.exit = status;
    },
  };
  for (const add of GROUPS) add(kit);
  return root;
}

function usage(error: CommanderError, screen: Screen): number {
  if (error.exitCode === 0) return EXIT.complete;
  const problem = error.message.replace(/^error: /, '').replace(/\.$/, '');
  screen.fault(cliCodes.fault('UsageWrong', { problem }));
  return EXIT.usage;
}

/** A mistake in what was asked or configured is 2; everything else that ends a command is 1. */
function exitOfFault(code: string): number {
  if (code === 'RunStoppedByPerson') return EXIT.interrupted;
  const entry = catalogue.entryOf({ code });
  const mistaken = entry.blame === 'caller' || entry.blame === 'operator';
  return mistaken && entry.status >= 400 && entry.status < 500 ? EXIT.usage : EXIT.failed;
}
