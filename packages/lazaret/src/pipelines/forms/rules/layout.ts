import type { Value } from './python/value.ts';

/**
 * A record as the compiled rules read it: one value a slot. `undefined` is a field that the record
 * does not have, which is not the same as an empty one.
 */
export type Slots = readonly (Value | undefined)[];

/**
 * Which slot belongs to which field. Rules look fields up by number: a look-up by name costs more
 * than most rules do.
 */
export class Layout {
  readonly #slots = new Map<string, number>();
  readonly #names: string[] = [];

  /** The slot of a field, made where there is none yet. Only while rules are compiled. */
  slotOf(field: string): number {
    const known = this.#slots.get(field);
    if (known !== undefined) return known;
    this.#slots.set(field, this.#names.length);
    return this.#names.push(field) - 1;
  }

  /** The slot of a field, or null where no rule asks for it. */
  find(field: string): number | null {
    return this.#slots.get(field) ?? null;
  }

  get size(): number {
    return this.#names.length;
  }
}
