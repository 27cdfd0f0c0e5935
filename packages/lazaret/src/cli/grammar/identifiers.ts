/** `identifiers load`. */
import { resolve } from 'node:path';
import type { GlobalOptions } from '../configuration.ts';
import type { Kit } from './kit.ts';

interface LoadOptions extends GlobalOptions {
  readonly replace?: boolean;
  readonly acceptChanges?: boolean;
  readonly dryRun?: boolean;
}

export function addIdentifiers({ root, folder, command, configure, show }: Kit): void {
  const identifiers = root
    .command('identifiers')
    .description('which participant of which centre is who in the study')
    .exitOverride();
  command(identifiers, 'load <file>', 'load a CSV table with the columns adcid, ptid and naccid')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--replace', 'take out participants who are not in the file')
    .option('--accept-changes', 'give participants another id than the table has, if the file does')
    .action(async (file: string, given: LoadOptions) => {
      const configuration = await configure(given);
      const { project, site, user } = configuration;
      await show(
        'identifiers load',
        configuration,
        {
          file: resolve(folder, file),
          replace: given.replace ?? false,
          acceptChanges: given.acceptChanges ?? false,
          dryRun: given.dryRun ?? false,
          ...{ project, site, user },
        },
        given,
      );
    });
}
