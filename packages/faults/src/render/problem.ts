import type { NamedEntry } from '../catalogue.ts';
import type { Parameters } from '../finding.ts';
import type { Place } from '../place.ts';
import { fillTemplate, visibleParameters } from './template.ts';

/** Media type of problem details (RFC 9457, section 3). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export interface ProblemOptions {
  /** Address of the pages that explain the codes, without the slash at its end. */
  readonly docs?: string;
  /** URI of this occurrence, e.g. `urn:uuid:…` of the request. */
  readonly instance?: string;
}

/** Problem details (RFC 9457, section 3.1), with our extension members (section 3.2). */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  /** The entry's id. */
  readonly code: string;
  /** The entry's name. */
  readonly name: string;
  readonly action: string;
  /** Whether the same request may succeed later without being changed. */
  readonly transient: boolean;
  readonly parameters: Parameters;
  readonly place?: Place;
}

/** What a client of the API is told: public parameters alone, never a foreign message or a stack. */
export function renderProblem(
  entry: NamedEntry,
  parameters: Parameters,
  place: Place = {},
  options: ProblemOptions = {},
): ProblemDetails {
  return {
    type: options.docs === undefined ? `urn:lazaret:${entry.id}` : `${options.docs}/${entry.id}`,
    title: entry.title,
    status: entry.status,
    detail: fillTemplate(entry.message, entry.parameters, parameters, 'caller'),
    ...(options.instance === undefined ? {} : { instance: options.instance }),
    code: entry.id,
    name: entry.name,
    action: fillTemplate(entry.action, entry.parameters, parameters, 'caller'),
    transient: entry.retry === 'dependency',
    parameters: visibleParameters(entry.parameters, parameters, 'caller'),
    ...(Object.keys(place).length === 0 ? {} : { place }),
  };
}
