import { array, assert, constantFrom, integer, oneof, property, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormValue } from './record.ts';
import { ValueShapes } from './value-shapes.ts';

const NAMES = Array.from({ length: 30 }, (_, at) => (at % 7 === 0 ? String(at) : `name ${at}`));

describe('records of a shape', () => {
  it('have the values of their row, in the order of the names, and nothing of the one before', () => {
    const value = oneof(string(), integer(), constantFrom(0.5, true, null, undefined));
    const row = tuple(...NAMES.map(() => value));
    assert(
      property(array(row, { maxLength: 12 }), (rows) => {
        const shapes = new ValueShapes(NAMES);
        // Each twice: a shape is made for the second record that has it.
        for (const one of [...rows, ...rows]) {
          const entries = NAMES.flatMap((name, at) => {
            const given = one[at];
            return given === undefined ? [] : [[name, given] as const];
          });
          const made = shapes.make(one);
          expect(made).toEqual(Object.fromEntries(entries));
          expect(JSON.stringify(made)).toBe(JSON.stringify(Object.fromEntries(entries)));
        }
      }),
    );
  });

  it('are made all the same when there are too many shapes', () => {
    const shapes = new ValueShapes(NAMES);
    for (let mask = 0; mask < 4_000; mask += 1) {
      const row = NAMES.map((_, at): FormValue | undefined =>
        ((mask * 2_654_435_761) >>> at) % 2 === 0 ? mask : undefined,
      );
      const present = NAMES.filter((_, at) => row[at] !== undefined);
      expect(Object.keys(shapes.make(row)).length).toBe(present.length);
    }
  });
});
