/**
 * Where in the data something was found. Only what can be shown to anyone: a file's or folder's
 * name may be a patient's, so an item is named by its number in the run, never by its path.
 */
export interface Place {
  /** Number of the item within its run, from 1. */
  readonly item?: number;
  /** A DICOM element: `(0010,0010)`, nested ones as `(0040,A730)[2].(0008,0104)`. */
  readonly tag?: string;
  /** Offset in the source, bytes from 0. */
  readonly offset?: number;
  /** Physical line, from 1. */
  readonly line?: number;
  /** Record number, from 1. */
  readonly record?: number;
  /** Column name as the sender wrote it. */
  readonly column?: string;
  /** RFC 6901 pointer into a JSON document. */
  readonly pointer?: string;
  /** FHIRPath of one node. */
  readonly expression?: string;
}
