/** Where the ids of subjects come from, and which centres there are, as it stands in a configuration. */
import { z } from 'zod';
import { canonicalAddress } from '../../../web-service/address.ts';
import { refuseUnsafe, serviceSettings } from '../../../web-service/service-settings.ts';

/** The name under which people and the engine know the service that is asked over HTTP. */
export const SUBJECT_SERVICE = 'the identifier service';

const embeddedSchema = z.strictObject({
  mode: z
    .literal('embedded')
    .describe('Ids come from the table that `lazaret identifiers load` has loaded.'),
});

const httpSchema = z.strictObject({
  mode: z.literal('http').describe('A service is asked over HTTP, as the guide describes it.'),
  url: z.string().max(2_000).describe('Where questions are posted to. Part of the recipe.'),
  contact: z.string().min(1).max(200).describe('Who is asked when the service fails.'),
  atOnce: z
    .int()
    .min(1)
    .max(5_000)
    .default(500)
    .describe('Participants asked about in one request.'),
  ...serviceSettings,
});

/** `forms.identifiers` of a configuration. */
export const identifierSettingsSchema = z
  .discriminatedUnion('mode', [embeddedSchema, httpSchema])
  .superRefine((settings, context) => {
    if (settings.mode === 'http') refuseUnsafe(settings, context);
  });

export type IdentifierSettings = z.output<typeof identifierSettingsSchema>;

/** Names of the settings, for the nearest one to a misspelt one. */
export const IDENTIFIER_SETTING_NAMES: readonly string[] = Object.keys(httpSchema.shape);

export const centreSchema = z.strictObject({
  adcid: z.int().min(0).max(999_999_999).describe('The number of the centre.'),
  name: z.string().min(1).max(200).optional().describe('What people call it, for messages.'),
  site: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('The site that sends its data: its own centre, to rules that ask.'),
});

export const CENTRE_SETTING_NAMES: readonly string[] = Object.keys(centreSchema.shape);

/** `forms.centres` of a configuration: each number once, and each site. */
export const centresSchema = z
  .array(centreSchema)
  .min(1)
  .max(10_000)
  .superRefine((centres, context) => {
    for (const key of ['adcid', 'site'] as const) {
      const seen = new Set<unknown>();
      for (const [at, centre] of centres.entries()) {
        const value = centre[key];
        if (value !== undefined && seen.has(value)) {
          const message = `stands twice: ${value}`;
          context.addIssue({ code: 'custom', path: [at, key], message });
        }
        seen.add(value);
      }
    }
  });

export type Centre = z.output<typeof centreSchema>;

/** What of the settings determines a result. */
export function identifierRecipe(settings: IdentifierSettings | undefined): unknown {
  if (settings === undefined || settings.mode === 'embedded') return settings?.mode ?? null;
  return { mode: settings.mode, url: canonicalAddress(settings.url) };
}
