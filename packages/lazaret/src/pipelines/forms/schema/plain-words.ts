/** What a schema asks for, in the words of a person who never saw one. */

/** Longest text made of a value or of a description, UTF-16 units: a cell can have megabytes. */
const LONGEST_TEXT = 1000;

/** Values that are listed before the rest is only counted. */
const MOST_LISTED = 20;

/** Descriptions go so deep into a schema; what lies deeper is summed up. */
const DEEPEST = 4;

/** Finds what a `$ref` leads to; undefined where nothing is there. */
export type Resolve = (reference: string, from: object) => unknown;

type Keywords = Readonly<Record<string, unknown>>;

/** What a text of a format is, after "must be". Formats that are missing here are named as they are. */
const FORMS: Readonly<Record<string, string>> = {
  date: 'a date such as 2026-01-31',
  time: 'a time with its zone such as 14:30:00Z',
  'date-time': 'a date and time with its zone such as 2026-01-31T14:30:00Z',
  'iso-time': 'a time such as 14:30:00',
  'iso-date-time': 'a date and time such as 2026-01-31T14:30:00',
  duration: 'a duration such as P3D for three days',
  email: 'an e-mail address',
  hostname: 'the name of a host',
  ipv4: 'an address of the form 192.0.2.1',
  ipv6: 'an address of the form 2001:db8::1',
  uri: 'a web address with its scheme',
  'uri-reference': 'a web address, whole or relative',
  'uri-template': 'a web address with places to fill in',
  uuid: 'a UUID of 36 characters',
  regex: 'a regular expression',
  'json-pointer': 'a JSON pointer',
  'relative-json-pointer': 'a relative JSON pointer',
  int32: 'a whole number from -2147483648 to 2147483647',
  int64: 'a whole number of 64 bits',
  byte: 'text in base64',
};

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'empty',
  array: 'a list',
  object: 'a group of fields',
};

/** A value as text, as documents for its sender show it; '' for no value. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return cut(text);
}

export function formInWords(format: string): string {
  return FORMS[format] ?? `text of the format ${format}`;
}

/** "a whole number", or "a text or empty". */
export function kindInWords(type: unknown): string {
  const names = (Array.isArray(type) ? type : [type]).map(
    (name) => KINDS[String(name)] ?? 'a value',
  );
  return alternatives([...new Set(names)]);
}

/** The values of a list as far as they can be taken in at one look. */
export function valuesInWords(values: readonly unknown[]): string {
  const shown = values.slice(0, MOST_LISTED).map(constantInWords);
  const rest = values.length - shown.length;
  return cut(rest === 0 ? shown.join(', ') : `${shown.join(', ')} and ${rest} more`);
}

/** A value that stands in the schema. */
export function constantInWords(value: unknown): string {
  if (value === '') return 'an empty text';
  return value === null ? 'empty' : valueText(value);
}

/** `1 character`, `12 characters`, `1 entry`, `3 entries`. */
export function countOf(count: unknown, one: string, many: string): string {
  return `${valueText(count)} ${count === 1 ? one : many}`;
}

/** "a", "a or b", "a, b or c". */
export function alternatives(phrases: readonly string[]): string {
  // "Empty" is the choice that a person looks for last.
  const told = [...phrases.filter((phrase) => phrase !== 'empty')];
  if (told.length < phrases.length) told.push('empty');
  if (told.length < 2) return told[0] ?? '';
  const hasLists = told.some((phrase) => phrase.includes(','));
  return `${told.slice(0, -1).join(', ')}${hasLists ? ', or' : ' or'} ${told.at(-1)}`;
}

/** A phrase that fits after "must be". */
export function schemaInWords(schema: unknown, resolve: Resolve, depth = 0): string {
  if (schema === false) return 'left out';
  if (!isKeywords(schema)) return 'any value';
  if (depth > DEEPEST) return 'as the schema says';
  const { $ref: reference } = schema;
  const phrases = [
    ...ownPhrases(schema),
    ...(typeof reference === 'string'
      ? [schemaInWords(resolve(reference, schema), resolve, depth + 1)]
      : []),
    ...combinedPhrases(schema, resolve, depth),
  ];
  const told = [...new Set(phrases)].filter((phrase) => phrase !== 'any value');
  return told.length === 0 ? 'any value' : cut(told.join(', '));
}

