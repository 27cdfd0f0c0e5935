import type { FindingType, ParameterValue } from './entry.ts';
import type { Place } from './place.ts';

export type Parameters = Readonly<Record<string, ParameterValue>>;

/** Something wrong in the data. A plain value: accumulated, stored, shown, never thrown. */
export interface Finding {
  /** The entry's name: `ModalityNotAccepted`. */
  readonly code: string;
  /** The entry's id: `IMG-004`. */
  readonly id: string;
  readonly type: FindingType;
  readonly parameters: Parameters;
  readonly place: Place;
}
