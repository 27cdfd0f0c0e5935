/** The values that a rule read, with the visits that they stand in. */
import { labelled } from './fact-lines.ts';
import type { ListContext } from './rows.ts';

interface ReadValue {
  readonly visit: string;
  readonly field: string;
  readonly value: unknown;
}

/** Rules name visits as they see them. */
export const VISIT_WORDS: Readonly<Record<string, string>> = {
  current: 'this visit',
  previous: 'the visit before',
  initial: 'the first visit',
};

/** @param items of the visits that are not this one, by the name that the rule has for them */
export function readLines(
  values: readonly ReadValue[],
  context: ListContext,
  items: ReadonlyMap<string, string> = new Map(),
): string[] {
  return labelled(
    values.map(({ visit, field, value }) => [
      `${field}, ${visitText(visit, items.get(visit))}`,
      valueText(value),
    ]),
    context,
  );
}

function visitText(visit: string, item: string | undefined): string {
  const words = VISIT_WORDS[visit] ?? visit;
  return item === undefined ? words : `${words} (${item})`;
}

function valueText(value: unknown): string {
  if (value === null) return 'blank';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
