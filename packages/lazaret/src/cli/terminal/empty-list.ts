import { escapeText } from '@lazaret/faults';
import type { Style } from './style.ts';
import { wrap } from './text-width.ts';

/**
 * What stands in the place of a list that is empty: why it is, and what to do. Where something was
 * asked for, that is the reason, and asking for less is what to do.
 */
export function emptyList(
  why: string,
  whatToDo: string,
  whyFiltered: string,
  style: Style,
  filters: readonly string[] = [],
): string {
  const text =
    filters.length === 0
      ? `${why} ${whatToDo}`
      : `${whyFiltered} ${filters.map((filter) => escapeText(filter)).join(' ')}. Leave one of these out to see more.`;
  return `${wrap(text, style.width).join('\n')}\n`;
}
