/** Options that several commands take, and what they mean. */
import type { Command } from 'commander';
import type { Selection } from '../../engine/selection.ts';
import { cliCodes } from '../codes.ts';
import type { Configuration, GlobalOptions } from '../configuration.ts';
import type { Showing } from '../screen.ts';
import { codeName } from '../status.ts';

export interface RunOptions extends GlobalOptions {
  readonly out?: string;
  readonly policy?: string;
  readonly deidRecipe?: string;
  readonly strict?: boolean;
  readonly maxPause?: string;
}

export interface PolicyCommandOptions extends GlobalOptions {
  readonly deidRecipe?: string;
  readonly run?: string;
  readonly maxItems?: string;
}

/** For every command that takes a policy. */
export const RECIPE_OPTION = [
  '--deid-recipe <file>',
  'a recipe of pydicom/deid, read as rules over the policy',
] as const;

export const POLICY_OPTION = [
  '--policy <file>',
  'the policy, a .json, .ts or .js file (default: the one of the configuration, or of Lazaret)',
] as const;

export interface SelectOptions extends RunOptions {
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

export function withGlobalOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document on standard output, and nothing else there')
    .option('--data <dir>', 'the data folder (default: lazaret-data)')
    .option('--config <file>', 'the configuration (default: lazaret.config.ts, .js or .json here)')
    .option('--project <name>', 'whose data it is')
    .option('--site <name>', 'who sent it')
    .option('--user <name>', 'who decides')
    .option('--workers <n>', 'worker threads (default: one a core)');
}

export function selecting(command: Command): Command {
  return command
    .option('--run <run>', 'only of this run')
    .option('--code <code>', 'only held under this code, by id or name')
    .option('--before <time>', 'only held since before this instant');
}

export function selectionOf(
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

export function about(configuration: Configuration): {
  readonly data: string;
  readonly project: string;
  readonly site: string;
  readonly user: string;
} {
  const { data, project, site, user } = configuration;
  return { data, project, site, user };
}

/** How an outcome is shown: with what was typed, so that proposed commands find the same store. */
export function showingOf(given: SelectOptions, { log }: Configuration): Showing {
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

export function working(
  given: RunOptions,
  { maxPauseSeconds }: Configuration,
): { readonly strict: boolean; readonly maxPauseSeconds: number } {
  const pause = given.maxPause === undefined ? maxPauseSeconds : Number(given.maxPause);
  if (!(pause >= 0)) {
    throw cliCodes.fault('UsageWrong', { problem: '--max-pause is not a number of seconds' });
  }
  return { strict: given.strict ?? false, maxPauseSeconds: pause };
}
