/**
 * What a folder's or a file's name says about a person: exporters like to call them after the patient,
 * and a header that was emptied on the way here still has its name in the path.
 *
 * Most words of a path say nothing. Left out are words of under five letters, words of the vocabulary
 * and of the places where files lie, words of the equipment and the institution (which have rules of
 * their own), dates, running numbers, and UIDs, which the header has.
 */
import type { Tag, Walk } from './element.ts';
import { isKnownWord } from './verify-vocabulary.ts';

/** The file, and the folders of its series and its study or patient. */
const COMPONENTS = 3;
const LETTERS_MIN = 5;
const DIGITS_MIN = 6;
const WORDS_MAX = 24;
const VALUE_MAX_BYTES = 1024;
const LONG_WORD = /\p{L}[\p{L}\p{M}]{4,}/gu;
const CAPITALISED = /\p{Lu}[\p{Ll}\p{M}]{4,}/gu;

/** How people and programs call folders and files. */
const PLACES = new Set(
  `anonym anonymous archive archiv backup batch bilder binary clinic cohort collection compressed corpus data
  default demo desktop dicom dicomdir discharge download downloads enhanced export exports files fixtures
  folder frame frames grayscale home image images imaging import imports inbox incoming instance
  klinik large local lossless lossy mixed multi multiframe object objects original originals other output patient
  patienten patients person private project radiology received research result results retro sample
  samples scanner scans series single slice slices small source staging storage studien studies study
  synthetic testing tests unknown upload uploads version volume work`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Names of devices, makers and institutions: words of theirs are in many a path. */
const EQUIPMENT: ReadonlySet<Tag> = new Set([
  0x00080070, 0x00080080, 0x00080081, 0x00081010, 0x00081040, 0x00081090, 0x00181020, 0x00181000,
]);

/**
 * @param path - of the file, as its system writes it.
 * @returns words and numbers of the path that may name a person.
 */
export function namesInPath(path: string, source: Walk): readonly string[] {
  const found = new Set<string>();
  for (const component of path.split(/[\\/]+/).slice(-COMPONENTS)) {
    for (const word of component.match(LONG_WORD) ?? []) {
      for (const part of [word, ...(word.match(CAPITALISED) ?? [])]) {
        const folded = part.toLowerCase();
        if (part.length >= LETTERS_MIN && !PLACES.has(folded) && !isKnownWord(folded)) {
          found.add(part);
        }
      }
    }
    // Names by UID or by digest.
    if (/\d(?:\.\d+){3}|^[\da-f-]{24,}/i.test(component)) continue;
    for (const number of component.match(/\d+/g) ?? []) {
      const date = /^(?:19|20)\d{2}(?:0\d|1[0-2])[0-3]\d(?:\d{4,6})?$/.test(number);
      if (!date && number.replace(/^0+/, '').length >= DIGITS_MIN) found.add(number);
    }
  }
  if (found.size === 0) return [];
  const equipment = textOfEquipment(source);
  return [...found].filter((word) => !equipment.includes(word.toLowerCase())).slice(0, WORDS_MAX);
}

function textOfEquipment(source: Walk): string {
  let text = '';
  for (const { tag, valueOffset, valueLength } of source.elements) {
    if (!EQUIPMENT.has(tag) || valueLength > VALUE_MAX_BYTES) continue;
    text += ` ${Buffer.from(source.source.read(valueOffset, valueLength)).toString('latin1')}`;
  }
  return text.toLowerCase();
}
