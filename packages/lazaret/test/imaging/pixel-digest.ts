import { bufferSource } from '../../src/bytes/byte-source.ts';
import { isUnreadable, walk } from '../../src/pipelines/imaging/dicom/walk.ts';
import { sha256 } from './archive-reader.ts';

/** SHA-256 of the value of PixelData, by our own walker; none where there is no such element. */
export function pixelDigest(bytes: Buffer): string[] {
  const walked = walk(bufferSource(bytes));
  if (isUnreadable(walked)) return [];
  const pixels = walked.elements.find(({ tag }) => tag === 0x7fe00010);
  if (pixels === undefined) return [];
  return [sha256(bytes.subarray(pixels.valueOffset, pixels.valueOffset + pixels.valueLength))];
}
