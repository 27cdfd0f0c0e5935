/**
 * A module's JSON Schema, compiled once: what a record must look like, and how the text of a CSV
 * cell becomes a value of the type that the schema asks for.
 */
import type { FormValue, FormValues } from '../record.ts';
import type { FormModule } from '../study.ts';
import { castFor, type CastCell } from './cast-cell.ts';
import { settleChoices } from './choices.ts';
import { columnType, TEXT_COLUMN } from './column-type.ts';
import { isKeywords, listOf } from './plain-words.ts';
import { compileQuickCheck, type QuickCheck } from './quick-check.ts';
import type { SchemaIndex } from './schema-index.ts';
import { compileValidator } from './validator.ts';
import { violationOf, type Violation } from './violation.ts';

export interface RecordSchema {
  readonly module: string;
  /** The names that the schema knows, in its order. */
  readonly columns: readonly string[];
  /**
   * The value of a cell; a text that is none of the column's type stays a text, and is an error.
   * Undefined: the cell is empty, and the record has no such value.
   */
  cast(column: string, cell: string): FormValue | undefined;
  /** Proves rows sound by their cells; null: this schema says more than that can tell. */
  readonly quick: QuickCheck | null;
  /** Everything that is wrong with a record; empty where nothing is. */
  check(values: FormValues): readonly Violation[];
}

/** More mistakes than these of one record are not told: it is not the record that it should be. */
const MOST_VIOLATIONS = 10_000;

/** @throws SchemaInvalid when it is no schema, or refers to one that is not there. */
export function compileSchema(module: FormModule): RecordSchema {
  const { index, accepts, explain } = compileValidator(module);
  const properties = propertiesOf(module.schema, index);
  const casts = new Map<string, CastCell>();
  for (const [name, schemas] of properties) {
    casts.set(name, castFor(columnType({ allOf: schemas }, index)));
  }
  const castOther = castFor(TEXT_COLUMN);
  return {
    module: module.name,
    columns: [...properties.keys()],
    quick: compileQuickCheck(module.schema),
    cast: (column, cell) => (casts.get(column) ?? castOther)(cell),
    check: (values) => {
      if (accepts(values)) return [];
      const validate = explain();
      if (validate(values)) return [];
      const errors = (validate.errors ?? []).slice(0, MOST_VIOLATIONS);
      return settleChoices(errors, index).map((error) => violationOf(error, index));
    },
  };
}

/**
 * The fields of a record, each with the schemas that say what it is: those of the schema itself,
 * and of what it is put together from. A choice may name further fields.
 */
function propertiesOf(root: unknown, index: SchemaIndex): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  const seen = new Set<unknown>();
  const collect = (schema: unknown, isSure: boolean): void => {
    if (!isKeywords(schema) || seen.has(schema)) return;
    seen.add(schema);
    const { properties, $ref: reference } = schema;
    for (const [name, property] of Object.entries(isKeywords(properties) ? properties : {})) {
      const known = found.get(name);
      if (known === undefined) found.set(name, [property]);
      else if (isSure) known.push(property);
    }
    if (typeof reference === 'string') collect(index.resolve(reference, schema), isSure);
    for (const part of listOf(schema['allOf'])) collect(part, isSure);
    for (const keyword of ['anyOf', 'oneOf']) {
      for (const part of listOf(schema[keyword])) collect(part, false);
    }
    for (const keyword of ['if', 'then', 'else']) collect(schema[keyword], false);
    const { dependentSchemas } = schema;
    for (const part of Object.values(isKeywords(dependentSchemas) ? dependentSchemas : {}))
      collect(part, false);
  };
  collect(root, true);
  return found;
}
