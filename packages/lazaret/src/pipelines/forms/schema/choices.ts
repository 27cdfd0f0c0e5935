/**
 * The validator tells a value that fits none of two choices thrice: once for each choice, and once
 * for both together. A person made one mistake, and is told one.
 */
import type { ErrorObject } from 'ajv';
import { isKeywords, listOf } from './plain-words.ts';
import type { SchemaIndex } from './schema-index.ts';

/** The errors with each mistake in them once, in their order. */
export function settleChoices(errors: readonly ErrorObject[], index: SchemaIndex): ErrorObject[] {
  const settled: ErrorObject[] = [];
  for (const error of errors) {
    switch (error.keyword) {
      // What follows from a condition has been told by itself.
      case 'if':
        break;
      case 'anyOf':
      case 'oneOf':
        settled.push(...settleChoice(error, takeParts(settled, error, index), index));
        break;
      case 'contains':
        takeParts(settled, error, index);
        settled.push(error);
        break;
      case 'propertyNames':
        while (settled.at(-1)?.propertyName === error.params['propertyName']) settled.pop();
        settled.push(error);
        break;
      default:
        settled.push(error);
    }
  }
  return withoutEchoes(settled, index);
}

/** Takes the errors of the parts of a choice off the end of those told so far. */
function takeParts(told: ErrorObject[], choice: ErrorObject, index: SchemaIndex): ErrorObject[] {
  const parts: ErrorObject[] = [];
  for (let last = told.at(-1); last !== undefined; last = told.at(-1)) {
    if (!isBelow(last.instancePath, choice.instancePath)) break;
    if (branchOf(last, choice, index) === -1) break;
    parts.unshift(last);
    told.pop();
  }
  return parts;
}

function isBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}

/** Which branch of a choice an error comes from; -1 where it is from none. */
function branchOf(error: ErrorObject, choice: ErrorObject, index: SchemaIndex): number {
  const branches = choice.keyword === 'contains' ? [choice.schema] : listOf(choice.schema);
  return branches.findIndex((branch, at) => {
    const path = choice.keyword === 'contains' ? '' : `/${at}`;
    if (isBelow(error.schemaPath, `${choice.schemaPath}${path}`)) return true;
    return (
      isKeywords(branch) &&
      isKeywords(error.parentSchema) &&
      index.reachableFrom(branch).has(error.parentSchema)
    );
  });
}

/**
 * A choice between "empty" and one other thing is no choice for whoever filled something in: what
 * is wrong is what the other thing says. The same holds where all but one ask for another type,
 * unless the value is a text: in a file of texts it is a slip of any of them.
 */
function settleChoice(
  choice: ErrorObject,
  parts: readonly ErrorObject[],
  index: SchemaIndex,
): readonly ErrorObject[] {
  if (listOf(choice.params['passingSchemas']).length > 0) return [choice];
  const branches = listOf(choice.schema).map((schema, at) => ({
    schema,
    errors: parts.filter((part) => branchOf(part, choice, index) === at),
  }));
  const filled = branches.filter(({ schema }) => !asksForNothing(schema));
  const likely =
    typeof choice.data === 'string'
      ? filled
      : filled.filter(({ errors }) => !errors.some((error) => isOfType(error, choice)));
  const [only] = likely;
  return only !== undefined && likely.length === 1 && only.errors.length > 0
    ? only.errors
    : [choice];
}

function isOfType({ keyword, instancePath }: ErrorObject, choice: ErrorObject): boolean {
  return keyword === 'type' && instancePath === choice.instancePath;
}

function asksForNothing(schema: unknown): boolean {
  if (!isKeywords(schema)) return schema === false;
  const { type, const: wanted, enum: values, maxLength } = schema;
  if (type === 'null' || maxLength === 0 || wanted === null || wanted === '') return true;
  return Array.isArray(values) && values.every((value) => value === null || value === '');
}

/** Leaves out what repeats a mistake that is told already. */
function withoutEchoes(errors: readonly ErrorObject[], index: SchemaIndex): ErrorObject[] {
  const told = new Set<string>();
  const constants = errors.filter(({ keyword }) => keyword === 'enum' || keyword === 'const');
  const others = errors.some(({ keyword }) => !keyword.startsWith('unevaluated'));
  return errors.filter((error) => {
    const { keyword, instancePath, parentSchema, params } = error;
    const key = JSON.stringify([keyword, instancePath, params]);
    if (told.has(key)) return false;
    told.add(key);
    // A value that is none of those allowed is not of their type either.
    if (keyword === 'type') {
      return !constants.some(
        (other) => other.instancePath === instancePath && other.parentSchema === parentSchema,
      );
    }
    // A part of the schema that failed for another reason has not looked at its fields.
    return !(
      others &&
      keyword === 'unevaluatedProperties' &&
      typeof params['unevaluatedProperty'] === 'string' &&
      index.names.has(params['unevaluatedProperty'])
    );
  });
}
