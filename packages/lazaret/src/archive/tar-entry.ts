/**
 * The headers of a tar entry in the `ustar` format (POSIX.1-1988), with a `pax` extended header
 * (POSIX.1-2001) in front where a name or a size does not fit. All that varies between two runs or
 * two machines (times, owners, modes) is fixed, so that equal content gives equal bytes.
 */
import { assert } from '@lazaret/faults';
import { fault } from './codes.ts';

export const TAR_BLOCK_BYTES = 512;

/** Two blocks of zeros end an archive. */
export const END_OF_ARCHIVE: Uint8Array = new Uint8Array(2 * TAR_BLOCK_BYTES);

const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** Eleven octal digits: 8 GiB less one byte. */
const MAX_OCTAL_SIZE = 0o77777777777;
/** What Linux, macOS and most tools take as a path (PATH_MAX with its closing zero byte). */
const MAX_NAME_BYTES = 4095;
const MAX_SEGMENT_BYTES = 255;

// Control characters and backslashes are what terminals and Windows make something else of.
const CONTROL = /[\p{Cc}\\]/u;
const ASCII = /^[ -~]*$/u;

/**
 * Everything in front of an entry's content: the ustar header, with a pax header before it where
 * one is needed.
 *
 * @param name relative path with slashes, of a regular file
 * @param sizeBytes size of the content
 * @throws `ArchiveNameUnusable`
 */
export function encodeHeader(name: string, sizeBytes: number): Uint8Array {
  assert(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0, 'a size is a whole number of bytes');
  checkName(name);
  const split = ASCII.test(name) ? splitName(name) : null;
  const records: string[] = [];
  // A name beyond ASCII is bytes of no known encoding in ustar; in pax it is UTF-8.
  if (split === null) records.push(paxRecord('path', name));
  if (sizeBytes > MAX_OCTAL_SIZE) records.push(paxRecord('size', String(sizeBytes)));
  const header = encodeBlock('0', split ?? { name: fallbackName(name), prefix: '' }, sizeBytes);
  if (records.length === 0) return header;
  const body = Buffer.from(records.join(''), 'utf8');
  const pax = encodeBlock('x', { name: 'pax/header', prefix: '' }, body.length);
  return Buffer.concat([pax, body, Buffer.alloc(paddingOf(body.length)), header]);
}

/** Bytes of zeros behind a content, up to the next full block. */
export function paddingOf(sizeBytes: number): number {
  return (TAR_BLOCK_BYTES - (sizeBytes % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}

/**
 * Refuses names that would land elsewhere, or nowhere, when the archive is unpacked.
 *
 * @throws `ArchiveNameUnusable`
 */
export function checkName(name: string): void {
  const refuse = (reason: string): Error =>
    fault('ArchiveNameUnusable', { reason, length: name.length });
  if (!name.isWellFormed()) throw refuse('it is not well-formed Unicode');
  if (CONTROL.test(name)) throw refuse('it has a control character or a backslash');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw refuse('it is too long');
  for (const segment of name.split('/')) {
    if (segment === '') throw refuse('a part of its path is empty');
    if (segment === '.' || segment === '..') throw refuse('it leads out of the archive');
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) throw refuse('a part of it is too long');
  }
}

interface SplitName {
  readonly name: string;
  readonly prefix: string;
}

/** The name as ustar's two fields, joined by a slash when read; null where it does not fit. */
function splitName(name: string): SplitName | null {
  if (name.length <= NAME_BYTES) return { name, prefix: '' };
  const slash = name.indexOf('/', name.length - NAME_BYTES - 1);
  if (slash < 1 || slash > PREFIX_BYTES) return null;
  return { name: name.slice(slash + 1), prefix: name.slice(0, slash) };
}

/** What a reader without pax sees: cut, and without bytes of unknown encoding. */
function fallbackName(name: string): string {
  return name
    .replace(/[^ -~]/gu, '_')
    .slice(-NAME_BYTES)
    .replace(/^\/+/u, '');
}

function encodeBlock(type: '0' | 'x', split: SplitName, sizeBytes: number): Buffer {
  const block = Buffer.alloc(TAR_BLOCK_BYTES);
  block.write(split.name, 0, NAME_BYTES, 'latin1');
  block.write('0000644\0', 100, 'latin1');
  block.write('0000000\0', 108, 'latin1');
  block.write('0000000\0', 116, 'latin1');
  writeSize(block, sizeBytes);
  block.write('00000000000\0', 136, 'latin1');
  // The checksum is summed with its own field read as spaces.
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  block.write('0000000\0', 329, 'latin1');
  block.write('0000000\0', 337, 'latin1');
  block.write(split.prefix, 345, PREFIX_BYTES, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Octal digits, or the binary form that GNU tar brought in, for readers that know no pax. */
function writeSize(block: Buffer, sizeBytes: number): void {
  if (sizeBytes <= MAX_OCTAL_SIZE) {
    block.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    return;
  }
  block.writeUInt8(0x80, 124);
  block.writeBigUInt64BE(BigInt(sizeBytes), 128);
}

/** `<length> <key>=<value>\n`, where the length counts its own digits too. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
