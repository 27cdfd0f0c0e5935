import type { Entry, LogLevel } from './entry.ts';

/** How the attempts at one operation ended. */
export type AttemptsOutcome =
  /** There was one attempt, and no other will follow. */
  | { readonly kind: 'failed' }
  /** This attempt failed, another follows. */
  | { readonly kind: 'retrying'; readonly attempts: number }
  /** It failed and then succeeded. */
  | { readonly kind: 'recovered'; readonly attempts: number }
  /** The last attempt failed, too. */
  | { readonly kind: 'exhausted'; readonly attempts: number };

export interface LineShape {
  readonly level: LogLevel;
  /** Whether the line carries the pruned stack: only where the cause is not known. */
  readonly withStack: boolean;
  /** What to add to the message about the attempts; empty for a single one. */
  readonly suffix: string;
}

/** The levels by rank, the quietest first. */
const RANKS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/**
 * The level of the one line that an operation's failure is worth: whose fault it is and how the
 * attempts ended decide, not the severity of the issue that a client is told.
 *
 * - The caller's or the data's mistake is at most WARN and has no stack: nothing of ours is wrong.
 * - What succeeded in the end is one WARN with the number of attempts; the attempts are DEBUG.
 * - A dependency that stops the work is at least ERROR, although our own code is sound.
 * - A fault of our own has an unknown cause until somebody has looked, so it carries its stack.
 */
export function lineShape(
  entry: Pick<Entry, 'blame' | 'level'>,
  outcome: AttemptsOutcome = { kind: 'failed' },
): LineShape {
  const suffix = suffixOf(outcome);
  if (outcome.kind === 'recovered') return { level: 'warn', withStack: false, suffix };
  if (outcome.kind === 'retrying') return { level: 'debug', withStack: false, suffix };
  switch (entry.blame) {
    case 'caller':
    case 'data':
      return { level: quieter(entry.level, 'warn'), withStack: false, suffix };
    case 'dependency':
      return { level: louder(entry.level, 'error'), withStack: false, suffix };
    case 'operator':
    case 'us': {
      const level = outcome.kind === 'exhausted' ? louder(entry.level, 'error') : entry.level;
      return { level, withStack: entry.blame === 'us', suffix };
    }
  }
}

function suffixOf(outcome: AttemptsOutcome): string {
  switch (outcome.kind) {
    case 'failed':
      return '';
    case 'retrying':
      return ` Attempt ${outcome.attempts} failed, another follows.`;
    case 'recovered':
      return ` Succeeded at attempt ${outcome.attempts}.`;
    case 'exhausted':
      return ` Gave up after ${outcome.attempts} ${outcome.attempts === 1 ? 'attempt' : 'attempts'}.`;
  }
}

function quieter(level: LogLevel, most: LogLevel): LogLevel {
  return RANKS.indexOf(level) > RANKS.indexOf(most) ? most : level;
}

function louder(level: LogLevel, least: LogLevel): LogLevel {
  return RANKS.indexOf(level) < RANKS.indexOf(least) ? least : level;
}
