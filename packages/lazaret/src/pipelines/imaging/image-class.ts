/**
 * SOP classes whose objects have pixels (PS3.4 table B.5-1, those whose IOD in PS3.3 demands one of
 * the pixel modules). A file of such a class without pixels was cut off where an element ends, or
 * was emptied on purpose; its header alone does not tell.
 */
const ROOT = '1.2.840.10008.5.1.4.1.1.';

const WITH_PIXELS = new Set(
  `1 1.1 1.1.1 1.2 1.2.1 1.3 1.3.1 2 2.1 2.2 3 3.1 4 4.1 4.3 6 6.1 6.2 7 7.1 7.2 7.3 7.4 12.1 12.1.1
  12.2 12.2.1 12.3 13.1.1 13.1.2 13.1.3 13.1.4 13.1.5 14.1 14.2 20 30 66.4 77.1.1 77.1.2 77.1.3
  77.1.4 77.1.1.1 77.1.2.1 77.1.4.1 77.1.5.1 77.1.5.2 77.1.5.4 77.1.6 128 128.1 130 481.1 481.2`
    .split(/\s+/)
    .map((suffix) => ROOT + suffix),
);

/** Whether objects of this class are nothing without pixels. */
export function demandsPixels(sopClass: string): boolean {
  return WITH_PIXELS.has(sopClass);
}
