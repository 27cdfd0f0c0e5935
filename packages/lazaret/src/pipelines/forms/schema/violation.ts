/** One mistake that a schema tells of a record, in plain words, before it has a place in a file. */
import { nearestName, type Finding } from '@lazaret/faults';
import type { ErrorObject } from 'ajv';
import { schemaCodes } from './codes.ts';
import {
  constantInWords,
  countOf,
  formInWords,
  isKeywords,
  kindInWords,
  listOf,
  schemaInWords,
  valuesInWords,
  valueText,
} from './plain-words.ts';
import { escapeName, namesOf } from './pointer.ts';
import type { SchemaIndex } from './schema-index.ts';

export interface Violation {
  /** Its place is empty. */
  readonly finding: Finding;
  /** RFC 6901 pointer into the record; '' where it is about the record as a whole. */
  readonly pointer: string;
  /** As far of it as the schema knows the names: the rest is the sender's, and may be a person's. */
  readonly knownPointer: string;
}

const { finding } = schemaCodes;

/** Texts that a person takes for a number, and that none can be kept as. */
const NUMBER_LIKE = /^\s*[+-]?(?:\d[\d.,]*(?:e[+-]?\d+)?|0x[\da-f]+|nan|inf(?:inity)?)\s*$/i;

/** What an error is about: the schema's title of the field, else its name. */
function fieldOf(pointer: string, schema: unknown): string {
  if (isKeywords(schema) && typeof schema['title'] === 'string' && schema['title'] !== '') {
    return schema['title'];
  }
  const name = lastOf(pointer);
  return name === '' ? 'The record' : name;
}

/** The last name of a pointer, as it was before it was escaped; of an entry, its list's. */
function lastOf(pointer: string): string {
  const names = namesOf(pointer);
  const last = names.at(-1) ?? '';
  return /^\d+$/.test(last) && names.length > 1
    ? `${names.at(-2)} (entry ${Number(last) + 1})`
    : last;
}

