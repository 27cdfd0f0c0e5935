/** An image on its way: what each step knows of it. All of it may name a patient: it is sealed. */
import type { Finding } from '@lazaret/faults';
import type { KeptCopy } from '../../engine/pipeline.ts';
import type { SafeFacts } from './safe-facts.ts';

/** What the source lists: one entry of a folder. */
export interface FileArrival {
  /** Absolute path; base64 of its bytes where they are not valid UTF-8. */
  readonly path: string;
  readonly encoding: 'utf8' | 'base64';
  readonly kind: 'file' | 'symbolic link' | 'special file';
  readonly size: number;
  /** The digest that the bytes had when they first arrived; set when the item is sent in again. */
  readonly expected?: string;
  /** A copy of these bytes, where one is kept; set when the item is sent in again. */
  readonly copy?: KeptCopy;
}

/** What is read of an image's header, as it stands there. */
export interface ImageHeader {
  readonly patientId: string;
  readonly issuer: string;
  readonly birthDate: string;
  readonly accession: string;
  readonly studyUid: string;
  readonly studyDate: string;
  readonly seriesUid: string;
  readonly instanceUid: string;
  readonly sopClass: string;
  readonly modality: string;
  readonly burnedIn: string;
  /** Values of Image Type (0008,0008), in capitals. */
  readonly imageType: readonly string[];
  readonly hasPixels: boolean;
}

/** An image that was read: it is DICOM, and this is its header. */
export interface Image {
  readonly file: FileArrival;
  /** SHA-256 of the file, hexadecimal. */
  readonly digest: string;
  readonly size: number;
  readonly header: ImageHeader;
  /** What of the header may be shown to anyone. */
  readonly facts: SafeFacts;
  /** What the reader had to forgive that is not harmless, if anything. */
  readonly doubt: {
    readonly kinds: readonly string[];
    readonly tag?: string;
    readonly offset: number;
  } | null;
}

/** An image whose patient has a pseudonym. */
export interface IdentifiedImage extends Image {
  readonly identity: {
    readonly pseudonym: string;
    readonly shiftDays: number;
    /** Empty where the source has no accession number. */
    readonly accession: string;
  };
}

/** An image that is clean, verified and packed, in the staging folder. */
export interface PackedImage {
  /** The SOPInstanceUID of the source. */
  readonly instanceUid: string;
  readonly digest: string;
  readonly size: number;
  readonly identity: IdentifiedImage['identity'];
  /** As shifted; empty where the source has none. */
  readonly studyDate: string;
  /** Its name in the archive. */
  readonly entry: string;
  readonly part: {
    readonly path: string;
    /** Where it begins in the file, which it shares with others. */
    readonly offset: number;
    readonly packedBytes: number;
    readonly packedDigest: string;
    /** Of the clean file itself. */
    readonly digest: string;
    readonly size: number;
  };
}

/** A packed image that knows its archive. */
export interface ArchivedImage extends PackedImage {
  readonly archive: string;
  readonly findings: readonly Finding['id'][];
}
