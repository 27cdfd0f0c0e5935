/**
 * A file that was cut off, told from one with a damaged length. Both end within an element. In a file
 * that was cut, everything that runs over the end is one chain (a sequence, its last item, the last
 * element of that, and so on), and the last value holds nothing but itself. A length that was damaged
 * has swallowed what came behind it: there are other elements in the value.
 *
 * The difference matters to people: a cut file has to be sent again, and nothing else helps; behind a
 * damaged length everything may be there, and is in doubt.
 */
import { lookUp } from './dictionary.ts';
import type { Element, Forgiven } from './element.ts';
import { isAllowed } from './standard-vr.ts';
import { representationOfCode } from './value-representation.ts';
import type { Encoding, WalkState } from './walk-state.ts';

/** A value of which more than this is there is not looked through: the file stays in doubt. */
const SCANNED_BYTES = 1024 * 1024;
/** An element's header is as long as this at the least. */
const HEADER_BYTES = 8;

/** As what a cut shows, before it is known for one. */
export const CUT_KINDS: ReadonlySet<Forgiven['kind']> = new Set([
  'length-overrun',
  'missing-delimiter',
  'trailing-bytes',
]);

/** Where the file was cut, or null where it was not, or where something else is wrong with it. */
export function findCut(
  state: WalkState,
  elements: readonly Element[],
  encoding: Encoding,
): { readonly offset: number; readonly tag: number } | null {
  const { size } = state.source;
  const chain = lastChain(elements);
  const last = chain.at(-1);
  if (last === undefined || state.pixelsPassed) return null;
  const offsets = new Set(
    chain.flatMap(({ offset, items }) => {
      const item = items?.at(-1);
      return item === undefined ? [offset] : [offset, item.offset - HEADER_BYTES];
    }),
  );
  const doubts = state.forgiven.filter(({ kind }) => !HARMLESS.has(kind));
  const belongs = ({ kind, offset }: Forgiven): boolean =>
    kind === 'length-overrun'
      ? offsets.has(offset)
      : kind === 'missing-delimiter'
        ? offset === size
        : kind === 'trailing-bytes' && size - offset < HEADER_BYTES;
  if (doubts.length === 0 || !doubts.every(belongs)) return null;
  const whole = last.end < size;
  return whole || !holdsElement(state, last, encoding) ? { offset: size, tag: last.tag } : null;
}

/** What every file may have, cut or not. */
const HARMLESS: ReadonlySet<Forgiven['kind']> = new Set([
  ...(['no-preamble', 'no-meta', 'meta-length-missing', 'meta-length-wrong'] as const),
  ...(['odd-length', 'group-length-wrong', 'syntax-missing'] as const),
]);

/** The last element, the last one in its last item, and so on. */
function lastChain(elements: readonly Element[]): readonly Element[] {
  const last = elements.at(-1);
  if (last === undefined) return [];
  return [last, ...lastChain(last.items?.at(-1)?.elements ?? [])];
}

/** Whether the header of an element that the standard knows stands in the value. */
function holdsElement(
  state: WalkState,
  { tag, valueOffset, items }: Element,
  { explicit, littleEndian }: Encoding,
): boolean {
  const { size } = state.source;
  if (items !== undefined) return false;
  if (size - valueOffset > SCANNED_BYTES) return true;
  const bytes = state.bytes(valueOffset, size - valueOffset);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEADER_BYTES <= bytes.length; at += 1) {
    const group = view.getUint16(at, littleEndian);
    const found = ((group << 16) | view.getUint16(at + 2, littleEndian)) >>> 0;
    const entry = group % 2 === 0 && found !== tag ? lookUp(found) : undefined;
    if (entry === undefined || (found & 0xffff) === 0) continue;
    const written = representationOfCode(view.getUint16(at + 4));
    if (explicit ? written !== undefined && isAllowed(entry, written) : found > tag) return true;
  }
  return false;
}
