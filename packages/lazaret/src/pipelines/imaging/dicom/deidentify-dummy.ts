/**
 * Values that say nothing and are valid for their VR (PS3.15 Annex E.1: "dummy value"). They are
 * the same for every patient, so that they cannot be used to tell patients apart.
 */
import type { NewElement, Tag } from './element.ts';
import { paddingOf, representationOf } from './value-representation.ts';

const DUMMY_WORD = 'REMOVED';
const DUMMY_TEXTS: Readonly<Record<string, string>> = {
  AS: '000Y',
  DA: '19000101',
  DS: '0',
  DT: '19000101',
  IS: '0',
  TM: '000000',
  UR: 'urn:removed',
};

/** Encodes ASCII text as a value: padded to an even length as the VR demands (PS3.5 6.2). */
export function encodeText(text: string, vr: string): Uint8Array {
  const bytes = new Uint8Array(text.length + (text.length % 2));
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  if (text.length % 2 === 1) bytes[text.length] = paddingOf(vr);
  return bytes;
}

/** The dummy of a VR other than SQ and UI. */
export function dummyValue(vr: string): Uint8Array {
  const facts = representationOf(vr);
  if (facts?.text === true) return encodeText(DUMMY_TEXTS[vr] ?? DUMMY_WORD, vr);
  return new Uint8Array(Math.max(2, facts?.width ?? 2));
}

const CODE_ITEM: readonly NewElement[] = [
  { tag: 0x00080100, vr: 'SH', value: encodeText(DUMMY_WORD, 'SH') },
  { tag: 0x00080102, vr: 'SH', value: encodeText('99LAZARET', 'SH') },
  { tag: 0x00080104, vr: 'LO', value: encodeText(DUMMY_WORD, 'LO') },
];

/**
 * The one item of a dummy sequence: its required elements where the table names such a sequence
 * (PS3.3 C.17.3 content, C.17.2 verifying observer, C.10.5 graphics, and code sequences).
 */
export function dummyItem(sequence: Tag): readonly NewElement[] {
  switch (sequence) {
    case 0x0040a730:
      return [
        { tag: 0x0040a010, vr: 'CS', value: encodeText('CONTAINS', 'CS') },
        { tag: 0x0040a040, vr: 'CS', value: encodeText('TEXT', 'CS') },
        { tag: 0x0040a160, vr: 'UT', value: dummyValue('UT') },
      ];
    case 0x0040a073:
      return [
        { tag: 0x0040a027, vr: 'LO', value: dummyValue('LO') },
        { tag: 0x0040a030, vr: 'DT', value: dummyValue('DT') },
        { tag: 0x0040a075, vr: 'PN', value: dummyValue('PN') },
        { tag: 0x0040a088, vr: 'SQ', value: new Uint8Array(0) },
      ];
    case 0x00700001:
      return [{ tag: 0x00700002, vr: 'CS', value: encodeText(DUMMY_WORD, 'CS') }];
    case 0x00340001:
      return [{ tag: 0x00340002, vr: 'OB', value: dummyValue('OB') }];
    case 0x00081072:
      // Operator identification is a list of persons, and each needs a code (PS3.3 table 10-1).
      return [{ tag: 0x00401101, vr: 'SQ', value: new Uint8Array(0) }];
    default:
      return CODE_ITEM;
  }
}
