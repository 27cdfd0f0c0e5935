import type { NamedEntry } from '../catalogue.ts';
import type { Parameters } from '../finding.ts';
import type { Place } from '../place.ts';
import { fillTemplate } from './template.ts';

/** Where in the file: in JSON a key, in CSV a line and a column, nowhere for the whole file. */
export type QcLocation =
  { readonly key_path: string } | { readonly line: number; readonly column_name: string } | '';

/**
 * The error object of the QC document, with the keys and types that its viewers read. Extra keys
 * would become clutter there, so what else is known of a finding stays in the finding.
 */
export interface QcError {
  readonly type: 'error' | 'alert';
  readonly code: string;
  readonly location: QcLocation;
  readonly flywheel_path: string;
  readonly container_id: string;
  readonly value: string;
  readonly expected: string;
  readonly message: string;
  readonly timestamp: string;
  readonly ptid?: string;
  readonly visit_number?: string;
  readonly Initial?: string;
}

/** What the finding itself does not have. */
export interface QcContext {
  /** Our path of the file or batch. */
  readonly path: string;
  /** Our id of it. */
  readonly containerId: string;
  /** The offending value as the sender wrote it; the document goes to the sender alone. */
  readonly value?: string;
  readonly expected?: string;
  /** When the error was found, milliseconds since 1970-01-01T00:00Z. */
  readonly at: number;
  readonly ptid?: string;
  readonly visitNumber?: string;
  /** Initials of who made the entry, where the data has them. */
  readonly initial?: string;
}

/**
 * The QC error object of a finding; null for a warning, which the document leaves out. `code` is
 * the entry's name, never its id.
 */
export function renderQcError(
  entry: NamedEntry,
  parameters: Parameters,
  place: Place,
  context: QcContext,
): QcError | null {
  if (entry.type === 'warning') return null;
  return {
    type: entry.type,
    code: entry.name,
    location: qcLocation(place),
    flywheel_path: context.path,
    container_id: context.containerId,
    value: context.value ?? '',
    expected: context.expected ?? '',
    message: fillTemplate(entry.message, entry.parameters, parameters, 'caller'),
    timestamp: new Date(context.at).toISOString(),
    ...(context.ptid === undefined ? {} : { ptid: context.ptid }),
    ...(context.visitNumber === undefined ? {} : { visit_number: context.visitNumber }),
    ...(context.initial === undefined ? {} : { Initial: context.initial }),
  };
}

function qcLocation(place: Place): QcLocation {
  if (place.line !== undefined) return { line: place.line, column_name: place.column ?? '' };
  return place.pointer === undefined ? '' : { key_path: place.pointer };
}
