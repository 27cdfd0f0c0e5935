import type { ByteRange } from '../../../bytes/byte-source.ts';
import type {
  Edit,
  Editor,
  Element,
  Item,
  NewElement,
  PathStep,
  Rendition,
  Tag,
  Walk,
} from './element.ts';
import { isPixelData } from './header.ts';
import { encodeHeader, encodeMarker } from './header-writer.ts';
import { Segments } from './segments.ts';
import { ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER } from './sequence.ts';
import { writtenSyntaxUid } from './transfer-syntax.ts';
import { paddingOf } from './value-representation.ts';
import { EXPLICIT_LE, IMPLICIT_LE, UNDEFINED_LENGTH, type Encoding } from './walk-state.ts';

export interface RewriteOptions {
  /**
   * Elements for the outermost data set, put where their tags belong. One whose tag the source has
   * too takes its place; the editor is not asked about that one.
   */
  readonly insert?: readonly NewElement[];
  /** The meta group without its length and its transfer syntax, which are worked out here. */
  readonly meta: readonly NewElement[];
}

const META_GROUP_LENGTH = 0x00020000;
const TRANSFER_SYNTAX_UID = 0x00020010;
const TRAILING_PADDING = 0xfffcfffc;
const KEEP: Edit = { kind: 'keep' };
const NO_ITEMS: ReadonlySet<number> = new Set();

/** Copies everything as it is. */
export const keepAll: Editor = () => KEEP;

/**
 * Writes a file anew: an empty preamble, a meta group built from `options.meta`, and the data set as
 * the editor has it, in its own encoding and in the order of its tags. Deflated sources are written
 * inflated. What stays is a range of the source, so nothing is copied until it is read.
 *
 * Never written, whatever the editor says: group lengths (retired by PS3.5 section 7.2), groups 0000,
 * 0002 and FFFE in the data set, padding behind the last element, and the bytes of a damaged
 * element's header, which is encoded anew.
 */
export function rewrite(walk: Walk, editor: Editor, options: RewriteOptions): Rendition {
  const out = new Segments(walk.source);
  out.write(new Uint8Array(128));
  out.write(Buffer.from('DICM', 'latin1'));
  writeMeta(out, walk, options.meta);
  const writer = new DataSetWriter(walk, editor);
  const pixels = writer.writeOutermost(out, options.insert ?? []);
  const written = out.toSource();
  return { size: written.size, read: (offset, length) => written.read(offset, length), pixels };
}

