/**
 * Two readers, one structure. The finished bytes were read by `dicom-parser`; here our own walker reads
 * them too. Where the two see other elements, other lengths or another nesting, somebody else will see
 * a third thing, and nothing that was checked holds. The walker may forgive nothing either: whatever was
 * odd about the source is gone from a file that was written anew.
 */
import { bufferSource } from '../../../bytes/byte-source.ts';
import { formatTag } from './dictionary.ts';
import type { Element, Tag } from './element.ts';
import { IMPLICIT_LITTLE_ENDIAN } from './transfer-syntax.ts';
import type { ReadBack, ReadElement } from './verify-reader.ts';
import { isUnreadable, walk } from './walk.ts';

export interface StructureBreach {
  readonly kind: 'readers-disagree' | 'forgiven-in-output';
  readonly tag?: string;
}

/** What the two readers do not agree about: the first place only, since the rest follows from it. */
export function findStructureBreaches(back: ReadBack): readonly StructureBreach[] {
  const walked = walk(bufferSource(back.bytes));
  if (isUnreadable(walked)) return [{ kind: 'readers-disagree' }];
  const [forgiven] = walked.forgiven;
  if (forgiven !== undefined) {
    const { tag } = forgiven;
    return [{ kind: 'forgiven-in-output', ...(tag === undefined ? {} : { tag }) }];
  }
  const theirs = back.elements[Symbol.iterator]();
  // Without VRs in the file both readers know them from the same dictionary.
  const explicit = back.syntaxUid !== IMPLICIT_LITTLE_ENDIAN;
  const differing =
    findDifference(walked.meta, 0, true, theirs) ??
    findDifference(walked.elements, 0, explicit, theirs);
  const left = theirs.next().value;
  const tag = differing ?? left?.tag;
  return tag === undefined ? [] : [{ kind: 'readers-disagree', tag: formatTag(tag) }];
}

/** The tag of the first element that the other reader sees in another way. */
function findDifference(
  ours: readonly Element[],
  depth: number,
  explicit: boolean,
  theirs: Iterator<ReadElement, undefined>,
): Tag | undefined {
  for (const element of ours) {
    const other = theirs.next().value;
    const { tag, vr, valueOffset, valueLength, items } = element;
    const same =
      other !== undefined &&
      other.tag === tag &&
      (!explicit || other.vr === vr) &&
      other.offset === valueOffset &&
      other.length === valueLength &&
      other.depth === depth &&
      other.itemCount === items?.length;
    if (!same) return tag;
    for (const item of items ?? []) {
      const nested = findDifference(item.elements, depth + 1, explicit, theirs);
      if (nested !== undefined) return nested;
    }
  }
  return undefined;
}
