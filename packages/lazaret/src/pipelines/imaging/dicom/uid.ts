/** New UIDs for old: the same in, the same out, and no way back without the key. */
import facts from './facts/standard-uids.json' with { type: 'json' };

/** HMAC under the project's key: `domain` keeps the uses of one key apart. At least 16 bytes. */
export type KeyedBytes = (domain: string, value: string) => Uint8Array;

/** PS3.5 section 9.1: components without leading zeros, at most 64 characters in all. */
const VALID_UID = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+$/;
/**
 * Arcs under which the standard registers UIDs. What it adds to them later is a number of three digits
 * at most (four for context groups, PS3.6 table A-3): too few for anybody's identifier.
 */
const arcs = new Set(['6.1', ...facts.uids.map((uid) => uid.slice(0, uid.lastIndexOf('.')))]);
const LAST_COMPONENT = /^(.+)\.(?:\d{1,3}|(?<=^6\.1\.)\d{4})$/;

export function isValidUid(uid: string): boolean {
  return uid.length <= 64 && VALID_UID.test(uid);
}

/**
 * A UID of the standard itself (PS3.6 Annex A): SOP classes, transfer syntaxes, context groups. Its
 * root alone proves nothing: test systems and careless devices put numbers of their own behind it.
 */
export function isStandardUid(uid: string): boolean {
  if (!uid.startsWith(facts.root)) return false;
  const [, arc] = LAST_COMPONENT.exec(uid.slice(facts.root.length)) ?? [];
  return arc !== undefined && arcs.has(arc);
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
