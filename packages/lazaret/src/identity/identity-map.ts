import { fault } from './codes.ts';
import type { ProjectKey } from './project-key.ts';
import type { IdentifierKind } from './service.ts';

/** One line of the identity map: the only place that keeps an original identifier, and sealed. */
export interface IdentityEntry {
  readonly kind: IdentifierKind;
  readonly pseudonym: string;
  /**
   * JSON of the original, sealed with `identityContext` as its context. Of the embedded service:
   * `{ id, issuer? }` of a patient, `{ id, patient }` of an accession, with the patient's pseudonym.
   * Of a service that was asked: `{ id, issuer?, source, shiftDays }` and `{ id, source }`.
   */
  readonly sealed: Uint8Array;
  readonly keyId: string;
  /**
   * 64 hexadecimal digits: the keyed hash of the identifier. Sealing the same identifier twice
   * gives different bytes, so this is what tells a repeat from a collision.
   */
  readonly origin: string;
  /**
   * 64 hexadecimal digits: the keyed hash of what a service answered, see `answerMark`. Null for
   * the embedded service, whose answers follow from the key.
   */
  readonly mark: string | null;
}

export interface IdentityMap {
  /**
   * Keeps entries, all of them or none; one that is there already stays as it is. Kept are (keyId,
   * kind, pseudonym), and `refuseChange` is called with all that is there of the same pseudonyms
   * and origins.
   *
   * @throws `PseudonymCollision`, `IdentityContradiction`, and the store's faults
   */
  remember(entries: readonly IdentityEntry[]): Promise<void>;
}

/** What a kept entry is compared by. */
export type KeptEntry = Pick<IdentityEntry, 'keyId' | 'kind' | 'pseudonym' | 'origin' | 'mark'>;

/** How an entry stands to what is kept. */
export type Standing = 'new' | 'known' | 'collision' | 'other pseudonym' | 'other shift';

/** Compares an entry with all that is kept of the same key. */
export function compareKept(entry: KeptEntry, kept: readonly KeptEntry[]): Standing {
  const own = kept.filter(({ keyId, kind }) => keyId === entry.keyId && kind === entry.kind);
  const same = own.find(({ pseudonym }) => pseudonym === entry.pseudonym);
  if (same !== undefined && same.origin !== entry.origin) return 'collision';
  if (
    own.some(({ origin, pseudonym }) => origin === entry.origin && pseudonym !== entry.pseudonym)
  ) {
    return 'other pseudonym';
  }
  if (same === undefined) return 'new';
  return same.mark !== null && entry.mark !== null && same.mark !== entry.mark
    ? 'other shift'
    : 'known';
}

/**
 * Refuses an entry that contradicts what is kept.
 *
 * @throws `PseudonymCollision` where the pseudonym stands for somebody else; `IdentityContradiction`
 *   where the identifier has another pseudonym, or the patient another date shift
 */
export function refuseChange(entry: KeptEntry, kept: readonly KeptEntry[]): void {
  const { kind, keyId } = entry;
  const standing = compareKept(entry, kept);
  if (standing === 'collision') throw fault('PseudonymCollision', { kind, keyId });
  if (standing === 'other pseudonym' || standing === 'other shift') {
    const what = standing === 'other shift' ? 'date shift' : 'pseudonym';
    throw contradiction(kind, what, 'before');
  }
}

/** @param when in words: `before`, or `in the same answer`. */
export function contradiction(kind: IdentifierKind, what: string, when: string): Error {
  return fault('IdentityContradiction', { kind, what, when });
}

/**
 * Says what a service answered without telling it: the shift of a patient is half of the way back
 * to the dates, and does not stand in the store in clear.
 *
 * @param shiftDays null for accessions.
 */
export function answerMark(
  key: ProjectKey,
  origin: string,
  pseudonym: string,
  shiftDays: number | null,
): string {
  const answer = JSON.stringify([origin, pseudonym, shiftDays]);
  return Buffer.from(key.keyedBytes('identity-answer', answer)).toString('hex');
}

/** What an entry is sealed for: a value that was moved to another row does not open. */
export function identityContext(kind: IdentifierKind, pseudonym: string): string {
  return `identity-map/${kind}/${pseudonym}`;
}