function writeMeta(out: Segments, walk: Walk, meta: readonly NewElement[]): void {
  const uid = writtenSyntaxUid(walk.syntax);
  const syntax = {
    tag: TRANSFER_SYNTAX_UID,
    vr: 'UI',
    value: Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`, 'latin1'),
  };
  const others = meta.filter(({ tag }) => tag !== META_GROUP_LENGTH && tag !== TRANSFER_SYNTAX_UID);
  const group = new Segments(walk.source);
  for (const element of [...others, syntax].sort((a, b) => a.tag - b.tag)) {
    writeNew(group, element, EXPLICIT_LE);
  }
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, group.size, true);
  writeNew(out, { tag: META_GROUP_LENGTH, vr: 'UL', value: length }, EXPLICIT_LE);
  out.append(group);
}

function writeNew(out: Segments, { tag, vr, value }: NewElement, encoding: Encoding): void {
  out.write(encodeHeader(tag, vr, value.length, encoding));
  out.write(value);
}

/** Writes the elements of one walk. A class for what every level needs; it lives for one file. */
class DataSetWriter {
  readonly #walk: Walk;
  readonly #editor: Editor;
  readonly #path: PathStep[] = [];
  readonly #encoding: Encoding;
  /** Every header is encoded anew, since the source's encoding may not be written. */
  readonly #anew: boolean;

  constructor(walk: Walk, editor: Editor) {
    const { encapsulated, explicit, littleEndian } = walk.syntax;
    this.#walk = walk;
    this.#editor = editor;
    // PS3.5 annex A.4: around encapsulated pixels everything is explicit. Some files are implicit.
    this.#anew = encapsulated && !explicit;
    this.#encoding = { explicit: explicit || encapsulated, littleEndian };
  }

  writeOutermost(out: Segments, insert: readonly NewElement[]): ByteRange | null {
    const encoding = this.#encoding;
    const inserted = [...insert].sort((a, b) => a.tag - b.tag);
    const insertedTags = new Set(inserted.map(({ tag }) => tag));
    let next = 0;
    const insertUpTo = (tag: Tag): void => {
      for (let element = inserted[next]; element !== undefined && element.tag < tag;) {
        writeNew(out, element, encoding);
        next += 1;
        element = inserted[next];
      }
    };
    let pixels: ByteRange | null = null;
    for (const element of inOrder(this.#walk.elements)) {
      if (isNeverWritten(element.tag, true)) continue;
      insertUpTo(element.tag);
      if (insertedTags.has(element.tag)) continue;
      const before = out.size;
      const edit = this.#editor(element, this.#path);
      this.#write(out, element, edit, encoding);
      if (isPixelData(element.tag) && out.size > before) {
        pixels = this.#locate(element, edit, before, out.size, encoding);
      }
    }
    insertUpTo(0x100000000);
    return pixels;
  }

  #canCopy(element: Element): boolean {
    return element.damaged !== true && !this.#anew;
  }

  /** Where the value of an element that was just written lies. */
  #locate(element: Element, edit: Edit, start: number, end: number, encoding: Encoding): ByteRange {
    const replaced = edit.kind === 'replace';
    const vr = replaced ? (edit.vr ?? element.vr) : element.vr;
    const copied = !replaced && this.#canCopy(element);
    const header = copied
      ? element.valueOffset - element.offset
      : encodeHeader(element.tag, vr, 0, encoding).length;
    const delimited = copied ? element.undefinedLength : element.fragments !== undefined;
    const delimiter = !replaced && delimited ? 8 : 0;
    return { offset: start + header, length: end - start - header - delimiter };
  }

  /** Returns whether what was written differs from the element's bytes in the source. */
  #write(out: Segments, element: Element, edit: Edit, encoding: Encoding): boolean {
    switch (edit.kind) {
      case 'remove':
        return true;
      case 'replace': {
        const { tag } = element;
        writeNew(out, { tag, vr: edit.vr ?? element.vr, value: edit.value }, encoding);
        return true;
      }
      case 'descend':
        if (element.items !== undefined) {
          const { without } = edit;
          return this.#writeSequence(out, element, element.items, encoding, this.#editor, without);
        }
        return this.#keep(out, element, encoding);
      case 'keep':
        return this.#keep(out, element, encoding);
    }
  }

  #keep(out: Segments, element: Element, encoding: Encoding): boolean {
    if (this.#canCopy(element)) {
      out.copy(element.offset, element.end - element.offset);
      return false;
    }
    if (element.items !== undefined) {
      return this.#writeSequence(out, element, element.items, encoding, keepAll);
    }
    if (element.fragments !== undefined) writeFragments(out, element, encoding);
    else writeValue(out, element, encoding);
    return true;
  }

  #writeSequence(
    out: Segments,
    element: Element,
    items: readonly Item[],
    outer: Encoding,
    editor: Editor,
    without: ReadonlySet<number> = NO_ITEMS,
  ): boolean {
    const encoding = element.vr === 'UN' ? IMPLICIT_LE : outer;
    const { littleEndian } = encoding;
    const value = new Segments(this.#walk.source);
    let changed = !this.#canCopy(element) || without.size > 0;
    items.forEach((item, index) => {
      if (without.has(index)) return;
      this.#path.push({ tag: element.tag, item: index });
      const body = new Segments(this.#walk.source);
      if (this.#writeItem(body, item, encoding, editor)) changed = true;
      this.#path.pop();
      const length = item.undefinedLength ? UNDEFINED_LENGTH : body.size;
      value.write(encodeMarker(ITEM, length, littleEndian));
      value.append(body);
      if (item.undefinedLength) value.write(encodeMarker(ITEM_DELIMITER, 0, littleEndian));
    });
    if (!changed) {
      out.copy(element.offset, element.end - element.offset);
      return false;
    }
    const length = element.undefinedLength ? UNDEFINED_LENGTH : value.size;
    out.write(encodeHeader(element.tag, element.vr, length, outer));
    out.append(value);
    if (element.undefinedLength) out.write(encodeMarker(SEQUENCE_DELIMITER, 0, littleEndian));
    return true;
  }

  #writeItem(out: Segments, item: Item, encoding: Encoding, editor: Editor): boolean {
    let changed = false;
    const ordered = inOrder(item.elements);
    if (ordered !== item.elements) changed = true;
    for (const element of ordered) {
      if (isNeverWritten(element.tag, false)) {
        changed = true;
        continue;
      }
      const edit = editor === keepAll ? KEEP : editor(element, this.#path);
      if (this.#write(out, element, edit, encoding)) changed = true;
    }
    return changed;
  }
}

/** Fragments of damaged pixel data: each with its true length, made even, and the delimiter. */
function writeFragments(out: Segments, element: Element, encoding: Encoding): void {
  const { littleEndian } = encoding;
  out.write(encodeHeader(element.tag, element.vr, UNDEFINED_LENGTH, encoding));
  for (const { offset, length } of element.fragments ?? []) {
    out.write(encodeMarker(ITEM, length + (length % 2), littleEndian));
    out.copy(offset, length);
    if (length % 2 === 1) out.write(Uint8Array.of(0));
  }
  out.write(encodeMarker(SEQUENCE_DELIMITER, 0, littleEndian));
}

/** A plain element under a header of its own, its value made even. */
function writeValue(out: Segments, element: Element, encoding: Encoding): void {
  const { tag, vr, valueOffset, valueLength } = element;
  const odd = valueLength % 2 === 1;
  out.write(encodeHeader(tag, vr, valueLength + (odd ? 1 : 0), encoding));
  out.copy(valueOffset, valueLength);
  if (odd) out.write(Uint8Array.of(paddingOf(vr)));
}

/** The elements by tag; the same array where they are in order already. */
function inOrder(elements: readonly Element[]): readonly Element[] {
  let last = -1;
  for (const { tag } of elements) {
    if (tag < last) return [...elements].sort((a, b) => a.tag - b.tag);
    last = tag;
  }
  return elements;
}

function isNeverWritten(tag: Tag, outermost: boolean): boolean {
  const group = tag >>> 16;
  if ((tag & 0xffff) === 0 || group === 0xfffe) return true;
  return outermost && (group === 0 || group === 2 || tag === TRAILING_PADDING);
}
