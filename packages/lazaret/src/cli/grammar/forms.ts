/** `run forms`: files of records, and what is known of the study they belong to. */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Option } from 'commander';
import { pipelineNamed } from '../../main.ts';
import { studyCodes } from '../../pipelines/forms/study/codes.ts';
import { isFormName } from '../../pipelines/forms/study/form-name.ts';
import { readModule, readStudy } from '../../pipelines/forms/study/study-file.ts';
import { CHECKS, type Check } from '../../pipelines/forms/study.ts';
import { cliCodes } from '../codes.ts';
import { checkRun, type RunInput } from '../run.ts';
import type { Kit } from './kit.ts';
import { about, working, type RunOptions } from './options.ts';
import { watchInput } from './watching.ts';

interface FormsOptions extends RunOptions {
  readonly study?: string;
  readonly schema?: string;
  readonly rules?: string;
  readonly codes?: string;
  readonly module?: string;
  readonly only?: readonly Check[];
  readonly delivery?: 'csv' | 'ndjson';
}

export function addForms(runGroup: Kit['root'], { folder, command, configure, show }: Kit): void {
  command(runGroup, 'forms <files...>', 'records of forms: CSV or JSON files, or folders of them')
    .option('--study <file>', 'the modules of the study, with their schemas and rules')
    .option('--schema <file>', 'of one module: what a record looks like, a JSON Schema')
    .option('--rules <file>', 'of one module: which rules hold between its values')
    .option('--codes <file>', 'of one module: the codes of its rules')
    .option('--module <name>', 'the module of all these files, whatever their names say')
    .addOption(
      new Option('--only <check...>', 'only these checks (default: those of the study)').choices(
        CHECKS,
      ),
    )
    .addOption(
      new Option('--delivery <format>', 'how sound records are written').choices(['csv', 'ndjson']),
    )
    .option('--out <dir>', 'where deliveries go (default: lazaret-out)')
    .option('--strict', 'exit status 3 when an item was not delivered')
    .option('--max-pause <seconds>', 'how long to wait for a service that is down')
    .option('--watch', 'stay, and take each file in a folder when it has stopped changing')
    .option('--settle <time>', 'how long it has to stay unchanged (default: 30s)')
    .action(async (files: string[], given: FormsOptions) => {
      const configuration = await configure(given);
      const { module, watch: isWatched = false } = given;
      const input: RunInput = {
        pipeline: 'forms',
        location: isWatched
          ? folderToWatch(files, folder)
          : JSON.stringify(files.flatMap((file) => filesAt(resolve(folder, file)))),
        out: resolve(folder, given.out ?? configuration.out ?? 'lazaret-out'),
        settings: {
          study: studyOf(given, folder),
          ...(module === undefined ? {} : { module }),
          isWatched,
          lookUps: configuration.forms,
          site: configuration.site,
        },
        ...about(configuration),
        ...working(given, configuration),
      };
      checkRun(pipelineNamed(input.pipeline), input);
      const watched = watchInput(input, given, configuration);
      if (watched === null) await show('run', configuration, input, given);
      else await show('watch', configuration, watched, given);
    });
}

/** @throws UsageWrong */
function folderToWatch(files: readonly string[], folder: string): string {
  const [only = '', second] = files;
  const path = resolve(folder, only);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (second === undefined && isFolder) return path;
  throw usage('--watch takes one folder');
}

/** The file itself, or the files of forms that lie directly in a folder, by name. */
function filesAt(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const files = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && isFormName(entry.name))
    .map(({ name }) => join(path, name))
    .sort();
  if (files.length === 0) throw studyCodes.fault('FolderWithoutForms', {});
  return files;
}

/** @throws UsageWrong, StudyInvalid */
function studyOf(given: FormsOptions, folder: string): unknown {
  const { study, schema, rules, codes, module, only: checks, delivery } = given;
  const settings = {
    ...(checks === undefined ? {} : { checks: CHECKS.filter((check) => checks.includes(check)) }),
    ...(delivery === undefined ? {} : { delivery }),
  };
  if (study !== undefined) {
    const single = Object.entries({ schema, rules, codes }).find(([, file]) => file !== undefined);
    if (single !== undefined) {
      throw usage(`--${single[0]} is about one module, and --study names those of the study`);
    }
    return { ...readStudy(resolve(folder, study), study), ...settings };
  }
  if (schema === undefined) throw usage('it needs --study, or --schema for a single module');
  return { ...readModule({ name: module, schema, rules, codes }, folder), ...settings };
}

function usage(problem: string): Error {
  return cliCodes.fault('UsageWrong', { problem });
}
