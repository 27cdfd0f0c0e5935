import {
  bufferSource,
  compositeSource,
  type ByteSource,
  type Part,
} from '../../../bytes/byte-source.ts';

/**
 * A file in the making: runs of new bytes and of ranges of one source. Ranges that follow each other
 * are joined, so that an image whose header was edited in a few places is a few parts.
 */
export class Segments {
  readonly #source: ByteSource;
  readonly #parts: Part[] = [];
  /** New bytes that no part holds yet. */
  #fresh: Uint8Array[] = [];
  #freshLength = 0;
  #rangeStart = 0;
  #rangeEnd = 0;
  #size = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a range of the source. */
  copy(offset: number, length: number): void {
    if (length === 0) return;
    this.#size += length;
    if (this.#rangeEnd > this.#rangeStart && this.#rangeEnd === offset) {
      this.#rangeEnd += length;
      return;
    }
    this.#closeRange();
    this.#closeFresh();
    this.#rangeStart = offset;
    this.#rangeEnd = offset + length;
  }

  /** Appends new bytes, which must not change any more. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#closeRange();
    this.#fresh.push(bytes);
    this.#freshLength += bytes.length;
    this.#size += bytes.length;
  }

  /** Appends all of other segments of the same source. */
  append(other: Segments): void {
    for (const part of other.#finish()) {
      if (part.source === this.#source) this.copy(part.offset, part.length);
      else this.write(part.source.read(part.offset, part.length));
    }
  }

  toSource(): ByteSource {
    return compositeSource(this.#finish());
  }

  #finish(): readonly Part[] {
    this.#closeRange();
    this.#closeFresh();
    return this.#parts;
  }

  #closeRange(): void {
    const length = this.#rangeEnd - this.#rangeStart;
    if (length === 0) return;
    this.#parts.push({ source: this.#source, offset: this.#rangeStart, length });
    this.#rangeStart = 0;
    this.#rangeEnd = 0;
  }

  #closeFresh(): void {
    if (this.#fresh.length === 0) return;
    const bytes = this.#fresh.length === 1 ? this.#fresh[0] : Buffer.concat(this.#fresh);
    if (bytes !== undefined) {
      this.#parts.push({ source: bufferSource(bytes), offset: 0, length: this.#freshLength });
    }
    this.#fresh = [];
    this.#freshLength = 0;
  }
}
