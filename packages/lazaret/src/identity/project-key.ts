import { createHash, createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { assert } from '@lazaret/faults';
import { seal, sealJson, unseal, unsealJson, type Random, type Sealer } from './seal.ts';

export const SECRET_BYTES = 32;

/** Domains are a handful of constants; a caller with more puts values where names belong. */
const MAX_DOMAINS = 256;

/** Changing a prefix changes every pseudonym of every project: it never happens. */
const KEY_ID_PREFIX = 'lazaret/project-key-id/v1\0';
const KEYED_PREFIX = 'lazaret/project-key/v1/keyed/';
const SEAL_INFO = 'lazaret/project-key/v1/seal';

/**
 * A project's one secret, and what can be done with it. The secret itself is in a private field:
 * printing, logging or serialising the object shows the key's id alone.
 */
export class ProjectKey {
  /** 16 hexadecimal digits. Says which key it is and nothing about it; outputs carry it. */
  readonly keyId: string;
  readonly #secret: Uint8Array;
  readonly #subkeys = new Map<string, KeyObject>();
  readonly #sealer: Sealer;

  constructor(secret: Uint8Array, random: Random) {
    assert(secret.length === SECRET_BYTES, 'a project key has 32 bytes');
    this.#secret = Uint8Array.from(secret);
    this.keyId = keyIdOf(secret);
    this.#sealer = { keyId: this.keyId, cipherKey: derive(this.#secret, SEAL_INFO), random };
  }

  /**
   * HMAC-SHA-256 of a value under the subkey of a domain (HKDF, RFC 5869): 32 bytes. The same
   * value in two domains gives unrelated bytes, so one use never tells about another.
   *
   * @param domain a constant that names the use, such as `patient`; never a value.
   */
  keyedBytes(domain: string, value: string): Uint8Array {
    let subkey = this.#subkeys.get(domain);
    if (subkey === undefined) {
      assert(this.#subkeys.size < MAX_DOMAINS, 'a domain is a constant, not a value');
      subkey = derive(this.#secret, KEYED_PREFIX + domain);
      this.#subkeys.set(domain, subkey);
    }
    return createHmac('sha256', subkey).update(value, 'utf8').digest();
  }

  /** See `seal` in `seal.ts`. */
  seal(plain: Uint8Array, context: string): Uint8Array {
    return seal(this.#sealer, plain, context);
  }

  /** @throws `SealDamaged`, `SealKeyDiffers` */
  unseal(sealed: Uint8Array, context: string): Uint8Array {
    return unseal(this.#sealer, sealed, context);
  }

  sealJson(value: unknown, context: string): Uint8Array {
    return sealJson(this.#sealer, value, context);
  }

  /** @throws `SealDamaged`, `SealKeyDiffers` */
  unsealJson(sealed: Uint8Array, context: string): unknown {
    return unsealJson(this.#sealer, sealed, context);
  }

  toJSON(): { readonly keyId: string } {
    return { keyId: this.keyId };
  }

  [inspect.custom](): string {
    return `ProjectKey(${this.keyId})`;
  }

  /** Use `secretOf`: kept here because only the class can see its private field. */
  static reveal(key: ProjectKey): Uint8Array {
    return Uint8Array.from(key.#secret);
  }
}

/**
 * The 32 bytes of the secret, to be handed to a worker thread of the same process and nowhere
 * else. A copy: it may be transferred.
 */
export function secretOf(key: ProjectKey): Uint8Array {
  return ProjectKey.reveal(key);
}

/** The key of a secret, as on a worker thread that was handed one. */
export function projectKeyFrom(secret: Uint8Array, random: Random = randomBytes): ProjectKey {
  return new ProjectKey(secret, random);
}

/** First 16 hexadecimal digits of SHA-256 over a fixed prefix and the secret. */
export function keyIdOf(secret: Uint8Array): string {
  return createHash('sha256').update(KEY_ID_PREFIX).update(secret).digest('hex').slice(0, 16);
}

function derive(secret: Uint8Array, info: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', info, 32)));
}
