/** Options that several commands take, and what they mean. */
import { createSystemClock } from '@lazaret/faults';
import { Option, type Command } from 'commander';
import type { Selection } from '../../engine/selection.ts';
import { cliCodes } from '../codes.ts';
import type { Configuration, GlobalOptions } from '../configuration.ts';
import type { Showing } from '../screen.ts';
import { codeName } from '../status.ts';
import { shellWord } from '../terminal/shell-word.ts';

export interface RunOptions extends GlobalOptions {
  readonly out?: string;
  readonly policy?: string;
  readonly deidRecipe?: string;
  readonly strict?: boolean;
  readonly maxPause?: string;
  readonly watch?: boolean;
  readonly settle?: string;
  readonly by?: 'day';
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

export interface SelectOptions extends Omit<RunOptions, 'by'> {
  readonly run?: string;
  readonly code?: string;
  readonly before?: string;
  readonly olderThan?: string;
  readonly pipeline?: string;
  readonly release?: string;
  readonly where?: readonly string[];
  readonly by?: string;
  readonly limit?: string;
  readonly skip?: string;
  readonly allowedOnly?: boolean;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly reveal?: boolean;
  readonly status?: string;
  readonly hasError?: boolean;
  readonly incident?: string;
  readonly follow?: boolean;
  readonly module?: string;
  readonly field?: string;
  readonly standing?: string;
  readonly decision?: string;
  readonly subject?: string;
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

/** What held items are selected by: the same for a list, a release and a replay. */
export function selecting(command: Command): Command {
  // Elsewhere this says who sent what comes in; here it narrows down what came in.
  const site = command.options.find(({ long }) => long === '--site');
  if (site !== undefined) site.description = 'only what this site sent';
  return command
    .option('--run <run>', 'only of this run')
    .option('--code <code>', 'only held under this code, by id or name')
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--before <time>', 'only held since before this instant, such as 2026-01-05 (UTC)')
    .option('--older-than <age>', 'only held for longer than this, such as 12h or 7d')
    .addOption(
      new Option('--release <way>', 'only what may be let go this way').choices([
        'replay',
        'reason',
        'second',
      ]),
    )
    .option(
      '--where <fact=value>',
      'only with this fact, such as modality=US; may be given again',
      (value: string, before: readonly string[]) => [...before, value],
      [] as readonly string[],
    );
}

export function selectionOf(
  items: readonly string[],
  given: SelectOptions,
  { project }: Configuration,
): Selection {
  return {
    project,
    ...(items.length === 0 ? {} : { items }),
    ...(given.run === undefined ? {} : { run: given.run }),
    ...(given.code === undefined ? {} : { code: codeName(given.code) }),
    ...(given.site === undefined ? {} : { site: given.site }),
    ...(given.pipeline === undefined ? {} : { pipeline: given.pipeline }),
    ...heldBefore(given),
    ...(isWay(given.release) ? { release: given.release } : {}),
    ...((given.where ?? []).length === 0 ? {} : { where: factsOf(given.where ?? []) }),
  };
}

/** Whether anything narrows a decision down: all that is held is selected only on purpose. */
export function isNarrowed({ project: _, ...conditions }: Selection): boolean {
  return Object.keys(conditions).length > 0;
}

function heldBefore({ before, olderThan }: SelectOptions): Pick<Selection, 'before'> {
  if (before !== undefined && Number.isNaN(Date.parse(before))) {
    throw cliCodes.fault('UsageWrong', {
      problem: '--before is not an instant such as 2026-01-05',
    });
  }
  const instants = [
    ...(before === undefined ? [] : [Date.parse(before)]),
    ...(olderThan === undefined
      ? []
      : [createSystemClock().now() - ageMs('--older-than', olderThan)]),
  ];
  return instants.length === 0 ? {} : { before: new Date(Math.min(...instants)).toISOString() };
}

const AGE_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** An age such as `12h`, `7d` or `2w`, in milliseconds. @throws UsageWrong */
export function ageMs(option: string, text: string): number {
  const match = /^(\d{1,5})([mhdw])$/.exec(text);
  const unit = AGE_MS[match?.[2] ?? ''];
  if (match === null || unit === undefined) {
    throw cliCodes.fault('UsageWrong', { problem: `${option} is not an age such as 12h or 7d` });
  }
  return Number(match[1]) * unit;
}

function isWay(release: string | undefined): release is 'replay' | 'reason' | 'second' {
  return release !== undefined;
}

function factsOf(where: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    where.map((text): [string, string] => {
      const at = text.indexOf('=');
      if (at < 1) {
        throw cliCodes.fault('UsageWrong', {
          problem: '--where takes a fact and its value, such as modality=US',
        });
      }
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** A whole number that an option was given. @throws UsageWrong */
export function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (!/^\d{1,9}$/.test(text) || number < least) {
    throw cliCodes.fault('UsageWrong', { problem: `${option} is not a whole number` });
  }
  return number;
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
    value === undefined ? [] : [`--${name} ${shellWord(value)}`];
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
      ...flag('site', given.site),
      ...flag('pipeline', given.pipeline),
      ...flag('before', given.before),
      ...flag('older-than', given.olderThan),
      ...flag('release', given.release),
      ...flag('subject', given.subject),
      ...flag('module', given.module),
      ...flag('field', given.field),
      ...flag('standing', given.standing),
      ...flag('decision', given.decision),
      ...(given.where ?? []).flatMap((fact) => flag('where', fact)),
      ...(given.hasError === true ? ['--has-error'] : []),
    ],
  };
}

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600 };

/** `30s`, `500ms`, `2m`, `1h`, or a bare number of seconds. */
export function secondsOf(text: string, option: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const seconds = number === undefined ? 0 : Number(number) * (SECONDS[unit] ?? 1);
  if (seconds >= 0.05 && seconds <= 86_400) return seconds;
  throw cliCodes.fault('UsageWrong', {
    problem: `${option} is no time from 50ms to 24h, such as 30s or 2m`,
  });
}

export function working(
  given: Pick<RunOptions, 'strict' | 'maxPause'>,
  { maxPauseSeconds }: Configuration,
): { readonly strict: boolean; readonly maxPauseSeconds: number } {
  const pause = given.maxPause === undefined ? maxPauseSeconds : Number(given.maxPause);
  if (!(pause >= 0)) {
    throw cliCodes.fault('UsageWrong', { problem: '--max-pause is not a number of seconds' });
  }
  return { strict: given.strict ?? false, maxPauseSeconds: pause };
}
