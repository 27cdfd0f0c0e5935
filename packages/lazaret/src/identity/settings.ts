/** Which identifier service a project has, as it stands in the configuration. */
import type { Dependency } from '../engine/pipeline.ts';
import { addressProblem, canonicalAddress } from '../web-service/address.ts';
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
  tokenFile: z.string().min(1).optional().describe('The file that holds the secret.'),
  tokenEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable')
    .optional()
    .describe('The environment variable that holds the secret.'),
  scheme: z
    .enum(['bearer', 'basic'])
    .default('bearer')
    .describe('What the secret is: a token, or user:password.'),
  allowPlainHttp: z
    .boolean()
    .default(false)
    .describe('Lets identifiers cross a network without encryption.'),
  timeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(30_000)
    .describe('For one request, up to the last byte of its answer.'),
  attempts: z.int().min(1).max(20).default(5).describe('Of one request, the first included.'),
  backoffMs: z.int().min(1).max(60_000).default(500).describe('First wait; it doubles from there.'),
  maxBackoffMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(120_000)
    .describe('Longest wait, also where Retry-After asks for more.'),
  pauseAfter: z
    .int()
    .min(1)
    .max(1_000)
    .default(2)
    .describe('So many failures, each after all attempts, pause the run.'),
  pauseMs: z
    .int()
    .min(10)
    .max(3_600_000)
    .default(30_000)
    .describe('How long a pause lasts before the service is tried again.'),
});

/** The part `identity` of a configuration. The reference page is made from it. */
export const identitySettingsSchema = z
  .discriminatedUnion('kind', [embeddedSchema, httpSchema])
  .superRefine((settings, context) => {
    if (settings.kind === 'embedded') return;
    const problem = addressProblem(settings.url, settings.allowPlainHttp);
    if (problem !== null) context.addIssue({ code: 'custom', path: ['url'], message: problem });
    if (settings.tokenFile !== undefined && settings.tokenEnv !== undefined) {
      const message = 'must not stand beside tokenFile: one place for the secret';
      context.addIssue({ code: 'custom', path: ['tokenEnv'], message });
    }
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
  const { contact, attempts, backoffMs, maxBackoffMs, timeoutMs, pauseAfter, pauseMs } = settings;
  return [
    {
      name: IDENTIFIER_SERVICE,
      contact,
      policy: {
        attempts,
        baseMs: backoffMs,
        capMs: maxBackoffMs,
        // Two lanes of one process that come back together are no herd, but other processes are.
        jitter: 'full',
        timeoutMs,
      },
      gate: { minimumCalls: pauseAfter, openMs: pauseMs, probes: 1, probeMs: 2 * timeoutMs },
    },
  ];
}
