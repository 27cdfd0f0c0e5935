/** The rules of a module, ready to be asked about a record. */
import type { KeptVisit, VisitRead } from './history/kept-visit.ts';
import type { FormValue, FormValues } from './record.ts';

/** A rule that a record breaks. */
export interface BrokenRule {
  readonly type: 'error' | 'alert';
  readonly field: string;
  /** Name of the rule, with the index of its constraint where it is a list. */
  readonly rule: string;
  readonly digest: string;
  /** From the codes file; the rule's name where that has none. */
  readonly code: string;
  /** In plain words, without a value of the record. */
  readonly text: string;
  /** The value of the field as text; empty where it has none. */
  readonly value: string;
  readonly reads: readonly {
    readonly visit: string;
    readonly field: string;
    readonly value: FormValue;
  }[];
}

/** Finds an earlier visit of the record's subject and module. */
export type FindVisit = (
  which: VisitRead['visit'],
  filled: readonly string[],
) => Pick<KeptVisit, 'id' | 'values'> | null;

export type Checker = (values: FormValues, find: FindVisit) => readonly BrokenRule[];
