/** Where results go: one JSON document on standard output, or text for people. */
import type { Writable } from 'node:stream';
import {
  createSystemClock,
  createTabLine,
  messageParts,
  type Fault,
  type LogEvent,
} from '@lazaret/faults';
import { catalogue } from '../main.ts';
import type { Progress } from '../engine/run-context.ts';
import type { Outcome, RunTitle } from './command.ts';
import type { CommandName } from './commands.ts';
import { renderFault, renderUsageError } from './terminal/fault.ts';
import { createProgress, type TerminalProgress } from './terminal/progress.ts';
import { createStyle, type Style } from './terminal/style.ts';
import { readTerminal } from './terminal/terminal.ts';
import { renderOutcome } from './views.ts';

export interface ScreenOptions {
  /** The present folder: paths below it are shown as they would be typed there. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

/** How an outcome is to be shown. */
export interface Showing {
  /** Added to the commands that are proposed, such as `--data elsewhere`. */
  readonly flags: string;
  /** What was asked for, as it was typed: an empty list says so. */
  readonly filters: readonly string[];
  readonly timeZone: string;
}

export interface Screen {
  /** Of what `print` writes. */
  readonly style: Style;
  /** People's text, on standard output; with `--json` on standard error. */
  print(text: string): void;
  /** A word beside the result: always on standard error. */
  tell(text: string): void;
  json(document: unknown): void;
  outcome(command: CommandName, outcome: Outcome, showing: Showing): void;
  fault(fault: Fault): void;
  progressOf(title: RunTitle): Progress;
}

export function createScreen(
  json: boolean,
  { folder, env, stdout, stderr }: ScreenOptions,
): Screen {
  const clock = createSystemClock();
  let progress: TerminalProgress | null = null;
  const results = json ? stderr : stdout;
  const style = createStyle(readTerminal(env, results));
  const tell = (text: string): void => {
    if (progress === null) stderr.write(`${text}\n`);
    else progress.print(`${text}\n`);
  };
  const endProgress = (): void => {
    progress?.end();
    progress = null;
  };
  const printJson = (document: unknown): void => {
    stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  };
  return {
    style,
    print(text) {
      results.write(`${text.trimEnd()}\n`);
    },
    tell,
    json: printJson,
    outcome(command, outcome, showing) {
      endProgress();
      if (json) {
        printJson(outcome.document);
        return;
      }
      const now = new Date(clock.now());
      const line = createTabLine(showing.timeZone);
      const text = renderOutcome(command, outcome, {
        ...{ style, catalogue, now, folder },
        flags: showing.flags,
        filters: showing.filters,
        timeZone: showing.timeZone,
        logLine: (event: LogEvent) => line(event),
      });
      if (text !== '') results.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    fault(fault) {
      endProgress();
      const entry = catalogue.entryOf(fault);
      if (json) {
        const { id, name, title } = entry;
        const { message, action } = messageParts(entry, fault.parameters, fault.place, 'operator');
        const incident = fault.parameters['incident'];
        printJson({
          error: {
            id,
            name,
            title,
            message,
            action,
            ...(incident === undefined ? {} : { incident }),
          },
        });
      }
      const terminal = createStyle(readTerminal(env, stderr));
      const problem = fault.parameters['problem'];
      const text =
        entry.name === 'UsageWrong' && typeof problem === 'string'
          ? renderUsageError(problem, '', terminal)
          : renderFault(fault, catalogue, terminal);
      stderr.write(`${text.trimEnd()}\n`);
    },
    progressOf(title) {
      // A watcher works on one run after the other.
      endProgress();
      const terminal = readTerminal(env, stderr);
      progress = createProgress({
        write: (text) => stderr.write(text),
        isTerminal: terminal.isTerminal,
        style: createStyle(terminal),
        clock,
        pipeline: title.pipeline,
        run: title.run,
        stages: title.stages,
      });
      return progress;
    },
  };
}
