/** `rules check|try|why|report`: for those who write the rules of forms. */
import type { Command } from 'commander';
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
}

export function addRules(kit: Kit): void {
  const rules = kit.root
    .command('rules')
    .description('the rules of forms: look them over, try them, see why one fired')
    .exitOverride();
  addCheck(kit, rules);
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
      exit(document.sound ? EXIT.complete : EXIT.failed);
    });
}
