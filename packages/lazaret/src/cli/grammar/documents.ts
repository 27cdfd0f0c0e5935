/** `documents`. */
import { resolve } from 'node:path';
import type { Kit } from './kit.ts';
import type { RunOptions } from './options.ts';

export function addDocuments({ root, folder, command, configure, show }: Kit): void {
  command(root, 'documents [run]', 'QC documents and fix lists of a run of forms, as it stands now')
    .option('--out <dir>', 'a copy to this folder (default: beside the deliveries)')
    .action(async (run: string | undefined, given: RunOptions) => {
      const configuration = await configure(given);
      await show(
        'documents',
        configuration,
        {
          project: configuration.project,
          ...(run === undefined ? {} : { run }),
          ...(given.out === undefined ? {} : { out: resolve(folder, given.out) }),
        },
        given,
      );
    });
}
