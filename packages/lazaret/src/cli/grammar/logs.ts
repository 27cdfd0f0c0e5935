/** `logs`. */
import type { Outcome } from '../command.ts';
import type { Kit } from './kit.ts';
import { showingOf, type SelectOptions } from './options.ts';

export function addLogs({ root, screen, command, configure, carryOut, show }: Kit): void {
  command(root, 'logs', 'warnings, errors and the life of runs')
    .option('--run <run>', 'only of this run')
    .option('--incident <incident>', 'only of this incident')
    .option('-f, --follow', 'go on with what comes')
    .action(async (given: SelectOptions) => {
      const configuration = await configure(given);
      const wanted = {
        ...(given.run === undefined ? {} : { run: given.run }),
        ...(given.incident === undefined ? {} : { incident: given.incident }),
      };
      await show('logs', configuration, { ...wanted, limit: LOG_LINES }, given);
      if (given.follow !== true) return;
      await followLogs(async (after) => {
        const outcome = await carryOut('logs', configuration, {
          ...wanted,
          after,
          limit: LOG_LINES,
        });
        screen.outcome('logs', outcome, showingOf(given, configuration));
        return outcome;
      });
    });
}

const LOG_LINES = 1_000;
const FOLLOW_MS = 1_000;

async function followLogs(read: (after: number) => Promise<Outcome>): Promise<void> {
  let after = 0;
  for (;;) {
    const outcome = await read(after);
    after = (outcome.extra as { readonly last: number }).last;
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
  }
}
