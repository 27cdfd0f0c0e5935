import { fillTemplate, type Audience, type Parameters, type PrivacyClass } from '@lazaret/faults';
import { kindEntry, type FailureKind } from './failure-kinds.ts';
import type { Value } from './python/value.ts';
import type { VisitName } from './run.ts';

/** A value that a rule looked at. The value may be a patient's. */
export interface ReadValue {
  readonly field: string;
  readonly visit: VisitName;
  /** Null where the field is blank, or the record does not have it. */
  readonly value: Value;
}

/** A field that a rule may look at, known without running it. */
export interface FieldRead {
  readonly field: string;
  readonly visit: VisitName;
  /** For an earlier visit: which fields must be filled in it for it to count. */
  readonly filled: readonly string[];
}

/** A rule that a record breaks. A plain value; what it says of the record is in `reads` alone. */
export interface RuleFailure {
  readonly kind: FailureKind;
  readonly field: string;
  /** The rule's name; null for a field that the rules do not know. */
  readonly rule: string | null;
  /** Which of a rule's constraints, for rules that are lists. */
  readonly index: number | null;
  /** RFC 6901 pointer of the rule in its file. */
  readonly pointer: string;
  /** Digest of the rule with what it shares, for the state hash of an alert. */
  readonly digest: string;
  readonly reads: readonly ReadValue[];
  /** For {@link failureText}. Never a value of the record. */
  readonly parameters: Parameters;
  /** What the value should have been, where one can be named. */
  readonly expected: string | null;
  /** `phi` where what was expected is computed from the record. */
  readonly expectedClass: PrivacyClass;
  /** How many of the rule's parts the record breaks: clauses of a constraint, ages compared with. */
  readonly parts: number;
  /** The rule author's own words instead of ours. */
  readonly authorText: string | null;
  /** From the codes file beside the rules. */
  readonly code: string | null;
  readonly type: 'error' | 'alert';
}

/** The failure in plain words, with the parameters that the audience may see. */
export function failureText(failure: RuleFailure, audience: Audience): string {
  if (failure.authorText !== null) return failure.authorText;
  const entry = kindEntry(failure.kind);
  const classes = { field: 'public', ...entry.parameters } as const;
  return fillTemplate(
    entry.template,
    classes,
    { field: failure.field, ...failure.parameters },
    audience,
  );
}
