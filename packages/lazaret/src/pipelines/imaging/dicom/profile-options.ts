/**
 * What a policy may ask for beside the Basic Profile (PS3.15 Annex E.3), with the codes that the
 * output carries (PS3.16 CID 7050). The Basic Profile always applies.
 */
import type { OptionLetter } from './profile-columns.ts';

export const SUPPORTED_OPTIONS = [
  'retainUids',
  'retainDeviceIdentity',
  'retainInstitutionIdentity',
  'retainPatientCharacteristics',
  'retainLongitudinalFullDates',
  'retainLongitudinalModifiedDates',
  'retainSafePrivate',
  'cleanDescriptors',
  'cleanStructuredContent',
  'cleanGraphics',
] as const;

/** Every option the standard has. Those that are not supported yet must be refused, not ignored. */
export const KNOWN_OPTIONS = [
  ...SUPPORTED_OPTIONS,
  'cleanPixelData',
  'cleanRecognizableVisualFeatures',
] as const;

export type SupportedOption = (typeof SUPPORTED_OPTIONS)[number];
export type KnownOption = (typeof KNOWN_OPTIONS)[number];

/** The options in force. */
export type ProfileOptions = ReadonlySet<SupportedOption>;

export interface ProfileCode {
  /** Code value under the scheme DCM. */
  readonly value: string;
  /** Code meaning, at most 64 characters (VR LO). */
  readonly meaning: string;
}

export const BASIC_PROFILE_CODE: ProfileCode = {
  value: '113100',
  meaning: 'Basic Application Confidentiality Profile',
};

export const OPTION_CODES: Readonly<Record<KnownOption, ProfileCode>> = {
  cleanPixelData: { value: '113101', meaning: 'Clean Pixel Data Option' },
  cleanRecognizableVisualFeatures: {
    value: '113102',
    meaning: 'Clean Recognizable Visual Features Option',
  },
  cleanGraphics: { value: '113103', meaning: 'Clean Graphics Option' },
  cleanStructuredContent: { value: '113104', meaning: 'Clean Structured Content Option' },
  cleanDescriptors: { value: '113105', meaning: 'Clean Descriptors Option' },
  retainLongitudinalFullDates: {
    value: '113106',
    meaning: 'Retain Longitudinal Temporal Information Full Dates Option',
  },
  retainLongitudinalModifiedDates: {
    value: '113107',
    meaning: 'Retain Longitudinal Temporal Information Modified Dates Option',
  },
  retainPatientCharacteristics: {
    value: '113108',
    meaning: 'Retain Patient Characteristics Option',
  },
  retainDeviceIdentity: { value: '113109', meaning: 'Retain Device Identity Option' },
  retainUids: { value: '113110', meaning: 'Retain UIDs Option' },
  retainSafePrivate: { value: '113111', meaning: 'Retain Safe Private Option' },
  retainInstitutionIdentity: { value: '113112', meaning: 'Retain Institution Identity Option' },
};

/** The column of the table in which each supported option is found. */
export const OPTION_LETTERS: Readonly<Record<SupportedOption, OptionLetter>> = {
  retainUids: 'U',
  retainDeviceIdentity: 'V',
  retainInstitutionIdentity: 'I',
  retainPatientCharacteristics: 'H',
  retainLongitudinalFullDates: 'F',
  retainLongitudinalModifiedDates: 'M',
  retainSafePrivate: 'P',
  cleanDescriptors: 'D',
  cleanStructuredContent: 'S',
  cleanGraphics: 'G',
};

export interface OptionProblem {
  readonly kind: 'unknown-option' | 'option-not-supported' | 'option-repeated' | 'contradiction';
  /** The names as the policy gave them. */
  readonly options: readonly string[];
}

/**
 * Says what is wrong with the options of a policy; an empty list where nothing is.
 *
 * @example
 * findOptionProblems(['retainUids', 'cleanPixelData']);
 * // [{ kind: 'option-not-supported', options: ['cleanPixelData'] }]
 */
export function findOptionProblems(names: readonly string[]): readonly OptionProblem[] {
  const problems: OptionProblem[] = [];
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) problems.push({ kind: 'option-repeated', options: [name] });
    else if (!isKnown(name)) problems.push({ kind: 'unknown-option', options: [name] });
    else if (!isSupported(name)) problems.push({ kind: 'option-not-supported', options: [name] });
    seen.add(name);
  }
  // PS3.15 E.3.6 offers full and modified dates as alternatives: an output cannot be marked as both.
  const dates = ['retainLongitudinalFullDates', 'retainLongitudinalModifiedDates'];
  if (dates.every((name) => seen.has(name))) {
    problems.push({ kind: 'contradiction', options: dates });
  }
  return problems;
}

function isKnown(name: string): name is KnownOption {
  return (KNOWN_OPTIONS as readonly string[]).includes(name);
}

function isSupported(name: string): name is SupportedOption {
  return (SUPPORTED_OPTIONS as readonly string[]).includes(name);
}

/** What (0028,0303) Longitudinal Temporal Information Modified says (PS3.3 C.7.1.2). */
export function describeTemporalInformation(
  options: ProfileOptions,
): 'UNMODIFIED' | 'MODIFIED' | 'REMOVED' {
  if (options.has('retainLongitudinalFullDates')) return 'UNMODIFIED';
  return options.has('retainLongitudinalModifiedDates') ? 'MODIFIED' : 'REMOVED';
}
