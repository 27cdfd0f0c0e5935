/** The policy of a project: what is taken in, and what may leave. Part of the recipe. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { imagingCodes } from './codes.ts';
import { profileOf, type Profile } from './dicom/profile.ts';
import {
  findOptionProblems,
  KNOWN_OPTIONS,
  SUPPORTED_OPTIONS,
  type ProfileOptions,
  type SupportedOption,
} from './dicom/profile-options.ts';
import {
  elementRuleSchema,
  elementRulesSchema,
  ruleProblems,
  rulesByTag,
} from './policy/element-rules.ts';
import { hint, limitProblems, schemaProblems } from '../../settings/problems.ts';
import {
  safePrivateElements,
  safePrivateElementSchema,
  safePrivateProblems,
  safePrivateSchema,
} from './policy/safe-private.ts';
import { screenProblems, screensSchema } from './policy/screens.ts';
import {
  vocabulariesByTag,
  vocabulariesSchema,
  vocabularyProblems,
  vocabularySchema,
} from './policy/vocabularies.ts';

const codeString = z.string().regex(/^[A-Z0-9_ ]{1,16}$/, 'must be a modality such as CT');

/** The keys of a policy. The reference page is made from it, descriptions included. */
export const policySchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, 'must be a short plain name')
    .describe('Stands in each image that leaves, with the version.'),
  version: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,16}$/, 'must be a short plain version')
    .describe('Stands in each image that leaves, behind the name.'),
  collection: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be a plain folder name')
    .describe('First part of every delivery key.'),
  modalities: z.array(codeString).min(1).describe('Modalities that pass the screen.'),
  options: z
    .array(z.string())
    .describe('Options of the Basic Profile (PS3.15 Annex E.3), by name.'),
  screens: screensSchema.optional().describe('What else waits for a person.'),
  elements: elementRulesSchema
    .optional()
    .describe('What is done with single elements, whatever the table of the standard says.'),
  vocabularies: vocabulariesSchema
    .optional()
    .describe('Text that may stay in elements that are cleaned.'),
  safePrivate: safePrivateSchema
    .optional()
    .describe('Private elements that stay, beside those the standard lists.'),
  patientId: z
    .strictObject({
      trim: z.boolean().describe('Whether blanks around an id are taken off.'),
      case: z.enum(['keep', 'upper', 'lower']).describe('Whether letters are made equal.'),
      leadingZeros: z.enum(['keep', 'strip']).describe('Whether zeros in front count.'),
      issuer: z
        .enum(['part', 'ignore'])
        .describe('Whether ids of two issuers are two patients (`part`).'),
    })
    .describe('When two patient ids are the same.'),
  prefixes: z.strictObject({
    patient: z
      .string()
      .regex(/^[A-Z]{0,4}$/, 'must be up to 4 capital letters')
      .describe('Begins the pseudonym of a patient.'),
    accession: z
      .string()
      .regex(/^[A-Z]{0,4}$/, 'must be up to 4 capital letters')
      .describe('Begins the pseudonym of an accession number.'),
  }),
  compressionLevel: z.int().min(0).max(9).describe('Of gzip: 0 stores, 9 is smallest.'),
  maxFileBytes: z.int().min(1_024).describe('Larger files are held (IMG-009).'),
});

/** A policy as its author writes it, in a TypeScript file: `export default { … } satisfies ImagingPolicy`. */
export type ImagingPolicy = z.input<typeof policySchema>;

/** A policy that was checked. What it leaves out is absent, so that equal policies are equal. */
export type Policy = Omit<z.infer<typeof policySchema>, 'options'> & {
  readonly options: readonly SupportedOption[];
};

/**
 * Keys of a policy that change nothing in what leaves: the screens, the limits, how it is packed,
 * and the label. Everything else determines the output, a key that is new and forgotten here too:
 * then images are delivered anew, which is the safe side.
 */
const NOT_OF_THE_OUTPUT: ReadonlySet<string> = new Set([
  'name',
  'version',
  'modalities',
  'maxFileBytes',
  'compressionLevel',
  'screens',
]);

/** What of a policy determines the bytes that are delivered and their key. */
export function outputPart(policy: Policy): Readonly<Record<string, unknown>> {
  const { elements, safePrivate } = policy;
  // A reason is for people: better words for it make no other image.
  const unreasoned = {
    ...policy,
    ...(elements === undefined ? {} : { elements: elements.map(withoutReason) }),
    ...(safePrivate === undefined ? {} : { safePrivate: safePrivate.map(withoutReason) }),
  };
  return Object.fromEntries(
    Object.entries(unreasoned).filter(([key]) => !NOT_OF_THE_OUTPUT.has(key)),
  );
}

const DEFAULT_POLICY_FILE = new URL('../../../policies/imaging-default.json', import.meta.url);

