/**
 * Takes what identifies people out of a source, so that the finished output can be searched for it.
 *
 * What is returned here is patient data in its purest form. It lives for the time of one image, in
 * the memory of one worker, and is never written, logged or put into a message.
 */
import type { CharacterSet } from './character-set.ts';
import { lookUp } from './dictionary.ts';
import type { Element, Tag, Walk } from './element.ts';
import { readCharacterSet } from './read-value.ts';
import { namesInPath } from './residual-path.ts';
import { isStandardUid } from './uid.ts';

export type IdentifierKind =
  | 'patient-name'
  | 'person-name'
  | 'patient-id'
  | 'accession'
  | 'other-id'
  | 'birth-date'
  | 'address'
  | 'telephone'
  | 'institution'
  | 'uid'
  /** A word of the file's path. */
  | 'path';

export interface Identifier {
  readonly kind: IdentifierKind;
  /** Decoded, as the source writes it, without padding. */
  readonly text: string;
  /** The same as bytes of the source, where they are not plain ASCII. */
  readonly raw?: Uint8Array;
}

/** Secret: see the head of this file. */
export interface Identifiers {
  readonly list: readonly Identifier[];
  /** There were more than the limit, so that a search would not be complete. */
  readonly overflow: boolean;
}

const IDENTIFIERS_MAX = 2000;
/** An image of many frames refers to other images from each of them. */
const UIDS_MAX = 200_000;
const VALUE_MAX_BYTES = 10_240;
const RUNNING_NUMBER_MIN = 6;
const ESCAPE = 0x1b;

const KINDS = new Map<Tag, IdentifierKind>([
  [0x00100020, 'patient-id'],
  [0x00101000, 'patient-id'],
  [0x00080050, 'accession'],
  [0x0040050a, 'accession'],
  [0x00100021, 'other-id'], // Issuer of Patient ID
  [0x00100030, 'birth-date'],
  [0x00101040, 'address'],
  [0x00102152, 'address'], // Region of Residence
  [0x00102154, 'telephone'],
  [0x00102155, 'telephone'], // Patient's Telecom Information
  [0x00101050, 'other-id'], // Insurance Plan Identification
  [0x00101090, 'other-id'], // Medical Record Locator
  [0x00200010, 'other-id'], // Study ID
  [0x00321033, 'institution'], // Requesting Service
  [0x00380010, 'other-id'], // Admission ID
  [0x00380060, 'other-id'], // Service Episode ID
  [0x00380300, 'address'], // Current Patient Location
  [0x00380400, 'address'], // Patient's Institution Residence
  [0x00400009, 'other-id'], // Scheduled Procedure Step ID
  [0x00400253, 'other-id'], // Performed Procedure Step ID
  [0x00401001, 'other-id'], // Requested Procedure ID
  [0x00402016, 'other-id'], // Placer Order Number
  [0x00402017, 'other-id'], // Filler Order Number
  [0x00402008, 'person-name'], // Order Entered By
  [0x00402010, 'telephone'],
  [0x00401102, 'address'],
  [0x00401103, 'telephone'],
  [0x00401104, 'telephone'],
  [0x00080080, 'institution'],
  [0x00080081, 'institution'],
  [0x00081040, 'institution'],
  [0x00080092, 'address'],
  [0x00080094, 'telephone'],
  [0x00120040, 'other-id'], // Clinical Trial Subject ID
]);

/** Names of the patient; every other PN is somebody else's. */
const PATIENT_NAMES = new Set([0x00100010, 0x00101001, 0x00101005, 0x00101060]);

/** Identifiers of orders and steps are often a running number, that would be found everywhere. */
const RUNNING_NUMBERS = new Set([0x00200010, 0x00400009, 0x00400253, 0x00401001]);

/**
 * Collects the identifiers of a source, nested ones included. Of private elements only those of VR PN
 * are taken: what else they hold cannot be told from settings of a device, and where it repeats the
 * patient's name or number, that one is searched for anyway.
 *
 * @param path - of the file, where it has one that may name somebody.
 */
export function harvest(walk: Walk, path = ''): Identifiers {
  const found = new Map<string, Identifier>();
  let uids = 0;
  let overflow = false;
  const add = (kind: IdentifierKind, text: string, raw: Uint8Array | undefined): void => {
    const key = `${kind}\n${text}`;
    if (text === '' || found.has(key)) return;
    const full = kind === 'uid' ? uids >= UIDS_MAX : found.size - uids >= IDENTIFIERS_MAX;
    if (full) {
      overflow = true;
      return;
    }
    if (kind === 'uid') uids += 1;
    found.set(key, raw === undefined ? { kind, text } : { kind, text, raw });
  };
  const visit = (elements: readonly Element[], set: CharacterSet): void => {
    for (const element of elements) {
      for (const item of element.items ?? []) {
        visit(item.elements, readCharacterSet(walk, item.elements, set));
      }
      const kind = kindOf(element);
      if (kind === undefined || element.items !== undefined || element.valueLength === 0) continue;
      const bytes = walk.source.read(
        element.valueOffset,
        Math.min(element.valueLength, VALUE_MAX_BYTES),
      );
      const ascii = bytes.every((byte) => byte < 0x80 && byte !== ESCAPE);
      const texts = ascii ? [readAscii(bytes)] : decodeAll(bytes, set);
      // A backslash separates values; in LT, ST and UT it is a letter, and splitting does no harm.
      for (const value of texts.flatMap((text) => text.split('\\'))) {
        const trimmed = trim(value);
        if (kind === 'uid' && isStandardUid(trimmed)) continue;
        if (RUNNING_NUMBERS.has(element.tag) && trimmed.length < RUNNING_NUMBER_MIN) continue;
        add(kind, trimmed, ascii ? undefined : bytes);
      }
    }
  };
  visit(walk.elements, readCharacterSet(walk, walk.elements));
  for (const name of path === '' ? [] : namesInPath(path, walk)) add('path', name, undefined);
  return { list: [...found.values()], overflow };
}

/** The text by the character set declared; where that cannot be right, as UTF-8 as well. */
function decodeAll(bytes: Uint8Array, charset: CharacterSet): readonly string[] {
  const { text, sound } = charset.decode(bytes, 'PN');
  if (sound) return [text];
  const other = new TextDecoder().decode(bytes);
  return other.includes('\ufffd') ? [text] : [text, other];
}

function kindOf(element: Element): IdentifierKind | undefined {
  const { tag } = element;
  const known = lookUp(tag)?.vrs[0];
  // A name may stand under a wrong VR, or a VR may call something a name: both are searched for.
  if (element.vr === 'PN' || known === 'PN') {
    return PATIENT_NAMES.has(tag) ? 'patient-name' : 'person-name';
  }
  return element.vr === 'UI' || known === 'UI' ? 'uid' : KINDS.get(tag);
}

function readAscii(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function trim(text: string): string {
  // Padding is spaces and NUL; tabs and line breaks stand in careless addresses.
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end--;
  let start = 0;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  return text.slice(start, end);
}
