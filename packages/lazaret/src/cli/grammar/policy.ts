/** `policy check` and `policy convert`. */
import { EXIT } from '../command.ts';
import { cliCodes } from '../codes.ts';
import { checkPolicy, choosePolicy, convertPolicy } from '../policy.ts';
import { renderPolicy } from '../terminal/policy-meaning.ts';
import type { Kit } from './kit.ts';
import { RECIPE_OPTION, type PolicyCommandOptions } from './options.ts';

export function addPolicy({ root, screen, folder, command, configure, exit }: Kit): void {
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
