/**
 * What every command is made with. A group of commands is a function that takes the kit and adds
 * its commands to the root: `grammar/*.ts`, one file a group, called in `program.ts`.
 */
import type { Command } from 'commander';
import type { Outcome } from '../command.ts';
import type { CommandName, InputOf } from '../commands.ts';
import type { Configuration, GlobalOptions } from '../configuration.ts';
import type { Screen } from '../screen.ts';
import type { SelectOptions } from './options.ts';

export interface Kit {
  readonly root: Command;
  readonly screen: Screen;
  /** The present folder, to which paths on the command line are relative. */
  readonly folder: string;
  configure(given: GlobalOptions): Promise<Configuration>;
  /** Carries a command out where the store is: here, or in the process that holds it. */
  carryOut<Name extends CommandName>(
    name: Name,
    configuration: Configuration,
    input: InputOf<Name>,
  ): Promise<Outcome>;
  /** Carries a command out, shows what comes back, and makes its exit status the program's. */
  show<Name extends CommandName>(
    name: Name,
    configuration: Configuration,
    input: InputOf<Name>,
    given: SelectOptions,
  ): Promise<void>;
  /** A command with the options that every one takes. */
  command(parent: Command, usage: string, description: string): Command;
  /** The exit status, for a command that carries nothing out by `show`. */
  exit(status: number): void;
}