/** The finding of one error. Errors of choices are settled before (see choices.ts). */
export function violationOf(error: ErrorObject, index: SchemaIndex): Violation {
  const { resolve } = index;
  const { keyword, instancePath: at, parentSchema, schema, data } = error;
  const params = error.params as Readonly<Record<string, unknown>>;
  const isNamed = index.knownPart(at) === at;
  const about = {
    field: isNamed ? fieldOf(at, parentSchema) : 'A field that the schema does not name',
    value: valueText(data),
  };
  const expecting = (expected: string) => ({ ...about, expected });
  const tell = (found: Finding, pointer = at): Violation => ({
    ...{ finding: found, pointer },
    knownPointer: index.knownPart(pointer),
  });
  const limit = scalar(params['limit']);

  switch (keyword) {
    case 'maxLength': {
      const most = countOf(limit, 'character', 'characters');
      const told = { ...expecting(`at most ${most}`), limit: most, length: lengthOf(data) };
      return tell(finding('MaxLength', told));
    }
    case 'minLength': {
      const least = countOf(limit, 'character', 'characters');
      const told = { ...expecting(`at least ${least}`), limit: least, length: lengthOf(data) };
      return tell(finding('MinLength', told));
    }
    case 'pattern': {
      const form = patternInWords(valueText(params['pattern']), parentSchema);
      return tell(finding('Pattern', { ...expecting(form), form }));
    }
    case 'type': {
      const kind = kindInWords(params['type']);
      const problem = kindProblem(data, params['type']);
      return tell(finding('Type', { ...expecting(kind), kind, problem }));
    }
    case 'enum': {
      const values = listOf(params['allowedValues']);
      const allowed = valuesInWords(values);
      return tell(finding('Enum', { ...expecting(allowed), allowed, hint: hintFor(data, values) }));
    }
    case 'const': {
      const wanted = constantInWords(params['allowedValue']);
      return tell(finding('Const', { ...expecting(wanted), wanted }));
    }
    case 'required': {
      const { name, property } = missing(params, parentSchema);
      const field = fieldOf(`/${escapeName(name)}`, property);
      const expected = schemaInWords(property, resolve);
      const told = { field, value: '', expected: expected === 'any value' ? 'a value' : expected };
      return tell(finding('Required', told), `${at}/${escapeName(name)}`);
    }
    case 'dependentRequired':
    case 'dependencies': {
      const { name, property } = missing(params, parentSchema);
      const because = valueText(params['property']);
      const field = fieldOf(`/${escapeName(name)}`, property);
      const told = { field, value: '', expected: 'a value', because };
      return tell(finding('DependentRequired', told), `${at}/${escapeName(name)}`);
    }
    case 'minimum':
      return tell(finding('Minimum', { ...expecting(`at least ${limit}`), limit }));
    case 'maximum':
      return tell(finding('Maximum', { ...expecting(`at most ${limit}`), limit }));
    case 'exclusiveMinimum':
      return tell(finding('ExclusiveMinimum', { ...expecting(`more than ${limit}`), limit }));
    case 'exclusiveMaximum':
      return tell(finding('ExclusiveMaximum', { ...expecting(`less than ${limit}`), limit }));
    case 'multipleOf': {
      const step = scalar(params['multipleOf']);
      return tell(finding('MultipleOf', { ...expecting(`a multiple of ${step}`), step }));
    }
    case 'format': {
      const form = formInWords(valueText(params['format']));
      return tell(finding('Format', { ...expecting(form), form }));
    }
    case 'additionalProperties': {
      const told = unknownName(about.field, valueText(params['additionalProperty']), parentSchema);
      return tell(finding('AdditionalProperties', told.parameters), `${at}/${told.name}`);
    }
    case 'unevaluatedProperties': {
      const told = unknownName(about.field, valueText(params['unevaluatedProperty']), parentSchema);
      return tell(finding('UnevaluatedProperties', told.parameters), `${at}/${told.name}`);
    }
    case 'propertyNames': {
      const name = valueText(params['propertyName']);
      const form = schemaInWords(schema, resolve);
      const told = { field: about.field, value: valueText(name), expected: form, form };
      return tell(finding('PropertyNames', told), `${at}/${escapeName(name)}`);
    }
    case 'anyOf': {
      const choices = schemaInWords({ anyOf: schema }, resolve);
      return tell(finding('AnyOf', { ...expecting(choices), choices }));
    }
    case 'oneOf': {
      const choices = schemaInWords({ oneOf: schema }, resolve);
      const problem =
        listOf(params['passingSchemas']).length > 0 ? 'more than one' : 'none of them';
      return tell(finding('OneOf', { ...expecting(choices), choices, problem }));
    }
    case 'not': {
      const ruledOut = schemaInWords(schema, resolve);
      return tell(finding('Not', { ...expecting(`not ${ruledOut}`), ruledOut }));
    }
    case 'false schema':
      return tell(finding('FalseSchema', expecting('no value')));
    case 'uniqueItems': {
      const [first, second] = [params['j'], params['i']].map((index) => Number(index) + 1);
      const told = { ...expecting('no entry twice'), first: first ?? 0, second: second ?? 0 };
      return tell(finding('UniqueItems', told));
    }
    case 'contains': {
      const count = containedInWords(params);
      const kind = schemaInWords(schema, resolve);
      return tell(finding('Contains', { ...expecting(`${count}: ${kind}`), count, kind }));
    }
    case 'minItems': {
      const least = countOf(limit, 'entry', 'entries');
      const told = { ...expecting(`at least ${least}`), limit: least, length: sizeOf(data) };
      return tell(finding('MinItems', told));
    }
    case 'maxItems': {
      const most = countOf(limit, 'entry', 'entries');
      const told = { ...expecting(`at most ${most}`), limit: most, length: sizeOf(data) };
      return tell(finding('MaxItems', told));
    }
    case 'minProperties': {
      const least = countOf(limit, 'field', 'fields');
      const told = { ...expecting(`at least ${least}`), limit: least, length: sizeOf(data) };
      return tell(finding('MinProperties', told));
    }
    case 'maxProperties': {
      const most = countOf(limit, 'field', 'fields');
      const told = { ...expecting(`at most ${most}`), limit: most, length: sizeOf(data) };
      return tell(finding('MaxProperties', told));
    }
    case 'unevaluatedItems': {
      const most = countOf(limit, 'entry', 'entries');
      const told = { ...expecting(`at most ${most}`), limit: most, length: sizeOf(data) };
      return tell(finding('UnevaluatedItems', told));
    }
    case 'items':
    case 'additionalItems': {
      const most = countOf(limit, 'entry', 'entries');
      const told = { ...expecting(`at most ${most}`), limit: most, length: sizeOf(data) };
      return tell(finding('AdditionalItems', told));
    }
    default:
      throw new Error(`No entry of the catalogue is for the keyword ${keyword}.`);
  }
}

