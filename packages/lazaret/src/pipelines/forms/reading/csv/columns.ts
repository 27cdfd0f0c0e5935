/** What the columns of a file are to the schema, by their names in the header. */
import { nearestName, type Finding, type Place } from '@lazaret/faults';
import { readingCodes } from '../codes.ts';
import type { NamePlace } from '../stretch.ts';

export interface Column {
  /** The name that is shown: as the sender wrote it, or its number where that is no name. */
  readonly shown: string;
  /** Under which name its values are read; null: they are not. */
  readonly property: string | null;
  /** Why values of it are not taken over; null where they are. */
  readonly refusal: string | null;
}

export interface Columns {
  readonly list: readonly Column[];
  readonly findings: readonly Finding[];
}

const MAX_NAME_CHARACTERS = 64;

/** A cell that could be the name of a column, in a header that is one. */
const NAME = /^[\p{L}_][\p{L}\p{N}_ .()/-]*$/u;

/**
 * @param names the cells of the header
 * @param known the names that the schema has
 * @param places where each of the cells stands
 */
export function matchColumns(
  names: readonly string[],
  known: readonly string[],
  places: readonly NamePlace[] = [],
): Columns {
  const exact = new Set(known);
  const byCase = new Map(known.map((name) => [name.toLowerCase(), name]));
  const trimmed = names.map((name) => name.trim());
  // A first row with more strangers than names may be data, of which nothing may be shown.
  const familiar = trimmed.filter((name) => byCase.has(name.toLowerCase())).length;
  const showable = familiar * 2 >= trimmed.filter((name) => name !== '').length;
  const numbers = new Map<string, number>();
  const findings: Finding[] = [];
  const list = trimmed.map((name, index): Column => {
    const number = index + 1;
    const isShown = exact.has(name) || (showable && NAME.test(name));
    const shown = isShown ? name.slice(0, MAX_NAME_CHARACTERS) : `#${number}`;
    const place = { ...places[index], column: shown };
    if (name === '') {
      findings.push(readingCodes.finding('ColumnNameBlank', { number }, place));
      return { shown, property: null, refusal: 'has no name' };
    }
    const property = exact.has(name) ? name : (byCase.get(name.toLowerCase()) ?? null);
    const first = numbers.get(property ?? name);
    if (first !== undefined) {
      const parameters = { name: shown, first, second: number };
      findings.push(readingCodes.finding('ColumnNameTwice', parameters, place));
      return { shown, property: null, refusal: 'has the name of another one' };
    }
    numbers.set(property ?? name, number);
    if (property === name) return { shown, property, refusal: null };
    findings.push(incorrectName(shown, property ?? nearestName(name, known), place));
    return { shown, property, refusal: 'the schema does not have' };
  });
  return { list, findings };
}

/**
 * @param shown the name as the sender wrote it, or the number of the column
 * @param nearest the name that was meant; null where none comes near
 */
export function incorrectName(shown: string, nearest: string | null, place: Place): Finding {
  const parameters = { name: shown, nearest: nearestInWords(nearest) };
  return readingCodes.finding('IncorrectColumnName', parameters, place);
}

function nearestInWords(nearest: string | null): string {
  return nearest === null ? 'none of its names comes near' : `the nearest name is ${nearest}`;
}
