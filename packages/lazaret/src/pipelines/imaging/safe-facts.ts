/**
 * The part of a header that may be shown to anyone who works here: numbers, and values of which the
 * standard or this file knows every one. Free text is never repeated, not even a manufacturer's
 * name as it stands there: whatever a site writes into a field may name somebody.
 */
import { find, readNumbers, readStrings } from './dicom/read-value.ts';
import { DEFAULT_CHARACTER_SET } from './dicom/character-set.ts';
import type { Tag, Walk } from './dicom/element.ts';

export interface SafeFacts {
  /** Name of the SOP class; absent where it is none that is known here. */
  readonly sopClass?: string;
  readonly transferSyntax?: string;
  readonly manufacturer?: string;
  readonly rows?: number;
  readonly columns?: number;
  readonly frames?: number;
}

const ROOT = '1.2.840.10008.5.1.4.1.1.';

/** The classes that shipments are made of, by the end of their UID (PS3.4 table B.5-1). */
const SOP_CLASSES: Readonly<Record<string, string>> = {
  '1': 'CR image',
  '1.1': 'DX image, for presentation',
  '1.1.1': 'DX image, for processing',
  '1.2': 'mammography image, for presentation',
  '1.2.1': 'mammography image, for processing',
  '2': 'CT image',
  '2.1': 'enhanced CT image',
  '3.1': 'ultrasound multi-frame image',
  '4': 'MR image',
  '4.1': 'enhanced MR image',
  '4.2': 'MR spectroscopy',
  '6.1': 'ultrasound image',
  '7': 'secondary capture image',
  '7.1': 'multi-frame single bit secondary capture image',
  '7.2': 'multi-frame grayscale byte secondary capture image',
  '7.3': 'multi-frame grayscale word secondary capture image',
  '7.4': 'multi-frame true color secondary capture image',
  '11.1': 'grayscale softcopy presentation state',
  '12.1': 'X-ray angiographic image',
  '12.2': 'X-ray radiofluoroscopic image',
  '13.1.3': 'breast tomosynthesis image',
  '20': 'nuclear medicine image',
  '66': 'raw data',
  '66.4': 'segmentation',
  '77.1.6': 'whole slide microscopy image',
  '88.11': 'basic text report',
  '88.22': 'enhanced report',
  '88.33': 'comprehensive report',
  '88.67': 'X-ray radiation dose report',
  '104.1': 'encapsulated PDF',
  '128': 'PET image',
  '130': 'enhanced PET image',
  '481.1': 'RT image',
  '481.2': 'RT dose',
  '481.3': 'RT structure set',
  '481.5': 'RT plan',
};

const SYNTAXES: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2': 'implicit little endian',
  '1.2.840.10008.1.2.1': 'explicit little endian',
  '1.2.840.10008.1.2.1.99': 'deflated explicit little endian',
  '1.2.840.10008.1.2.2': 'explicit big endian',
  '1.2.840.10008.1.2.4.50': 'JPEG baseline',
  '1.2.840.10008.1.2.4.51': 'JPEG extended',
  '1.2.840.10008.1.2.4.57': 'JPEG lossless',
  '1.2.840.10008.1.2.4.70': 'JPEG lossless, first order prediction',
  '1.2.840.10008.1.2.4.80': 'JPEG-LS lossless',
  '1.2.840.10008.1.2.4.81': 'JPEG-LS near lossless',
  '1.2.840.10008.1.2.4.90': 'JPEG 2000 lossless',
  '1.2.840.10008.1.2.4.91': 'JPEG 2000',
  '1.2.840.10008.1.2.5': 'RLE lossless',
};

/** A maker of devices, by a word of its name; what is shown is the name as it stands here. */
const MAKERS: readonly (readonly [RegExp, string])[] = [
  [/\bagfa\b/i, 'Agfa'],
  [/\bcanon\b/i, 'Canon'],
  [/\bcarestream\b/i, 'Carestream'],
  [/\bfuji(?:film)?\b/i, 'Fujifilm'],
  [/^ge\b|\bge (?:medical|healthcare)/i, 'GE'],
  [/\bhitachi\b/i, 'Hitachi'],
  [/\bhologic\b/i, 'Hologic'],
  [/\bmindray\b/i, 'Mindray'],
  [/\bphilips\b/i, 'Philips'],
  [/\bsamsung\b/i, 'Samsung'],
  [/\bshimadzu\b/i, 'Shimadzu'],
  [/\bsiemens\b/i, 'Siemens'],
  [/\btoshiba\b/i, 'Toshiba'],
  [/\b(?:uih|united imaging)\b/i, 'United Imaging'],
  [/\bvarian\b/i, 'Varian'],
];

const MAX_VALUE_BYTES = 256;
const MAX_FRAMES = 1_000_000;

export function safeFacts(walk: Walk, sopClass: string): SafeFacts {
  const known = sopClass.startsWith(ROOT) ? SOP_CLASSES[sopClass.slice(ROOT.length)] : undefined;
  const maker = textOf(walk, 0x00080070);
  return onlyKnown({
    sopClass: known,
    transferSyntax: SYNTAXES[walk.syntax.uid],
    manufacturer: MAKERS.find(([word]) => word.test(maker))?.[1],
    rows: wholeOf(walk, 0x00280010, 0xffff),
    columns: wholeOf(walk, 0x00280011, 0xffff),
    frames: wholeOf(walk, 0x00280008, MAX_FRAMES),
  });
}

function onlyKnown(facts: {
  readonly [Fact in keyof SafeFacts]: SafeFacts[Fact] | undefined;
}): SafeFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function textOf(walk: Walk, tag: Tag): string {
  const element = find(walk.elements, tag);
  if (element === undefined || element.valueLength > MAX_VALUE_BYTES) return '';
  return readStrings(walk, element, DEFAULT_CHARACTER_SET)[0] ?? '';
}

/** A whole number from 1 up to what such an element can hold; anything else is no size. */
function wholeOf(walk: Walk, tag: Tag, most: number): number | undefined {
  const element = find(walk.elements, tag);
  if (element === undefined || element.valueLength > MAX_VALUE_BYTES) return undefined;
  const [number] = readNumbers(walk, element);
  return number !== undefined && Number.isInteger(number) && number >= 1 && number <= most
    ? number
    : undefined;
}
