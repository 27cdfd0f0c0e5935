/** `identity key|export|import`. */
import { resolve } from 'node:path';
import { cliCodes } from '../codes.ts';
import type { GlobalOptions } from '../configuration.ts';
import type { Kit } from './kit.ts';

interface IdentityOptions extends GlobalOptions {
  readonly secretFile?: string;
  readonly clearText?: boolean;
  readonly reason?: string;
}

export function addIdentity({ root, folder, command, configure, show }: Kit): void {
  const identity = root
    .command('identity')
    .description('the pseudonym key, and the way back to patients')
    .exitOverride();
  command(identity, 'key', 'which key, where it is, and how many pseudonyms depend on it').action(
    async (given: GlobalOptions) => {
      const configuration = await configure(given);
      await show('identity key', configuration, { project: configuration.project }, given);
    },
  );
  command(identity, 'export <file>', 'write the identity map to a sealed file; it is recorded')
    .option('--secret-file <file>', 'holds the passphrase to seal it with')
    .option('--clear-text', 'write identifiers in clear text; needs a reason')
    .option('--reason <text>', 'why; it is recorded')
    .action(async (file: string, given: IdentityOptions) => {
      const secretFile = given.secretFile;
      const inClear = given.clearText === true;
      if (inClear === (secretFile !== undefined)) {
        throw wrong('give --secret-file, or else --clear-text with a --reason');
      }
      const reason = given.reason?.trim() ?? '';
      if (inClear && reason === '') throw wrong('--clear-text needs a --reason');
      const configuration = await configure(given);
      const { project, user } = configuration;
      await show(
        'identity export',
        configuration,
        {
          file: resolve(folder, file),
          secretFile: secretFile === undefined ? null : resolve(folder, secretFile),
          reason: reason === '' ? null : reason,
          project,
          user,
        },
        given,
      );
    });
  command(identity, 'import <file>', 'bring a sealed identity map in')
    .requiredOption('--secret-file <file>', 'holds the passphrase that it is sealed with')
    .action(async (file: string, given: IdentityOptions) => {
      const configuration = await configure(given);
      const { project, site } = configuration;
      await show(
        'identity import',
        configuration,
        {
          file: resolve(folder, file),
          secretFile: resolve(folder, given.secretFile ?? ''),
          project,
          site,
        },
        given,
      );
    });
}

function wrong(problem: string): Error {
  return cliCodes.fault('UsageWrong', { problem });
}
