/** What there is to say of a file as a whole. */
import { nearestName, type Finding, type Place } from '@lazaret/faults';
import { readingCodes } from './codes.ts';
import { incorrectName, matchColumns } from './csv/columns.ts';
import { delimiterInWords } from './csv/dialect.ts';
import { MAX_COLUMNS } from './limits.ts';
import type { CsvLayout, Stretch } from './stretch.ts';

/** Names of columns that are given as an example. */
const EXAMPLES = 5;

/**
 * @param stretch the first one of the file
 * @param known the names that the schema has
 */
export function fileFindings(stretch: Stretch, known: readonly string[]): Finding[] {
  const { layout, records, isLast, flaw } = stretch;
  if (layout.format === 'json') {
    const isEmpty = isLast && records === 0 && flaw === null;
    return isEmpty ? [emptyFile()] : [];
  }
  return csvFindings(layout, isLast && records === 0 && flaw === null, known);
}

function emptyFile(): Finding {
  return readingCodes.finding('EmptyFile', {});
}

function csvFindings(layout: CsvLayout, hasNone: boolean, known: readonly string[]): Finding[] {
  const { problem, columns, delimiter, namePlaces, bodyLine: line, bodyOffset: offset } = layout;
  const at = namePlaces[0] ?? { line, offset };
  switch (problem?.kind) {
    case 'header-missing':
      return [headerMissing(known.slice(0, EXAMPLES), at)];
    case 'delimiter-wrong': {
      const wrong = delimiterInWords(problem.delimiter);
      return [readingCodes.finding('DelimiterWrong', { delimiter: wrong }, at)];
    }
    case 'columns-too-many': {
      const parameters = { found: problem.found, limit: MAX_COLUMNS };
      return [readingCodes.finding('TooManyColumns', parameters, at)];
    }
    case 'header-broken':
      return [];
    case undefined:
  }
  if (columns.length === 0) return [emptyFile()];
  const findings = [...matchColumns(columns, known, namePlaces).findings];
  if (delimiter !== ',') {
    const unusual = delimiterInWords(delimiter);
    findings.unshift(readingCodes.finding('DelimiterUnusual', { delimiter: unusual }, at));
  }
  if (hasNone) findings.push(readingCodes.finding('HeaderOnly', {}, at));
  return findings;
}

/**
 * The same special checks for a check that cannot do without certain columns, whatever the schema
 * says of them: none of them is there, or one is not, which another may have been meant for. An
 * empty file and a first row that is no header are told by `fileFindings`.
 */
export function neededColumnFindings({ layout }: Stretch, needed: readonly string[]): Finding[] {
  // Records of JSON name their values themselves: what one of them lacks is its own affair.
  if (layout.format === 'json') return [];
  const { columns, namePlaces, problem, bodyLine: line, bodyOffset: offset } = layout;
  if (problem !== null || columns.length === 0) return [];
  const known = new Set(needed.map((name) => name.toLowerCase()));
  const names = columns.map((name) => name.trim().toLowerCase());
  const missing = needed.filter((name) => !names.includes(name.toLowerCase()));
  const at = namePlaces[0] ?? { line, offset };
  if (missing.length === needed.length && missing.length > 0) return [headerMissing(missing, at)];
  const others = names.filter((name) => name !== '' && !known.has(name));
  return missing.map((name) => {
    const nearest = nearestName(name, others);
    if (nearest === null) return headerMissing([name], at);
    const index = names.indexOf(nearest);
    return incorrectName(nearest, name, { ...(namePlaces[index] ?? at), column: nearest });
  });
}

function headerMissing(expected: readonly string[], at: Place): Finding {
  return readingCodes.finding('MissingHeader', { expected }, at);
}
