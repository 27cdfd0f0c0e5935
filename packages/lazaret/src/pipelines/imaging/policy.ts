/** The policy of a project: what is taken in, and what may leave. Part of the recipe. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { nearestName } from '@lazaret/faults';
import { imagingCodes } from './codes.ts';
import {
  findOptionProblems,
  KNOWN_OPTIONS,
  type SupportedOption,
} from './dicom/profile-options.ts';

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
  return Object.fromEntries(Object.entries(policy).filter(([key]) => !NOT_OF_THE_OUTPUT.has(key)));
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
  const problems = parsed.success
    ? optionProblems(parsed.data.options)
    : parsed.error.issues.flatMap((issue) => describe(issue));
  if (!parsed.success || problems.length > 0) {
    throw imagingCodes.fault('PolicyInvalid', { problems });
  }
  return { ...parsed.data, options: parsed.data.options as SupportedOption[] };
}

function describe(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const full = path === '' ? key : `${path}.${key}`;
      return `${full}: unknown${hint(key, Object.keys(policySchema.shape))}`;
    });
  }
  return [`${path === '' ? 'policy' : path}: ${issue.message}`];
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

function hint(given: string, known: readonly string[]): string {
  const nearest = nearestName(given, known);
  return nearest === null ? '' : `; did you mean ${nearest}?`;
}
