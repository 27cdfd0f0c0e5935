/** `explain` and `demo`. */
import { explain } from '@lazaret/faults';
import { catalogue } from '../../main.ts';
import type { GlobalOptions } from '../configuration.ts';
import { demo } from '../demo.ts';
import { unknownCode } from '../status.ts';
import type { Kit } from './kit.ts';
import { withGlobalOptions } from './options.ts';

export function addExplain({ root, screen, folder, configure, carryOut, exit }: Kit): void {
  root
    .command('explain <code>')
    .description('what a code means and what to do about it')
    .option('--json', 'print the entry as JSON')
    .exitOverride()
    .action((code: string, given: GlobalOptions) => {
      const found = catalogue.find(code);
      if (!found.found) throw unknownCode(code, found.nearest);
      if (given.json === true) screen.json(found.entry);
      else screen.print(explain(found.entry));
    });
  withGlobalOptions(root.command('demo').description('sample data through every pipeline'))
    .exitOverride()
    .action(async (given: GlobalOptions) => {
      exit(await demo(given, { folder, screen, configure, carryOut }));
    });
}
