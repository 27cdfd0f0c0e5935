/** What can be wrong with a text, wherever it stands: in a cell of CSV, or in JSON. */
import type { Finding, Place } from '@lazaret/faults';
import { readingCodes } from './codes.ts';
import type { Encoding } from './encoding.ts';

/** So much of a value is kept, characters. */
const MAX_VALUE_CHARACTERS = 200;

const NAMES: Readonly<Record<Encoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 (little-endian)',
  'utf-16be': 'UTF-16 (big-endian)',
};

/** @param guess what it is more likely */
export function invalidText(
  value: string,
  encoding: Encoding,
  guess: string,
  place: Place,
): Finding {
  const cell = { value: value.slice(0, MAX_VALUE_CHARACTERS), expected: '' };
  return readingCodes.finding(
    'EncodingInvalid',
    { ...cell, encoding: NAMES[encoding], guess },
    place,
  );
}

export function unwantedInText(value: string, character: string, place: Place): Finding {
  const cell = { value: value.slice(0, MAX_VALUE_CHARACTERS), expected: '' };
  return readingCodes.finding('ControlCharacter', { ...cell, character }, place);
}
