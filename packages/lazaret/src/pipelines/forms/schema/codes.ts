/**
 * What a schema can find fault with: an entry for every keyword that can fail, named by it. Ids are
 * never reused, and their meaning never changes.
 */
import {
  defineCodes,
  type IssueType,
  type ParameterValue,
  type PrivacyClass,
} from '@lazaret/faults';

/** What every entry has: whose value it is, the value itself, and what was expected in its place. */
const ABOUT_A_VALUE = { field: 'public', value: 'phi', expected: 'phi' } as const;

interface Told<P extends Readonly<Record<string, PrivacyClass>>> {
  readonly id: string;
  readonly title: string;
  readonly issue?: IssueType;
  readonly parameters: P;
  readonly message: string;
  readonly action: string;
  readonly example: Readonly<Record<keyof P | keyof typeof ABOUT_A_VALUE, ParameterValue>>;
}

/** An entry for one keyword. All of them blame the data, and none can be waved through. */
function violation<const P extends Readonly<Record<string, PrivacyClass>>>(told: Told<P>) {
  return {
    id: told.id,
    kind: 'finding',
    type: 'error',
    title: told.title,
    blame: 'data',
    level: 'warn',
    severity: 'error',
    issue: told.issue ?? 'value',
    status: 422,
    parameters: { ...ABOUT_A_VALUE, ...told.parameters },
    message: told.message,
    log: `${told.title}: {field}.`,
    action: told.action,
    runbook: {
      check: 'Compare the value, and what was expected in its place, with the schema of the form.',
      fix: 'Mend the record where it was entered, and send it again.',
      escalate:
        'Ask the site that sent it; where the value is right, whoever maintains the schema.',
    },
    retry: 'no',
    release: 'none',
    example: told.example,
    since: '0.2.0',
  } as const;
}

