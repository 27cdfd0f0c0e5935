import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointTo } from './rule-json.ts';
import { placesIn } from './rule-lines.ts';

const YAML = `# of an invented form
age: &whole
  type: integer
  max: 110
height: *whole
weight:
  compatibility:
    - if: {age: {min: 1}}
      then: {height: {filled: true}}
    - if: {"a/b": {min: 2}}
      then: {age: {filled: true}}
`;

describe('placesIn', () => {
  const placeOf = placesIn(YAML);

  it('finds a rule, a constraint of a list and a name with a slash in it', () => {
    expect(placeOf('/age/max')).toEqual({ line: 4, column: 3 });
    expect(placeOf('/weight/compatibility/1/then/age')).toEqual({ line: 11, column: 14 });
    expect(placeOf('/weight/compatibility/1/if/a~1b')).toEqual({ line: 10, column: 12 });
  });

  it('leads to what is around something that is not written', () => {
    expect(placeOf('/weight/nullable')).toEqual({ line: 6, column: 1 });
    expect(placeOf('/gone')).toEqual({ line: 2, column: 1 });
    expect(placesIn('')('/age')).toBeNull();
  });

  it('follows an alias to where its content stands', () => {
    expect(placeOf('/height/max')).toEqual({ line: 4, column: 3 });
  });

  it('finds every member of JSON on the line on which it is printed', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        (names) => {
          const printed = `{\n${names.map((name) => `${JSON.stringify(name)}: 1`).join(',\n')}\n}`;
          const find = placesIn(printed);
          expect(names.map((name) => find(pointTo('', name))?.line)).toEqual(
            names.map((_, index) => index + 2),
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});
