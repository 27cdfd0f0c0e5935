import type { PrivacyClass } from '@lazaret/faults';

/**
 * Every way in which a rule can fail: which rule, in which words, and under which number the
 * reference knows it. `reference` is null where the reference stops with an error of its own
 * instead of telling the record's.
 */
interface KindEntry {
  readonly rule: string | null;
  readonly reference: number | null;
  readonly template: string;
  /** Besides `field`, which every template may name. */
  readonly parameters?: Readonly<Record<string, PrivacyClass>>;
}

export const FAILURE_KINDS = {
  UnknownField: {
    rule: null,
    reference: 0x3,
    template: '{field} is not a field of this form.',
  },
  RequiredField: {
    rule: 'required',
    reference: 0x2,
    template: '{field} is missing.',
  },
  DependencyMissing: {
    rule: 'dependencies',
    reference: 0x4,
    template: '{field} may only be given together with {needed}.',
    parameters: { needed: 'public' },
  },
  DependencyValueWrong: {
    rule: 'dependencies',
    reference: 0x5,
    template: '{field} may only be given where {needed} has one of the values that the rule names.',
    parameters: { needed: 'public' },
  },
  ExcludedFieldPresent: {
    rule: 'excludes',
    reference: 0x6,
    template: '{field} may not be given together with {excluded}.',
    parameters: { excluded: 'public' },
  },
  EmptyNotAllowed: {
    rule: 'empty',
    reference: 0x22,
    template: '{field} may not be empty.',
  },
  NotNullable: {
    rule: 'nullable',
    reference: 0x23,
    template: '{field} may not be blank.',
  },
  WrongType: {
    rule: 'type',
    reference: 0x24,
    template: '{field} must be of the type {type}.',
    parameters: { type: 'public' },
  },
  WrongTypeForSchema: {
    rule: 'schema',
    reference: 0x25,
    template: '{field} does not have the shape that its rules are written for.',
  },
  WrongItemCount: {
    rule: 'items',
    reference: 0x26,
    template: '{field} must have {limit} entries; it has {length}.',
    parameters: { limit: 'public', length: 'public' },
  },
  TooShort: {
    rule: 'minlength',
    reference: 0x27,
    template: '{field} must have at least {limit} characters; it has {length}.',
    parameters: { limit: 'public', length: 'public' },
  },
  TooLong: {
    rule: 'maxlength',
    reference: 0x28,
    template: '{field} must have at most {limit} characters; it has {length}.',
    parameters: { limit: 'public', length: 'public' },
  },
  PatternNotMatched: {
    rule: 'regex',
    reference: 0x41,
    template: '{field} does not have the required form {pattern}.',
    parameters: { pattern: 'public' },
  },
  BelowMinimum: {
    rule: 'min',
    reference: 0x42,
    template: '{field} must be at least {limit}.',
    parameters: { limit: 'public' },
  },
  AboveMaximum: {
    rule: 'max',
    reference: 0x43,
    template: '{field} must be at most {limit}.',
    parameters: { limit: 'public' },
  },
  ValueNotAllowed: {
    rule: 'allowed',
    reference: 0x44,
    template: '{field} must be one of {allowed}.',
    parameters: { allowed: 'public' },
  },
  EntriesNotAllowed: {
    rule: 'allowed',
    reference: 0x45,
    template: 'Every entry of {field} must be one of {allowed}.',
    parameters: { allowed: 'public' },
  },
  ValueForbidden: {
    rule: 'forbidden',
    reference: 0x46,
    template: '{field} may not be one of {forbidden}.',
    parameters: { forbidden: 'public' },
  },
  EntriesForbidden: {
    rule: 'forbidden',
    reference: 0x47,
    template: 'No entry of {field} may be one of {forbidden}.',
    parameters: { forbidden: 'public' },
  },
  EntriesMissing: {
    rule: 'contains',
    reference: 0x48,
    template: '{field} must contain all of {needed}.',
    parameters: { needed: 'public' },
  },
  ReadOnlyField: {
    rule: 'readonly',
    reference: 0x63,
    template: '{field} may not be sent; it is filled in here.',
  },
  WrongMapping: {
    rule: 'schema',
    reference: 0x81,
    template: '{field} breaks the rules of its own fields.',
  },
  WrongEntries: {
    rule: 'schema',
    reference: 0x82,
    template: '{field} has entries that break their rules.',
  },
  WrongKeys: {
    rule: 'keysrules',
    reference: 0x83,
    template: '{field} has names that break their rules.',
  },
  WrongValues: {
    rule: 'valuesrules',
    reference: 0x84,
    template: '{field} has values that break their rules.',
  },
  WrongItems: {
    rule: 'items',
    reference: 0x8f,
    template: '{field} has entries that break their rules.',
  },
  SomeHold: {
    rule: 'noneof',
    reference: 0x91,
    template: '{field} meets {count} of the {total} alternatives of which it may meet none.',
    parameters: { count: 'public', total: 'public' },
  },
  NotExactlyOneHolds: {
    rule: 'oneof',
    reference: 0x92,
    template: '{field} meets {count} of {total} alternatives; it must meet exactly one.',
    parameters: { count: 'public', total: 'public' },
  },
  NoneHolds: {
    rule: 'anyof',
    reference: 0x93,
    template: '{field} meets none of its {total} alternatives: {alternatives}.',
    parameters: { total: 'public', alternatives: 'public' },
  },
  NotAllHold: {
    rule: 'allof',
    reference: 0x94,
    template: '{field} meets {count} of {total} conditions; it must meet all.',
    parameters: { count: 'public', total: 'public' },
  },
  AfterToday: {
    rule: 'max',
    reference: 0x1000,
    template: '{field} may not lie in the future.',
  },
  AfterThisYear: {
    rule: 'max',
    reference: 0x1001,
    template: '{field} may not lie in a later year than this.',
  },
  MaximumNotComparable: {
    rule: 'max',
    reference: 0x1002,
    template: '{field} is no date that could be compared with {limit}.',
    parameters: { limit: 'public' },
  },
  BeforeToday: {
    rule: 'min',
    reference: 0x1003,
    template: '{field} may not lie in the past.',
  },
  BeforeThisYear: {
    rule: 'min',
    reference: 0x1004,
    template: '{field} may not lie in an earlier year than this.',
  },
  MinimumNotComparable: {
    rule: 'min',
    reference: 0x1005,
    template: '{field} is no date that could be compared with {limit}.',
    parameters: { limit: 'public' },
  },
  NotFilled: {
    rule: 'filled',
    reference: 0x1006,
    template: '{field} must be filled in.',
  },
  Filled: {
    rule: 'filled',
    reference: 0x1007,
    template: '{field} must be left blank.',
  },
  ThenViolated: {
    rule: 'compatibility',
    reference: 0x1008,
    template: 'Where {condition}, {consequence} is required; {failed} does not comply.',
    parameters: { condition: 'public', consequence: 'public', failed: 'public' },
  },
  ElseViolated: {
    rule: 'compatibility',
    reference: 0x1009,
    template: 'Unless {condition}, {consequence} is required; {failed} does not comply.',
    parameters: { condition: 'public', consequence: 'public', failed: 'public' },
  },
  CurrentVisitViolated: {
    rule: 'temporalrules',
    reference: 0x2000,
    template:
      'Where the {visit} visit had {condition}, this one must have {consequence}; {failed} does not comply.',
    parameters: { visit: 'public', condition: 'public', consequence: 'public', failed: 'public' },
  },
  NoPrimaryKey: {
    rule: 'temporalrules',
    reference: 0x2001,
    template: '{key} is blank, so earlier visits cannot be looked up.',
    parameters: { key: 'public' },
  },
  NoEarlierVisit: {
    rule: 'temporalrules',
    reference: 0x2002,
    template: 'There is no {visit} visit that {field} could be compared with.',
    parameters: { visit: 'public' },
  },
  FormulaNotMet: {
    rule: 'logic',
    reference: 0x2003,
    template: '{field} does not satisfy the formula {formula}.',
    parameters: { formula: 'public' },
  },
  FormulaTextNoNumber: {
    rule: 'logic',
    reference: 0x2003,
    template: 'The formula {formula} needs a number where the record has a text.',
    parameters: { formula: 'public' },
  },
  ScaleSkippedButScored: {
    rule: 'compute_gds',
    reference: 0x2004,
    template: '{field} must be 88 where the scale was not attempted (nogds is 1).',
  },
  ScaleSkippedButAnswered: {
    rule: 'compute_gds',
    reference: 0x2005,
    template: 'The scale was not attempted (nogds is 1), yet {answered} questions are answered.',
    parameters: { answered: 'public' },
  },
  ScaleScoreWrong: {
    rule: 'compute_gds',
    reference: 0x2006,
    template: '{field} is not the sum of the answers.',
  },
  ScaleProratedScoreWrong: {
    rule: 'compute_gds',
    reference: 0x2007,
    template: '{field} is not the score prorated from the {answered} answers given.',
    parameters: { answered: 'public' },
  },
  ScaleTooFewAnswers: {
    rule: 'compute_gds',
    reference: 0x2008,
    template: 'At least 12 questions must be answered to give {field}; {answered} are.',
    parameters: { answered: 'public' },
  },
  ComparisonNotMet: {
    rule: 'compare_with',
    reference: 0x2009,
    template: '{field} does not satisfy {comparison}.',
    parameters: { comparison: 'public' },
  },
  NoEarlierValue: {
    rule: 'compare_with',
    reference: 0x3000,
    template: 'There is no earlier value for the comparison {comparison}.',
    parameters: { comparison: 'public' },
  },
  UnknownDrug: {
    rule: 'function',
    reference: 0x3001,
    template: '{field} is not a valid RXCUI.',
  },
  NotADate: {
    rule: 'compare_age',
    reference: 0x3002,
    template: '{field} is no date, so no age can be computed.',
  },
  AgeNotMet: {
    rule: 'compare_age',
    reference: 0x3003,
    template: 'The age at {field} does not satisfy {comparison}; compared with {failed}.',
    parameters: { comparison: 'public', failed: 'public' },
  },
  AgeNotComparable: {
    rule: 'compare_age',
    reference: 0x3004,
    template: 'The age at {field} cannot be compared with {failed}.',
    parameters: { failed: 'public' },
  },
  EarlierVisitViolated: {
    rule: 'temporalrules',
    reference: 0x3005,
    template:
      'Where this visit has {condition}, the {visit} one must have {consequence}; {failed} does not comply.',
    parameters: { visit: 'public', condition: 'public', consequence: 'public', failed: 'public' },
  },
  OtherCenter: {
    rule: 'function',
    reference: 0x3006,
    template: '{field} is not the ADCID of the center that sent the record.',
  },
  UnknownCenter: {
    rule: 'function',
    reference: 0x3007,
    template: '{field} is not a known ADCID.',
  },
  ScoreWrong: {
    rule: 'function',
    reference: 0x3008,
    template: '{field} does not agree with the score of its questions.',
  },
  NoBirthDate: {
    rule: 'compare_age',
    reference: 0x3009,
    template: 'No birth date can be made of {parts}, so no age can be computed.',
    parameters: { parts: 'public' },
  },
  TargetDateUnreadable: {
    rule: 'function',
    reference: 0x4000,
    template: '{target} is no date, so the drug cannot be looked up.',
    parameters: { target: 'public' },
  },
  UnknownDrugOnDate: {
    rule: 'function',
    reference: 0x4001,
    template: '{field} is not a valid RXCUI on the date in {target}.',
    parameters: { target: 'public' },
  },
  NotEvaluable: {
    rule: null,
    reference: null,
    template: 'The rule {rule} of {field} could not be evaluated: {reason}.',
    parameters: { rule: 'public', reason: 'public' },
  },
} as const satisfies Readonly<Record<string, KindEntry>>;

export type FailureKind = keyof typeof FAILURE_KINDS;

/** An entry with the optional parts in one type. */
export function kindEntry(kind: FailureKind): KindEntry {
  return FAILURE_KINDS[kind];
}
