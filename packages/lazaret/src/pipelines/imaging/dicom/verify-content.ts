/**
 * Values that a search cannot see into. A document in one element is a whole file in another format:
 * its text may be compressed, and what it says about a person is in no element of its own. None is
 * ever passed, whatever a policy keeps; as an empty or dummy value it tells nothing.
 */
import type { Tag } from './element.ts';

const ENCAPSULATED_DOCUMENT: Tag = 0x00420011;

/** How documents, archives and pictures begin. Of pixel data nothing is asked: see `verify-pixels`. */
const BEGINNINGS: readonly (readonly number[])[] = [
  [0x25, 0x50, 0x44, 0x46], // %PDF
  [0x50, 0x4b, 0x03, 0x04], // zip, and the office formats in it
  [0x1f, 0x8b, 0x08], // gzip
  [0x42, 0x5a, 0x68], // bzip2
  [0xfd, 0x37, 0x7a, 0x58, 0x5a], // xz
  [0x28, 0xb5, 0x2f, 0xfd], // zstd
  [0x37, 0x7a, 0xbc, 0xaf], // 7z
  [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1], // OLE: older office formats
  [0xff, 0xd8, 0xff], // JPEG
  [0x89, 0x50, 0x4e, 0x47], // PNG
];

const BINARY = /^(?:OB|OW|UN)$/;

/** Whether a search of the value's bytes would find what is in it. */
export function isSearchable(tag: Tag, vr: string, value: Uint8Array): boolean {
  if (!BINARY.test(vr) || tag >>> 16 === 0x7fe0) return true;
  if (tag === ENCAPSULATED_DOCUMENT) return value.every((byte) => byte === 0);
  return !BEGINNINGS.some((beginning) => beginning.every((byte, at) => value[at] === byte));
}
