import { assert } from '../bug.ts';
import type { Entry, IssueSeverity, IssueType } from '../entry.ts';
import type { Parameters } from '../finding.ts';
import type { Place } from '../place.ts';
import { safeText } from './escape.ts';
import { placeText } from './place.ts';
import { fillTemplate } from './template.ts';

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

/** One thing to tell: an entry with its parameters and place. */
export interface Issue {
  readonly entry: Entry;
  readonly parameters: Parameters;
  readonly place?: Place;
}

export interface OutcomeIssue {
  readonly severity: IssueSeverity;
  readonly code: IssueType;
  readonly details: { readonly coding: readonly Coding[]; readonly text: string };
  readonly diagnostics?: string;
  readonly expression?: readonly string[];
}

/** OperationOutcome (FHIR R4). */
export interface OperationOutcome {
  readonly resourceType: 'OperationOutcome';
  readonly issue: readonly OutcomeIssue[];
}

export interface OutcomeOptions {
  /** URI of our code system. */
  readonly system?: string;
  /** Codings of the standard's example value set, which follow ours in `details`. */
  readonly standard?: (entry: Entry) => readonly Coding[];
  /** Number of the request or incident, for `diagnostics`. */
  readonly reference?: string;
}

export const OUR_CODE_SYSTEM = 'urn:lazaret:codes';

/** Most issues in one outcome; a client that has more learns how many there are. */
const ISSUE_LIMIT = 1000;

/**
 * An OperationOutcome (FHIR R4). `details.text` says what happened and what to do; `diagnostics`
 * has the place in words and a reference, never a stack or a foreign error's message;
 * `expression` is given for places that are FHIRPath. `location` is deprecated and not used.
 */
export function renderOutcome(
  issues: readonly Issue[],
  options: OutcomeOptions = {},
): OperationOutcome {
  assert(issues.length > 0, 'an OperationOutcome has at least one issue');
  const rendered = issues.slice(0, ISSUE_LIMIT).map((issue) => renderIssue(issue, options));
  if (issues.length > ISSUE_LIMIT) {
    const text = `${issues.length - ISSUE_LIMIT} more issues are not shown.`;
    const details = { coding: [], text };
    rendered.push({ severity: 'information', code: 'informational', details });
  }
  return { resourceType: 'OperationOutcome', issue: rendered };
}

function renderIssue(
  { entry, parameters, place = {} }: Issue,
  options: OutcomeOptions,
): OutcomeIssue {
  const { system = OUR_CODE_SYSTEM, standard, reference } = options;
  const ours: Coding = { system, code: entry.id, display: entry.title };
  const message = fillTemplate(entry.message, entry.parameters, parameters, 'caller');
  const action = fillTemplate(entry.action, entry.parameters, parameters, 'caller');
  const diagnostics = [
    placeText(place),
    reference === undefined ? '' : `Reference ${safeText(reference, 100)}`,
  ]
    .filter((part) => part !== '')
    .join('. ');
  return {
    severity: entry.severity,
    code: entry.issue,
    details: { coding: [ours, ...(standard?.(entry) ?? [])], text: `${message} ${action}` },
    ...(diagnostics === '' ? {} : { diagnostics }),
    ...(place.expression === undefined ? {} : { expression: [place.expression] }),
  };
}
