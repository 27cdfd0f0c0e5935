/** Where results go: one JSON document on standard output, or text for people. */
import type { Writable } from 'node:stream';
import { renderText, type Fault } from '@lazaret/faults';
import { catalogue } from '../main.ts';
import type { Progress } from '../engine/run-context.ts';
import type { Outcome, RunTitle } from './command.ts';
import type { CommandName } from './commands.ts';

export interface ScreenOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

export interface Screen {
  /** People's text, on standard output; with `--json` on standard error. */
  print(text: string): void;
  /** A word beside the result: always on standard error. */
  tell(text: string): void;
  json(document: unknown): void;
  outcome(command: CommandName, outcome: Outcome, timeZone?: string): void;
  fault(fault: Fault): void;
  progressOf(title: RunTitle): Progress;
}

export function createScreen(json: boolean, { stdout, stderr }: ScreenOptions): Screen {
  const print = (text: string): void => void (json ? stderr : stdout).write(`${text}\n`);
  const tell = (text: string): void => void stderr.write(`${text}\n`);
  const printJson = (document: unknown): void =>
    void stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  return {
    print,
    tell,
    json: printJson,
    outcome(_command, outcome) {
      printJson(outcome.document);
    },
    fault(fault) {
      const entry = catalogue.entryOf(fault);
      const text = renderText(entry, fault.parameters, fault.place, 'operator');
      if (json) printJson({ error: { id: entry.id, name: entry.name, message: text } });
      tell(text);
    },
    progressOf: () => ({ arrived() {}, allArrived() {}, advanced() {}, status() {} }),
  };
}
