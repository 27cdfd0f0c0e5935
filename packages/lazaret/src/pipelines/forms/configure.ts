/** Checks what a person gave for a run of forms, before anything else happens. */
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { toFault } from '@lazaret/faults';
import { z } from 'zod';
import { formsCodes } from './codes.ts';
import { compileModuleRules } from './module-rules.ts';
import { compileSchema } from './schema/record-schema.ts';
import { subjectKeysSchema, type Study } from './study.ts';

const givenSchema = z.strictObject({
  /** Files to take in: absolute paths, as a JSON list. */
  source: z.string(),
  out: z.string(),
  data: z.string(),
  study: z.strictObject({
    modules: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          schema: z.unknown(),
          files: z.record(z.string(), z.unknown()).exactOptional(),
          rules: z.unknown().optional(),
          codes: z.unknown().optional(),
        }),
      )
      .min(1),
    keys: subjectKeysSchema.prefault({}),
  }),
  collection: z.string().default('default'),
});

export interface FormsConfiguration {
  readonly study: Study;
  /** The folder that deliveries go to. */
  readonly out: string;
  readonly collection: string;
  /** Subjects are worked through in so many groups: more of them for larger sources. */
  readonly groups: number;
}

/** About so many bytes of a source make a group. */
const GROUP_BYTES = 4 * 1024 * 1024;
const MAX_GROUPS = 64;

/** @throws SchemaInvalid, RulesInvalid, FormFileMissing, and the file system's faults about the output */
export function configure(given: unknown): FormsConfiguration {
  const { source, out, study, collection } = givenSchema.parse(given);
  for (const module of study.modules) {
    compileSchema(module);
    compileModuleRules(module, study.keys);
  }
  let bytes = 0;
  for (const path of filesOf(source)) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) throw formsCodes.fault('FormFileMissing', {});
    bytes += stat.size;
  }
  try {
    mkdirSync(out, { recursive: true, mode: 0o750 });
    accessSync(out, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw toFault(error);
  }
  const groups = Math.min(MAX_GROUPS, 2 ** Math.ceil(Math.log2(Math.max(1, bytes / GROUP_BYTES))));
  return { study, out: resolve(out), collection, groups };
}

/** The files of a source, as the command line names them. */
export function filesOf(location: string): string[] {
  return z.array(z.string()).parse(JSON.parse(location));
}
