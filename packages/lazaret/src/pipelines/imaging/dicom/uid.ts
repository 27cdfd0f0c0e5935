/** New UIDs for old: the same in, the same out, and no way back without the key. */

/** HMAC under the project's key: `domain` keeps the uses of one key apart. At least 16 bytes. */
export type KeyedBytes = (domain: string, value: string) => Uint8Array;

/** PS3.5 section 9.1: components without leading zeros, at most 64 characters in all. */
const VALID_UID = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+$/;
const STANDARD_ROOT = '1.2.840.10008.';

/**
 * Registered UIDs have short components and stay below this length. Beyond it, something else is
 * riding on the standard's root, as test systems and careless devices do.
 */
const STANDARD_UID = /^1\.2\.840\.10008(?:\.\d{1,4}){1,8}$/;
const STANDARD_UID_MAX = 36;

export function isValidUid(uid: string): boolean {
  return uid.length <= 64 && VALID_UID.test(uid);
}

/** A UID of the standard itself (PS3.6 Annex A): SOP classes, transfer syntaxes, context groups. */
export function isStandardUid(uid: string): boolean {
  return uid.startsWith(STANDARD_ROOT) && uid.length <= STANDARD_UID_MAX && STANDARD_UID.test(uid);
}

/**
 * Makes the UID that stands for another one in everything this project gives out, under the root
 * for UUID-derived UIDs (PS3.5 Annex B.2): `2.25.` and 128 bits as a decimal number.
 */
export function replaceUid(uid: string, keyedBytes: KeyedBytes): string {
  const bytes = keyedBytes('dicom-uid', uid);
  if (bytes.length < 16) throw new TypeError('A keyed function must give at least 16 bytes.');
  let number = 0n;
  for (let index = 0; index < 16; index++) {
    let byte = bytes[index] ?? 0;
    // Version 8 and variant of RFC 9562, so that the number is a proper UUID as well.
    if (index === 6) byte = (byte & 0x0f) | 0x80;
    if (index === 8) byte = (byte & 0x3f) | 0x80;
    number = (number << 8n) | BigInt(byte);
  }
  return `2.25.${number.toString(10)}`;
}
