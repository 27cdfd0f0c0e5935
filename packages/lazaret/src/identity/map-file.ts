/**
 * The identity map as a file, for a backup or for whoever has the right to go back to patients.
 *
 * Sealed, it is one line of JSON that says what it is, and behind it the entries, encrypted with a
 * secret that is not the project's key: `header \n nonce (12) | ciphertext | tag (16)`. The secret
 * goes through scrypt (RFC 7914), because people choose passphrases, and then AES-256-GCM (NIST SP
 * 800-38D); the header is authenticated with it. In clear text, the entries are in the header's
 * JSON. Only the sealed form can be brought back: the other has no way to show that it was altered.
 */
import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { fault } from './codes.ts';
import type { Random } from './seal.ts';

const hex = (digits: number): z.ZodString => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));

const entrySchema = z.strictObject({
  kind: z.enum(['patient', 'accession']),
  pseudonym: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  origin: hex(64),
  mark: hex(64).nullable(),
  /** What the map keeps sealed: see `IdentityEntry`. */
  original: z.record(z.string().max(64), z.union([z.string().max(2_048), z.int()])),
});

const headerSchema = z.strictObject({
  format: z.literal('lazaret identity map'),
  version: z.literal(1),
  project: z.string().max(64),
  keyId: hex(16),
  exportedAt: z.iso.datetime(),
  entries: z.int().min(0),
  salt: z.base64().length(24),
});

/** An entry of the map with its original in clear. */
export type OpenEntry = z.output<typeof entrySchema>;

export type MapFileHeader = Omit<z.output<typeof headerSchema>, 'salt'>;

/** Larger files would not fit a text of the language; the map of a million patients does. */
export const MAX_MAP_FILE_BYTES = 400 * 1024 * 1024;
/** Most entries of one file, in both directions. */
export const MAX_MAP_ENTRIES = 1_000_000;

const MAX_HEADER_BYTES = 4_096;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** 128 MiB and about half a second a guess. Part of the format's version, so never read from a file. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 192 * 1024 * 1024 } as const;
const MIN_SECRET_LENGTH = 12;
const MAX_SECRET_LENGTH = 4_096;

/** The header of a file of some entries. */
export function mapFileHeader(
  project: string,
  keyId: string,
  entries: number,
  exportedAt: Date,
): MapFileHeader {
  return {
    format: 'lazaret identity map',
    version: 1,
    project,
    keyId,
    exportedAt: exportedAt.toISOString(),
    entries,
  };
}

/** Seals entries with a secret. @throws `IdentitySecretUnusable` */
export async function sealMapFile(
  header: MapFileHeader,
  entries: readonly OpenEntry[],
  secret: string,
  random: Random,
): Promise<Buffer> {
  const salt = random(SALT_BYTES);
  const line = JSON.stringify({ ...header, salt: Buffer.from(salt).toString('base64') });
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await stretch(secret, salt), nonce);
  cipher.setAAD(Buffer.from(line, 'utf8'));
  const sealed = cipher.update(JSON.stringify(entries), 'utf8');
  return Buffer.concat([
    Buffer.from(`${line}\n`, 'utf8'),
    nonce,
    sealed,
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** The file in clear text, for people. It cannot be imported. */
export function clearMapFile(header: MapFileHeader, entries: readonly OpenEntry[]): Buffer {
  return Buffer.from(`${JSON.stringify({ ...header, inClearText: entries }, null, 1)}\n`, 'utf8');
}

/**
 * What a sealed file says about itself, before its secret is tried. It may have been altered: only
 * `openMapFile` shows that it was not.
 *
 * @throws `IdentityFileUnusable`
 */
export function readMapFileHeader(file: Buffer): MapFileHeader {
  return splitFile(file).header;
}

/** Opens a sealed file. @throws `IdentityFileUnusable`, `IdentitySecretUnusable` */
export async function openMapFile(file: Buffer, secret: string): Promise<readonly OpenEntry[]> {
  const { header, salt, line, body } = splitFile(file);
  const decipher = createDecipheriv(
    'aes-256-gcm',
    await stretch(secret, salt),
    body.subarray(0, NONCE_BYTES),
    { authTagLength: TAG_BYTES },
  );
  decipher.setAAD(line);
  decipher.setAuthTag(body.subarray(-TAG_BYTES));
  const plain = decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw unusableMapFile('its secret is another one, or its bytes were changed');
  }
  let json: unknown;
  try {
    json = JSON.parse(plain.toString('utf8'));
  } catch {
    // The parser's own message quotes the text, which holds identifiers: it is not passed on.
    throw unusableMapFile('its content is not that of an identity map');
  }
  const parsed = z.array(entrySchema).max(MAX_MAP_ENTRIES).safeParse(json);
  if (!parsed.success || parsed.data.length !== header.entries) {
    throw unusableMapFile('its content is not that of an identity map');
  }
  return parsed.data;
}

function splitFile(file: Buffer): {
  readonly header: MapFileHeader;
  readonly salt: Buffer;
  readonly line: Buffer;
  readonly body: Buffer;
} {
  const end = file.subarray(0, MAX_HEADER_BYTES).indexOf(0x0a);
  const line = file.subarray(0, Math.max(0, end));
  let json: unknown;
  try {
    json = JSON.parse(line.toString('utf8'));
  } catch {
    throw unusableMapFile('it is no sealed export of an identity map');
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success)
    throw unusableMapFile('it is no sealed export of an identity map that is known here');
  const { salt, ...header } = parsed.data;
  const body = file.subarray(end + 1);
  if (body.length < NONCE_BYTES + TAG_BYTES) throw unusableMapFile('it breaks off');
  return { header, salt: Buffer.from(salt, 'base64'), line, body };
}

const scryptAsync = promisify<string, Uint8Array, number, typeof SCRYPT, Buffer>(scrypt);

async function stretch(secret: string, salt: Uint8Array): Promise<Buffer> {
  if (secret.length < MIN_SECRET_LENGTH) {
    throw unusableSecret(`it has fewer than ${MIN_SECRET_LENGTH} characters`);
  }
  if (secret.length > MAX_SECRET_LENGTH) {
    throw unusableSecret(`it has more than ${MAX_SECRET_LENGTH} characters`);
  }
  return scryptAsync(secret.normalize('NFC'), salt, 32, SCRYPT);
}

/** The fault of a file that is no export, is damaged or cannot be read. */
export function unusableMapFile(problem: string, cause?: unknown): Error {
  return fault('IdentityFileUnusable', { problem }, cause === undefined ? {} : { cause });
}

/** The fault of a secret that is too short, too long or cannot be read. */
export function unusableSecret(problem: string, cause?: unknown): Error {
  return fault('IdentitySecretUnusable', { problem }, cause === undefined ? {} : { cause });
}
