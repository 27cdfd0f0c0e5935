/** The few elements of a header that decide an image's way. */
import { find, readCharacterSet, readStrings } from './dicom/read-value.ts';
import type { Tag, Walk } from './dicom/element.ts';
import type { ImageHeader } from './image.ts';

/** Of a value at most so much is kept: a damaged length must not make a header of a pixel. */
const MAX_VALUE_CHARACTERS = 1_024;
const MAX_VALUE_BYTES = 4_096;

/** Pixel Data, Float Pixel Data, Double Float Pixel Data. */
const PIXELS: readonly Tag[] = [0x7fe00010, 0x7fe00008, 0x7fe00009];

export interface ReadHeader {
  readonly image: ImageHeader;
  /** What the file meta group or the data set says that the file is. */
  readonly mediaClass: string;
}

export function readHeader(walk: Walk): ReadHeader {
  const charset = readCharacterSet(walk, walk.elements);
  const all = (elements: Walk['elements'], tag: Tag): string[] => {
    const element = find(elements, tag);
    if (element === undefined || element.valueLength > MAX_VALUE_BYTES) return [];
    return readStrings(walk, element, charset).map((text) => text.slice(0, MAX_VALUE_CHARACTERS));
  };
  const first = (elements: Walk['elements'], tag: Tag): string => all(elements, tag)[0] ?? '';
  const value = (tag: Tag): string => first(walk.elements, tag);
  const sopClass = value(0x00080016);
  const mediaClass = walk.meta.length === 0 ? '' : first(metaOf(walk), 0x00020002);
  return {
    mediaClass: mediaClass === '' ? sopClass : mediaClass,
    image: {
      patientId: value(0x00100020),
      issuer: value(0x00100021),
      birthDate: value(0x00100030),
      accession: value(0x00080050),
      studyUid: value(0x0020000d),
      studyDate: value(0x00080020),
      seriesUid: value(0x0020000e),
      instanceUid: value(0x00080018),
      sopClass,
      modality: value(0x00080060).toUpperCase(),
      burnedIn: value(0x00280301).toUpperCase(),
      imageType: all(walk.elements, 0x00080008).map((text) => text.trim().toUpperCase()),
      hasPixels: PIXELS.some((tag) => (find(walk.elements, tag)?.valueLength ?? 0) > 0),
    },
  };
}

function metaOf(walk: Walk): Walk['elements'] {
  return walk.syntax.deflated ? [] : walk.meta;
}
