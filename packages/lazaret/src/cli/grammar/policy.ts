/** `policy check`, `policy try` and `policy convert`. */
import { resolve } from 'node:path';
import { EXIT } from '../command.ts';
import { cliCodes } from '../codes.ts';
import { checkPolicy, choosePolicy, convertPolicy } from '../policy.ts';
import { renderPolicy } from '../terminal/policy-meaning.ts';
import type { Kit } from './kit.ts';
import { RECIPE_OPTION, type PolicyCommandOptions } from './options.ts';

export function addPolicy({ root, screen, folder, command, configure, show, exit }: Kit): void {
  const policy = root
    .command('policy')
    .description('what is taken in and what may leave: check it, and try it before it is used')
    .exitOverride();
  command(policy, 'check [file]', 'whether a policy can be used, and what it means')
    .option(...RECIPE_OPTION)
    .action(async (file: string | undefined, given: PolicyCommandOptions) => {
      const configuration = await configure(given);
      const document = await checkPolicy(() =>
        choosePolicy({ policy: file, deidRecipe: given.deidRecipe }, configuration, folder),
      );
      if (given.json === true) screen.json(document);
      else screen.print(renderPolicy(document, screen.style));
      exit(document.valid ? EXIT.complete : EXIT.usage);
    });
  command(policy, 'try <file> [folder]', 'what would change in what is stored, by tag and by count')
    .option(...RECIPE_OPTION)
    .option('--run <run>', 'try it on what this run took in (default: the newest of the project)')
    .option('--max-items <n>', 'try at most so many files, evenly chosen (default: 10000)')
    .action(async (file: string, folderGiven: string | undefined, given: PolicyCommandOptions) => {
      if (folderGiven !== undefined && given.run !== undefined) {
        throw cliCodes.fault('UsageWrong', { problem: 'try it on a folder or on a run, not both' });
      }
      const maxItems = given.maxItems === undefined ? MAX_ITEMS : Number(given.maxItems);
      if (!Number.isSafeInteger(maxItems) || maxItems < 1) {
        throw cliCodes.fault('UsageWrong', { problem: '--max-items is not a number of files' });
      }
      const configuration = await configure(given);
      const chosen = await choosePolicy(
        { policy: file, deidRecipe: given.deidRecipe },
        configuration,
        folder,
      );
      for (const note of chosen.notes) screen.tell(note);
      await show(
        'policy try',
        configuration,
        {
          // Refused here, before a store is opened.
          policy: convertPolicy(chosen),
          // What a folder would be taken in under now.
          present: configuration.imagingPolicy ?? null,
          project: configuration.project,
          maxItems,
          ...(given.run === undefined ? {} : { run: given.run }),
          ...(folderGiven === undefined ? {} : { folder: resolve(folder, folderGiven) }),
        },
        given,
      );
    });
  command(policy, 'convert [file]', 'a policy with a deid recipe over it, as one JSON document')
    .option(...RECIPE_OPTION)
    .action(async (file: string | undefined, given: PolicyCommandOptions) => {
      if (given.deidRecipe === undefined) {
        throw cliCodes.fault('UsageWrong', { problem: '--deid-recipe names what to convert' });
      }
      const configuration = await configure(given);
      const chosen = await choosePolicy(
        { policy: file, deidRecipe: given.deidRecipe },
        configuration,
        folder,
      );
      for (const note of chosen.notes) screen.tell(note);
      screen.json(convertPolicy(chosen));
    });
}

const MAX_ITEMS = 10_000;
