/**
 * The fields of a catalogue entry. One entry describes one thing that can go wrong, and every
 * rendering (terminal, log line, HTTP problem, OperationOutcome, QC document, operations guide)
 * is made from it and from nothing else.
 */

/**
 * What may be said about a parameter's value, and to whom.
 * - `public`: may appear anywhere, the sender's screen included.
 * - `internal`: may appear in logs and to operators, never in an answer to a caller.
 * - `phi`: may identify a patient. Never rendered; stored sealed, logged as a keyed hash at most.
 */
export type PrivacyClass = 'public' | 'internal' | 'phi';

/** Who has to act for the error to go away. */
export type Blame = 'caller' | 'data' | 'dependency' | 'operator' | 'us';

export type FindingType = 'error' | 'alert' | 'warning';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** OperationOutcome.issue.severity (FHIR R4, required binding). */
export type IssueSeverity = 'fatal' | 'error' | 'warning' | 'information';

/** OperationOutcome.issue.code (FHIR R4 value set issue-type, required binding). */
export type IssueType =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'security'
  | 'login'
  | 'unknown'
  | 'expired'
  | 'forbidden'
  | 'suppressed'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'multiple-matches'
  | 'not-found'
  | 'deleted'
  | 'too-long'
  | 'code-invalid'
  | 'extension'
  | 'too-costly'
  | 'business-rule'
  | 'conflict'
  | 'transient'
  | 'lock-error'
  | 'no-store'
  | 'exception'
  | 'timeout'
  | 'incomplete'
  | 'throttled'
  | 'informational';

/** How an item that carries the finding stands, where nobody decides otherwise. */
export type Disposition = 'delivered' | 'held' | 'rejected' | 'skipped' | 'duplicate';

/**
 * How something held under a code may be let go: `none` (it holds nothing), `replay` (only by
 * going through the same checks again), `reason` (a person with a reason), `second` (two people).
 */
export type Release = 'none' | 'replay' | 'reason' | 'second';

export interface Runbook {
  readonly check: string;
  readonly fix: string;
  readonly escalate: string;
}

export type ParameterValue = string | number | boolean | readonly string[];

/** One entry of the catalogue. Ids are never reused, and their meaning never changes. */
export interface Entry {
  /** For people and telephones: `IMG-004`. */
  readonly id: string;
  readonly kind: 'finding' | 'fault';
  /** Findings: how grave it is. Faults are always `error`. */
  readonly type: FindingType;
  readonly title: string;
  readonly blame: Blame;
  readonly level: LogLevel;
  readonly severity: IssueSeverity;
  readonly issue: IssueType;
  readonly status: number;
  readonly parameters: Readonly<Record<string, PrivacyClass>>;
  /** For the user: plain words, `{parameter}` in braces, `public` parameters only. */
  readonly message: string;
  /** For the log: may name `internal` parameters too. */
  readonly log: string;
  /** What the user does next: one sentence in the imperative. */
  readonly action: string;
  readonly runbook: Runbook;
  /** `dependency`: worth repeating under the policy of the dependency that failed. */
  readonly retry: 'no' | 'dependency';
  readonly release: Release;
  /** Values for the example in the operations guide. Synthetic. */
  readonly example: Readonly<Record<string, ParameterValue>>;
  /** The version that introduced it. */
  readonly since: string;
  readonly deprecated?: string;
}
