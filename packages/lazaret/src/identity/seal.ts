/**
 * A sealed value: `version (1) | key id (8) | nonce (12) | ciphertext | tag (16)`, AES-256-GCM
 * (NIST SP 800-38D). Version, key id and the context are authenticated as well, so a value that is
 * moved to another row, or comes from another project, does not open.
 *
 * Nonces are random, which SP 800-38D section 8.3 allows for up to 2^32 values under one key. The
 * identity map of a project stays far below that: it holds one value per patient and accession.
 */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { assert } from '@lazaret/faults';
import { fault } from './codes.ts';

/** Gives `length` random bytes, unpredictable ones. */
export type Random = (length: number) => Uint8Array;

const VERSION = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;

/** Bytes that sealing adds to a value. */
export const SEAL_OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

export interface Sealer {
  readonly keyId: string;
  /** 32 bytes, derived for sealing and used for nothing else. */
  readonly cipherKey: KeyObject;
  readonly random: Random;
}

/**
 * Seals bytes for one place.
 *
 * @param context names the place the value is kept in (table, column, row); opening it needs the
 *   same one. It is authenticated but not stored.
 */
export function seal(sealer: Sealer, plain: Uint8Array, context: string): Uint8Array {
  const nonce = sealer.random(NONCE_BYTES);
  assert(nonce.length === NONCE_BYTES, 'the random source gave another number of bytes');
  const header = headerOf(sealer.keyId);
  const cipher = createCipheriv('aes-256-gcm', sealer.cipherKey, nonce);
  cipher.setAAD(Buffer.concat([header, Buffer.from(context, 'utf8')]));
  return Buffer.concat([header, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens a sealed value.
 *
 * @throws `SealKeyDiffers` where it was sealed with another project's key; `SealDamaged` where its
 *   bytes were changed, cut or moved to another place.
 */
export function unseal(sealer: Sealer, sealed: Uint8Array, context: string): Uint8Array {
  if (sealed.length < SEAL_OVERHEAD_BYTES) throw damaged('it is too short', sealed);
  if (sealed[0] !== VERSION) throw damaged('its version is unknown', sealed);
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const found = bytes.toString('hex', 1, HEADER_BYTES);
  if (found !== sealer.keyId) {
    throw fault('SealKeyDiffers', { expected: sealer.keyId, found });
  }
  const nonceEnd = HEADER_BYTES + NONCE_BYTES;
  const tagStart = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv(
    'aes-256-gcm',
    sealer.cipherKey,
    bytes.subarray(HEADER_BYTES, nonceEnd),
    // A shorter tag would be easier to forge, and Node takes shorter ones unless told the length.
    { authTagLength: TAG_BYTES },
  );
  decipher.setAAD(Buffer.concat([bytes.subarray(0, HEADER_BYTES), Buffer.from(context, 'utf8')]));
  decipher.setAuthTag(bytes.subarray(tagStart));
  const plain = decipher.update(bytes.subarray(nonceEnd, tagStart));
  try {
    decipher.final();
  } catch (cause) {
    throw damaged('its bytes or its place were changed', sealed, cause);
  }
  return plain;
}

/** Seals a value as JSON. `undefined` and functions have no JSON and are a bug of the caller. */
export function sealJson(sealer: Sealer, value: unknown, context: string): Uint8Array {
  const text: string | undefined = JSON.stringify(value);
  assert(text !== undefined, 'a value without a JSON form cannot be sealed');
  return seal(sealer, Buffer.from(text, 'utf8'), context);
}

/** Opens what `sealJson` sealed. @throws as `unseal`. */
export function unsealJson(sealer: Sealer, sealed: Uint8Array, context: string): unknown {
  const plain = unseal(sealer, sealed, context);
  try {
    return JSON.parse(Buffer.from(plain).toString('utf8')) as unknown;
  } catch {
    // The parser's own message quotes the text, which is what was sealed: it is not passed on.
    throw damaged('it is not JSON', sealed);
  }
}

function headerOf(keyId: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = VERSION;
  const written = header.write(keyId, 1, 'hex');
  assert(written === KEY_ID_BYTES, 'a key id has 16 hexadecimal digits');
  return header;
}

function damaged(reason: string, sealed: Uint8Array, cause?: unknown): Error {
  return fault(
    'SealDamaged',
    { reason, sizeBytes: sealed.length },
    cause === undefined ? {} : { cause },
  );
}
