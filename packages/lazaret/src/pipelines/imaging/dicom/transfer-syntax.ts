import type { TransferSyntax } from './element.ts';

export const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const EXPLICIT_BIG_ENDIAN = '1.2.840.10008.1.2.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';

/** Deflated syntaxes and what the same data set is called when it is not deflated (PS3.5 A.5, A.6). */
const INFLATED: Readonly<Record<string, string>> = {
  [DEFLATED]: EXPLICIT_LITTLE_ENDIAN,
  '1.2.840.10008.1.2.4.95': '1.2.840.10008.1.2.4.94',
  '1.2.840.10008.1.2.4.205': '1.2.840.10008.1.2.4.204',
};

/** Explicit little-endian, with no pixels in the file but a reference to a server (PS3.5 A.6). */
const REFERENCED = new Set(['1.2.840.10008.1.2.4.94', '1.2.840.10008.1.2.4.204']);

/** Encapsulated, outside the arc 1.2.840.10008.1.2.4: RLE, uncompressed frames, deflated frames. */
const ENCAPSULATED = new Set([
  '1.2.840.10008.1.2.5',
  '1.2.840.10008.1.2.1.98',
  '1.2.840.10008.1.2.8.1',
]);

/** MIME, XML and real-time video: there is no data set to be read (PS3.5 annex A). */
const NOT_A_FILE = /^1\.2\.840\.10008\.1\.2\.(6\.[12]|7\.\d+)$/;

const COMPRESSED_ARC = /^1\.2\.840\.10008\.1\.2\.4\.\d+(\.\d+)?$/;

/**
 * The properties of a transfer syntax: 'none' where it has no data set that could be read, and
 * undefined where it is not known. Whatever lies in the arc of compressed syntaxes is taken as
 * encapsulated, since PS3.5 annex A.4 leaves no other encoding for it.
 */
export function transferSyntax(uid: string): TransferSyntax | 'none' | undefined {
  const explicitLittle = { uid, explicit: true, littleEndian: true, deflated: false };
  if (uid === IMPLICIT_LITTLE_ENDIAN) {
    return { ...explicitLittle, explicit: false, encapsulated: false };
  }
  if (uid === EXPLICIT_LITTLE_ENDIAN) return { ...explicitLittle, encapsulated: false };
  if (uid === EXPLICIT_BIG_ENDIAN) {
    return { ...explicitLittle, littleEndian: false, encapsulated: false };
  }
  if (INFLATED[uid] !== undefined) {
    return { ...explicitLittle, deflated: true, encapsulated: false };
  }
  if (NOT_A_FILE.test(uid)) return 'none';
  if (REFERENCED.has(uid)) return { ...explicitLittle, encapsulated: false };
  if (ENCAPSULATED.has(uid) || COMPRESSED_ARC.test(uid)) {
    return { ...explicitLittle, encapsulated: true };
  }
  return undefined;
}

/** The syntax under which the data set of a walk is written: the same, but never deflated. */
export function writtenSyntaxUid(syntax: TransferSyntax): string {
  return INFLATED[syntax.uid] ?? syntax.uid;
}
