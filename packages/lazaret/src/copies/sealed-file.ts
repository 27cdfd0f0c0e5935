/**
 * A sealed file: `version (1) | key id (8) | salt (32) | chunks`, each chunk up to 1 MiB of content
 * as AES-256-GCM with its tag. Every file has a key of its own, made from the project's key and the
 * salt, so that counters may be nonces. A nonce says whether its chunk is the last one, so a file
 * that was cut short, or whose chunks were put in another order, does not open (the STREAM
 * construction of Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015). Any part of it can be read
 * without the rest, and no content ever lies on the disk in clear.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { FileSource } from '../bytes/byte-source.ts';
import type { ProjectKey } from '../identity/keys.ts';
import type { Random } from '../identity/seal.ts';

const VERSION = 1;
const KEY_ID_BYTES = 8;
const SALT_BYTES = 32;
const HEADER_BYTES = 1 + KEY_ID_BYTES + SALT_BYTES;
const TAG_BYTES = 16;
export const CHUNK_BYTES = 1024 * 1024;

/** Writes content sealed. @returns the bytes of the file. */
export async function writeSealed(
  file: FileHandle,
  key: ProjectKey,
  random: Random,
  content: AsyncIterable<Uint8Array>,
): Promise<number> {
  const header = Buffer.concat([
    Buffer.of(VERSION),
    Buffer.from(key.keyId, 'hex'),
    random(SALT_BYTES),
  ]);
  const fileKey = fileKeyOf(key, header);
  let written = HEADER_BYTES;
  await file.writeFile(header);
  let index = 0;
  const write = async (plain: Uint8Array, isLast: boolean): Promise<void> => {
    const cipher = createCipheriv('aes-256-gcm', fileKey, nonceOf(index, isLast));
    cipher.setAAD(header);
    const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    await file.writeFile(sealed);
    written += sealed.length;
    index += 1;
  };
  let waiting = Buffer.alloc(0);
  for await (const part of content) {
    waiting = Buffer.concat([waiting, part]);
    // One byte more than a chunk: until then it might be the last.
    while (waiting.length > CHUNK_BYTES) {
      await write(waiting.subarray(0, CHUNK_BYTES), false);
      waiting = waiting.subarray(CHUNK_BYTES);
    }
  }
  await write(waiting, true);
  return written;
}

/**
 * Opens a sealed file for reading anywhere in it. Synchronous, for worker threads.
 * @throws SealedFileDamaged, then and at every read; and what `node:fs` throws.
 */
export function openSealed(path: string, key: ProjectKey): FileSource {
  const descriptor = openSync(path, 'r');
  try {
    const fileSize = fstatSync(descriptor).size;
    const header = readAt(descriptor, 0, HEADER_BYTES);
    if (header.length < HEADER_BYTES || header[0] !== VERSION) throw damaged('it has no header');
    if (header.toString('hex', 1, 1 + KEY_ID_BYTES) !== key.keyId) {
      throw damaged('it was sealed with another key');
    }
    const sealedBytes = fileSize - HEADER_BYTES;
    const chunks = Math.ceil(sealedBytes / (CHUNK_BYTES + TAG_BYTES));
    const size = sealedBytes - chunks * TAG_BYTES;
    if (chunks === 0 || size < 0) throw damaged('it is too short');
    const fileKey = fileKeyOf(key, header);
    let at = -1;
    let chunk: Uint8Array = new Uint8Array(0);
    const load = (index: number): Uint8Array => {
      if (index === at) return chunk;
      const sealed = readAt(
        descriptor,
        HEADER_BYTES + index * (CHUNK_BYTES + TAG_BYTES),
        CHUNK_BYTES + TAG_BYTES,
      );
      chunk = unseal(fileKey, header, sealed, index, index === chunks - 1);
      at = index;
      return chunk;
    };
    // The last chunk shows that nothing was cut off.
    load(chunks - 1);
    return {
      size,
      read(offset, length) {
        const end = Math.min(offset + length, size);
        if (offset >= end) return new Uint8Array(0);
        const first = Math.floor(offset / CHUNK_BYTES);
        const within = offset - first * CHUNK_BYTES;
        const part = load(first).subarray(within, within + end - offset);
        if (part.length === end - offset) return part;
        const bytes = new Uint8Array(end - offset);
        bytes.set(part);
        for (let filled = part.length, index = first + 1; filled < bytes.length; index += 1) {
          const next = load(index).subarray(0, bytes.length - filled);
          bytes.set(next, filled);
          filled += next.length;
        }
        return bytes;
      },
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function unseal(
  fileKey: Uint8Array,
  header: Uint8Array,
  sealed: Buffer,
  index: number,
  isLast: boolean,
): Uint8Array {
  if (sealed.length < TAG_BYTES) throw damaged('it is too short');
  const tagStart = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', fileKey, nonceOf(index, isLast), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(header);
  decipher.setAuthTag(sealed.subarray(tagStart));
  const plain = decipher.update(sealed.subarray(0, tagStart));
  try {
    decipher.final();
  } catch (cause) {
    throw damaged('its bytes were changed, or it was cut short', cause);
  }
  return plain;
}

/** HMAC of the salt under a subkey of the project's: 32 bytes, for this file alone. */
function fileKeyOf(key: ProjectKey, header: Buffer): Uint8Array {
  return key.keyedBytes('copy-content', header.toString('hex', 1 + KEY_ID_BYTES));
}

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce[0] = isLast ? 1 : 0;
  nonce.writeBigUInt64BE(BigInt(index), 4);
  return nonce;
}

function readAt(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** A sealed file that does not open. It is the item's trouble, so no fault of the batch's. */
export class SealedFileDamaged extends Error {
  override readonly name = 'SealedFileDamaged';
}

function damaged(reason: string, cause?: unknown): SealedFileDamaged {
  return new SealedFileDamaged(reason, cause === undefined ? {} : { cause });
}
