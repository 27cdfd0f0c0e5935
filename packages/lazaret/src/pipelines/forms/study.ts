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

/** One form of the study. */
export interface FormModule {
  readonly name: string;
  /** A JSON Schema of one record. */
  readonly schema: unknown;
  /** Files that the schema refers to, by the name that it refers to them with. */
  readonly files?: Readonly<Record<string, unknown>>;
  /** The rules, and their codes, as they were read; absent: only the schema is checked. */
  readonly rules?: unknown;
  readonly codes?: unknown;
}

export interface Study {
  readonly modules: readonly FormModule[];
  readonly keys: SubjectKeys;
}
