/** The rows of the lists that commands show: what they need and nothing that opens a store. */
import type { Catalogue, FindingType, LogLevel, Parameters, Place, Release } from '@lazaret/faults';
import type { HeldGroup } from '../../engine/selection.ts';
import type { Life } from '../../engine/lineage.ts';
import type { RunSummary } from '../../engine/summary.ts';
import type {
  BatchStatus,
  DecisionKind,
  FinalDisposition,
  Reason,
  RunStatus,
} from '../../store/tables.ts';
import type { Style } from './style.ts';

/** What every list is shown with. */
export interface ListContext {
  readonly style: Style;
  readonly catalogue: Catalogue;
  readonly now: Date;
  /** What was asked for, as it was typed (`--status error`): an empty list says so. */
  readonly filters?: readonly string[];
  /** Added to the commands that are proposed, such as `--data elsewhere`. */
  readonly flags?: string;
  /** Of the clocks that people read; UTC where nobody said. */
  readonly timeZone?: string;
}

export interface RunListRow {
  /** The short form: `r_8k2f`. */
  readonly run: string;
  readonly pipeline: string;
  readonly status: RunStatus;
  readonly startedAt: Date;
  readonly elapsedSeconds: number;
  readonly items: RunSummary['items'];
}

export interface BatchListRow {
  readonly run: string;
  readonly ordinal: number;
  /** Name of the stage. */
  readonly stage: string;
  readonly status: BatchStatus;
  readonly hasError: boolean;
  readonly items: number;
  readonly attempt: number;
  /** Null before it began. */
  readonly elapsedSeconds: number | null;
  /** Null where no bytes went through. */
  readonly megabytesPerHour: number | null;
  readonly reason: Reason | null;
}

export interface FindingListRow {
  /** Name in the catalogue: `ModalityNotAccepted`. */
  readonly code: string;
  readonly type: FindingType;
  /** How many findings the row stands for; 1 for a single one. */
  readonly count: number;
  /** `r_8k2f/17`; null where the row stands for several, or for none in particular. */
  readonly item: string | null;
  readonly place: Place;
  /** Null where the row stands for several: the title then takes the place of the message. */
  readonly parameters: Parameters | null;
}

/** What of a list is shown, and what it is a part of. */
export interface HeldPage {
  readonly total: number;
  readonly skip: number;
  readonly groups: readonly HeldGroup[];
}

export interface HeldListRow {
  /** `r_8k2f/17` */
  readonly item: string;
  readonly code: string;
  readonly stage: string;
  readonly site: string;
  readonly heldAt: Date;
}

export interface HeldItem extends HeldListRow {
  readonly pipeline: string;
  readonly step: string;
  readonly disposition: FinalDisposition;
  /** Whether it is held at this moment; absent: as its disposition says. */
  readonly stillHeld?: boolean;
  /** Of the source bytes, where it is known. */
  readonly digest: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly findings: readonly FindingListRow[];
  /** Oldest first. */
  readonly decisions: readonly DecisionListRow[];
  /** Each time that it went through, the first one first. */
  readonly lives?: readonly Life[];
  /** How it may be let go. */
  readonly release?: Release;
  /** Item that stands for this one; for duplicates. */
  readonly sameAs: string | null;
  /** The place in the source, only where somebody asked to see it. */
  readonly revealed: string | null;
}

export interface DecisionListRow {
  readonly kind: DecisionKind;
  readonly by: string;
  readonly at: Date;
  readonly reason: string | null;
}

export interface LogListRow {
  readonly level: LogLevel;
  /** A line of the log as `createTabLine` makes it. */
  readonly line: string;
}

/** A row of `countByCode`. */
export interface CodeCount {
  readonly disposition: string;
  readonly code: string;
  readonly count: number;
}
