/**
 * Makes records that have the same names objects of the same shape. An object that is built name by
 * name, under names that only the data knows, becomes a hash table when there are more than a dozen:
 * it takes twice the memory, and walking through it takes ten times as long.
 */
import type { FormValue, FormValues } from './record.ts';

/** Which values a record has, as the way there: one value more at each step. */
interface Shape {
  steps: Map<number, Shape> | null;
  /** The step that was taken last: most records have the same values. */
  at: number;
  next: Shape | null;
  /** Made for the second record that has just these. */
  template: FormValues | 'seen' | null;
}

/** Beyond so many, records that lack now this and now that are built name by name. */
const MOST_SHAPES = 10_000;

export class ValueShapes {
  readonly #names: readonly string[];
  readonly #first = newShape();
  #count = 1;

  /** @param names in the order that records have them in */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** @param row values in the order of the names; undefined: the record does not have it */
  make(row: readonly (FormValue | undefined)[]): FormValues {
    const names = this.#names;
    const template = this.#templateOf(row);
    const values: Record<string, FormValue> = template === null ? {} : { ...template };
    for (let at = 0; at < names.length; at += 1) {
      const value = row[at];
      if (value !== undefined) values[names[at] ?? ''] = value;
    }
    return values;
  }

  /** An object with the names of a record; null: it is not worth to have one. */
  #templateOf(row: readonly (FormValue | undefined)[]): FormValues | null {
    let shape = this.#first;
    for (let at = 0; at < this.#names.length; at += 1) {
      if (row[at] === undefined) continue;
      const next = shape.at === at ? shape.next : this.#step(shape, at);
      if (next === null) return null;
      shape = next;
    }
    if (shape.template === null) {
      shape.template = 'seen';
      return null;
    }
    if (shape.template === 'seen') shape.template = this.#makeTemplate(row);
    return shape.template;
  }

  #step(shape: Shape, at: number): Shape | null {
    let next = shape.steps?.get(at);
    if (next === undefined) {
      if (this.#count >= MOST_SHAPES) return null;
      this.#count += 1;
      next = newShape();
      shape.steps ??= new Map();
      shape.steps.set(at, next);
    }
    shape.at = at;
    shape.next = next;
    return next;
  }

  /** Objects that are read from JSON have shapes, however many names they have. */
  #makeTemplate(row: readonly (FormValue | undefined)[]): FormValues {
    const present = this.#names.filter((_, at) => row[at] !== undefined);
    const names = JSON.stringify(Object.fromEntries(present.map((name) => [name, null])));
    return JSON.parse(names) as FormValues;
  }
}

function newShape(): Shape {
  return { steps: null, at: -1, next: null, template: null };
}
