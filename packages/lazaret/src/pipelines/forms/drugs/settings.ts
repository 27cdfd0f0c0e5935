/** Which service answers about the codes of drugs, as it stands in a configuration. */
import { z } from 'zod';
import { canonicalAddress } from '../../../web-service/address.ts';
import { refuseUnsafe, serviceSettings } from '../../../web-service/service-settings.ts';

/** The name under which people and the engine know it. */
export const DRUG_SERVICE = 'the drug service';

const drugSchema = z.strictObject({
  mode: z.literal('http').describe('The REST interface of RxNav is asked, or a copy of it.'),
  url: z
    .string()
    .max(2_000)
    .describe('Its address, such as `https://rxnav.nlm.nih.gov/REST`. Part of the recipe.'),
  contact: z.string().min(1).max(200).describe('Who is asked when the service fails.'),
  lanes: z
    .int()
    .min(1)
    .max(8)
    .default(2)
    .describe('Requests under way at a time; one request is about one code.'),
  cacheDays: z
    .int()
    .min(1)
    .max(3_650)
    .default(30)
    .describe('How long an answer is used before it is asked for again.'),
  cacheCodes: z
    .int()
    .min(100)
    .max(1_000_000)
    .default(50_000)
    .describe('Codes of which answers are kept; beyond it the oldest are forgotten.'),
  ...serviceSettings,
});

/** `forms.drugs` of a configuration. */
export const drugSettingsSchema = drugSchema.superRefine(refuseUnsafe);

export type DrugSettings = z.output<typeof drugSettingsSchema>;

/** Names of the settings, for the nearest one to a misspelt one. */
export const DRUG_SETTING_NAMES: readonly string[] = Object.keys(drugSchema.shape);

/** What of the settings determines a result. */
export function drugRecipe(settings: DrugSettings | undefined): unknown {
  return settings === undefined ? null : { url: canonicalAddress(settings.url) };
}
