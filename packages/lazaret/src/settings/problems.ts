/** What is wrong with what people wrote, in words that name the place: `elements.2.action: …`. */
import { nearestName } from '@lazaret/faults';
import { z } from 'zod';

/** Of a file with more mistakes than this, the first of them are told. */
const MAX_PROBLEMS = 50;

/**
 * The problems that a schema finds, unknown keys with the nearest one that exists there.
 * @param whole what the whole is called where the problem is none of its parts
 */
export function schemaProblems(schema: z.ZodType, error: z.ZodError, whole: string): string[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') {
      const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('undefined');
      const what = isMissing ? 'is missing' : issue.message;
      return [`${path.length === 0 ? whole : path.join('.')}: ${what}`];
    }
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => `${[...path, key].join('.')}: unknown${hint(key, known)}`);
  });
}

/** `; did you mean retainUids?`, or nothing. */
export function hint(given: string, known: readonly string[]): string {
  const nearest = nearestName(given, known);
  return nearest === null ? '' : `; did you mean ${nearest}?`;
}

/** Each problem once, and no more of them than anybody reads. */
export function limitProblems(problems: readonly string[]): string[] {
  const distinct = [...new Set(problems)];
  if (distinct.length <= MAX_PROBLEMS) return distinct;
  return [...distinct.slice(0, MAX_PROBLEMS), `and ${distinct.length - MAX_PROBLEMS} more`];
}

/** The keys that an object has at a path of the schema. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = schema;
  for (const step of path) {
    at = bare(at);
    if (at instanceof z.ZodObject)
      at = (at.shape as Readonly<Record<string, unknown>>)[String(step)];
    else if (at instanceof z.ZodArray) at = at.element;
    else return [];
  }
  at = bare(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function bare(schema: unknown): unknown {
  const isWrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  return isWrapped ? bare(schema.unwrap()) : schema;
}
