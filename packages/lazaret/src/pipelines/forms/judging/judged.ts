/** What a worker thread hands to the main thread of a batch that it has judged: plain data. */
import type { DeliveryFile } from '../delivery-file.ts';
import type { FormValue } from '../record.ts';
import type { RaisedAlert } from './evaluate.ts';

export interface Judged {
  /** Sound records, as they are delivered. */
  readonly files: readonly DeliveryFile[];
  /** Versions of visits to keep. */
  readonly segments: readonly {
    readonly bucket: number;
    readonly visits: number;
    readonly payload: Uint8Array;
  }[];
  readonly evaluations: readonly EvaluatedAlert[];
  /** What the sink has to be told about what it was given before. */
  readonly notices: readonly RecallNotice[];
}

export interface EvaluatedAlert {
  readonly bucket: number;
  readonly visit: string;
  readonly module: string;
  readonly itemRun: string;
  readonly item: number;
  readonly key: string;
  /** Null: it is gone. */
  readonly raised: RaisedAlert | null;
}

/** A delivered visit that does not pass any more, or does again. */
export interface RecallNotice {
  readonly what: 'recalled' | 'restored';
  readonly module: string;
  /** The columns that say whom and which visit the record is about, as they were delivered. */
  readonly record: Readonly<Record<string, FormValue>>;
  /** Run and item that brought it. */
  readonly item: string;
  /** SHA-256 of the values that were delivered. */
  readonly digest: string;
  readonly why: readonly {
    readonly code: string;
    readonly type: 'error' | 'alert';
    readonly field: string;
    readonly text: string;
  }[];
  /** The versions of other visits that it was judged beside. */
  readonly beside: readonly { readonly visit: string; readonly item: string | null }[];
}
