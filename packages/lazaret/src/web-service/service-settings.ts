/**
 * What is configured about a web service that runs call, whatever it is asked: where its secret is,
 * how long an answer is waited for, how often a call is repeated, and when the run pauses for it.
 */
import { z } from 'zod';
import type { Dependency } from '../engine/pipeline.ts';
import { addressProblem } from './address.ts';

/** The settings that every service has, for the schema of one. */
export const serviceSettings = {
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
};

/** A service as it is configured. */
export interface ServiceSettings extends z.output<z.ZodObject<typeof serviceSettings>> {
  readonly url: string;
  /** Who is asked when the service fails. */
  readonly contact: string;
}

/** Adds what is wrong with an address or with the place of a secret to the problems of a schema. */
export function refuseUnsafe(
  settings: Pick<ServiceSettings, 'url' | 'allowPlainHttp' | 'tokenFile' | 'tokenEnv'>,
  context: z.RefinementCtx,
): void {
  const problem = addressProblem(settings.url, settings.allowPlainHttp);
  if (problem !== null) context.addIssue({ code: 'custom', path: ['url'], message: problem });
  if (settings.tokenFile !== undefined && settings.tokenEnv !== undefined) {
    const message = 'must not stand beside tokenFile: one place for the secret';
    context.addIssue({ code: 'custom', path: ['tokenEnv'], message });
  }
}

/** The service as the engine calls it: with its retries and behind its gate. */
export function dependencyOf(name: string, settings: ServiceSettings): Dependency {
  const { contact, attempts, backoffMs, maxBackoffMs, timeoutMs, pauseAfter, pauseMs } = settings;
  return {
    name,
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
  };
}
