/** A run that stays: `--watch` and `--settle`, for every pipeline that can watch a folder. */
import type { Configuration } from '../configuration.ts';
import { cliCodes } from '../codes.ts';
import type { RunInput } from '../run.ts';
import type { WatchInput } from '../watch.ts';
import { secondsOf, type RunOptions } from './options.ts';

/** What is watched, and how; null where the run is to end. @throws UsageWrong */
export function watchInput(
  input: RunInput,
  given: RunOptions,
  { watch, space }: Configuration,
): WatchInput | null {
  const settle = given.settle === undefined ? null : secondsOf(given.settle, '--settle');
  if (given.watch === true) {
    const settleSeconds = settle ?? watch.settleSeconds;
    return { ...input, settleSeconds, partialNames: watch.partialNames, space };
  }
  if (settle === null) return null;
  throw cliCodes.fault('UsageWrong', { problem: '--settle goes with --watch' });
}
