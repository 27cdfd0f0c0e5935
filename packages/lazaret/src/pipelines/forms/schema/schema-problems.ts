/**
 * What is wrong with a schema. Everything is told at once, each with its place, because whoever
 * mends it should not have to come back for the next.
 */
import { nearestName } from '@lazaret/faults';
import type { Ajv, ErrorObject } from 'ajv';
import { isPartOfDraft, refereeOf, type Draft } from './draft.ts';
import { misspeltFormat } from './formats.ts';
import { compilePattern } from './pattern.ts';
import { isKeywords, listOf } from './plain-words.ts';
import type { SchemaIndex } from './schema-index.ts';

type Keywords = Readonly<Record<string, unknown>>;

/** Problems in words, each with a pointer to its place; empty where a schema can be compiled. */
export function problemsOf(
  draft: Draft,
  index: SchemaIndex,
  schemas: readonly (readonly [string, Keywords])[],
): string[] {
  const ajv = refereeOf(draft);
  const problems = [...index.problems, ...index.missing(isPartOfDraft), ...index.circles()];
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

export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${text.slice(0, 80)}"`;
}