function ownPhrases(schema: Keywords): string[] {
  const { type, enum: values, const: wanted, format, pattern, required, properties } = schema;
  if ('const' in schema) return [constantInWords(wanted)];
  if (Array.isArray(values)) {
    return [values.length === 1 ? constantInWords(values[0]) : `one of ${valuesInWords(values)}`];
  }
  const limits = [
    ...boundsInWords(schema, 'minLength', 'maxLength', 'character', 'characters'),
    ...rangeInWords(schema),
    ...boundsInWords(schema, 'minItems', 'maxItems', 'entry', 'entries'),
    ...(typeof pattern === 'string' ? [`in the form ${pattern}`] : []),
    ...(schema['multipleOf'] === undefined
      ? []
      : [`in steps of ${valueText(schema['multipleOf'])}`]),
    ...(Array.isArray(required) && required.length > 0
      ? [`with a value in ${valuesInWords(required)}`]
      : []),
  ];
  const kind =
    typeof format === 'string'
      ? formInWords(format)
      : type === undefined
        ? impliedKind(schema)
        : kindInWords(type);
  const inside = type === undefined ? fieldsInWords(properties) : [];
  if (kind === null && limits.length === 0) return inside;
  return [[kind ?? 'a value', ...limits].join(' '), ...inside];
}

/** What a schema without a type is about; it lets every other kind through. */
function impliedKind(schema: Keywords): string | null {
  if ('maxLength' in schema || 'minLength' in schema || 'pattern' in schema) return 'a text';
  return 'minimum' in schema || 'maximum' in schema || 'multipleOf' in schema ? 'a number' : null;
}

function boundsInWords(
  schema: Keywords,
  low: string,
  high: string,
  one: string,
  many: string,
): string[] {
  const { [low]: least, [high]: most } = schema;
  if (least === undefined && most === undefined) return [];
  if (least === most) return [`of ${countOf(most, one, many)}`];
  if (least === undefined) return [`of at most ${countOf(most, one, many)}`];
  if (most === undefined) return [`of at least ${countOf(least, one, many)}`];
  return [`of ${valueText(least)} to ${countOf(most, one, many)}`];
}

function rangeInWords(schema: Keywords): string[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (minimum !== undefined && maximum !== undefined) {
    return [`from ${valueText(minimum)} to ${valueText(maximum)}`];
  }
  return [
    ...(minimum === undefined ? [] : [`of at least ${valueText(minimum)}`]),
    ...(maximum === undefined ? [] : [`of at most ${valueText(maximum)}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${valueText(exclusiveMinimum)}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${valueText(exclusiveMaximum)}`]),
  ];
}

/** What the fields of a record must be, where a choice is about records. */
function fieldsInWords(properties: unknown): string[] {
  if (!isKeywords(properties)) return [];
  return Object.entries(properties).flatMap(([name, schema]) => {
    const phrase = isKeywords(schema) ? ownPhrases(schema)[0] : undefined;
    return phrase === undefined ? [] : [`${name} ${phrase}`];
  });
}

function combinedPhrases(schema: Keywords, resolve: Resolve, depth: number): string[] {
  const words = (part: unknown): string => schemaInWords(part, resolve, depth + 1);
  const phrases = listOf(schema['allOf']).map(words);
  for (const choices of [schema['anyOf'], schema['oneOf']]) {
    const each = listOf(choices).map(words);
    if (each.length > 0) phrases.push(alternatives([...new Set(each)]));
  }
  if (schema['not'] !== undefined) phrases.push(`not ${words(schema['not'])}`);
  return phrases;
}

export function isKeywords(given: unknown): given is Keywords {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

export function listOf(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : [];
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
