/** What there is to say of a file as a whole. */
import type { Finding } from '@lazaret/faults';
import { readingCodes } from './codes.ts';
import { matchColumns } from './csv/columns.ts';
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
    case 'header-missing': {
      const expected = known.slice(0, EXAMPLES);
      return [readingCodes.finding('MissingHeader', { expected }, at)];
    }
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
