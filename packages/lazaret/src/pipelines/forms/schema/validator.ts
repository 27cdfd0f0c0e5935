/**
 * A schema made into a function. Everything that is wrong with it is told at once, each with its
 * place, because whoever mends it should not have to come back for the next.
 */
import { nearestName } from '@lazaret/faults';
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { formsCodes } from '../codes.ts';
import type { FormModule } from '../study.ts';
import { assertFormats, misspeltFormat } from './formats.ts';
import { compilePattern } from './pattern.ts';
import { isKeywords, listOf } from './plain-words.ts';
import { resolveUri, SCHEMA_HOME, SchemaIndex } from './schema-index.ts';

export interface Validator {
  readonly index: SchemaIndex;
  /** Whether a record is sound; stops at the first mistake. */
  readonly accepts: (values: unknown) => boolean;
  /** All mistakes of a record. Compiled when the first record has one. */
  readonly explain: () => ValidateFunction;
}

type Keywords = Readonly<Record<string, unknown>>;

const DRAFTS = [
  { name: 'draft 7', uri: 'json-schema.org/draft-07/schema', Validator: Ajv },
  { name: '2019-09', uri: 'json-schema.org/draft/2019-09/schema', Validator: Ajv2019 },
  { name: '2020-12', uri: 'json-schema.org/draft/2020-12/schema', Validator: Ajv2020 },
];
const REMEDY =
  'write "https://json-schema.org/draft/2020-12/schema", or that of 2019-09, or ' +
  '"http://json-schema.org/draft-07/schema#", and what it asks for';

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
    return refuse([`/$schema names ${shown(schema['$schema'])}, which is not known: ${REMEDY}`]);
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
  problems.push(...problemsOf(index, make({ allErrors: true }), [['', schema], ...beside]));
  if (problems.length > 0) return refuse(problems);
  try {
    let full: ValidateFunction | null = null;
    const explain = (): ValidateFunction => {
      full ??= validatorOf(make({ allErrors: true, verbose: true }));
      return full;
    };
    const isLarge = index.mostFields > MOST_NESTED;
    const quick = isLarge ? explain() : validatorOf(make({}));
    return { index, accepts: (values) => quick(values), explain };
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'it cannot be compiled';
    return refuse([error instanceof RangeError ? 'it is too large' : problem], error);
  }
}

function draftOf(schema: Keywords): (typeof DRAFTS)[number] | null {
  const { $schema: named } = schema;
  if (named === undefined) return DRAFTS[0] ?? null;
  const bare = typeof named === 'string' ? named.replace(/^https?:\/\//, '').replace(/#$/, '') : '';
  return DRAFTS.find(({ uri }) => uri === bare) ?? null;
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
  return ajv.addSchema(schema, SCHEMA_HOME);
}

function validatorOf(ajv: Ajv): ValidateFunction {
  const validate = ajv.getSchema(SCHEMA_HOME);
  if (validate === undefined) throw new Error('the schema was not added');
  return validate;
}

function problemsOf(
  index: SchemaIndex,
  ajv: Ajv,
  schemas: readonly (readonly [string, Keywords])[],
): string[] {
  const isKnown = (uri: string): boolean =>
    DRAFTS.some((draft) => uri.includes(draft.uri)) || uri.includes('json-schema.org/draft/');
  const problems = [...index.problems, ...index.missing(isKnown), ...index.circles()];
  const known = knownKeywords(ajv);
  for (const [node, { place }] of index.nodes)
    problems.push(...ownProblems(node, place, ajv, known));
  for (const [file, schema] of schemas) {
    if (ajv.validateSchema(schema) === true) continue;
    const at = file === '' ? '' : `${file}#`;
    problems.push(...notASchema(ajv.errors ?? []).map((problem) => `${at}${problem}`));
  }
  return [...new Set(problems)];
}

/** What the schema of schemas says, with the words that help most for each place. */
function notASchema(errors: readonly ErrorObject[]): string[] {
  const told = new Map<string, ErrorObject>();
  for (const error of errors) {
    const before = told.get(error.instancePath);
    if (before === undefined || worthOf(error) > worthOf(before))
      told.set(error.instancePath, error);
  }
  return [...told.values()].map(({ instancePath, keyword, message = 'is none', params }) => {
    const allowed = keyword === 'enum' ? `: ${listOf(params['allowedValues']).join(', ')}` : '';
    return `${instancePath === '' ? 'the schema' : instancePath} ${message}${allowed}`;
  });
}

/** A list of what is allowed says more than "must be an array", and that more than "anyOf". */
function worthOf({ keyword }: ErrorObject): number {
  return keyword === 'enum' ? 2 : keyword === 'anyOf' ? 0 : 1;
}

function ownProblems(node: object, place: string, ajv: Ajv, known: readonly string[]): string[] {
  const { pattern, patternProperties, format, $async: isAsync } = node as Keywords;
  const problems: string[] = [];
  const patterns: [string, string][] = [
    ...(typeof pattern === 'string' ? ([['pattern', pattern]] as [string, string][]) : []),
    ...(isKeywords(patternProperties)
      ? Object.keys(patternProperties).map((key): [string, string] => ['patternProperties', key])
      : []),
  ];
  for (const [keyword, source] of patterns) {
    const reason = patternProblem(source);
    if (reason !== null) problems.push(`${place}/${keyword}: ${shown(source)} ${reason}`);
  }
  if (typeof format === 'string') {
    const meant = misspeltFormat(ajv, format);
    if (meant !== null)
      problems.push(`${place}/format is ${shown(format)}; did you mean ${meant}?`);
  }
  if (isAsync !== undefined) problems.push(`${place}/$async is not supported`);
  for (const keyword of Object.keys(node)) {
    const meant = misspeltKeyword(keyword, known);
    if (meant !== null) problems.push(`${place}/${keyword} is no keyword; did you mean ${meant}?`);
  }
  return problems;
}

function patternProblem(source: string): string | null {
  try {
    compilePattern(source);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'cannot be used';
  }
}

/** Keywords whose misspelling would leave values unchecked. Short ones are near too many words. */
function knownKeywords(ajv: Ajv): string[] {
  return Object.keys(ajv.RULES.keywords).filter((keyword) => keyword.length >= 6);
}

function misspeltKeyword(keyword: string, known: readonly string[]): string | null {
  if (keyword.length < 6 || known.includes(keyword) || keyword.startsWith('x-')) return null;
  const nearest = nearestName(keyword, known);
  if (nearest === null || Math.abs(nearest.length - keyword.length) > 1) return null;
  return nearest;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${text.slice(0, 80)}"`;
}
