/** Checks what a person gave for a run of forms, before anything else happens. */
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { toFault } from '@lazaret/faults';
import { z } from 'zod';
import { formsCodes } from './codes.ts';
import { judgingCodes } from './judging/codes.ts';
import { orderModules } from './judging/requirement.ts';
import { lookUpSettingsSchema, lookUpsFor, type LookUpSettings } from './lookups/settings.ts';
import { compileModuleRules } from './module-rules.ts';
import { compileSchema } from './schema/record-schema.ts';
import { studySchema, type Study } from './study.ts';
import { numberOfGroups } from './subject-groups.ts';
import { demandTaken } from './study/module-of-file.ts';

const givenSchema = z.strictObject({
  /** Files to take in: absolute paths, as a JSON list; or the path of one, or of a folder. */
  source: z.string(),
  /** The source is a folder, and files are yet to come. */
  isWatched: z.boolean().default(false),
  out: z.string(),
  data: z.string(),
  study: studySchema,
  module: z.string().optional(),
  collection: z.string().default('default'),
  /** Who sends the files. */
  site: z.string().default('default'),
  lookUps: lookUpSettingsSchema.prefault({}),
});

export interface FormsConfiguration {
  readonly study: Study;
  /** The module of all files, where a person named it. */
  readonly module?: string | undefined;
  /** The folder that deliveries go to. */
  readonly out: string;
  readonly collection: string;
  readonly site: string;
  readonly lookUps: LookUpSettings;
  /** Subjects are worked through in so many groups: more of them for larger sources. */
  readonly groups: number;
}

/** About so many bytes of a source make a group. */
const GROUP_BYTES = 4 * 1024 * 1024;
/** Of a file that is yet to come. */
const EXPECTED_BYTES = 16 * GROUP_BYTES;

/**
 * @throws SchemaInvalid, RulesInvalid, RequirementsInvalid, IdentifiersNotConfigured,
 *   LookUpNotConfigured, FormFileMissing, the faults of `moduleOfFile`, and those of the file system
 *   about the output
 */
export function configure(given: unknown): FormsConfiguration {
  const {
    source,
    out,
    study,
    module,
    collection,
    site,
    isWatched,
    lookUps: all,
  } = givenSchema.parse(given);
  for (const one of study.modules) {
    compileSchema(one);
    compileModuleRules(one, study.keys);
  }
  const ordered = orderModules(study.modules);
  if (!ordered.ok) {
    throw judgingCodes.fault('RequirementsInvalid', { problems: ordered.problems });
  }
  const files = isWatched ? [] : filesOf(source);
  demandTaken({ study, module }, files);
  const lookUps = lookUpsFor(study, all, site);
  const bytes = isWatched ? EXPECTED_BYTES : measure(files);
  try {
    mkdirSync(out, { recursive: true, mode: 0o750 });
    accessSync(out, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw toFault(error);
  }
  const groups = numberOfGroups(bytes / GROUP_BYTES);
  return { study, module, out: resolve(out), collection, site, lookUps, groups };
}

/** Bytes of all files; each has to be there. */
function measure(files: readonly string[]): number {
  let bytes = 0;
  for (const path of files) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) throw formsCodes.fault('FormFileMissing', {});
    bytes += stat.size;
  }
  return bytes;
}

/** The files of a source: as the command line lists them, or the one that a watcher has met. */
export function filesOf(location: string): string[] {
  if (!location.startsWith('[')) return [location];
  return z.array(z.string()).parse(JSON.parse(location));
}
