/** The pixels of a finished file have to be the source's, byte for byte. */
import { formatTag } from './dictionary.ts';
import type { Tag, Walk } from './element.ts';
import type { ReadBack } from './verify-reader.ts';

/** Float, double float, and plain or encapsulated pixel data. */
const PIXELS: readonly Tag[] = [0x7fe00008, 0x7fe00009, 0x7fe00010];
const COMPARE_BYTES = 1024 * 1024;

/**
 * The two are compared and not their digests: that is the stronger statement, and costs less. All else
 * that is bulk (waveforms, spectra, overlay planes, tables, contours) are elements like others, and
 * are compared with the source where they are kept: see `verify-rules.ts`.
 */
export function findPixelBreaches(
  back: ReadBack,
  source: Walk,
): readonly { readonly kind: 'pixels-differ'; readonly tag: string }[] {
  return PIXELS.filter((tag) => !areSame(tag, back, source)).map((tag) => ({
    kind: 'pixels-differ',
    tag: formatTag(tag),
  }));
}

function areSame(tag: Tag, back: ReadBack, source: Walk): boolean {
  const before = source.elements.filter((element) => element.tag === tag);
  const after = back.pixels.filter((pixels) => pixels.tag === tag);
  const [from, to] = [before[0], after[0]];
  if (from === undefined && to === undefined) return true;
  return (
    from !== undefined &&
    to !== undefined &&
    before.length === 1 &&
    after.length === 1 &&
    isSameVr(from.vr, to.vr, source) &&
    from.valueLength === to.length &&
    equalBytes(source, from.valueOffset, back, to.offset, to.length)
  );
}

/** Bytes of another VR are in another order. Only explicit files say which it is. */
function isSameVr(before: string, after: string, { syntax }: Walk): boolean {
  return before === after || !syntax.explicit || before === 'UN';
}

function equalBytes(
  source: Walk,
  sourceOffset: number,
  back: ReadBack,
  outputOffset: number,
  length: number,
): boolean {
  for (let done = 0; done < length; done += COMPARE_BYTES) {
    const size = Math.min(COMPARE_BYTES, length - done);
    const left = source.source.read(sourceOffset + done, size);
    const right = back.output.read(outputOffset + done, size);
    if (left.length !== size || Buffer.compare(left, right) !== 0) return false;
  }
  return true;
}
