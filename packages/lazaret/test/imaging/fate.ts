/**
 * What becomes of the elements of a file under a set of options: the file as it would leave, beside
 * its source, element by element.
 */
import { bufferSource } from '../../src/bytes/byte-source.ts';
import { passThrough, sampleInput } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { formatTag, lookUp } from '../../src/pipelines/imaging/dicom/dictionary.ts';
import type { Element, Walk } from '../../src/pipelines/imaging/dicom/element.ts';
import type { SupportedOption } from '../../src/pipelines/imaging/dicom/profile-options.ts';
import { describeIdentity } from '../../src/pipelines/imaging/dicom/residual.ts';
import { isUnreadable, walk } from '../../src/pipelines/imaging/dicom/walk.ts';
import { readHeader } from '../../src/pipelines/imaging/header.ts';

const RETAINED: readonly SupportedOption[] = [
  'retainUids',
  'retainDeviceIdentity',
  'retainInstitutionIdentity',
  'retainPatientCharacteristics',
];

const CLEANED: readonly SupportedOption[] = [
  'cleanDescriptors',
  'cleanStructuredContent',
  'cleanGraphics',
  'retainSafePrivate',
];

/** The sets that are looked at; together they have every option that is supported. */
export const OPTION_SETS: Readonly<Record<string, readonly SupportedOption[]>> = {
  basic: [],
  modified: ['retainLongitudinalModifiedDates'],
  full: ['retainLongitudinalFullDates'],
  all: [...RETAINED, 'retainLongitudinalFullDates'],
  cleaned: [...CLEANED, 'retainLongitudinalModifiedDates'],
};

const MEDIA_DIRECTORY = '1.2.840.10008.1.3.10';

/** The file as it would leave; null where it would be held. */
export function deliver(bytes: Buffer, options: readonly SupportedOption[]): Buffer | null {
  const source = walk(bufferSource(bytes));
  if (isUnreadable(source)) return null;
  const { image, mediaClass } = readHeader(source);
  // What the screen holds, and the indexes that are never taken for images.
  if (image.patientId === '' || image.instanceUid === '' || mediaClass === MEDIA_DIRECTORY)
    return null;
  const present = describeIdentity(source).accession !== 'missing';
  const passed = passThrough(bytes, { ...sampleInput(options), accession: present ? 'A-19' : '' });
  const { doubts, breaches, hits } = passed;
  return doubts.length + breaches.length + hits.length > 0 ? null : Buffer.from(passed.bytes);
}

export type Fate = 'kept' | 'changed' | 'emptied' | 'removed';

export interface Judged {
  /** Tags without item numbers. */
  readonly path: string;
  readonly tag: number;
  readonly vr: string;
  /** The source has the element, and nothing in it. */
  readonly empty: boolean;
  readonly fate: Fate;
}

/** What became of each element of a file; what is in a sequence that went is not listed. */
export function compare(source: Walk, output: Walk): Judged[] {
  const judged: Judged[] = [];
  const visit = (before: readonly Element[], after: readonly Element[], path: string): void => {
    const byTag = new Map(after.map((element) => [element.tag, element]));
    for (const element of before) {
      const other = byTag.get(element.tag);
      const place = path + formatTag(element.tag);
      judged.push({
        path: place,
        tag: element.tag,
        vr: element.vr === 'UN' ? (lookUp(element.tag)?.vrs[0] ?? 'UN') : element.vr,
        empty: element.items === undefined && valueOf(source, element).length === 0,
        fate: fateOf(source, element, output, other),
      });
      element.items?.forEach((item, index) => {
        const match = other?.items?.[index];
        if (match !== undefined) visit(item.elements, match.elements, `${place}.`);
      });
    }
  };
  visit(source.elements, output.elements, '');
  return judged;
}

function fateOf(source: Walk, element: Element, output: Walk, other: Element | undefined): Fate {
  if (other === undefined) return 'removed';
  if (element.items !== undefined && other.items !== undefined) {
    return element.items.length === other.items.length ? 'kept' : 'changed';
  }
  const before = valueOf(source, element);
  const after = valueOf(output, other);
  if (before.equals(after)) return 'kept';
  return after.length === 0 ? 'emptied' : 'changed';
}

/** Without padding at the end, which an odd value is given. */
export function valueOf(of: Walk, { valueOffset, valueLength, fragments }: Element): Buffer {
  const bytes = Buffer.from(of.source.read(valueOffset, valueLength));
  if (fragments !== undefined) return bytes;
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end -= 1;
  return bytes.subarray(0, end);
}
