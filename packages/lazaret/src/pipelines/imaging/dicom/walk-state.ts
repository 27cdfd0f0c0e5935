import { formatPath } from './dictionary.ts';
import type { ByteSource } from '../../../bytes/byte-source.ts';
import type { Forgiven, PathStep, Tag, Unreadable } from './element.ts';
import type { ForgivenKind } from './forgiven-kinds.ts';
import type { WalkLimits } from './walk-limits.ts';

/** How headers are written at one level of a data set. */
export interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

export const IMPLICIT_LE: Encoding = { explicit: false, littleEndian: true };
export const EXPLICIT_LE: Encoding = { explicit: true, littleEndian: true };
export const EXPLICIT_BE: Encoding = { explicit: true, littleEndian: false };

/** The length field of an element whose end is marked by a delimiter. */
export const UNDEFINED_LENGTH = 0xffffffff;

/** Returned in place of an offset once `failure` is set: reading must end. */
export const FAILED = -1;

/** Enough for the header of most images, so that it is read at one go. */
const WINDOW_BYTES = 64 * 1024;

/**
 * What one walk knows while it goes on: its window on the source, where it is, what it counted,
 * what it forgave, and why it had to stop. Functions of the walk return FAILED or null after
 * `fail`, instead of throwing, because a broken file is an ordinary result.
 */
export class WalkState {
  readonly source: ByteSource;
  readonly limits: WalkLimits;
  readonly forgiven: Forgiven[] = [];
  /** The sequences and items in which the walk stands. */
  readonly path: PathStep[] = [];
  failure: Unreadable | null = null;
  elements = 0;
  fragments = 0;
  /** Whether the pixel data of the outermost data set has been passed. */
  pixelsPassed = false;
  /** (0028,0103) said that pixels are signed, which decides between US and SS (PS3.5 annex A.1). */
  signedPixels = false;
  /** The transfer syntax says that pixel data is encapsulated. */
  encapsulated = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;
  #notZeroAt = -1;

  constructor(source: ByteSource, limits: WalkLimits) {
    this.source = source;
    this.limits = limits;
  }

  /** The caller has made sure that the two bytes lie within the source. */
  u16(at: number, littleEndian: boolean): number {
    if (!this.#covers(at, 2)) this.#load(at, 2);
    return this.#view.getUint16(at - this.#start, littleEndian);
  }

  u32(at: number, littleEndian: boolean): number {
    if (!this.#covers(at, 4)) this.#load(at, 4);
    return this.#view.getUint32(at - this.#start, littleEndian);
  }

  tagAt(at: number, littleEndian: boolean): Tag {
    if (littleEndian) {
      const word = this.u32(at, true);
      return ((word << 16) | (word >>> 16)) >>> 0;
    }
    return this.u32(at, false);
  }

  bytes(at: number, length: number): Uint8Array {
    if (!this.#covers(at, length)) return this.source.read(at, length);
    return this.#bytes.subarray(at - this.#start, at - this.#start + length);
  }

  /**
   * Whether all bytes from here to the end of the source are zero. Where the first other byte was
   * found is remembered: asking again and again must not take more than one pass in all.
   */
  onlyZerosFrom(at: number): boolean {
    if (at <= this.#notZeroAt) return false;
    for (let position = at; position < this.source.size; position += WINDOW_BYTES) {
      const index = this.source.read(position, WINDOW_BYTES).findIndex((byte) => byte !== 0);
      if (index === -1) continue;
      this.#notZeroAt = position + index;
      return false;
    }
    return true;
  }

  forgive(kind: ForgivenKind, offset: number, tag?: Tag, readAs?: string): void {
    if (this.forgiven.length >= this.limits.forgiven) {
      this.fail({ unreadable: 'limit', limit: 'forgiven', offset });
      return;
    }
    this.forgiven.push({
      kind,
      offset,
      ...(tag === undefined ? {} : { tag: formatPath(this.path, tag) }),
      ...(readAs === undefined ? {} : { readAs }),
    });
  }

  /** The first failure is the reason; what follows from it is not reported. */
  fail(failure: Unreadable): void {
    this.failure ??= failure;
  }

  malformed(offset: number, tag?: Tag): void {
    this.fail({
      unreadable: 'malformed',
      offset,
      ...(tag === undefined ? {} : { tag: formatPath(this.path, tag) }),
    });
  }

  /** Counts elements and items against their limit. */
  countElement(offset: number): boolean {
    this.elements += 1;
    if (this.elements <= this.limits.elements) return true;
    this.fail({ unreadable: 'limit', limit: 'elements', offset });
    return false;
  }

  countFragment(offset: number): boolean {
    this.fragments += 1;
    if (this.fragments <= this.limits.fragments) return true;
    this.fail({ unreadable: 'limit', limit: 'fragments', offset });
    return false;
  }

  #covers(at: number, length: number): boolean {
    return at >= this.#start && at + length <= this.#start + this.#bytes.length;
  }

  #load(at: number, length: number): void {
    this.#bytes = this.source.read(at, WINDOW_BYTES);
    if (this.#bytes.length < length) {
      // A file that shrinks while it is read: zeros stand for what is gone, and the walk ends there.
      const padded = new Uint8Array(length);
      padded.set(this.#bytes);
      this.#bytes = padded;
    }
    this.#start = at;
    const { buffer, byteOffset, byteLength } = this.#bytes;
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }
}
