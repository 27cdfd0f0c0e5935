/**
 * Makes the de-identified rendition of one image: each element is decided by the profile
 * (`profile-action.ts`) and done by the editor (`deidentify-editor.ts`), and the file says of itself
 * what was done (`deidentify-marks.ts`).
 *
 * Nothing here may be trusted to be right: `verify.ts` and `residual.ts` look at what comes out.
 */
import { encodeText } from './deidentify-dummy.ts';
import { ElementEditor } from './deidentify-editor.ts';
import { encodeSequence } from './deidentify-encode.ts';
import {
  IMPLEMENTATION_CLASS_UID,
  IMPLEMENTATION_VERSION,
  methodCodeItems,
  plainMarks,
} from './deidentify-marks.ts';
import { Recorder, type DeidentificationRecord } from './deidentify-record.ts';
import type { NewElement, Rendition, Tag, Walk } from './element.ts';
import type { Profile } from './profile.ts';
import { compile } from './profile-compiled.ts';
import { rewrite } from './rewrite.ts';
import type { KeyedBytes } from './uid.ts';

const PATIENT_NAME = 0x00100010;
const PATIENT_ID = 0x00100020;
const ACCESSION = 0x00080050;
const SOP_CLASS = 0x00080016;
const SOP_INSTANCE = 0x00080018;
const METHOD_CODES = 0x00120064;

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

export interface Deidentified {
  readonly rendition: Rendition;
  readonly record: DeidentificationRecord;
}

/**
 * De-identifies one walked file.
 *
 * @throws TypeError for an input that the caller should have refused: unsupported options, a rule
 *   about an element that no rule may be about, a pseudonym that does not fit its VR. That is a bug
 *   of the caller, and no state of the data.
 */
export function deidentify(walk: Walk, input: DeidentifyInput): Deidentified {
  assertUsable(input);
  const { keyedBytes, shiftDays } = input;
  const recorder = new Recorder();
  const sopClass = textAt(walk, SOP_CLASS);
  const sopInstance = textAt(walk, SOP_INSTANCE);
  if (sopInstance === '') recorder.note('source-without-instance-uid', [], SOP_INSTANCE);
  const profile = compile(input.profile);
  const editor = new ElementEditor(walk, { profile, keyedBytes, shiftDays, sopClass }, recorder);
  const newInstance = sopInstance === '' ? '' : editor.newUid(sopInstance);
  const own = ownElements(walk, input);
  // These come in the source's place without the editor being asked about them.
  const replaced = new Set(own.map(({ tag }) => tag));
  for (const { tag } of walk.elements) if (replaced.has(tag)) recorder.count([], tag, 'dummy');
  const rendition = rewrite(walk, (element, path) => editor.edit(element, path), {
    meta: [
      { tag: 0x00020001, vr: 'OB', value: Uint8Array.of(0, 1) },
      { tag: 0x00020002, vr: 'UI', value: encodeText(sopClass, 'UI') },
      { tag: 0x00020003, vr: 'UI', value: encodeText(newInstance, 'UI') },
      { tag: 0x00020012, vr: 'UI', value: encodeText(IMPLEMENTATION_CLASS_UID, 'UI') },
      { tag: 0x00020013, vr: 'SH', value: encodeText(IMPLEMENTATION_VERSION, 'SH') },
    ],
    insert: own,
  });
  return { rendition, record: recorder.record() };
}

function assertUsable({ pseudonym, accession, policyLabel, shiftDays }: DeidentifyInput): void {
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

/** Elements that every output has, whether or not the source has them. */
function ownElements(walk: Walk, input: DeidentifyInput): readonly NewElement[] {
  const { profile, pseudonym, accession, policyLabel, deviceLabel } = input;
  const { options } = profile;
  const label = deviceLabel === undefined ? policyLabel : `${policyLabel}\\${deviceLabel}`;
  const own: NewElement[] = [
    { tag: PATIENT_NAME, vr: 'PN', value: encodeText(pseudonym, 'PN') },
    { tag: PATIENT_ID, vr: 'LO', value: encodeText(pseudonym, 'LO') },
    ...plainMarks(options, label),
    {
      tag: METHOD_CODES,
      vr: 'SQ',
      value: encodeSequence(methodCodeItems(options), walk.syntax),
    },
  ];
  if (accession !== '' || walk.elements.some(({ tag }) => tag === ACCESSION)) {
    own.push({ tag: ACCESSION, vr: 'SH', value: encodeText(accession, 'SH') });
  }
  return own;
}

/** UIDs are ASCII; other bytes survive as they are, and fail to be one. */
function textAt(walk: Walk, tag: Tag): string {
  const element = walk.elements.find((candidate) => candidate.tag === tag);
  if (element === undefined) return '';
  const bytes = walk.source.read(element.valueOffset, element.valueLength);
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[ \0]+$/, '')
    .trimStart();
}
