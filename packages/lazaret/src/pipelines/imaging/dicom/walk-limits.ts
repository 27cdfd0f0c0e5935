/** What a file may cost, so that no input takes more time or memory than these say. */
export interface WalkLimits {
  /** Sequences within sequences. */
  readonly depth: number;
  /** Elements and items in all. */
  readonly elements: number;
  /** Fragments of encapsulated pixel data in all. */
  readonly fragments: number;
  /** Things forgiven in one file; beyond this it is not worth reading. */
  readonly forgiven: number;
  /** Bytes of a deflated data set, before and after inflation. */
  readonly inflatedBytes: number;
}

/** Room for the largest enhanced multi-frame and whole-slide files seen, with a factor to spare. */
export const WALK_LIMITS: WalkLimits = {
  depth: 64,
  elements: 2_000_000,
  fragments: 2_000_000,
  forgiven: 100_000,
  inflatedBytes: 1024 * 1024 * 1024,
};
