/** `rules check|try|why|report`: for those who write the rules of forms. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readRules } from '../../pipelines/forms/rules/read-rules.ts';
import { readText } from '../../pipelines/forms/study/study-file.ts';
import { cliCodes } from '../codes.ts';
import { EXIT } from '../command.ts';
import { checkRuleFiles, checkStudyRules } from '../rules-check.ts';
import { renderRulesCheck } from '../terminal/rules-check.ts';
import type { Kit } from './kit.ts';
import type { SelectOptions } from './options.ts';

interface RulesOptions extends SelectOptions {
  readonly study?: string;
  readonly schema?: string;
  readonly codes?: string;
  readonly new?: string;
}

export function addRules(kit: Kit): void {
  const rules = kit.root
    .command('rules')
    .description('the rules of forms: look them over, try them, see why one fired')
    .exitOverride();
  addCheck(kit, rules);
  addTry(kit, rules);
  addWhy(kit, rules);
  addReport(kit, rules);
}

function addCheck({ command, screen, folder, exit }: Kit, rules: Command): void {
  command(rules, 'check [rules]', 'what contradicts itself, names nothing, or never fires')
    .option('--codes <file>', 'the codes of the rules, to be looked over with them')
    .option('--schema <file>', 'what a record looks like: rules about other fields are told')
    .option('--study <file>', 'the rules of all modules of a study')
    .action((file: string | undefined, given: RulesOptions) => {
      const { study, schema, codes } = given;
      const isSingle = file !== undefined || schema !== undefined || codes !== undefined;
      if ((file === undefined) === (study === undefined) || (study !== undefined && isSingle)) {
        throw cliCodes.fault('UsageWrong', {
          problem: 'name a rule file, with --codes and --schema where there are some, or a --study',
        });
      }
      const document =
        study === undefined
          ? checkRuleFiles({ module: null, rules: file ?? '', codes, schema }, folder)
          : checkStudyRules(study, folder);
      if (given.json === true) screen.json(document);
      else screen.print(renderRulesCheck(document, screen.style));
      exit(document.sound ? EXIT.complete : EXIT.usage);
    });
}

function addTry({ command, configure, show, folder }: Kit, rules: Command): void {
  command(rules, 'try', 'what other rules would change in what is stored; nothing is written')
    .requiredOption('--new <file>', 'the rules to try')
    .option('--codes <file>', 'their codes (default: those that the module has)')
    .option('--module <name>', 'whose rules they are (default: the only module with rules)')
    .option('--reveal', 'show whom the examples are about and the values read; this is recorded')
    .action(async (given: RulesOptions) => {
      const configuration = await configure(given);
      const { project, user } = configuration;
      const { module, codes } = given;
      await show(
        'rules try',
        configuration,
        {
          ...{ project, user, reveal: given.reveal ?? false },
          rules: readContent(given.new ?? '', folder),
          ...(codes === undefined ? {} : { codes: readContent(codes, folder) }),
          ...(module === undefined ? {} : { module }),
        },
        given,
      );
    });
}

function addWhy({ command, configure, show }: Kit, rules: Command): void {
  command(
    rules,
    'why <name> [code]',
    'why a rule fired: for an alert, or for an item such as r_8k2f/17',
  )
    .option('--reveal', 'show whom it is about and the values read; the look is recorded')
    .action(async (name: string, code: string | undefined, given: RulesOptions) => {
      const configuration = await configure(given);
      const { project, user } = configuration;
      const input = { project, user, name, reveal: given.reveal ?? false };
      const asked = code === undefined ? input : { ...input, code };
      await show('rules why', configuration, asked, given);
    });
}

function addReport({ command, configure, show }: Kit, rules: Command): void {
  command(rules, 'report', 'which rules are nearly always cleared, and which ones never fire')
    .option('--module <name>', 'only of this form')
    .action(async (given: RulesOptions) => {
      const configuration = await configure(given);
      const { project } = configuration;
      const { module } = given;
      const input = module === undefined ? { project } : { project, module };
      await show('rules report', configuration, input, given);
    });
}

/** @throws ConfigurationMissing, ConfigurationInvalid */
function readContent(file: string, folder: string): unknown {
  const text = readText(resolve(folder, file));
  if (text === null) throw cliCodes.fault('ConfigurationMissing', { file });
  const reading = readRules(text);
  if (reading.ok) return reading.content;
  const problems = reading.problems.map(({ pointer, message }) =>
    [pointer, message.replace(/\.$/, '')].filter((part) => part !== '').join(': '),
  );
  throw cliCodes.fault('ConfigurationInvalid', { file, problems });
}
