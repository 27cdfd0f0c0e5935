/**
 * Makes the de-identified rendition of one image: each element is decided by the profile
 * (`profile-action.ts`), and the file says of itself what was done (`deidentify-marks.ts`).
 *
 * Nothing here may be trusted to be right: `verify.ts` and `residual.ts` look at what comes out.
 */
import { shiftDates } from './date-shift.ts';
import { dummyItem, dummyValue, encodeText } from './deidentify-dummy.ts';
import { encodeSequence } from './deidentify-encode.ts';
import {
  IMPLEMENTATION_CLASS_UID,
  IMPLEMENTATION_VERSION,
  methodCodeItems,
  plainMarks,
} from './deidentify-marks.ts';
import { formatTag, lookUp } from './dictionary.ts';
import type { Edit, Element, NewElement, PathStep, Rendition, Tag, Walk } from './element.ts';
import type { Profile } from './profile.ts';
import { resolveAction, type ProfileAction } from './profile-action.ts';
import { findOptionProblems, type ProfileOptions } from './profile-options.ts';
import { rewrite } from './rewrite.ts';
import { isStandardUid, replaceUid, type KeyedBytes } from './uid.ts';
import { paddingOf, representationOf } from './value-representation.ts';

const PATIENT_NAME = 0x00100010;
const PATIENT_ID = 0x00100020;
const ACCESSION = 0x00080050;
const SOP_CLASS = 0x00080016;
const SOP_INSTANCE = 0x00080018;
const METHOD_CODES = 0x00120064;

/** Greatest even length of a value whose VR has a 16-bit length. */
const SHORT_MAX_BYTES = 0xfffe;
/** Values that are copied through memory: beyond this an element of unknown VR goes. */
const UNNAMED_MAX_BYTES = 16 * 1024 * 1024;

export interface DeidentifyInput {
  readonly profile: Profile;
  /** Name and version of tool and policy, ASCII, at most 64 characters: goes to (0012,0063). */
  readonly policyLabel: string;
  readonly keyedBytes: KeyedBytes;
  /** New PatientID and PatientName; ASCII without backslash, 1 to 64 characters. */
  readonly pseudonym: string;
  /** New AccessionNumber, at most 16 characters; empty where the source has none. */
  readonly accession: string;
  /** Whole days to move dates by, under `retainLongitudinalModifiedDates`. */
  readonly shiftDays: number;
  /** Name of the device that did it, where the policy gives one: goes to (0012,0063) as well. */
  readonly deviceLabel?: string;
}

/** What was done, without any value of the source. */
export interface DeidentificationRecord {
  /** Elements by what was done with them, nested ones included. */
  readonly counts: Readonly<Record<ProfileAction, number>>;
  /** All that was not kept, item numbers left out: `(0040,A730).(0040,A123)`. */
  readonly actions: readonly {
    readonly tag: string;
    readonly action: ProfileAction;
    readonly count: number;
  }[];
  readonly notes: readonly DeidentificationNote[];
}

export interface DeidentificationNote {
  readonly kind:
    /** A date that is malformed, or no date to the day, was treated as the Basic Profile does. */
    | 'date-not-shiftable'
    /** A known element of VR UN was removed, because it cannot be given its VR back. */
    | 'unknown-vr-removed'
    | 'source-without-instance-uid';
  readonly tag: string;
}

export interface Deidentified {
  readonly rendition: Rendition;
  readonly record: DeidentificationRecord;
}

/**
 * De-identifies one walked file.
 *
 * @throws TypeError for an input that the caller should have refused: unsupported options, a
 *   pseudonym that does not fit its VR. That is a bug of the caller, and no state of the data.
 */
export function deidentify(walk: Walk, input: DeidentifyInput): Deidentified {
  assertUsable(input);
  const worker = new Deidentification(walk, input);
  const sopClass = worker.textAt(SOP_CLASS);
  const sopInstance = worker.textAt(SOP_INSTANCE);
  if (sopInstance === '') worker.note('source-without-instance-uid', formatTag(SOP_INSTANCE));
  const newInstance =
    input.profile.options.has('retainUids') || sopInstance === ''
      ? sopInstance
      : replaceUid(sopInstance, input.keyedBytes);
  const rendition = rewrite(walk, (element, path) => worker.edit(element, path, sopClass), {
    meta: [
      { tag: 0x00020001, vr: 'OB', value: Uint8Array.of(0, 1) },
      { tag: 0x00020002, vr: 'UI', value: encodeText(sopClass, 'UI') },
      { tag: 0x00020003, vr: 'UI', value: encodeText(newInstance, 'UI') },
      { tag: 0x00020012, vr: 'UI', value: encodeText(IMPLEMENTATION_CLASS_UID, 'UI') },
      { tag: 0x00020013, vr: 'SH', value: encodeText(IMPLEMENTATION_VERSION, 'SH') },
    ],
    insert: worker.additions(),
  });
  return { rendition, record: worker.record() };
}

