/**
 * Secrets for web services. They are read where they are, when they are needed: a configuration
 * names the place and never holds the secret, because configurations are stored, shown and copied.
 */
import { readFile } from 'node:fs/promises';
import { fault } from './codes.ts';

/** The environment of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the secret is: in a file, else in a variable, else there is none. */
export interface CredentialSettings {
  /** `bearer`: the secret is a token. `basic`: it is `user:password` (RFC 7617). */
  readonly scheme: 'bearer' | 'basic';
  /** An absolute path. */
  readonly tokenFile?: string | undefined;
  readonly tokenEnv?: string | undefined;
}

/** Tokens have at most a few thousand characters; a file of more is another file. */
const MAX_SECRET_LENGTH = 16_384;

/** What a header may hold: anything else could end the header and begin another one. */
const PRINTABLE = /^[\x20-\x7e]+$/;

/**
 * The value of the header `Authorization`, as the secret is now; null where none is configured.
 *
 * @param dependency what people call the service.
 * @throws `CredentialUnusable`
 */
export async function readCredential(
  settings: CredentialSettings,
  env: Environment,
  dependency: string,
): Promise<string | null> {
  const { scheme, tokenFile, tokenEnv } = settings;
  const unusable = (where: string, problem: string, cause?: unknown): Error =>
    fault(
      'CredentialUnusable',
      { dependency, where, problem },
      cause === undefined ? {} : { cause },
    );
  let where: string;
  let secret: string;
  if (tokenFile !== undefined) {
    where = 'the file that `tokenFile` names';
    try {
      secret = await readFile(tokenFile, 'utf8');
    } catch (error) {
      const errno = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      throw unusable(where, `it cannot be read (${errno})`, error);
    }
  } else if (tokenEnv !== undefined) {
    where = `the environment variable ${tokenEnv}`;
    secret = env[tokenEnv] ?? '';
    if (secret === '') throw unusable(where, 'it is not set');
  } else {
    return null;
  }
  secret = secret.trim();
  if (secret === '') throw unusable(where, 'it is empty');
  if (secret.length > MAX_SECRET_LENGTH) throw unusable(where, 'it is too long to be a secret');
  if (!PRINTABLE.test(secret)) throw unusable(where, 'it has characters that no header may have');
  if (scheme === 'bearer') return `Bearer ${secret}`;
  if (!secret.includes(':')) throw unusable(where, 'it is not of the form user:password');
  return `Basic ${Buffer.from(secret, 'utf8').toString('base64')}`;
}