/** A limit as it is shown; a schema's numbers and texts are short. */
function scalar(value: unknown): string | number {
  return typeof value === 'number' ? value : valueText(value);
}

/** Characters as people count them, and as the standard does: code points. */
function lengthOf(data: unknown): number {
  if (typeof data !== 'string') return 0;
  const pairs = data.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g);
  return data.length - (pairs?.length ?? 0);
}

function sizeOf(data: unknown): number {
  if (Array.isArray(data)) return data.length;
  return isKeywords(data) ? Object.keys(data).length : 0;
}

/** A schema's own examples say more to a person than the pattern does. */
function patternInWords(pattern: string, schema: unknown): string {
  const example = isKeywords(schema) ? listOf(schema['examples'])[0] : undefined;
  const like = typeof example === 'string' && example !== '' ? `, such as ${example}` : '';
  return `in the form ${pattern}${like}`;
}

/** Why a value is not of the kind asked for, without saying the value. */
function kindProblem(data: unknown, asked: unknown): string {
  if (data === null) return 'it is empty';
  if (typeof data === 'number') {
    const wantsWhole = [asked].flat().includes('integer');
    return wantsWhole && !Number.isInteger(data) ? 'it has a fraction' : 'it is a number';
  }
  if (typeof data === 'boolean') return `it is ${data}`;
  if (Array.isArray(data)) return 'it is a list';
  if (typeof data !== 'string') return 'it is a group of fields';
  if (data === '') return 'it is an empty text';
  if (data.trim() === '') return 'it has blanks alone';
  const wantsNumber = [asked].flat().some((type) => type === 'integer' || type === 'number');
  if (!wantsNumber || !NUMBER_LIKE.test(data)) return 'it is a text';
  return /^[\s+-]*\d+(?:\.0*)?\s*$/.test(data)
    ? 'it has more digits than can be kept exactly'
    : 'it is written as no number that can be kept';
}

/** The nearest of the values allowed, from the schema's list. Nothing is near to a single letter. */
function hintFor(data: unknown, values: readonly unknown[]): string {
  const given = typeof data === 'string' ? data.trim() : '';
  if (given.length < 2) return '';
  const texts = values.filter((value) => typeof value === 'string' || typeof value === 'number');
  const nearest = nearestName(given, texts.map(String));
  return nearest === null ? '' : ` (did you mean ${nearest}?)`;
}

function missing(
  params: Readonly<Record<string, unknown>>,
  parent: unknown,
): { readonly name: string; readonly property: unknown } {
  const name = valueText(params['missingProperty']);
  const properties = isKeywords(parent) ? parent['properties'] : undefined;
  const property =
    isKeywords(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  return { name, property };
}

/**
 * A name that the schema does not have. It came from outside, so it is told as a value is; that one
 * of the schema comes near it can be said to anyone.
 */
function unknownName(field: string, name: string, parent: unknown) {
  const properties = isKeywords(parent) ? parent['properties'] : undefined;
  const known = isKeywords(properties) ? Object.keys(properties) : [];
  const nearest = nearestName(name, known);
  const hint = nearest === null ? '' : ` (did you mean ${nearest}?)`;
  const parameters = { field, value: valueText(name), expected: valuesInWords(known), hint };
  return { name: escapeName(name), parameters };
}

function containedInWords(params: Readonly<Record<string, unknown>>): string {
  const { minContains: least, maxContains: most } = params;
  const low = countOf(least, 'entry', 'entries');
  if (most === undefined) return `at least ${low}`;
  return least === most
    ? `exactly ${low}`
    : `${valueText(least)} to ${countOf(most, 'entry', 'entries')}`;
}
