/** `alerts list|show|clear|unclear`. */
import { createSystemClock } from '@lazaret/faults';
import { Option, type Command } from 'commander';
import type { AlertDecisionKind } from '../../pipelines/forms/alerts/alert-decision.ts';
import {
  STANDING_FILTERS,
  type AlertSelection,
  type StandingFilter,
} from '../../pipelines/forms/alerts/alert-selection.ts';
import { cliCodes } from '../codes.ts';
import type { Configuration } from '../configuration.ts';
import { shellWord } from '../terminal/shell-word.ts';
import type { Kit } from './kit.ts';
import { ageMs, showingOf, wholeNumber, working, type SelectOptions } from './options.ts';

interface AlertOptions extends SelectOptions {
  readonly each?: boolean;
  readonly version?: string;
  readonly expect?: string;
  readonly yes?: boolean;
}

/** Rows that people are shown at once; `--json` gives all of them. */
const SHOWN_ROWS = 50;

/** What every selection has; it does not say which alerts are meant. */
const UNCONDITIONAL = new Set(['project', 'standing']);

export function addAlerts(kit: Kit): void {
  const alerts = kit.root
    .command('alerts')
    .description('what rules of forms ask a person to look at')
    .exitOverride();
  addList(kit, alerts);
  addShow(kit, alerts);
  addDecision(kit, alerts, 'clear', 'judge alerts as fine, with a reason; visits go on');
  addDecision(kit, alerts, 'unclear', 'take clearances back, with a reason');
}

function addList({ command, configure, show }: Kit, alerts: Command): void {
  selecting(command(alerts, 'list [names...]', 'alerts by rule, or one by one'))
    .option('--each', 'one by one instead of counted by rule')
    .option('--limit <n>', `rows at most (default: ${SHOWN_ROWS}; with --json all)`)
    .option('--skip <n>', 'rows to pass over')
    .action(async (names: string[], given: AlertOptions) => {
      const configuration = await configure(given);
      const selection = selectionOf(names, given, configuration);
      const limit =
        given.limit !== undefined
          ? wholeNumber('--limit', given.limit, 1)
          : configuration.json
            ? null
            : SHOWN_ROWS;
      await show(
        'alerts list',
        configuration,
        {
          // What was named is shown however it stands; else what waits for a person.
          selection: { standing: names.length > 0 ? 'all' : 'open', ...selection },
          ...subjectOf(given),
          each: given.each ?? false,
          ...(limit === null ? {} : { limit }),
          ...(given.skip === undefined ? {} : { skip: wholeNumber('--skip', given.skip, 0) }),
        },
        given,
      );
    });
}

function addShow({ command, configure, show }: Kit, alerts: Command): void {
  command(alerts, 'show <alert>', 'one alert: its rule, how it stands, and all that happened to it')
    .option('--reveal', 'show whom it is about and the values read; the look is recorded')
    .action(async (alert: string, given: AlertOptions) => {
      const configuration = await configure(given);
      const { user, project } = configuration;
      const reveal = given.reveal ?? false;
      await show('alerts show', configuration, { alert, user, project, reveal }, given);
    });
}

function addDecision(
  { command, configure, show }: Kit,
  alerts: Command,
  kind: AlertDecisionKind,
  description: string,
): void {
  const made = selecting(command(alerts, `${kind} [names...]`, description))
    .option('--decision <id>', 'those that this decision was about')
    .option('--reason <text>', 'why; mandatory')
    .option('--dry-run', 'say what would be decided about and what would follow; change nothing')
    .option('--version <version>', 'only if they are as they were shown, with this version')
    .option('--expect <n>', 'only if there are so many')
    .option('--yes', 'decide about many without a number')
    .option('--max-pause <seconds>', 'how long to wait for a service that is down');
  if (kind === 'clear') made.option('--strict', 'exit status 3 when a visit was not delivered');
  made.action(async (names: string[], given: AlertOptions) => {
    const configuration = await configure(given);
    const selection = selectionOf(names, given, configuration);
    const conditions = Object.keys({ ...selection, ...subjectOf(given) }).filter(
      (key) => !UNCONDITIONAL.has(key),
    );
    if (conditions.length === 0) {
      throw cliCodes.fault('UsageWrong', {
        problem: 'name alerts, or select with --code, --run, --subject or another of these options',
      });
    }
    await show(
      'alerts decide',
      configuration,
      {
        ...{ kind, selection, reason: given.reason ?? null, user: configuration.user },
        ...subjectOf(given),
        dryRun: given.dryRun ?? false,
        ...(given.version === undefined ? {} : { version: given.version }),
        ...(given.expect === undefined ? {} : { expect: wholeNumber('--expect', given.expect, 1) }),
        ...(given.yes === undefined ? {} : { yes: given.yes }),
        ...working(given, configuration),
        typed: typedAgain(kind, names, given, configuration),
      },
      given,
    );
  });
}

/** The same for a list and for a decision. */
function selecting(command: Command): Command {
  return command
    .option('--run <run>', 'only what this run has checked')
    .option(
      '--subject <subject>',
      'only of this participant, such as 17/PAT-1, or PAT-1 of any centre',
    )
    .option('--module <module>', 'only of this form')
    .option('--code <code>', 'only of this rule, by its code or its name')
    .option('--field <field>', 'only about this field')
    .option('--older-than <age>', 'only raised longer ago than this, such as 12h or 7d')
    .addOption(new Option('--standing <how>', 'how they stand').choices([...STANDING_FILTERS]));
}

function selectionOf(
  names: readonly string[],
  given: AlertOptions,
  { project }: Configuration,
): AlertSelection {
  const { run, module, code, field, standing, olderThan, decision } = given;
  const now = createSystemClock().now();
  return {
    project,
    ...(names.length === 0 ? {} : { names }),
    ...(run === undefined ? {} : { run }),
    ...(module === undefined ? {} : { module }),
    ...(code === undefined ? {} : { code }),
    ...(field === undefined ? {} : { field }),
    ...(standing === undefined ? {} : { standing: standing as StandingFilter }),
    ...(olderThan === undefined
      ? {}
      : { before: new Date(now - ageMs('--older-than', olderThan)).toISOString() }),
    ...(decision === undefined ? {} : { decision: decisionBeginning(decision) }),
  };
}

/** A subject is no part of the selection, which is kept: it is a person. */
function subjectOf({ subject }: AlertOptions): { readonly subject?: string } {
  return subject === undefined ? {} : { subject };
}

/** Fewer characters than these fit too many decisions by chance. */
const DECISION = /^[0-9a-f]{8}[0-9a-f-]{0,28}$/i;

function decisionBeginning(decision: string): string {
  if (DECISION.test(decision)) return decision;
  throw cliCodes.fault('UsageWrong', {
    problem: '--decision takes the id of a decision, or its first 8 characters or more',
  });
}

/** The command that does what was tried. */
function typedAgain(
  kind: AlertDecisionKind,
  names: readonly string[],
  given: AlertOptions,
  configuration: Configuration,
): string {
  const { flags, filters } = showingOf(given, configuration);
  return [
    `lazaret alerts ${kind}`,
    ...names.map(shellWord),
    ...filters,
    ...(given.reason === undefined ? [] : [`--reason ${shellWord(given.reason)}`]),
    ...(given.user === undefined ? [] : [`--user ${shellWord(given.user)}`]),
    ...(flags === '' ? [] : [flags]),
  ].join(' ');
}