export const schemaCodes = defineCodes({
  MaxLength: violation({
    id: 'FRM-040',
    title: 'A text is too long',
    parameters: { limit: 'public', length: 'public' },
    message: '{field} must have at most {limit}; it has {length}.',
    action: 'Shorten it in the file and send the file again.',
    issue: 'too-long',
    example: {
      ...{ field: 'PTID', value: 'INVENTED-001', expected: 'at most 10 characters' },
      ...{ limit: '10 characters', length: 12 },
    },
  }),
  MinLength: violation({
    id: 'FRM-041',
    title: 'A text is too short',
    parameters: { limit: 'public', length: 'public' },
    message: '{field} must have at least {limit}; it has {length}.',
    action: 'Give it in full in the file and send the file again.',
    example: {
      ...{ field: 'INITIALS', value: 'A', expected: 'at least 2 characters' },
      ...{ limit: '2 characters', length: 1 },
    },
  }),
  Pattern: violation({
    id: 'FRM-042',
    title: 'A text is not written as it has to be',
    parameters: { form: 'public' },
    message: '{field} must be written {form}.',
    action: 'Write it in that form in the file and send the file again.',
    example: {
      ...{ field: 'PTID', value: '12-34', expected: 'in the form ^[0-9]{1,10}$' },
      form: 'in the form ^[0-9]{1,10}$',
    },
  }),
  Type: violation({
    id: 'FRM-043',
    title: 'A value is of the wrong kind',
    parameters: { kind: 'public', problem: 'public' },
    message: '{field} must be {kind}; {problem}.',
    action: 'Correct the value in the file and send the file again.',
    example: {
      ...{ field: 'AGE', value: 'old', expected: 'a whole number' },
      ...{ kind: 'a whole number', problem: 'it is a text' },
    },
  }),
  Enum: violation({
    id: 'FRM-044',
    title: 'A value is none of those allowed',
    parameters: { allowed: 'public', hint: 'public' },
    message: '{field} must be one of {allowed}{hint}.',
    action: 'Choose one of the values allowed and send the file again.',
    issue: 'code-invalid',
    example: {
      ...{ field: 'LANGUAGE', value: 'Englsh', expected: 'English, Spanish' },
      ...{ allowed: 'English, Spanish', hint: ' (did you mean English?)' },
    },
  }),
  Const: violation({
    id: 'FRM-045',
    title: 'A value is not the only one allowed',
    parameters: { wanted: 'public' },
    message: '{field} must be {wanted}.',
    action: 'Correct the value in the file and send the file again.',
    issue: 'code-invalid',
    example: { field: 'FORMVER', value: '3', expected: '4', wanted: '4' },
  }),
  Required: violation({
    id: 'FRM-046',
    title: 'A value is missing',
    parameters: {},
    message: '{field} must have a value; there is none.',
    action: 'Fill it in and send the file again.',
    issue: 'required',
    example: { field: 'VISITDATE', value: '', expected: 'a date such as 2026-01-31' },
  }),
  Minimum: violation({
    id: 'FRM-047',
    title: 'A number is too small',
    parameters: { limit: 'public' },
    message: '{field} must be at least {limit}.',
    action: 'Correct the value in the file and send the file again.',
    example: { field: 'AGE', value: '7', expected: 'at least 18', limit: 18 },
  }),
  Maximum: violation({
    id: 'FRM-048',
    title: 'A number is too large',
    parameters: { limit: 'public' },
    message: '{field} must be at most {limit}.',
    action: 'Correct the value in the file and send the file again.',
    example: { field: 'AGE', value: '210', expected: 'at most 120', limit: 120 },
  }),
  ExclusiveMinimum: violation({
    id: 'FRM-049',
    title: 'A number does not lie above its limit',
    parameters: { limit: 'public' },
    message: '{field} must be more than {limit}.',
    action: 'Correct the value in the file and send the file again.',
    example: { field: 'WEIGHT', value: '0', expected: 'more than 0', limit: 0 },
  }),
  ExclusiveMaximum: violation({
    id: 'FRM-050',
    title: 'A number does not lie below its limit',
    parameters: { limit: 'public' },
    message: '{field} must be less than {limit}.',
    action: 'Correct the value in the file and send the file again.',
    example: { field: 'RATIO', value: '1', expected: 'less than 1', limit: 1 },
  }),
  MultipleOf: violation({
    id: 'FRM-051',
    title: 'A number is not in the steps asked for',
    parameters: { step: 'public' },
    message: '{field} must be a multiple of {step}.',
    action: 'Correct the value in the file and send the file again.',
    example: { field: 'DOSE', value: '7', expected: 'a multiple of 5', step: 5 },
  }),
  Format: violation({
    id: 'FRM-052',
    title: 'A text is not of the form it has to be',
    parameters: { form: 'public' },
    message: '{field} must be {form}.',
    action: 'Write it in that form in the file and send the file again.',
    example: {
      ...{ field: 'VISITDATE', value: '31/01/2026', expected: 'a date such as 2026-01-31' },
      form: 'a date such as 2026-01-31',
    },
  }),
  AdditionalProperties: violation({
    id: 'FRM-053',
    title: 'A field that the schema does not have',
    parameters: { hint: 'public' },
    message: '{field} has a name in it that the schema does not have{hint}.',
    action: 'Correct the name, or leave the field out, and send the file again.',
    issue: 'structure',
    example: {
      ...{ field: 'The record', value: 'PTIDD', expected: 'PTID, VISITNUM, VISITDATE' },
      hint: ' (did you mean PTID?)',
    },
  }),
  PropertyNames: violation({
    id: 'FRM-054',
    title: 'A name that is not allowed',
    parameters: { form: 'public' },
    message: 'A name in {field} must be {form}.',
    action: 'Correct the name and send the file again.',
    issue: 'structure',
    example: {
      ...{ field: 'SCORES', value: 'total score', expected: 'a text of at most 8 characters' },
      form: 'a text of at most 8 characters',
    },
  }),
  DependentRequired: violation({
    id: 'FRM-055',
    title: 'A value that another one asks for is missing',
    parameters: { because: 'public' },
    message: '{field} must have a value, because {because} has one.',
    action: 'Fill it in, or take the other value out, and send the file again.',
    issue: 'required',
    example: { field: 'DEATHDATE', value: '', expected: 'a value', because: 'DEATHCAUSE' },
  }),
  AnyOf: violation({
    id: 'FRM-056',
    title: 'A value fits none of the choices',
    parameters: { choices: 'public' },
    message: '{field} must be {choices}.',
    action: 'Correct the value in the file and send the file again.',
    example: {
      ...{ field: 'HEIGHT', value: '9', expected: 'a number from 36 to 96, or 999' },
      choices: 'a number from 36 to 96, or 999',
    },
  }),
  OneOf: violation({
    id: 'FRM-057',
    title: 'A value does not fit exactly one of the choices',
    parameters: { choices: 'public', problem: 'public' },
    message: '{field} must be exactly one of these: {choices}; it is {problem}.',
    action: 'Correct the value in the file and send the file again.',
    example: {
      ...{ field: 'SCORE', value: '15', expected: 'a multiple of 3, or a multiple of 5' },
      ...{ choices: 'a multiple of 3, or a multiple of 5', problem: 'more than one' },
    },
  }),
  Not: violation({
    id: 'FRM-058',
    title: 'A value is one of those ruled out',
    parameters: { ruledOut: 'public' },
    message: '{field} must not be {ruledOut}.',
    action: 'Correct the value in the file and send the file again.',
    example: { field: 'PTID', value: '0', expected: 'not 0', ruledOut: '0' },
  }),
  FalseSchema: violation({
    id: 'FRM-059',
    title: 'A value stands where none may',
    parameters: {},
    message: '{field} must have no value here.',
    action: 'Take the value out and send the file again.',
    issue: 'structure',
    example: { field: 'DEATHDATE', value: '2026-01-31', expected: 'no value' },
  }),
  UniqueItems: violation({
    id: 'FRM-060',
    title: 'A list has the same entry twice',
    parameters: { first: 'public', second: 'public' },
    message: '{field} must have no entry twice; entries {first} and {second} are the same.',
    action: 'Take one of them out and send the file again.',
    example: {
      field: 'DRUGS',
      value: '["a","a"]',
      expected: 'no entry twice',
      first: 1,
      second: 2,
    },
  }),
  Contains: violation({
    id: 'FRM-061',
    title: 'A list has too few, or too many, entries of one kind',
    parameters: { count: 'public', kind: 'public' },
    message: '{field} must have {count} of this kind: {kind}.',
    action: 'Correct the list in the file and send the file again.',
    example: {
      ...{ field: 'DRUGS', value: '[]', expected: 'at least 1 entry: a text' },
      ...{ count: 'at least 1 entry', kind: 'a text' },
    },
  }),
  MinItems: violation({
    id: 'FRM-062',
    title: 'A list is too short',
    parameters: { limit: 'public', length: 'public' },
    message: '{field} must have at least {limit}; it has {length}.',
    action: 'Complete the list in the file and send the file again.',
    example: {
      ...{ field: 'SCORES', value: '[1]', expected: 'at least 3 entries' },
      ...{ limit: '3 entries', length: 1 },
    },
  }),
  MaxItems: violation({
    id: 'FRM-063',
    title: 'A list is too long',
    parameters: { limit: 'public', length: 'public' },
    message: '{field} must have at most {limit}; it has {length}.',
    action: 'Shorten the list in the file and send the file again.',
    issue: 'too-long',
    example: {
      ...{ field: 'SCORES', value: '[1,2,3]', expected: 'at most 2 entries' },
      ...{ limit: '2 entries', length: 3 },
    },
  }),
  MinProperties: violation({
    id: 'FRM-064',
    title: 'Too few fields',
    parameters: { limit: 'public', length: 'public' },
    message: '{field} must have at least {limit}; it has {length}.',
    action: 'Complete it in the file and send the file again.',
    issue: 'structure',
    example: {
      ...{ field: 'The record', value: '{}', expected: 'at least 3 fields' },
      ...{ limit: '3 fields', length: 0 },
    },
  }),
  MaxProperties: violation({
    id: 'FRM-065',
    title: 'Too many fields',
    parameters: { limit: 'public', length: 'public' },
    message: '{field} must have at most {limit}; it has {length}.',
    action: 'Leave out what is not asked for and send the file again.',
    issue: 'structure',
    example: {
      ...{ field: 'SCORES', value: '{"a":1,"b":2}', expected: 'at most 1 field' },
      ...{ limit: '1 field', length: 2 },
    },
  }),
  UnevaluatedProperties: violation({
    id: 'FRM-066',
    title: 'A field that no part of the schema asks for',
    parameters: { hint: 'public' },
    message: '{field} has a name in it that no part of the schema asks for{hint}.',
    action: 'Correct the name, or leave the field out, and send the file again.',
    issue: 'structure',
    example: {
      ...{ field: 'The record', value: 'PTIDD', expected: 'PTID, VISITNUM, VISITDATE' },
      hint: ' (did you mean PTID?)',
    },
  }),
  UnevaluatedItems: violation({
    id: 'FRM-067',
    title: 'Entries of a list that no part of the schema asks for',
    parameters: { limit: 'public', length: 'public' },
    message: '{field} must have at most {limit}; it has {length}.',
    action: 'Leave out what is not asked for and send the file again.',
    issue: 'structure',
    example: {
      ...{ field: 'SCORES', value: '[1,2]', expected: 'at most 1 entry' },
      ...{ limit: '1 entry', length: 2 },
    },
  }),
  AdditionalItems: violation({
    id: 'FRM-068',
    title: 'Entries of a list that the schema does not have',
    parameters: { limit: 'public', length: 'public' },
    message: '{field} must have at most {limit}; it has {length}.',
    action: 'Leave out what is not asked for and send the file again.',
    issue: 'structure',
    example: {
      ...{ field: 'SCORES', value: '[1,2]', expected: 'at most 1 entry' },
      ...{ limit: '1 entry', length: 2 },
    },
  }),
});
