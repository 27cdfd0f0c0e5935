import { fault } from './codes.ts';
import type { IdentifierKind } from './service.ts';

/** One line of the identity map: the only place that keeps an original identifier, and sealed. */
export interface IdentityEntry {
  readonly kind: IdentifierKind;
  readonly pseudonym: string;
  /**
   * JSON `{ id, issuer? }` of a patient, `{ id, patient }` of an accession (with the patient's
   * pseudonym), sealed with `identityContext` as its context.
   */
  readonly sealed: Uint8Array;
  readonly keyId: string;
  /**
   * 64 hexadecimal digits: the keyed hash that the pseudonym is the beginning of. Sealing the same
   * identifier twice gives different bytes, so this is what tells a repeat from a collision.
   */
  readonly origin: string;
}

export interface IdentityMap {
  /**
   * Keeps entries; one that is there already stays as it is. Kept are (keyId, kind, pseudonym),
   * with `refuseCollision` called where that is there with another origin.
   *
   * @throws `PseudonymCollision`, and the store's faults
   */
  remember(entries: readonly IdentityEntry[]): Promise<void>;
}

/**
 * To be called with the origin that is kept already for the same key, kind and pseudonym.
 *
 * @throws `PseudonymCollision` where it is another one
 */
export function refuseCollision(entry: IdentityEntry, keptOrigin: string): void {
  if (entry.origin !== keptOrigin) {
    throw fault('PseudonymCollision', { kind: entry.kind, keyId: entry.keyId });
  }
}

/** What an entry is sealed for: a value that was moved to another row does not open. */
export function identityContext(kind: IdentifierKind, pseudonym: string): string {
  return `identity-map/${kind}/${pseudonym}`;
}
