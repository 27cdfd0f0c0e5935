import { propertyOf, textOf } from './failure-chain.ts';
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
  readonly title: string;
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
    this.title = entry.title;
    this.parameters = parameters;
    this.place = options.place ?? {};
  }
}

/**
 * Whether a caught value is a fault, wherever it was made. Decided by shape: an error of another
 * realm fails `instanceof Error`, and two copies of this package would not know each other's class.
 */
export function isFault(value: unknown): value is Fault {
  const parameters = propertyOf(value, 'parameters');
  return (
    textOf(value, 'name') === 'Fault' &&
    textOf(value, 'code') !== null &&
    textOf(value, 'id') !== null &&
    typeof parameters === 'object' &&
    parameters !== null
  );
}

/** A fault as plain data, for the way between threads. The cause stays behind. */
export interface PlainFault {
  readonly code: string;
  readonly id: string;
  readonly title: string;
  readonly parameters: Parameters;
  readonly place: Place;
  /** Stack of the thread that threw. For the log, after pruning. */
  readonly stack: string | null;
}

/**
 * Takes a fault apart for `postMessage`. Structured cloning would turn it into a bare `Error`
 * without code and parameters.
 */
export function packFault(fault: Fault): PlainFault {
  const { code, id, title, parameters, place, stack } = fault;
  return { code, id, title, parameters, place, stack: stack ?? null };
}

/** The fault that `packFault` took apart, with the stack of where it was thrown. */
export function unpackFault(plain: PlainFault): Fault {
  const fault = new Fault(plain, plain.parameters, { place: plain.place });
  if (plain.stack !== null) fault.stack = plain.stack;
  return fault;
}
