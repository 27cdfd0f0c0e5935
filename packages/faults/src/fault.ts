import type { Parameters } from './finding.ts';
import type { Place } from './place.ts';

/**
 * An operation that failed. Thrown, with a code of the catalogue, typed parameters and a cause.
 * Told apart by `code`, never by `instanceof`: it may come from another thread or another realm.
 * The `message` holds the code and title alone, so that printing it anywhere leaks nothing.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: string;
  readonly id: string;
  readonly parameters: Parameters;
  readonly place: Place;

  constructor(
    entry: { readonly code: string; readonly id: string; readonly title: string },
    parameters: Parameters,
    options: { readonly cause?: unknown; readonly place?: Place } = {},
  ) {
    super(
      `${entry.title} (${entry.id})`,
      'cause' in options ? { cause: options.cause } : undefined,
    );
    this.code = entry.code;
    this.id = entry.id;
    this.parameters = parameters;
    this.place = options.place ?? {};
  }
}

/** Whether a caught value is a fault, wherever it was made. */
export function isFault(value: unknown): value is Fault {
  return (
    value instanceof Error &&
    value.name === 'Fault' &&
    'code' in value &&
    typeof value.code === 'string' &&
    'parameters' in value
  );
}
