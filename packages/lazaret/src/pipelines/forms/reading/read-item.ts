/** What comes of one record of a stretch: its values, or what is wrong with it. */
import type { Finding } from '@lazaret/faults';
import type { FormValues, RecordPlace, ValueOffsets } from '../record.ts';

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
      /** Where its values stand. Asked only before the next record is. */
      offsets(): ValueOffsets;
    }
  | {
      readonly kind: 'unreadable';
      readonly place: RecordPlace;
      /** At least one; the first one decides. */
      readonly findings: readonly Finding[];
      readonly disposition: 'rejected' | 'skipped' | 'held';
    };
