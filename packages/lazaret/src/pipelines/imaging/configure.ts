/** Checks what a person gave for a run of images, before anything else happens. */
import { accessSync, constants, mkdirSync, realpathSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { identitySettingsSchema } from '../../identity/settings.ts';
import { imagingCodes } from './codes.ts';
import { causeOf } from './file.ts';
import { refuseMissing } from './find.ts';
import { defaultPolicy, parsePolicy } from './policy.ts';
import type { ImagingConfiguration } from './tools.ts';

const givenSchema = z.strictObject({
  /** The folder to take in. */
  source: z.string(),
  out: z.string(),
  /** Where the store and the staged files are. */
  data: z.string(),
  /** As it was read from the configuration; the default policy where there is none. */
  policy: z.unknown().optional(),
  /** The identifier service; the embedded one where nobody says. */
  identity: identitySettingsSchema.optional(),
  copies: z
    .strictObject({ keep: z.enum(['never', 'onError', 'always']), maxBytes: z.int().min(0) })
    .optional(),
});

/** @throws PolicyInvalid, SourceMissing, FoldersOverlap, OutputNotUsable */
export function configure(given: unknown): ImagingConfiguration {
  const { source, out, data, policy, identity, copies } = givenSchema.parse(given);
  const checked = policy === undefined ? defaultPolicy() : parsePolicy(policy);
  // In this order, so that a wrong source leaves no folder behind.
  refuseMissing(source);
  refuseOverlap(source, out, data);
  try {
    mkdirSync(out, { recursive: true, mode: 0o750 });
    accessSync(out, constants.W_OK | constants.X_OK);
  } catch (error) {
    const cause = causeOf(error);
    if (cause === null) throw error;
    throw imagingCodes.fault('OutputNotUsable', { cause: cause.text }, { cause: error });
  }
  return {
    policy: checked,
    out: resolve(out),
    ...(identity === undefined ? {} : { identity }),
    ...(copies === undefined ? {} : { copies }),
  };
}

function refuseOverlap(source: string, out: string, data: string): void {
  const places = { source: real(source), output: real(out), data: real(data) };
  const pairs = [
    ['output', 'source'],
    ['data', 'source'],
    ['source', 'output'],
    ['source', 'data'],
    ['output', 'data'],
  ] as const;
  for (const [inner, outer] of pairs) {
    if (contains(places[outer], places[inner])) {
      throw imagingCodes.fault('FoldersOverlap', { inner, outer });
    }
  }
}

/** The real path, of its nearest ancestor that exists where it does not exist itself. */
function real(path: string): string {
  const full = resolve(path);
  try {
    return realpathSync(full);
  } catch (error) {
    if (causeOf(error) === null || dirname(full) === full) throw error;
    return resolve(real(dirname(full)), relative(dirname(full), full));
  }
}

function contains(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}
