/** A line on its way: as it arrived, as it was parsed, and with what the service said of it. */

export interface LineArrival {
  readonly file: string;
  /** Offset of the first byte, and length without the line end. Bytes. */
  readonly offset: number;
  readonly length: number;
  /** From 1. */
  readonly line: number;
}

export interface Line extends LineArrival {
  readonly key: string;
  readonly id: string;
  readonly text: string;
  /** SHA-256 of the line's bytes. */
  readonly digest: string;
}

export interface CodedLine extends Line {
  readonly code: string;
}

export interface LinesConfiguration {
  /** Address of the service that gives a code for a key. */
  readonly service: string;
  /** Folder that the groups are written to. */
  readonly out: string;
  /** Lines read at a time. */
  readonly chunk: number;
  /** How long each line takes to check, milliseconds. */
  readonly slowMs: number;
  /** Determines the result, as a policy would. */
  readonly policy: string;
}

export interface LinesTools {
  readonly configuration: LinesConfiguration;
  readonly recipe: string;
}
