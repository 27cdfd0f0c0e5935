/**
 * Reads a finished file with a reader that shares no code with the writer (`dicom-parser`), and
 * lays its elements out in one list. The reader forgives much and overwrites silently; what it
 * forgives is found here by checking that its elements cover every byte, in order, without a gap:
 * duplicates, skipped bytes and elements read short all leave one.
 */
import dicomParser from 'dicom-parser';
import type { ByteSource } from '../../../bytes/byte-source.ts';
import type { Rendition, Tag } from './element.ts';
import { formatTag, lookUp } from './dictionary.ts';
import { EXPLICIT_BIG_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from './transfer-syntax.ts';

/** Beyond this the pixel value is left out of what the reader gets: it wants all bytes at once. */
const READ_WHOLE_BYTES = 64 * 1024 * 1024;
const HEADER_MAX_BYTES = 64 * 1024 * 1024;
const DEPTH_MAX = 64;

const PIXEL_TAGS = new Set([0x7fe00008, 0x7fe00009, 0x7fe00010]);
const ITEM_DELIMITER = 0xfffee00d;

export type ReadBackBreach =
  /** The reader gave up. */
  | 'unreadable-output'
  /** The reader warned of something. */
  | 'reader-warned'
  /** Bytes that belong to no element, before the last one's end. */
  | 'uncovered-bytes'
  /** Bytes behind the last element. */
  | 'trailing-bytes'
  | 'out-of-order'
  /** The header is beyond the limit, or the file is and has no pixels. */
  | 'too-large';

export interface ReadElement {
  readonly tag: Tag;
  /** Item path in front of the tag, as `(0040,A730)[2].`; empty at the top. */
  readonly prefix: string;
  /** As in the file; in implicit encoding the dictionary's, or `UN`. */
  readonly vr: string;
  /** Of the value in `bytes`, without delimiters. */
  readonly offset: number;
  readonly length: number;
  readonly depth: number;
  /** Sequences only. */
  readonly itemCount?: number;
  /** Sequences in whose items this element stands, outermost first. */
  readonly within: readonly Tag[];
}

/** A pixel value of the outermost data set; the offset is in the file itself. */
export interface PixelPlace {
  readonly tag: Tag;
  readonly vr: string;
  readonly offset: number;
  readonly length: number;
}

export interface ReadBack {
  /** The finished bytes; without the pixel value where the file is large. */
  readonly bytes: Uint8Array;
  readonly bigEndian: boolean;
  readonly syntaxUid: string;
  /** Group 0002 first, then the data set, nested elements behind their sequence. */
  readonly elements: readonly ReadElement[];
  /** Pixel values at the top level, with offsets in the file itself. */
  readonly pixels: readonly PixelPlace[];
  readonly breaches: readonly { kind: ReadBackBreach; tag?: string }[];
  readonly output: ByteSource;
}

/** `(0040,A730)[2].(0008,0104)` */
export function pathOf(element: ReadElement): string {
  return element.prefix + formatTag(element.tag);
}

interface Loaded {
  readonly bytes: Uint8Array;
  /** Where the pixel value was left out, and how many bytes stand for it and were there. */
  readonly elided: {
    readonly at: number;
    readonly standIn: number;
    readonly length: number;
  } | null;
}

/** Reads the file back. It never throws for what is in the file: see `breaches`. */
export function readBack(output: Rendition): ReadBack {
  const breaches: { kind: ReadBackBreach; tag?: string }[] = [];
  const elements: ReadElement[] = [];
  const pixels: PixelPlace[] = [];
  const result = { elements, pixels, breaches, output };
  const nothing = { bytes: new Uint8Array(0), bigEndian: false, syntaxUid: '' };
  const loaded = load(output);
  if (loaded === null) {
    breaches.push({ kind: 'too-large' });
    return { ...nothing, ...result };
  }
  const bytes = Buffer.from(loaded.bytes.buffer, loaded.bytes.byteOffset, loaded.bytes.byteLength);
  let dataSet: dicomParser.DataSet;
  try {
    dataSet = dicomParser.parseDicom(bytes, { vrCallback: vrOfDictionary });
  } catch {
    // What the reader throws may quote the file, and is dropped for that reason.
    breaches.push({ kind: 'unreadable-output' });
    return { ...nothing, bytes, ...result };
  }
  if (dataSet.warnings.length > 0) breaches.push({ kind: 'reader-warned' });
  const syntaxUid = dataSet.string('x00020010') ?? '';
  const layout: Layout = { bytes, elements, pixels, breaches, loaded };
  const end = layOut(layout, dataSet, {
    from: 132,
    explicit: syntaxUid !== IMPLICIT_LITTLE_ENDIAN,
    prefix: '',
    within: [],
  });
  if (end !== bytes.length) breaches.push({ kind: 'trailing-bytes' });
  return { bytes, bigEndian: syntaxUid === EXPLICIT_BIG_ENDIAN, syntaxUid, ...result };
}

/** The reader asks for VRs in implicit encoding: without them it guesses what is a sequence. */
function vrOfDictionary(tag: string): string | undefined {
  return lookUp(Number.parseInt(tag.slice(1), 16))?.vrs[0];
}

interface Layout {
  readonly bytes: Uint8Array;
  readonly elements: ReadElement[];
  readonly pixels: PixelPlace[];
  readonly breaches: { kind: ReadBackBreach; tag?: string }[];
  readonly loaded: Loaded;
}

interface Level {
  readonly from: number;
  readonly explicit: boolean;
  readonly prefix: string;
  readonly within: readonly Tag[];
}

/** Lays out one data set and returns where it ends. */
function layOut(layout: Layout, dataSet: dicomParser.DataSet, level: Level): number {
  const { breaches } = layout;
  const found = Object.values(dataSet.elements).sort((a, b) => a.dataOffset - b.dataOffset);
  let at = level.from;
  let previous = -1;
  for (const element of found) {
    const tag = Number.parseInt(element.tag.slice(1), 16);
    const meta = tag >>> 16 === 2 && level.within.length === 0;
    const explicit = meta || level.explicit;
    const start = element.dataOffset - headerLength(element, explicit, tag);
    const path = level.prefix + formatTag(tag);
    if (start !== at) breaches.push({ kind: 'uncovered-bytes', tag: path });
    if (tag <= previous) breaches.push({ kind: 'out-of-order', tag: path });
    previous = tag;
    if (tag === ITEM_DELIMITER) {
      at = element.dataOffset + element.length;
      continue;
    }
    at = layOutElement(layout, element, tag, explicit, level);
  }
  return at;
}

function headerLength(element: dicomParser.Element, explicit: boolean, tag: Tag): number {
  if (!explicit || tag === ITEM_DELIMITER) return 8;
  return /^(?:O[BDFLW]|SQ|U[CNRT])$/.test(element.vr ?? '') ? 12 : 8;
}

function layOutElement(
  layout: Layout,
  element: dicomParser.Element,
  tag: Tag,
  explicit: boolean,
  level: Level,
): number {
  const { bytes, elements, pixels, breaches, loaded } = layout;
  const path = level.prefix + formatTag(tag);
  const encapsulated = element.encapsulatedPixelData === true;
  // For encapsulated pixels the reader counts the closing delimiter in, for sequences it does not.
  const length = encapsulated ? element.length - 8 : element.length;
  const sequence = element.items !== undefined;
  const undefinedLength = element.hadUndefinedLength === true;
  const end = element.dataOffset + length + (undefinedLength ? 8 : 0);
  if (length < 0 || end > bytes.length) {
    breaches.push({ kind: 'uncovered-bytes', tag: path });
    return bytes.length;
  }
  elements.push({
    tag,
    prefix: level.prefix,
    vr: element.vr ?? 'UN',
    offset: element.dataOffset,
    length,
    depth: level.within.length,
    within: level.within,
    ...(element.items === undefined ? {} : { itemCount: element.items.length }),
  });
  if (PIXEL_TAGS.has(tag) && level.within.length === 0) {
    pixels.push({
      tag,
      vr: element.vr ?? 'UN',
      ...placeInFile(loaded, element.dataOffset, length),
    });
  }
  if (!sequence) {
    // Only sequences and pixels may have an undefined length; the reader has searched for an end.
    if (undefinedLength && !encapsulated) breaches.push({ kind: 'uncovered-bytes', tag: path });
    return end;
  }
  if (level.within.length >= DEPTH_MAX) {
    breaches.push({ kind: 'too-large', tag: path });
    return end;
  }
  // A sequence in a UN is in implicit encoding, whatever the file is in (PS3.5 section 6.2.2).
  const inner = explicit && element.vr !== 'UN';
  let at = element.dataOffset;
  (element.items ?? []).forEach((item, index) => {
    if (item.dataOffset - 8 !== at) breaches.push({ kind: 'uncovered-bytes', tag: path });
    at = item.dataOffset + item.length;
    if (item.dataSet === undefined) return;
    const itemEnd = layOut(layout, item.dataSet, {
      from: item.dataOffset,
      explicit: inner,
      prefix: `${path}[${index}].`,
      within: [...level.within, tag],
    });
    if (itemEnd !== at) breaches.push({ kind: 'uncovered-bytes', tag: path });
  });
  if (at !== element.dataOffset + length) breaches.push({ kind: 'uncovered-bytes', tag: path });
  return end;
}

/** Turns a range of what was read into a range of the file. */
function placeInFile(
  loaded: Loaded,
  offset: number,
  length: number,
): { offset: number; length: number } {
  const { elided } = loaded;
  if (elided === null || offset < elided.at) return { offset, length };
  if (offset === elided.at && length === elided.standIn) return { offset, length: elided.length };
  return { offset: offset - elided.standIn + elided.length, length };
}

function load(output: Rendition): Loaded | null {
  if (output.size <= READ_WHOLE_BYTES) {
    return { bytes: output.read(0, output.size), elided: null };
  }
  const { pixels } = output;
  if (pixels === null) return null;
  const tailStart = pixels.offset + pixels.length;
  const tailLength = output.size - tailStart;
  if (pixels.offset < 140 || tailLength < 0) return null;
  if (pixels.offset + tailLength > HEADER_MAX_BYTES) return null;
  const head = Buffer.from(output.read(0, pixels.offset));
  const tail = output.read(tailStart, tailLength);
  const lengthAt = pixels.offset - 4;
  if (head.readUInt32LE(lengthAt) === 0xffffffff) {
    // An empty offset table stands for all fragments, which are counted through here instead.
    if (!fragmentsFill(output, pixels.offset, tailStart)) return null;
    const standIn = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
    return {
      bytes: Buffer.concat([head, standIn, tail]),
      elided: { at: pixels.offset, standIn: standIn.length, length: pixels.length },
    };
  }
  // The writer's word for where the pixels are is taken only if the element's header agrees.
  const declared = [head.readUInt32LE(lengthAt), head.readUInt32BE(lengthAt)];
  if (!declared.includes(pixels.length)) return null;
  head.writeUInt32LE(0, lengthAt);
  return {
    bytes: Buffer.concat([head, tail]),
    elided: { at: pixels.offset, standIn: 0, length: pixels.length },
  };
}

function fragmentsFill(output: ByteSource, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    const header = Buffer.from(output.read(at, 8));
    if (header.length < 8 || header.readUInt32LE(0) !== 0xe000fffe) return false;
    at += 8 + header.readUInt32LE(4);
  }
  return at === to;
}
