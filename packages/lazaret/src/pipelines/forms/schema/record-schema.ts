/**
 * A module's JSON Schema, compiled once: what a record must look like, and how the text of a CSV
 * cell becomes a value of the type that the schema asks for.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { formsCodes } from '../codes.ts';
import type { FormValue, FormValues } from '../record.ts';
import type { FormModule } from '../study.ts';
import { castCell, type CellType } from './cast-cell.ts';

export interface RecordSchema {
  readonly module: string;
  /** The names that the schema knows, in its order. */
  readonly columns: readonly string[];
  /** The value of a cell; a text that is none of the column's type stays a text, and is an error. */
  cast(column: string, cell: string): FormValue;
  /** Everything that is wrong with a record; empty where nothing is. */
  check(values: FormValues): readonly ErrorObject[];
}

/** @throws SchemaInvalid when it is no schema, or refers to one that is not there. */
export function compileSchema({ name, schema }: FormModule): RecordSchema {
  const validate = compile(schema, name);
  const types = readTypes(schema);
  return {
    module: name,
    columns: [...types.keys()],
    cast: (column, cell) => castCell(cell, types.get(column) ?? 'string'),
    check: (values) => (validate(values) ? [] : (validate.errors ?? [])),
  };
}

function compile(schema: unknown, module: string): ValidateFunction {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw formsCodes.fault('SchemaInvalid', { module, problems: ['it is not a JSON object'] });
  }
  const draft = '$schema' in schema ? String(schema.$schema) : '';
  const Validator = draft.includes('2020-12') ? Ajv2020 : draft.includes('2019-09') ? Ajv2019 : Ajv;
  const ajv = new Validator({ allErrors: true, strict: false, verbose: true });
  addFormats.default(ajv);
  try {
    return ajv.compile(schema);
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'it cannot be compiled';
    throw formsCodes.fault('SchemaInvalid', { module, problems: [problem] }, { cause: error });
  }
}

function readTypes(schema: unknown): Map<string, CellType> {
  const types = new Map<string, CellType>();
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return types;
  const { properties } = schema;
  if (typeof properties !== 'object' || properties === null) return types;
  for (const [name, property] of Object.entries(properties)) {
    types.set(name, typeOf(property));
  }
  return types;
}

function typeOf(property: unknown): CellType {
  if (typeof property !== 'object' || property === null || !('type' in property)) return 'string';
  const named = Array.isArray(property.type) ? property.type : [property.type];
  for (const type of ['integer', 'number', 'boolean'] as const) {
    if (named.includes(type)) return type;
  }
  return 'string';
}
