/** Whom a record is about, and which of the subject's visits it is. */
import { crc32 } from 'node:zlib';
import { toDate } from './rules/dialect.ts';
import { CivilDate, dateText } from './rules/python/civil-date.ts';
import type { FormRecord, FormValue } from './record.ts';
import type { SubjectKeys } from './study.ts';

/** Histories are kept in so many buckets of subjects a project. Fixed: kept histories lie in them. */
export const BUCKETS = 256;

/**
 * Which visit of whom. Glossary of what stands for what where something is missing:
 *
 * - A visit without a number is named by its date; one without either has the empty name, and a
 *   subject has one such visit a module.
 * - A date that cannot be read, or that is not whole, is no date.
 */
export interface VisitOf {
  /** Centre and participant, as they are compared: the key under which histories are kept. */
  readonly subject: string;
  /** Number of the visit, as text. */
  readonly visit: string;
  /** Civil date `YYYY-MM-DD`; empty where there is none. */
  readonly date: string;
}

export function visitOf({ values }: Pick<FormRecord, 'values'>, keys: SubjectKeys): VisitOf {
  const date = dateOf(textOf(values[keys.date]));
  const number = withoutZeros(textOf(values[keys.visit]));
  return {
    subject: subjectOf(values[keys.centre], values[keys.participant]),
    visit: number === '' ? date : number,
    date,
  };
}

/**
 * Centre and participant as one text. Both are compared without blanks around them and without
 * leading zeros, as the identifier service does it.
 */
export function subjectOf(
  centre: FormValue | undefined,
  participant: FormValue | undefined,
): string {
  return `${withoutZeros(textOf(centre))}|${withoutZeros(textOf(participant))}`;
}

export function bucketOf(subject: string): number {
  return crc32(subject) % BUCKETS;
}

function textOf(value: FormValue | undefined): string {
  if (typeof value === 'string') return value.trim();
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}

/** `02` and `2` are one visit, one participant and one centre. */
function withoutZeros(text: string): string {
  return text.startsWith('0') ? text.replace(/^0+(?=.)/, '') : text;
}

const WHOLE_DATE = /^\d{4}-\d\d-\d\d$/;

/** Only texts that leave a part of the date out are read with the help of today. */
const ANY_DAY = new CivilDate(2000, 1, 1);

function dateOf(text: string): string {
  if (text === '' || WHOLE_DATE.test(text)) return text;
  const date = toDate(text, ANY_DAY, 'lazaret');
  return date === null ? '' : dateText(date);
}

/**
 * The order of a subject's visits, total: by date; on one day by number, then by name. What has no
 * date stands behind everything that has one, in the order of numbers: it may look at all of those,
 * and none of them at it, since nobody knows when it was. A name that is no number stands behind
 * those that are.
 *
 * Visits on one day are told apart by their numbers, so that the one with the lower number counts as
 * the earlier one.
 */
export function compareVisits(
  a: Pick<VisitOf, 'date' | 'visit'>,
  b: Pick<VisitOf, 'date' | 'visit'>,
): number {
  if (a.date !== b.date) {
    if (a.date === '' || b.date === '') return a.date === '' ? 1 : -1;
    return a.date < b.date ? -1 : 1;
  }
  if (a.visit === b.visit) return 0;
  const [first, second] = [numberOf(a.visit), numberOf(b.visit)];
  if (first !== second) return first < second ? -1 : 1;
  return a.visit < b.visit ? -1 : 1;
}

/** Infinite where a name is no number. */
function numberOf(visit: string): number {
  const number = visit === '' ? NaN : Number(visit);
  return Number.isNaN(number) ? Infinity : number;
}
