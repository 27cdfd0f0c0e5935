/** Which columns of the table a profile reads: kept apart from the de-identifier's own list of them. */
import type { Profile } from './profile.ts';
import type { OptionLetter } from './profile-columns.ts';
import type { KnownOption } from './profile-options.ts';

/** Where each option is found in the table. Pixels and faces have no column. */
const COLUMNS: Readonly<Record<KnownOption, OptionLetter | null>> = {
  retainSafePrivate: 'P',
  retainUids: 'U',
  retainDeviceIdentity: 'V',
  retainInstitutionIdentity: 'I',
  retainPatientCharacteristics: 'H',
  retainLongitudinalFullDates: 'F',
  retainLongitudinalModifiedDates: 'M',
  cleanDescriptors: 'D',
  cleanStructuredContent: 'S',
  cleanGraphics: 'G',
  cleanPixelData: null,
  cleanRecognizableVisualFeatures: null,
};

export function optionLetters({ options }: Profile): readonly OptionLetter[] {
  const letters: OptionLetter[] = [];
  for (const option of options) {
    const letter = COLUMNS[option];
    if (letter !== null) letters.push(letter);
  }
  return letters;
}