/** The policy that is used where nobody gives one. */
export function defaultPolicy(): Policy {
  return parsePolicy(JSON.parse(readFileSync(DEFAULT_POLICY_FILE, 'utf8')));
}

/**
 * Checks a policy as somebody wrote it. Nothing of an invalid policy is ever applied.
 * @throws PolicyInvalid with every problem, each with its path and the nearest valid name.
 */
export function parsePolicy(given: unknown): Policy {
  const parsed = policySchema.safeParse(given);
  const problems = [
    ...(parsed.success ? [] : schemaProblems(policySchema, parsed.error, 'policy')),
    ...contradictions(given),
  ];
  if (!parsed.success || problems.length > 0) {
    throw imagingCodes.fault('PolicyInvalid', { problems: limitProblems(problems) });
  }
  return withoutEmpty({ ...parsed.data, options: parsed.data.options as SupportedOption[] });
}

/** What the de-identifier and the verification obey: the meaning of a checked policy. */
export function policyProfile(policy: Policy): Profile {
  return {
    ...profileOf(new Set(policy.options)),
    rules: rulesByTag(policy.elements ?? []),
    vocabularies: vocabulariesByTag(policy.vocabularies ?? []),
    safePrivate: safePrivateElements(policy.safePrivate ?? []),
  };
}

/**
 * What the schema cannot see. Asked of what can be read of a policy, even where other parts cannot,
 * so that all that is wrong is told at once.
 */
function contradictions(given: unknown): string[] {
  if (typeof given !== 'object' || given === null) return [];
  const policy = given as Readonly<Record<string, unknown>>;
  const names = listOf(policy['options']).flatMap((name) =>
    typeof name === 'string' ? [name] : [],
  );
  const options: ProfileOptions = new Set(SUPPORTED_OPTIONS.filter((one) => names.includes(one)));
  const rules = readable(elementRuleSchema, policy['elements'], (rule, at) => ({ at, rule }));
  const vocabularies = readable(vocabularySchema, policy['vocabularies'], (vocabulary, at) => ({
    at,
    vocabulary,
  }));
  const safePrivate = readable(safePrivateElementSchema, policy['safePrivate'], (element, at) => ({
    at,
    element,
  }));
  const screens = screensSchema.safeParse(policy['screens']);
  return [
    ...optionProblems(names),
    ...(screens.success ? screenProblems(screens.data) : []),
    ...ruleProblems(rules, options),
    ...vocabularyProblems(vocabularies, rules),
    ...safePrivateProblems(safePrivate, new Set(names)),
  ];
}

function readable<Entry, Placed>(
  schema: z.ZodType<Entry>,
  given: unknown,
  place: (entry: Entry, at: number) => Placed,
): Placed[] {
  return listOf(given).flatMap((entry, at) => {
    const parsed = schema.safeParse(entry);
    return parsed.success ? [place(parsed.data, at)] : [];
  });
}

function listOf(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : [];
}

function optionProblems(names: readonly string[]): string[] {
  return findOptionProblems(names).map(({ kind, options }) => {
    const given = options.join(', ');
    switch (kind) {
      case 'unknown-option':
        return `options: ${given} is unknown${hint(options[0] ?? '', KNOWN_OPTIONS)}`;
      case 'option-not-supported':
        return `options: ${given} is not available yet`;
      case 'option-repeated':
        return `options: ${given} is given twice`;
      case 'contradiction':
        return `options: ${given} contradict each other`;
      default:
        return kind satisfies never;
    }
  });
}

function withoutReason<Entry extends { readonly reason: string }>({
  reason: _,
  ...entry
}: Entry): Omit<Entry, 'reason'> {
  return entry;
}

/** Leaves out what says nothing: a policy with an empty list is the one without it. */
function withoutEmpty(policy: Policy): Policy {
  const { screens, elements, vocabularies, safePrivate, ...rest } = policy;
  const { burnedIn = 'hold', holdImageTypes = [], holdSopClasses = [] } = screens ?? {};
  const kept = {
    ...(burnedIn === 'hold' ? {} : { burnedIn }),
    ...(holdImageTypes.length === 0 ? {} : { holdImageTypes }),
    ...(holdSopClasses.length === 0 ? {} : { holdSopClasses }),
  };
  return {
    ...rest,
    ...(Object.keys(kept).length === 0 ? {} : { screens: kept }),
    ...(isFilled(elements) ? { elements } : {}),
    ...(isFilled(vocabularies) ? { vocabularies } : {}),
    ...(isFilled(safePrivate) ? { safePrivate } : {}),
  };
}

function isFilled<Entry>(list: Entry[] | undefined): list is Entry[] {
  return list !== undefined && list.length > 0;
}
