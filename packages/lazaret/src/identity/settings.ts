/** Which identifier service a project has, as it stands in the configuration. */
import type { Dependency } from '../engine/pipeline.ts';
import { canonicalAddress } from '../web-service/address.ts';
import { dependencyOf, refuseUnsafe, serviceSettings } from '../web-service/service-settings.ts';
import { z } from 'zod';

/** The name under which people and the engine know the service that is asked over HTTP. */
export const IDENTIFIER_SERVICE = 'the identifier service';

const MAX_ISSUERS = 1_000;

const embeddedSchema = z.strictObject({
  kind: z
    .literal('embedded')
    .describe('Pseudonyms and date shifts come from the key of the project; nobody is asked.'),
});

const httpSchema = z.strictObject({
  kind: z.literal('http').describe('A service is asked over HTTP, in the shape of DASHER.'),
  url: z.string().max(2_000).describe('Where requests are posted to. Part of the recipe.'),
  contact: z.string().min(1).max(200).describe('Who is asked when the service fails.'),
  patientSource: z
    .string()
    .min(1)
    .max(200)
    .describe('`id_source` of patient ids, such as `Stanford MRN`. Part of the recipe.'),
  accessionSource: z
    .string()
    .min(1)
    .max(200)
    .describe('`id_source` of accession numbers, such as `DCM Accession #`. Part of the recipe.'),
  issuerSources: z
    .record(z.string().min(1).max(200), z.string().min(1).max(200))
    .refine((sources) => Object.keys(sources).length <= MAX_ISSUERS, `has too many issuers`)
    .optional()
    .describe('`id_source` of patient ids by their issuer, where it is another one.'),
  ...serviceSettings,
});

/** The part `identity` of a configuration. The reference page is made from it. */
export const identitySettingsSchema = z
  .discriminatedUnion('kind', [embeddedSchema, httpSchema])
  .superRefine((settings, context) => {
    if (settings.kind === 'embedded') return;
    refuseUnsafe(settings, context);
  });

export type IdentitySettings = z.output<typeof identitySettingsSchema>;

/** The names of all settings, for the nearest one to a misspelt one. */
export const IDENTITY_SETTING_NAMES: readonly string[] = Object.keys(httpSchema.shape);

/**
 * What of the settings determines a result; null for the embedded service, whose results depend on
 * the key and the rules alone. Secrets, time-outs and contacts change no pseudonym.
 */
export function identityRecipe(settings: IdentitySettings | undefined): unknown {
  if (settings === undefined || settings.kind === 'embedded') return null;
  const { kind, url, patientSource, accessionSource, issuerSources } = settings;
  return {
    kind,
    url: canonicalAddress(url),
    patientSource,
    accessionSource,
    issuerSources: issuerSources ?? {},
  };
}

/** The service that a run with these settings calls, with its retries and its gate. */
export function identityDependencies(
  settings: IdentitySettings | undefined,
): readonly Dependency[] {
  if (settings === undefined || settings.kind === 'embedded') return [];
  return [dependencyOf(IDENTIFIER_SERVICE, settings)];
}
