/** What an alert says of a person: sealed where it is stored, and opened where somebody asks. */
import type { ProjectKey } from '../../../identity/keys.ts';

/** What a rule said, and the values that it read. */
export interface AlertDetail {
  /** Centre and participant. */
  readonly subject: string;
  readonly visit: string;
  /** In plain words, without a value of the record. */
  readonly message: string;
  readonly values: readonly {
    /** `current`, `previous` or `initial`. */
    readonly visit: string;
    readonly field: string;
    readonly value: unknown;
  }[];
}

const CONTEXT = 'forms-alert';

export function sealDetail(key: ProjectKey, detail: AlertDetail): Uint8Array {
  return key.sealJson(detail, CONTEXT);
}

/** @throws SealDamaged, SealKeyDiffers */
export function openDetail(key: ProjectKey, sealed: Uint8Array): AlertDetail {
  return key.unsealJson(sealed, CONTEXT) as AlertDetail;
}
