/**
 * How a record of somebody who was erased is recognised when it comes again, before anything of it
 * is kept: by keyed hashes of whose it is, and of its values.
 */
import { bytesHash, hashOfSubject, isAmong, type ErasedHashes } from '../../../engine/erased.ts';
import type { ProjectKey } from '../../../identity/keys.ts';
import { ValueDigests } from '../history/value-digest.ts';
import type { FormValues } from '../record.ts';
import type { SubjectKeys } from '../study.ts';
import { subjectOf } from '../subject.ts';

/** Digests of records as they arrive, without the id that is looked up for them. */
export class RecordDigests {
  readonly #digests = new ValueDigests();

  /** @param column with the id of the subject */
  of(values: FormValues, column: string): string {
    if (!(column in values)) return this.#digests.of(values);
    const others = Object.entries(values).filter(([name]) => name !== column);
    return this.#digests.of(Object.fromEntries(others));
  }
}

export class ErasedMarks {
  readonly #key: ProjectKey;
  readonly #keys: SubjectKeys;
  readonly #hashes: ErasedHashes;
  readonly #digests = new RecordDigests();

  constructor(key: ProjectKey, keys: SubjectKeys, hashes: ErasedHashes) {
    this.#key = key;
    this.#keys = keys;
    this.#hashes = hashes;
  }

  /** What of the record was erased before; null: nothing. */
  of(values: FormValues): 'subject' | 'bytes' | null {
    const { centre, participant, subject: column } = this.#keys;
    const { subject: subjects, bytes } = this.#hashes;
    if (subjects.length > 0) {
      const subject = subjectOf(values[centre], values[participant]);
      if (isAmong(subjects, hashOfSubject(this.#key, subject))) return 'subject';
    }
    if (bytes.length === 0) return null;
    const digest = this.#digests.of(values, column);
    return isAmong(bytes, bytesHash(this.#key, digest)) ? 'bytes' : null;
  }
}