function assertUsable(input: DeidentifyInput): void {
  const { pseudonym, accession, policyLabel, profile, shiftDays } = input;
  if (findOptionProblems([...profile.options]).length > 0) {
    throw new TypeError('The options of a policy have to be checked before they are used.');
  }
  const plain = /^[\x20-\x5b\x5d-\x7e]*$/;
  if (!plain.test(pseudonym) || pseudonym.length < 1 || pseudonym.length > 64) {
    throw new TypeError('A pseudonym has 1 to 64 printable ASCII characters.');
  }
  if (!plain.test(accession) || accession.length > 16) {
    throw new TypeError('An accession number has at most 16 printable ASCII characters.');
  }
  if (!plain.test(policyLabel) || policyLabel.length < 1 || policyLabel.length > 64) {
    throw new TypeError('A policy label has 1 to 64 printable ASCII characters.');
  }
  if (!Number.isSafeInteger(shiftDays)) throw new TypeError('Dates are moved by whole days.');
}

/** One run over one file: holds what is counted on the way. */
class Deidentification {
  readonly #walk: Walk;
  readonly #input: DeidentifyInput;
  readonly #counts: Record<ProfileAction, number> = {
    ...{ keep: 0, remove: 0, empty: 0, dummy: 0 },
    ...{ uid: 0, 'foreign-uid': 0, shift: 0, descend: 0 },
  };
  readonly #actions = new Map<string, { tag: string; action: ProfileAction; count: number }>();
  readonly #notes: DeidentificationNote[] = [];
  readonly #own: ReadonlyMap<Tag, NewElement>;

  constructor(walk: Walk, input: DeidentifyInput) {
    this.#walk = walk;
    this.#input = input;
    const { profile, pseudonym, accession, policyLabel, deviceLabel } = input;
    const { options } = profile;
    const label = deviceLabel === undefined ? policyLabel : `${policyLabel}\\${deviceLabel}`;
    const items = encodeSequence(methodCodeItems(options), walk.syntax);
    const own: NewElement[] = [
      { tag: PATIENT_NAME, vr: 'PN', value: encodeText(pseudonym, 'PN') },
      { tag: PATIENT_ID, vr: 'LO', value: encodeText(pseudonym, 'LO') },
      ...plainMarks(options, label),
      { tag: METHOD_CODES, vr: 'SQ', value: items },
    ];
    if (accession !== '' || walk.elements.some(({ tag }) => tag === ACCESSION)) {
      own.push({ tag: ACCESSION, vr: 'SH', value: encodeText(accession, 'SH') });
    }
    this.#own = new Map(own.map((element) => [element.tag, element]));
    // These come in the source's place without the editor being asked about them.
    for (const { tag } of walk.elements) if (this.#own.has(tag)) this.#count([], tag, 'dummy');
  }

  /** Elements that every output has, whether or not the source has them. */
  additions(): readonly NewElement[] {
    return [...this.#own.values()];
  }

  note(kind: DeidentificationNote['kind'], tag: string): void {
    this.#notes.push({ kind, tag });
  }

  record(): DeidentificationRecord {
    return { counts: this.#counts, actions: [...this.#actions.values()], notes: this.#notes };
  }

  textAt(tag: Tag): string {
    const element = this.#walk.elements.find((candidate) => candidate.tag === tag);
    return element === undefined ? '' : this.#textOf(element);
  }

  edit(element: Element, path: readonly PathStep[], sopClass: string): Edit {
    const { tag } = element;
    const { options } = this.#input.profile;
    let action = resolveAction(tag, path, options, sopClass, element.vr);
    let edit = this.#apply(element, action);
    if (edit === null) {
      // What cannot be moved is treated as if dates were not kept at all.
      const strict = new Set(options);
      strict.delete('retainLongitudinalModifiedDates');
      this.note('date-not-shiftable', placeOf(path, tag));
      action = resolveAction(tag, path, strict, sopClass, element.vr);
      edit = this.#apply(element, action) ?? { kind: 'remove' };
    }
    if (element.vr === 'UN' && edit.kind === 'remove' && isWanted(element, path, options)) {
      this.note('unknown-vr-removed', placeOf(path, tag));
      action = 'remove';
    }
    // Counted for what it came to: most UIDs that are looked at are the standard's own.
    if (action === 'foreign-uid' && edit.kind === 'replace') action = 'uid';
    this.#count(path, tag, action);
    return edit;
  }

  /** Null where a date cannot be moved. */
  #apply(element: Element, action: ProfileAction): Edit | null {
    const vr = element.vr === 'UN' ? (lookUp(element.tag)?.vrs[0] ?? 'UN') : element.vr;
    switch (action) {
      case 'keep':
        return element.vr === 'UN' ? this.#nameVr(element, vr) : { kind: 'keep' };
      case 'remove':
        return { kind: 'remove' };
      case 'descend':
        return element.items === undefined && element.valueLength > 0
          ? { kind: 'remove' }
          : { kind: 'descend' };
      case 'empty':
        return { kind: 'replace', value: new Uint8Array(0), vr };
      case 'dummy':
        return this.#replaceByDummy(element, vr);
      case 'uid':
      case 'foreign-uid':
        return this.#replaceUids(element, action === 'foreign-uid');
      case 'shift': {
        const moved = shiftDates(
          this.#textOf(element),
          vr === 'DA' ? 'DA' : 'DT',
          this.#input.shiftDays,
        );
        return moved === null ? null : { kind: 'replace', value: encodeText(moved, vr), vr };
      }
    }
  }

  /**
   * Gives a known element its VR back. Left as UN it could not be checked by whoever reads the output
   * without a dictionary, the verification included.
   */
  #nameVr(element: Element, vr: string): Edit {
    const facts = representationOf(vr);
    // Numbers in a UN are little-endian (PS3.5 section 6.2.2), and a 16-bit length may be too short.
    const swapped = !this.#walk.syntax.littleEndian && (facts?.width ?? 1) > 1;
    const limit = facts?.long === true ? UNNAMED_MAX_BYTES : SHORT_MAX_BYTES;
    if (swapped || vr === 'UN' || element.valueLength > limit) return { kind: 'remove' };
    const bytes = this.#walk.source.read(element.valueOffset, element.valueLength);
    const value = new Uint8Array(bytes.length + (bytes.length % 2)).fill(paddingOf(vr));
    value.set(bytes);
    return { kind: 'replace', value, vr };
  }

  #replaceByDummy(element: Element, vr: string): Edit {
    // An empty value tells nothing, and a dummy in its place would invent something.
    if (element.valueLength === 0) return { kind: 'replace', value: new Uint8Array(0), vr };
    if (vr === 'SQ') {
      const items = encodeSequence([dummyItem(element.tag)], this.#walk.syntax);
      return { kind: 'replace', value: items, vr };
    }
    return { kind: 'replace', value: dummyValue(vr), vr };
  }

  #replaceUids(element: Element, keepStandard: boolean): Edit {
    const text = this.#textOf(element);
    const uids = text.split('\\').map((uid) => uid.trim());
    if (keepStandard && uids.every((uid) => isStandardUid(uid)) && element.vr === 'UI') {
      return { kind: 'keep' };
    }
    const fresh = uids.map((uid) => {
      if (uid === '' || (keepStandard && isStandardUid(uid))) return uid;
      // Well-known frames of reference (PS3.6 table A-2) are atlases, and belong to nobody.
      if (uid.startsWith('1.2.840.10008.1.4.') && isStandardUid(uid)) return uid;
      return replaceUid(uid, this.#input.keyedBytes);
    });
    return { kind: 'replace', value: encodeText(fresh.join('\\'), 'UI'), vr: 'UI' };
  }

  #textOf(element: Element): string {
    const bytes = this.#walk.source.read(element.valueOffset, element.valueLength);
    let end = bytes.length;
    while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end--;
    // UIDs and dates are ASCII; other bytes survive as they are, and fail to be either.
    return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1');
  }

  #count(path: readonly PathStep[], tag: Tag, action: ProfileAction): void {
    this.#counts[action] += 1;
    if (action === 'keep' || action === 'descend' || action === 'foreign-uid') return;
    const place = placeOf(path, tag);
    const known = this.#actions.get(place);
    if (known?.action === action) known.count += 1;
    else this.#actions.set(place, { tag: place, action, count: 1 });
  }
}

/** Whether the profile would have left something of the element, had it come with its VR. */
function isWanted({ tag }: Element, path: readonly PathStep[], options: ProfileOptions): boolean {
  const named = lookUp(tag)?.vrs[0];
  return named !== undefined && resolveAction(tag, path, options, undefined, named) !== 'remove';
}

/** A path without item numbers: the same for all frames of an image. */
function placeOf(path: readonly PathStep[], tag: Tag): string {
  return [...path.map((step) => step.tag), tag].map(formatTag).join('.');
}
