import { assert } from './bug.ts';
import type { Entry, ParameterValue } from './entry.ts';
import { Fault } from './fault.ts';
import type { Finding } from './finding.ts';
import type { Place } from './place.ts';

/** The entries of one part of the system, by their name for code. */
export type Codes = Readonly<Record<string, Entry>>;

type NamesOfKind<C extends Codes, K extends Entry['kind']> = {
  [N in keyof C & string]: C[N]['kind'] extends K ? N : never;
}[keyof C & string];

type ParametersOf<E extends Entry> = {
  readonly [P in keyof E['parameters'] & string]: ParameterValue;
};

/** What a part of the system says its errors with: its entries, and makers that know their types. */
export interface Vocabulary<C extends Codes> {
  readonly entries: C;
  /** A finding of these codes; the compiler checks name and parameters. */
  readonly finding: <N extends NamesOfKind<C, 'finding'>>(
    name: N,
    parameters: ParametersOf<C[N]>,
    place?: Place,
  ) => Finding;
  /** A fault of these codes, to be thrown. */
  readonly fault: <N extends NamesOfKind<C, 'fault'>>(
    name: N,
    parameters: ParametersOf<C[N]>,
    options?: { readonly cause?: unknown; readonly place?: Place },
  ) => Fault;
}

/**
 * Defines the codes of one part, beside the code that raises them. The makers are plain
 * functions, so they may be taken out of the vocabulary.
 *
 * @example
 * export const { entries, finding, fault } = defineCodes({
 *   NotDicom: { id: 'IMG-001', kind: 'finding', … },
 * });
 */
export function defineCodes<const C extends Codes>(entries: C): Vocabulary<C> {
  return {
    entries,
    finding: (name, parameters, place = {}) => {
      const entry = entryNamed(entries, name);
      return { code: name, id: entry.id, type: entry.type, parameters, place };
    },
    fault: (name, parameters, options = {}) => {
      const entry = entryNamed(entries, name);
      return new Fault({ code: name, id: entry.id, title: entry.title }, parameters, options);
    },
  };
}

function entryNamed(entries: Codes, name: string): Entry {
  const entry = entries[name];
  assert(entry !== undefined, `no entry has the name ${name}`);
  return entry;
}
