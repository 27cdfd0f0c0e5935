/** `run forms`: files of records, and what is known of the study they belong to. */
import { readdirSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { Option } from 'commander';
import { pipelineNamed } from '../../main.ts';
import { studyCodes } from '../../pipelines/forms/study/codes.ts';
import { readModule, readStudy } from '../../pipelines/forms/study/study-file.ts';
import { CHECKS, type Check } from '../../pipelines/forms/study.ts';
import { cliCodes } from '../codes.ts';
import { checkRun, type RunInput } from '../run.ts';
import type { Kit } from './kit.ts';
import { about, working, type RunOptions } from './options.ts';

interface FormsOptions extends RunOptions {
  readonly study?: string;
  readonly schema?: string;
  readonly rules?: string;
  readonly codes?: string;
  readonly module?: string;
  readonly only?: readonly Check[];
  readonly delivery?: 'csv' | 'ndjson';
}

const EXTENSIONS: ReadonlySet<string> = new Set(['.csv', '.json', '.ndjson']);

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
    .action(async (files: string[], given: FormsOptions) => {
      const configuration = await configure(given);
      const { module } = given;
      const input: RunInput = {
        pipeline: 'forms',
        location: JSON.stringify(files.flatMap((file) => filesAt(resolve(folder, file)))),
        out: resolve(folder, given.out ?? configuration.out ?? 'lazaret-out'),
        settings: {
          study: studyOf(given, folder),
          ...(module === undefined ? {} : { module }),
          lookUps: configuration.forms,
          site: configuration.site,
        },
        ...about(configuration),
        ...working(given, configuration),
      };
      checkRun(pipelineNamed(input.pipeline), input);
      await show('run', configuration, input, given);
    });
}

/** The file itself, or the files of forms that lie directly in a folder, by name. */
function filesAt(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const files = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && EXTENSIONS.has(extname(entry.name).toLowerCase()))
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
