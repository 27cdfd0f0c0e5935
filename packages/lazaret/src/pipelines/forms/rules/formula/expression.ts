import type { Slots } from '../layout.ts';
import type { Value } from '../python/value.ts';
import type { Run } from '../run.ts';

/** A compiled part of a formula. */
export interface Expression {
  readonly evaluate: (slots: Slots, run: Run) => Value;
  /** Whether a whole number that comes out is a float, which shows where it is compared as text. */
  readonly isFloat: boolean;
  /** The value, where it is the same for every record. */
  readonly constant?: Value;
  /** For people: `total == var1 + var2`. */
  readonly text: string;
}

/** An operator of the formula language. */
export interface Operator {
  readonly least: number;
  readonly most: number;
  /** What the operator makes of its operands; each of them is evaluated when it is needed. */
  readonly build: (operands: readonly Expression[]) => Expression['evaluate'];
  readonly isFloat?: boolean;
}
