/** One thing in full: its facts with a label each, and instants as clocks show them. */
import { createTimeFormat, escapeText } from '@lazaret/faults';
import type { ListContext } from './rows.ts';
import { wrap } from './text-width.ts';

/** Facts below each other; what is too long for a line goes on beside its label. */
export function labelled(
  facts: readonly (readonly [string, string])[],
  context: ListContext,
): string[] {
  const labels = facts.map(([label]) => escapeText(label));
  const width = Math.max(...labels.map((label) => label.length));
  return facts.flatMap(([, value], at) => {
    const label = (labels[at] ?? '').padEnd(width);
    return wrap(escapeText(value), context.style.width - width - 4).map((line, row) =>
      row === 0
        ? `  ${context.style.paint('grey', label)}  ${line}`
        : `${' '.repeat(width + 4)}${line}`,
    );
  });
}

/** An instant to the minute, as clocks show it where people are: `2026-07-01 11:33 +02:00`. */
export function timeText(at: Date, { timeZone = 'UTC' }: ListContext): string {
  const text = createTimeFormat(timeZone)(at.getTime());
  const zone = text.slice(23);
  return `${text.slice(0, 16)}${zone === '+00:00' ? 'Z' : ` ${zone}`}`;
}
