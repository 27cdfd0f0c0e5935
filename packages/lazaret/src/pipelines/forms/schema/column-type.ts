/** What values a column of a file can have, read off its schema: text has to become one of them. */
import { isKeywords, listOf } from './plain-words.ts';
import type { SchemaIndex } from './schema-index.ts';

const ALL_KINDS = ['null', 'boolean', 'integer', 'number', 'string'] as const;

export type CellKind = (typeof ALL_KINDS)[number];

export interface ColumnType {
  readonly kinds: ReadonlySet<CellKind>;
  /** The texts that are values, where the schema lists them; null: any text may be one. */
  readonly texts: ReadonlySet<string> | null;
}

/** A column that the schema says nothing of stays text. */
export const TEXT_COLUMN: ColumnType = { kinds: new Set(['string']), texts: null };

interface Possible {
  readonly kinds: ReadonlySet<CellKind>;
  readonly texts: ReadonlySet<string> | null;
  /** Whether the schema said anything at all. */
  readonly said: boolean;
}

const ANYTHING: Possible = { kinds: new Set(ALL_KINDS), texts: null, said: false };

/** References into references are followed so far; a longer chain is no column's type. */
const DEEPEST = 16;

export function columnType(schema: unknown, index: SchemaIndex): ColumnType {
  const { kinds, texts, said } = possibleOf(schema, index, 0);
  // With nothing said, text is what a cell is; guessing at numbers would change `007`.
  return said ? { kinds, texts } : TEXT_COLUMN;
}

function possibleOf(schema: unknown, index: SchemaIndex, depth: number): Possible {
  if (!isKeywords(schema) || depth > DEEPEST) return ANYTHING;
  const { $ref: reference, type, enum: values } = schema;
  const parts: Possible[] = [];
  if (typeof reference === 'string') {
    parts.push(possibleOf(index.resolve(reference, schema), index, depth + 1));
  }
  if (type !== undefined) {
    // The validator follows OpenAPI in this.
    parts.push(ofTypes([type, schema['nullable'] === true ? 'null' : []].flat(2)));
  }
  if ('const' in schema) parts.push(ofValues([schema['const']]));
  else if (Array.isArray(values)) parts.push(ofValues(values));
  for (const part of listOf(schema['allOf'])) parts.push(possibleOf(part, index, depth + 1));
  for (const choices of [listOf(schema['anyOf']), listOf(schema['oneOf'])]) {
    if (choices.length > 0) {
      parts.push(either(choices.map((choice) => possibleOf(choice, index, depth + 1))));
    }
  }
  return parts.reduce(both, ANYTHING);
}

function ofTypes(types: readonly unknown[]): Possible {
  const kinds = new Set(ALL_KINDS.filter((kind) => types.includes(kind)));
  if (kinds.has('number')) kinds.add('integer');
  return { kinds, texts: kinds.has('string') ? null : new Set(), said: true };
}

function ofValues(values: readonly unknown[]): Possible {
  const kinds = new Set<CellKind>();
  const texts = new Set<string>();
  for (const value of values) {
    if (value === null) kinds.add('null');
    else if (typeof value === 'boolean') kinds.add('boolean');
    else if (typeof value === 'number') kinds.add('number').add('integer');
    else if (typeof value === 'string') {
      kinds.add('string');
      texts.add(value);
    }
  }
  return { kinds, texts, said: true };
}

function both(left: Possible, right: Possible): Possible {
  const kinds = new Set([...left.kinds].filter((kind) => right.kinds.has(kind)));
  const texts =
    left.texts === null || right.texts === null
      ? (left.texts ?? right.texts)
      : new Set([...left.texts].filter((text) => right.texts?.has(text)));
  return { kinds, texts, said: left.said || right.said };
}

function either(choices: readonly Possible[]): Possible {
  const texts = choices.some((choice) => choice.texts === null)
    ? null
    : new Set(choices.flatMap((choice) => [...(choice.texts ?? [])]));
  return {
    kinds: new Set(choices.flatMap((choice) => [...choice.kinds])),
    texts,
    said: choices.some((choice) => choice.said),
  };
}
