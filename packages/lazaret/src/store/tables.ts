/** The engine's tables as Kysely types. `sql/` is the source; a test compares the two. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

type Json<T> = ColumnType<T, string, string>;
type JsonOrNull<T> = ColumnType<T | null, string | null, string | null>;
type Defaulted<T> = ColumnType<T, T | undefined, T>;

export type RunStatus =
  'new' | 'running' | 'paused' | 'stop-requested' | 'interrupted' | 'complete' | 'failed';
export type BatchStatus = 'queued' | 'processing' | 'done' | 'empty' | 'error';
export type FinalDisposition = 'delivered' | 'held' | 'rejected' | 'skipped' | 'duplicate';

/** A fault as it is kept: rendered for people, nothing in it that may identify a patient. */
export interface Reason {
  readonly code: string;
  readonly id: string;
  readonly message: string;
  readonly action: string;
  readonly incident?: string;
}

export type Counters = Partial<Record<FinalDisposition, number>>;

interface ProjectTable {
  name: string;
  key_id: string | null;
  created_at: Date;
}

interface SiteTable {
  project: string;
  name: string;
  created_at: Date;
}

export interface RunTable {
  id: string;
  short: string;
  project: string;
  site: string;
  pipeline: string;
  status: RunStatus;
  reason: JsonOrNull<Reason>;
  source: Uint8Array;
  configuration: Json<unknown>;
  recipe: string;
  /** Digest of the part of the recipe that determines what is delivered, and under which key. */
  output: string;
  key_id: string;
  parent: string | null;
  started_by: string;
  created_at: Date;
  finished_at: Date | null;
  elapsed_ms: Defaulted<number>;
  owner: string | null;
  heartbeat_at: Date | null;
  checkpoint: Uint8Array | null;
  source_done: Defaulted<boolean>;
  next_item: Defaulted<number>;
  bytes: Defaulted<number>;
  counters: ColumnType<Counters, string | undefined, string>;
  concluded: Defaulted<boolean>;
}

interface RunEventTable {
  id: GeneratedAlways<number>;
  run: string;
  at: Date;
  from_status: RunStatus | null;
  to_status: RunStatus;
  caused_by: string;
  reason: JsonOrNull<Reason>;
}

