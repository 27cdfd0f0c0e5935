/**
 * What a run of forms is told about the data: which modules there are, what their records look
 * like, which rules hold, and which columns say whom a record is about. All of it is part of the
 * recipe, as content and not as paths, so that a run can be resumed when files have changed.
 */
import { z } from 'zod';

/** The columns that say whom and which visit a record is about. */
export const subjectKeysSchema = z.strictObject({
  centre: z.string().min(1).default('adcid').describe('Column with the centre (ADCID).'),
  participant: z.string().min(1).default('ptid').describe('Column with the participant (PTID).'),
  visit: z.string().min(1).default('visitnum').describe('Column with the number of the visit.'),
  date: z.string().min(1).default('visitdate').describe('Column with the date of the visit.'),
  subject: z
    .string()
    .min(1)
    .default('naccid')
    .describe('Column that the looked-up id of the subject is written to.'),
  initials: z
    .string()
    .min(1)
    .default('initials')
    .describe('Column with the initials of who made the entry, where the data has them.'),
});

export type SubjectKeys = z.infer<typeof subjectKeysSchema>;

/** The checks of a study, in the order in which they run. */
export const CHECKS = ['file-validator', 'identifier-lookup', 'form-qc-checker'] as const;

export type Check = (typeof CHECKS)[number];

/** What a study says besides its modules; a study file has the same names. */
export const studySettings = {
  keys: subjectKeysSchema.prefault({}).describe('Which columns say whom a record is about.'),
  moduleColumn: z
    .string()
    .min(1)
    .optional()
    .describe("Column with the name of a record's module, in files that no pattern tells apart."),
  checks: z
    .array(z.enum(CHECKS))
    .min(1)
    .default([...CHECKS])
    .describe('Which checks run.'),
  delivery: z
    .enum(['ndjson', 'csv'])
    .default('ndjson')
    .describe('How sound records are written for whoever takes them.'),
};

/** What a module says besides its schema and its rules. */
export const moduleSettings = {
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
    error: 'a name has letters, digits, dots, dashes and underscores, at most 64 of them',
  }),
  files: z
    .array(z.string().min(1).max(200))
    .optional()
    .describe('Patterns of the names of its files (`*` and `?`; case does not matter).'),
  requires: z
    .array(z.string().min(1))
    .optional()
    .describe('Other modules of which the same visit has to be there.'),
};

/** A study with the content of its files. */
export const studySchema = z.strictObject({
  modules: z
    .array(
      z.strictObject({
        ...moduleSettings,
        schema: z.unknown(),
        schemaFiles: z.record(z.string(), z.unknown()).exactOptional(),
        rules: z.unknown().optional(),
        codes: z.unknown().optional(),
      }),
    )
    .min(1),
  ...studySettings,
});

/** One form of the study. */
export interface FormModule {
  readonly name: string;
  /** A JSON Schema of one record. */
  readonly schema: unknown;
  /** Files that the schema refers to, by the name that it refers to them with. */
  readonly schemaFiles?: Readonly<Record<string, unknown>>;
  /** The rules, and their codes, as they were read; absent: only the schema is checked. */
  readonly rules?: unknown;
  readonly codes?: unknown;
  readonly files?: readonly string[] | undefined;
  /** Modules whose record of the same visit has to be there and sound. */
  readonly requires?: readonly string[] | undefined;
}

export interface Study {
  readonly modules: readonly FormModule[];
  readonly keys: SubjectKeys;
  readonly moduleColumn?: string | undefined;
  readonly checks: readonly Check[];
  readonly delivery: 'ndjson' | 'csv';
}
