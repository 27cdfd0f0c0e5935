/** A schema made into functions. */
import type { Ajv, Options, ValidateFunction } from 'ajv';
import { formsCodes } from '../codes.ts';
import type { FormModule } from '../study.ts';
import { DRAFT_REMEDY, draftOf } from './draft.ts';
import { assertFormats } from './formats.ts';
import { compilePattern } from './pattern.ts';
import { isKeywords } from './plain-words.ts';
import { resolveUri, SCHEMA_HOME, SchemaIndex } from './schema-index.ts';
import { problemsOf, shown } from './schema-problems.ts';

export interface Validator {
  readonly index: SchemaIndex;
  /** Whether a record is sound; stops at the first mistake. */
  readonly accepts: (values: unknown) => boolean;
  /** All mistakes of a record. Compiled when the first record has one. */
  readonly explain: () => ValidateFunction;
}

type Keywords = Readonly<Record<string, unknown>>;

/** More than so many problems of a schema are counted, not told. */
const MOST_PROBLEMS = 50;

/**
 * A validator that stops early nests its code field in field, and the compiler bears so many. A
 * larger schema takes seconds to compile, so its mistakes are found and told by one validator.
 */
const MOST_NESTED = 500;

const PATTERN_ENGINE = Object.assign((source: string) => compilePattern(source), {
  code: 'lazaret pattern',
});

/** @throws SchemaInvalid with all that is wrong, when it cannot be used. */
export function compileValidator({ name, schema, schemaFiles }: FormModule): Validator {
  const refuse = (problems: readonly string[], cause?: unknown): never => {
    const more = problems.length - MOST_PROBLEMS;
    const told = problems.slice(0, MOST_PROBLEMS);
    if (more > 0) told.push(`and ${more} more`);
    throw formsCodes.fault('SchemaInvalid', { module: name, problems: told }, { cause });
  };
  if (!isKeywords(schema)) return refuse(['it is not a JSON object']);
  const draft = draftOf(schema);
  if (draft === null) {
    return refuse([
      `/$schema names ${shown(schema['$schema'])}, which is not known: ${DRAFT_REMEDY}`,
    ]);
  }
  const beside = new Map<string, Keywords>();
  const problems: string[] = [];
  for (const [file, content] of Object.entries(schemaFiles ?? {})) {
    if (!isKeywords(content)) problems.push(`${file} is not a JSON object`);
    else if ('$schema' in content && draftOf(content) !== draft) {
      problems.push(`${file}#/$schema names another draft than the schema that refers to it`);
    } else beside.set(file, content);
  }
  const index = new SchemaIndex(schema, beside);
  const make = (options: Options): Ajv =>
    loadSchemas(new draft.Validator({ ...optionsFor(index), ...options }), schema, beside, index);
  problems.push(...problemsOf(draft, index, [['', schema], ...beside]));
  if (problems.length > 0) return refuse(problems);
  try {
    let full: ValidateFunction | null = null;
    const explain = (): ValidateFunction => {
      full ??= validatorOf(make({ allErrors: true, verbose: true }), schema);
      return full;
    };
    const isLarge = index.mostFields > MOST_NESTED;
    const quick = isLarge ? explain() : validatorOf(make({}), schema);
    return { index, accepts: (values) => quick(values), explain };
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'it cannot be compiled';
    return refuse([error instanceof RangeError ? 'it is too large' : problem], error);
  }
}

function optionsFor(index: SchemaIndex): Options {
  return {
    strict: false,
    validateSchema: false,
    logger: false,
    // 0.07 is seven times 0.01, whatever its binary fraction says.
    multipleOfPrecision: 9,
    // A check for own properties costs time, and is only needed where a name has another meaning.
    ownProperties: [...index.names].some((name) => name in Object.prototype),
    code: { regExp: PATTERN_ENGINE },
  };
}

function loadSchemas(
  ajv: Ajv,
  schema: Keywords,
  beside: ReadonlyMap<string, Keywords>,
  index: SchemaIndex,
): Ajv {
  assertFormats(ajv);
  const home = index.baseOf(schema);
  for (const [file, content] of beside) ajv.addSchema(content, resolveUri(file, home) ?? file);
  return ajv.addSchema(schema, typeof schema['$id'] === 'string' ? undefined : SCHEMA_HOME);
}

function validatorOf(ajv: Ajv, schema: Keywords): ValidateFunction {
  const { $id: id } = schema;
  const validate = ajv.getSchema(typeof id === 'string' ? id : SCHEMA_HOME);
  if (validate === undefined) throw new Error('the schema was not added');
  return validate;
}
