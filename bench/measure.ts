import { spawn } from 'node:child_process';
import { basename } from 'node:path';

import { MemoryWatch } from './process-memory.ts';

/** One timed run of a program. */
export interface Sample {
  readonly seconds: number;
  readonly peakBytes: number;
}

/** One line of the table: a measured figure, or why there is none. */
export type Row =
  | {
      readonly name: string;
      readonly samples: readonly Sample[];
      /** Median. */
      readonly seconds: number;
      readonly peakBytes: number;
      readonly note?: string;
    }
  | { readonly name: string; readonly missing: string };

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A program that ended with another status than 0, with the end of what it said. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

const MAX_OUTPUT = 1 << 20;

/** Runs a program, with its time and its memory, and gives back what it wrote to standard output. */
export async function runMeasured(command: Command): Promise<Sample & { readonly output: string }> {
  const start = performance.now();
  const child = spawn(command.program, command.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...command.env },
    cwd: command.cwd,
  });
  const watch = child.pid === undefined ? null : new MemoryWatch(child.pid);
  let output = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < MAX_OUTPUT) output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000);
  });
  try {
    const status = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? signal));
    });
    const seconds = (performance.now() - start) / 1000;
    if (status !== 0) {
      throw new CommandFailed(
        `${basename(command.program)} ended with ${status}: ${lastWords(said)}`,
      );
    }
    return { seconds, peakBytes: watch?.peakBytes ?? 0, output };
  } finally {
    watch?.stop();
  }
}

/** The error's own line of a stack trace, without the paths of this machine behind it. */
function lastWords(said: string): string {
  const lines = said.trim().split('\n');
  const error = lines.find((line) => /^\s*(\w*Error|[EF]):? /.test(line));
  return (error ?? lines.at(-1) ?? '').trim().slice(0, 300);
}

/** A run shorter than this is repeated, as start-up and chance weigh too much in it. */
const SHORT_SECONDS = 6;
const SHORT_REPEATS = 3;

/**
 * Measures something several times.
 *
 * @param repeat how often, or undefined: once where it is long, three times where it is short
 * @param run makes one run ready (unmeasured) and measures it
 */
export async function measureRow(
  name: string,
  repeat: number | undefined,
  run: () => Promise<Sample>,
  note?: string,
): Promise<Row> {
  const samples: Sample[] = [];
  let wanted = repeat ?? 1;
  while (samples.length < wanted) {
    const sample = await run();
    if (samples.length === 0 && repeat === undefined && sample.seconds < SHORT_SECONDS) {
      wanted = SHORT_REPEATS;
    }
    samples.push({ seconds: sample.seconds, peakBytes: sample.peakBytes });
  }
  return {
    name,
    samples,
    seconds: medianOf(samples.map(({ seconds }) => seconds)),
    peakBytes: Math.max(...samples.map(({ peakBytes }) => peakBytes)),
    ...(note === undefined ? {} : { note }),
  };
}

/** The middle value; of two in the middle, their mean. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}
