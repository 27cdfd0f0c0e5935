/**
 * The shape of a walked DICOM file. Nothing here holds a value: an element says where its value
 * lies in the source, so that a file of many gigabytes costs as much memory as its header.
 *
 * Glossary (PS3.5): a *data set* is a run of *elements*, each with a *tag*, a *VR* (value
 * representation), a length and a value. A *sequence* (SQ) has *items*, which are data sets again.
 * *Encapsulated* pixel data is a run of *fragments*.
 */
import type { ByteRange, ByteSource } from '../../../bytes/byte-source.ts';

import type { ForgivenKind } from './forgiven-kinds.ts';

/** A tag as one unsigned number, group in the upper half: 0x00100010. */
export type Tag = number;

export interface Element {
  readonly tag: Tag;
  /** Two letters, as the file gives them or, in implicit encoding, as the dictionary knows them. */
  readonly vr: string;
  /** Where the element's header begins in the source. */
  readonly offset: number;
  /** Where its value begins. */
  readonly valueOffset: number;
  /** Bytes of the value, without a closing delimiter. */
  readonly valueLength: number;
  /** Where the next element begins (behind the delimiter, if there is one). */
  readonly end: number;
  /** The length field read 0xFFFFFFFF. */
  readonly undefinedLength: boolean;
  /** Sequences only. */
  readonly items?: readonly Item[];
  /** Encapsulated pixel data only; the first is the offset table. */
  readonly fragments?: readonly ByteRange[];
  /**
   * The bytes in the source do not say what this element says (a length was cut, a VR guessed, a
   * delimiter is missing, here or further in). Such an element is encoded anew where it is kept.
   */
  readonly damaged?: boolean;
}

export interface Item extends ByteRange {
  readonly undefinedLength: boolean;
  readonly elements: readonly Element[];
}

export interface TransferSyntax {
  readonly uid: string;
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  readonly deflated: boolean;
  readonly encapsulated: boolean;
}

/**
 * What the walker had to forgive to go on reading. Each kind is either harmless or a reason to
 * hold the image: that judgement is made elsewhere (see `forgiveness.ts`), never by the walker.
 */
export interface Forgiven {
  readonly kind: ForgivenKind;
  /** Path of the element, as in `Place.tag`, where there is one. */
  readonly tag?: string;
  readonly offset: number;
  /** How the header was read in the end, where there was a choice: `PN, 16-bit length`. */
  readonly readAs?: string;
}

/** Why a file could not be read. Never a throw: a broken file is a finding. */
export interface Unreadable {
  readonly unreadable:
    'empty' | 'not-dicom' | 'truncated' | 'limit' | 'malformed' | 'unsupported-syntax';
  readonly offset: number;
  /** Path of the element at which reading ended, as in `Place.tag`. */
  readonly tag?: string;
  /** The name of the limit that was met: a key of `WalkLimits`. */
  readonly limit?: string;
}

/** One file, walked. Offsets are in `source`, which is the inflated bytes of a deflated file. */
export interface Walk {
  readonly source: ByteSource;
  readonly preamble: boolean;
  readonly syntax: TransferSyntax;
  /** Group 0002. Empty where the file has none. */
  readonly meta: readonly Element[];
  readonly elements: readonly Element[];
  readonly forgiven: readonly Forgiven[];
}

/** One step of the way to a nested element. */
export interface PathStep {
  readonly tag: Tag;
  /** Item number from 0 within the sequence `tag`. */
  readonly item: number;
}

/** What is to be done with one element when the file is written anew. */
export type Edit =
  /** Copied byte for byte, everything nested included. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'remove' }
  /** A new value, already encoded and of even length; the VR too, where it should differ. */
  | { readonly kind: 'replace'; readonly value: Uint8Array; readonly vr?: string }
  /**
   * Sequences: each element of each item is asked about in turn. Items whose number from 0 is in
   * `without` are left out, and nobody is asked about what they hold.
   */
  | { readonly kind: 'descend'; readonly without?: ReadonlySet<number> };

/** An element that the source does not have. The value is encoded already and of even length. */
export interface NewElement {
  readonly tag: Tag;
  readonly vr: string;
  readonly value: Uint8Array;
}

/** Asked once for each element, outer ones first. */
export type Editor = (element: Element, path: readonly PathStep[]) => Edit;

/** A file written anew, not yet in memory: runs of new bytes and of ranges of the source. */
export interface Rendition extends ByteSource {
  /** The value of PixelData (7FE0,0010), or its float kinds, in the new file. */
  readonly pixels: ByteRange | null;
}
