/** `run`, `status`, `stop`, `resume`, `batches` and `findings`. */
import { resolve } from 'node:path';
import { Option } from 'commander';
import { pipelineNamed } from '../../main.ts';
import { cliCodes } from '../codes.ts';
import type { GlobalOptions } from '../configuration.ts';
import { choosePolicy } from '../policy.ts';
import { checkRun, type RunInput } from '../run.ts';
import { addForms } from './forms.ts';
import type { Kit } from './kit.ts';
import {
  about,
  POLICY_OPTION,
  RECIPE_OPTION,
  working,
  type RunOptions,
  type SelectOptions,
} from './options.ts';
import { watchInput } from './watching.ts';

export function addRuns(kit: Kit): void {
  const { root, screen, folder, command, configure, show } = kit;
  const runGroup = root.command('run').description('take in data').exitOverride();
  command(runGroup, 'imaging <folder>', 'DICOM below a folder, one batch a folder')
    .option('--out <dir>', 'where deliveries go (default: lazaret-out)')
    .option(...POLICY_OPTION)
    .option(...RECIPE_OPTION)
    .option('--strict', 'exit status 3 when an item was not delivered')
    .option('--max-pause <seconds>', 'how long to wait for a service that is down')
    .option('--watch', 'stay, and take each folder in it when it has stopped changing')
    .option('--settle <time>', 'how long it has to stay unchanged (default: 30s)')
    .action(async (source: string, given: RunOptions) => {
      const configuration = await configure(given);
      const { policy, notes } = await choosePolicy(given, configuration, folder);
      for (const note of notes) screen.tell(note);
      const input: RunInput = {
        pipeline: 'imaging',
        location: resolve(folder, source),
        out: resolve(folder, given.out ?? configuration.out ?? 'lazaret-out'),
        settings: {
          policy,
          identity: configuration.identity,
          copies: configuration.copies,
        },
        ...about(configuration),
        ...working(given, configuration),
      };
      checkRun(pipelineNamed(input.pipeline), input);
      const watched = watchInput(input, given, configuration);
      if (watched === null) await show('run', configuration, input, given);
      else await show('watch', configuration, watched, given);
    });

  addForms(runGroup, kit);

  command(root, 'status [run]', 'how runs stand')
    .addOption(new Option('--by <what>', 'throughput of all runs').choices(['day']))
    .action(async (run: string | undefined, given: RunOptions) => {
      const configuration = await configure(given);
      const { project } = configuration;
      if (run !== undefined && given.by !== undefined) {
        throw cliCodes.fault('UsageWrong', { problem: '--by is about all runs, not about one' });
      }
      await show(
        'status',
        configuration,
        {
          project,
          ...(run === undefined ? {} : { run }),
          ...(given.by === undefined ? {} : { by: given.by }),
        },
        given,
      );
    });
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
}
