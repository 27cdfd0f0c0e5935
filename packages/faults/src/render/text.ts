import type { Entry } from '../entry.ts';
import type { Parameters } from '../finding.ts';
import type { Place } from '../place.ts';
import { placeText } from './place.ts';
import { type Audience, fillTemplate } from './template.ts';

/** The parts of a message for people, for those who lay it out themselves. */
export interface MessageParts {
  readonly place: string;
  readonly message: string;
  readonly action: string;
  readonly id: string;
}

export function messageParts(
  entry: Entry,
  parameters: Parameters,
  place: Place = {},
  audience: Audience = 'caller',
): MessageParts {
  return {
    place: placeText(place),
    message: fillTemplate(entry.message, entry.parameters, parameters, audience),
    action: fillTemplate(entry.action, entry.parameters, parameters, audience),
    id: entry.id,
  };
}

/**
 * One finding or fault as a line for the terminal: what happened, where, what to do, and the code.
 *
 * @example
 * Row 214 (line 215), PTID: must have at most 10 characters, has 12. Shorten it in the file and send
 * the file again. (FRM-012)
 */
export function renderText(
  entry: Entry,
  parameters: Parameters,
  place: Place = {},
  audience: Audience = 'caller',
): string {
  const parts = messageParts(entry, parameters, place, audience);
  const start = parts.place === '' ? '' : `${parts.place}: `;
  return `${start}${parts.message} ${parts.action} (${parts.id})`;
}
