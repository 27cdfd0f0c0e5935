/** What a de-identified file says about itself: its own meta group and the marks of PS3.15 E.3. */
import type { NewElement } from './element.ts';
import { encodeText } from './deidentify-dummy.ts';
import {
  BASIC_PROFILE_CODE,
  OPTION_CODES,
  describeTemporalInformation,
  type ProfileOptions,
} from './profile-options.ts';

/** Names this implementation (PS3.7 D.3.3.2). Fixed for ever: a UUID made once for the project. */
export const IMPLEMENTATION_CLASS_UID = '2.25.244932069076564687537389055025252159853';
export const IMPLEMENTATION_VERSION = 'LAZARET';

/** The codes that were applied, as items of (0012,0064): one list of elements an item. */
export function methodCodeItems(options: ProfileOptions): readonly (readonly NewElement[])[] {
  const codes = [BASIC_PROFILE_CODE, ...[...options].map((option) => OPTION_CODES[option])];
  // The order of the options in a policy must not make another file.
  codes.sort((a, b) => Number(a.value) - Number(b.value));
  return codes.map(({ value, meaning }) => [
    { tag: 0x00080100, vr: 'SH', value: encodeText(value, 'SH') },
    { tag: 0x00080102, vr: 'SH', value: encodeText('DCM', 'SH') },
    { tag: 0x00080104, vr: 'LO', value: encodeText(meaning, 'LO') },
  ]);
}

/** The marks but for the codes, which need the encoding of the file. */
export function plainMarks(options: ProfileOptions, policyLabel: string): readonly NewElement[] {
  return [
    { tag: 0x00120062, vr: 'CS', value: encodeText('YES', 'CS') },
    { tag: 0x00120063, vr: 'LO', value: encodeText(policyLabel, 'LO') },
    { tag: 0x00280303, vr: 'CS', value: encodeText(describeTemporalInformation(options), 'CS') },
  ];
}