export interface BatchTable {
  id: string;
  run: string;
  stage: number;
  ordinal: number;
  cut: string | null;
  status: BatchStatus;
  has_error: Generated<boolean>;
  attempt: Generated<number>;
  published_attempt: number | null;
  items: number;
  bytes: Defaulted<number>;
  reason: JsonOrNull<Reason>;
  qa: JsonOrNull<unknown>;
  queued_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

interface ParcelTable {
  id: GeneratedAlways<number>;
  run: string;
  stage: number;
  maker: string | null;
  attempt: number | null;
  cut: string | null;
  target: string | null;
  refs: string;
  lot: Defaulted<boolean>;
  payload: Uint8Array | null;
}

interface OutcomeTable {
  id: GeneratedAlways<number>;
  run: string;
  batch: string;
  attempt: number;
  disposition: FinalDisposition;
  refs: string;
}

export interface ItemTable {
  run: string;
  no: number;
  batch: string;
  attempt: number;
  disposition: FinalDisposition;
  code: string;
  stage: string;
  step: string;
  digest: string | null;
  same_as_run: string | null;
  same_as_no: number | null;
  arrival: Uint8Array | null;
  facts: Json<Record<string, unknown>>;
  subject: string | null;
}

export interface FindingTable {
  id: string;
  run: string;
  batch: string | null;
  attempt: number | null;
  item: number | null;
  stage: string;
  step: string;
  code: string;
  code_id: string;
  type: 'error' | 'alert' | 'warning';
  parameters: Json<Record<string, string | number | boolean | readonly string[]>>;
  sealed: Uint8Array | null;
  place: Json<Record<string, unknown>>;
  fingerprint: string;
  decision: string | null;
  at: Date;
}

interface TallyTable {
  run: string;
  batch: string;
  attempt: number;
  step: string;
  code: string;
  field: string;
  count: number;
}

interface ReceiptTable {
  project: string;
  pipeline: string;
  recipe: string;
  digest: string;
  run: string;
  no: number;
  disposition: 'delivered' | 'held';
  output: string;
  at: Date;
}

interface IntentTable {
  id: string;
  run: string;
  batch: string;
  attempt: number;
  kind: string;
  key: string;
  digest: string;
  state: 'open' | 'done' | 'superseded';
  opened_at: Date;
  settled_at: Date | null;
}

interface DeliveryTable {
  id: string;
  run: string;
  batch: string;
  attempt: number;
  sink: string;
  key: string;
  digest: string;
  bytes: number;
  refs: string;
}

export type DecisionKind =
  'clear' | 'unclear' | 'release' | 'replay' | 'resolve' | 'mute' | 'reveal' | 'retain' | 'erase';

interface DecisionTable {
  id: string;
  project: string;
  kind: DecisionKind;
  by: string;
  at: Date;
  reason: string | null;
  selection: Json<unknown>;
  run: string | null;
}

interface DecisionItemTable {
  decision: string;
  run: string;
  no: number;
  code: string | null;
}

interface DescentTable {
  run: string;
  no: number;
  parent_run: string;
  parent_no: number;
  root_run: string;
  root_no: number;
}

interface ArrivalTable {
  project: string;
  pipeline: string;
  watched: string;
  arrival: string;
  name: Uint8Array;
  listing: string;
  run: string;
  taken_at: Date;
}

interface CopyTable {
  run: string;
  no: number;
  name: string;
  bytes: number;
  sha256: string;
  sealed_bytes: number;
  key_id: string;
  state: 'kept' | 'removed';
  made_at: Date;
  removed_at: Date | null;
}

interface RemovalTable {
  id: string;
  decision: string;
  kind: 'copy' | 'delivery';
  run: string;
  key: string;
  state: 'open' | 'done' | 'missing';
  opened_at: Date;
  settled_at: Date | null;
}

interface ErasedTable {
  run: string;
  no: number;
  decision: string;
}

interface ErasedMarkTable {
  project: string;
  kind: 'bytes' | 'subject';
  hash: string;
  decision: string;
}

interface LogTable {
  id: GeneratedAlways<number>;
  at: Date;
  level: string;
  run: string | null;
  incident: string | null;
  event: Json<Record<string, unknown>>;
}

export interface Tables {
  'lazaret.project': ProjectTable;
  'lazaret.site': SiteTable;
  'lazaret.run': RunTable;
  'lazaret.run_event': RunEventTable;
  'lazaret.batch': BatchTable;
  'lazaret.parcel': ParcelTable;
  'lazaret.outcome': OutcomeTable;
  'lazaret.item': ItemTable;
  'lazaret.finding': FindingTable;
  'lazaret.tally': TallyTable;
  'lazaret.receipt': ReceiptTable;
  'lazaret.intent': IntentTable;
  'lazaret.delivery': DeliveryTable;
  'lazaret.decision': DecisionTable;
  'lazaret.decision_item': DecisionItemTable;
  'lazaret.descent': DescentTable;
  'lazaret.arrival': ArrivalTable;
  'lazaret.copy': CopyTable;
  'lazaret.removal': RemovalTable;
  'lazaret.erased': ErasedTable;
  'lazaret.erased_mark': ErasedMarkTable;
  'lazaret.log': LogTable;
  'lazaret.published_outcome': OutcomeTable;
  'lazaret.published_item': ItemTable;
  'lazaret.published_finding': FindingTable;
  'lazaret.published_tally': TallyTable;
  'lazaret.published_delivery': DeliveryTable;
  'lazaret.held_item': ItemTable;
}
