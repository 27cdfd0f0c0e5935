/** What comes of one record of a stretch: its values, or what is wrong with it. */
import type { Finding } from '@lazaret/faults';
import type { FormValues, RecordPlace } from '../record.ts';

/** Where the value of a column stands, for what is to be said of it. */
export interface ValuePlace {
  readonly line: number;
  readonly offset: number;
  /** In CSV, the name of its column, as the sender wrote it. */
  readonly column?: string;
}

export type ReadItem =
  | {
      readonly kind: 'record';
      /** `NO_MODULE` where it is of none; its values are texts then. */
      readonly module: string;
      readonly place: RecordPlace;
      /** Its values. Asked only before the next record is. */
      values(): FormValues;
      /** Its schema is known to have nothing against it; false: it has to be asked. */
      readonly isSound: boolean;
      /** What is wrong with it though its values can be read and checked. */
      readonly findings: readonly Finding[];
      /** Where a value stands; asked only before the next record is. Null: the record has none. */
      locate(property: string): ValuePlace | null;
    }
  | {
      readonly kind: 'unreadable';
      readonly place: RecordPlace;
      /** At least one; the first one decides. */
      readonly findings: readonly Finding[];
      readonly disposition: 'rejected' | 'skipped' | 'held';
    };
